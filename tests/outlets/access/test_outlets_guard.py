from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.outlets.asking import Quotas

from lingqu.core.errors import AccessError, StoreError
from lingqu.core.nouns import Key
from lingqu.outlets.access import keys
from lingqu.outlets.access.guard import PROBE, Guard, Rules, Tariff
from lingqu.outlets.access.place import Certificate, is_loopback, networks
from lingqu.outlets.request import Request
from lingqu.store.quotas import Window
from lingqu.store.usage import Used

NOW = 1_800_000_030.0


class Book:
    """The ledger's usage, in memory."""

    def __init__(self) -> None:
        self.used: list[Used] = []
        self.away = False

    def add(self, used: Sequence[Used]) -> None:
        if self.away:
            raise StoreError("store.busy", path="ledger.db", seconds=30)
        self.used += used

    def list(self, *_: Any, **__: Any) -> list[Used]:
        return self.used


def guard_of(*known: Key, quotas: Quotas | None = None, rules: Rules | None = None) -> Guard:
    guard = Guard("probe-secret", rules)
    guard.load(known, quotas or Quotas(), NOW)
    return guard


def admit(guard: Guard, sent: str, client: str = "127.0.0.1", now: float = NOW, **how: Any) -> str:
    verb, channel = how.pop("verb", "call"), how.pop("channel", "loans")
    return guard.admit(Request(sent=sent, client=client, **how), channel, verb, now)


def refusal(
    guard: Guard, sent: str, client: str = "127.0.0.1", now: float = NOW, **how: Any
) -> AccessError:
    with pytest.raises(AccessError) as caught:
        admit(guard, sent, client, now, **how)
    return caught.value


def test_a_secret_is_shown_once_and_kept_as_a_hash():
    key, secret = keys.make("app", ("loans",), "5/min", created="2026-01-01")
    assert secret.startswith(f"lq_{key.id}_")
    assert len(secret) == 3 + 8 + 1 + 43
    assert secret not in repr(key)
    assert keys.matches(key, secret)
    assert keys.make("app")[1] != secret
    for header in (secret, f"Bearer {secret}", f"bearer  {secret} "):
        assert keys.parse(header) == (key.id, secret)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_what_is_no_key_is_refused_as_unknown(header: str):
    with pytest.raises(AccessError) as caught:
        keys.parse(header)
    assert caught.value.status == 401


def test_a_good_key_comes_in_by_either_header():
    key, secret = keys.make("app", ("loans",))
    guard = guard_of(key)
    assert admit(guard, f"Bearer {secret}", "8.8.8.8", NOW) == key.id
    assert admit(guard, secret, "8.8.8.8", NOW) == key.id
    assert admit(guard, "Bearer probe-secret", "127.0.0.1", NOW) == PROBE


def test_bad_keys_are_told_apart():
    good, _ = keys.make("app", ("loans",))
    other, wrong = keys.make("other", ("cars",))
    gone, disabled = keys.make("gone")
    old, expired = keys.make("old", expires="2026-01-01T00:00:00")
    known = (good, other, Key(**{**gone.__dict__, "disabled": True}), old)
    guard = guard_of(*known)
    assert (refusal(guard, "").key, refusal(guard, "").status) == ("outlets.no_key", 401)
    stranger = keys.make("x")[1]
    assert refusal(guard, stranger).key == "outlets.bad_key"
    forged = f"lq_{good.id}_{'x' * 43}"
    assert refusal(guard, forged).key == "outlets.bad_key"
    assert refusal(guard, disabled).key == "outlets.key_disabled"
    assert refusal(guard, expired).key == "outlets.key_expired"
    assert (refusal(guard, wrong).key, refusal(guard, wrong).status) == (
        "outlets.wrong_channel",
        403,
    )


def test_without_keys_only_this_machine_is_answered():
    guard = guard_of(keys.make("other", ("cars",))[0])
    assert admit(guard, "", "127.0.0.1", NOW) == ""
    assert admit(guard, "", "::1", NOW) == ""
    assert refusal(guard, "", "192.168.0.9").key == "outlets.only_here"
    assert not is_loopback("")


def test_disabling_the_last_key_does_not_open_the_channel():
    key, _ = keys.make("app", ("loans",))
    guard = guard_of(Key(**{**key.__dict__, "disabled": True}))
    assert refusal(guard, "").key == "outlets.no_key"


def test_a_quota_holds_and_comes_back_with_the_next_window():
    key, secret = keys.make("app", quota="3/min")
    guard = guard_of(key)
    for _ in range(3):
        admit(guard, secret, "", NOW)
    admit(guard, secret, "", NOW, verb="read")
    refused = refusal(guard, secret)
    assert (refused.key, refused.status, refused.facts["seconds"]) == (
        "outlets.over_quota",
        429,
        30,
    )
    admit(guard, secret, "", NOW + 30)


