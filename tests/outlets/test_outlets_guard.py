from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.outlets.asking import Usage

from lingqu.core.errors import AccessError
from lingqu.core.nouns import Key
from lingqu.outlets import keys
from lingqu.outlets.guard import PROBE, Guard, is_loopback

NOW = 1_800_000_030.0


def guard_of(*known: Key, usage: Usage | None = None, channel: str = "loans") -> Guard:
    guard = Guard(channel, "probe-secret")
    guard.load(known, usage or Usage(), NOW)
    return guard


def refusal(guard: Guard, sent: str, client: str = "127.0.0.1", now: float = NOW) -> AccessError:
    with pytest.raises(AccessError) as caught:
        guard.admit(sent, client, now)
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
    assert guard.admit(f"Bearer {secret}", "8.8.8.8", NOW) == key.id
    assert guard.admit(secret, "8.8.8.8", NOW) == key.id
    assert guard.admit("Bearer probe-secret", "127.0.0.1", NOW) == PROBE


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
    assert guard.admit("", "127.0.0.1", NOW) == ""
    assert guard.admit("", "::1", NOW) == ""
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
        guard.admit(secret, "", NOW)
    guard.admit(secret, "", NOW, spend=False)
    refused = refusal(guard, secret)
    assert (refused.key, refused.status, refused.facts["seconds"]) == (
        "outlets.over_quota",
        429,
        30,
    )
    guard.admit(secret, "", NOW + 30)


def test_a_quota_holds_over_restarts_and_other_servers():
    key, secret = keys.make("app", quota="5/min")
    usage = Usage()
    first, second = guard_of(key, usage=usage), guard_of(key, usage=usage)
    for _ in range(2):
        first.admit(secret, "", NOW)
    first.settle(usage)
    second.admit(secret, "", NOW)
    second.settle(usage)  # learns of the two
    second.admit(secret, "", NOW)
    second.settle(usage)
    restarted = guard_of(key, usage=usage)
    restarted.admit(secret, "", NOW)
    assert refusal(restarted, secret).status == 429
    restarted.settle(usage)
    restarted.settle(usage)
    assert list(usage.totals.values()) == [5]


def test_a_window_that_ended_is_settled_too():
    key, secret = keys.make("app", quota="5/s")
    usage = Usage()
    guard = guard_of(key, usage=usage)
    for second in range(3):
        guard.admit(secret, "", NOW + second)
    guard.settle(usage)
    assert usage.totals == {(key.id, int(NOW) + second): 1 for second in range(3)}