def test_a_quota_holds_over_restarts_and_other_servers():
    key, secret = keys.make("app", quota="5/min")
    quotas = Quotas()
    first, second = guard_of(key, quotas=quotas), guard_of(key, quotas=quotas)
    for _ in range(2):
        admit(first, secret, "", NOW)
    first.settle(quotas)
    admit(second, secret, "", NOW)
    second.settle(quotas)  # learns of the two
    admit(second, secret, "", NOW)
    second.settle(quotas)
    restarted = guard_of(key, quotas=quotas)
    admit(restarted, secret, "", NOW)
    assert refusal(restarted, secret).status == 429
    for guard in (first, second, restarted):
        guard.settle(quotas, last=True)
        guard.settle(quotas, last=True)
    assert list(quotas.totals.values()) == [5]


def test_a_window_that_ended_is_settled_too():
    key, secret = keys.make("app", quota="5/s")
    quotas = Quotas()
    guard = guard_of(key, quotas=quotas)
    for second in range(3):
        admit(guard, secret, "", NOW + second)
    guard.settle(quotas)
    guard.settle(quotas, last=True)
    assert quotas.totals == {
        Window(key.id, "requests", "s", int(NOW) + second): 1 for second in range(3)
    }


def test_verbs_bound_what_a_key_may_do():
    reader, secret = keys.make("reader", ("loans",), verbs=("read",))
    plain, other = keys.make("plain", ("loans",))
    guard = guard_of(reader, plain)
    assert admit(guard, secret, verb="read") == reader.id
    refused = refusal(guard, secret, verb="call")
    assert (refused.key, refused.status, refused.facts["may"]) == ("access.wrong_verb", 403, "read")
    for verb in ("call", "read", "feedback"):
        assert admit(guard, other, verb=verb) == plain.id
    assert refusal(guard, other, verb="admin").key == "access.wrong_verb"


def test_a_role_brings_its_verbs_and_closes_no_channel():
    person, token = keys.make("ann", role="operator")
    auditor, reading = keys.make("joe", role="auditor")
    guard = guard_of(person, auditor)
    assert admit(guard, token, verb="admin") == person.id
    assert admit(guard, reading, verb="read") == auditor.id
    assert refusal(guard, reading, verb="call").status == 403
    assert admit(guard, "") == ""


def test_networks_are_believed_by_the_connection():
    key, secret = keys.make("app", networks=("10.1.0.0/16", "2001:db8::/32"))
    guard = guard_of(key, rules=Rules(proxies=networks(["172.16.0.1"])))
    for client in ("10.1.2.3", "2001:db8::7", "::ffff:10.1.2.3"):
        assert admit(guard, secret, client) == key.id
    for client in ("10.2.0.1", "127.0.0.1", "2001:db9::1", "", "localhost"):
        assert refusal(guard, secret, client).key == "access.wrong_place"
    told = {b"x-forwarded-for": b"10.1.2.3"}
    assert refusal(guard, secret, "8.8.8.8", headers=told).facts["address"] == "8.8.8.8"
    assert admit(guard, secret, "172.16.0.1", headers=told) == key.id
    forged = {b"x-forwarded-for": b"10.1.2.3, 6.6.6.6"}
    assert refusal(guard, secret, "172.16.0.1", headers=forged).facts["address"] == "6.6.6.6"


def test_what_a_local_proxy_forwards_is_not_from_here():
    guard = guard_of()
    assert admit(guard, "") == ""
    told = {b"x-forwarded-for": b"9.9.9.9"}
    assert refusal(guard, "", headers=told).key == "outlets.only_here"


def test_certificates_stand_for_a_key_or_beside_it():
    mine, other = Certificate("CN=branch-3", "ab" * 32), Certificate("CN=branch-4", "cd" * 32)
    named, secret = keys.make("named", certificate="subject:CN=branch-3")
    printed, _ = keys.make("printed", certificate="sha256:" + "cd" * 32)
    guard = guard_of(named, printed, rules=Rules(certificates=True))
    assert admit(guard, secret, certificate=mine) == named.id
    assert refusal(guard, secret, certificate=other).key == "access.wrong_certificate"
    assert refusal(guard, secret).key == "access.no_certificate"
    assert admit(guard, "", certificate=mine) == named.id
    assert admit(guard, "", certificate=other) == printed.id
    assert refusal(guard, "", certificate=Certificate("CN=x", "ef" * 32)).key == "outlets.no_key"
    assert admit(guard, "Bearer probe-secret") == PROBE


def test_all_measures_hold_and_a_refusal_counts_nothing():
    key, secret = keys.make("app", quota="9/h, 10 rows/h, 7 tokens/h, 1 EUR/h")
    quotas = Quotas()
    guard = guard_of(key, quotas=quotas)
    guard.tariffs["loans"] = Tariff(row=0.125)
    admit(guard, secret)
    assert guard.charge(key.id, "loans", NOW, rows=4) == 0.5
    for refused in ({"rows": 7}, {"tokens": 8}, {"rows": 5}, {"money": 0.75}):
        with pytest.raises(AccessError) as caught:
            guard.charge(key.id, "loans", NOW, **refused)
        assert caught.value.status == 429
    assert guard.charge(key.id, "loans", NOW, rows=4, tokens=7) == 0.5
    guard.charge(key.id, "loans", NOW, rows=-4)
    guard.settle(quotas)
    assert guard.charge(key.id, "cars", NOW, rows=6) == 0.0
    left = {told["quota"]: told["left"] for told in guard.left(key.id, NOW)}
    assert left == {"9/h": 8, "10 rows/h": 0, "7 tokens/h": 0, "1 EUR/h": 0.5}


def test_one_of_two_limits_that_refuses_gives_the_other_back():
    key, secret = keys.make("app", quota="5/h, 2/min")
    guard = guard_of(key)
    admit(guard, secret)
    admit(guard, secret)
    for _ in range(9):
        assert refusal(guard, secret).facts["quota"] == "2/min"
    assert [told["left"] for told in guard.left(key.id, NOW)] == [3, 0]


def test_a_rotated_key_shares_quota_and_use():
    old, first = keys.make("app", quota="3/h")
    new, second = keys.make("app", quota="3/h", account=old.id, replaces=old.id)
    guard = guard_of(old, new)
    admit(guard, first)
    admit(guard, second)
    admit(guard, first)
    assert refusal(guard, second).status == 429
    assert sorted(guard.account(new.id)) == sorted([old.id, new.id])


def test_changed_keys_keep_what_they_used():
    key, secret = keys.make("app", quota="2/h")
    quotas = Quotas()
    guard = guard_of(key, quotas=quotas)
    admit(guard, secret)
    guard.load([replace(key, verbs=("call",))], quotas, NOW)
    admit(guard, secret)
    assert refusal(guard, secret).status == 429
    guard.load([replace(key, disabled=True)], quotas, NOW)
    assert refusal(guard, secret).key == "outlets.key_disabled"


def test_keys_hold_for_a_while_without_the_ledger():
    key, secret = keys.make("app")
    quotas = Quotas()
    guard = guard_of(key, quotas=quotas, rules=Rules(away_s=0.05))
    assert admit(guard, secret) == key.id
    time.sleep(0.06)
    refused = refusal(guard, secret)
    assert (refused.key, refused.status) == ("access.away", 503)
    guard.settle(quotas)
    assert admit(guard, secret) == key.id


def test_use_is_written_by_the_hour_and_survives_a_ledger_that_is_away():
    book = Book()
    guard = guard_of()
    for _ in range(3):
        guard.used("k", "loans", "r", NOW, rows=2, money=0.5)
    guard.used("k", "loans", "r", NOW, failed=True)
    book.away = True
    for _ in range(3):
        with pytest.raises(StoreError):
            guard.settle(Quotas(), book)
    book.away = False
    guard.used("k", "loans", "r", NOW + 3600)
    guard.settle(Quotas(), book, last=True)
    hour = int(NOW // 3600 * 3600)
    assert book.used == [
        Used("k", "loans", "r", hour, 4, 1, 6, 0, 1.5),
        Used("k", "loans", "r", hour + 3600, 1),
    ]


CHANNELS = ("loans", "cars", "homes")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sets(st.sampled_from(CHANNELS)),
            st.sets(st.sampled_from(("call", "read", "feedback", "admin"))),
            st.booleans(),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_no_key_ever_opens_what_it_was_not_made_for(
    made: list[tuple[set[str], set[str], bool]],
):
    pairs = [keys.make(f"k{n}", sorted(c), verbs=sorted(v)) for n, (c, v, _) in enumerate(made)]
    known = [replace(key, disabled=off) for (key, _), (*_, off) in zip(pairs, made, strict=True)]
    guard = guard_of(*known)
    for key, (_, secret) in zip(known, pairs, strict=True):
        for channel in CHANNELS:
            for verb in ("call", "read", "feedback", "admin"):
                may = not key.disabled and channel in (key.channels or CHANNELS)
                may = may and verb in (key.verbs or ("call", "read", "feedback"))
                try:
                    assert admit(guard, secret, verb=verb, channel=channel) == key.id and may
                except AccessError as error:
                    assert not may and error.status in (401, 403)
