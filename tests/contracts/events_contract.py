"""What every trail of events must do; `ledger` is an empty, signed one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from lingqu.core.errors import StoreError
from lingqu.store.chain import GENESIS, EventHead, event_hash, head_message, signed_by
from lingqu.store.ledger import Ledger, open_ledger
from lingqu.store.signing import SigningKey
from lingqu.store.tables import event_head, events

AT = "2026-11-21T08:00:00.000000+00:00"
_APPEND = (
    "import sys\n"
    "from lingqu.store.ledger import open_ledger\n"
    "from lingqu.store.signing import SigningKey\n"
    "ledger = open_ledger(sys.argv[1], SigningKey.open_or_create(sys.argv[2]))\n"
    "for n in range(int(sys.argv[3])):\n"
    "    ledger.events.append('child', sys.argv[4], {'n': n}, '2026')\n"
    "    print(n, flush=True)\n"
)


def fill(ledger: Ledger, count: int) -> None:
    for n in range(count):
        ledger.events.append("run.done", f"r{n}", {"n": n, "名": "渠"}, AT)


def forge(ledger: Ledger, *statements: sa.Executable) -> None:
    with ledger.transaction() as connection:
        for statement in statements:
            connection.execute(statement)


class EventsContract:
    def test_an_event_is_linked_and_signed(self, ledger: Ledger, signing_key: SigningKey) -> None:
        first = ledger.events.append("a.b", "x", {"b": 1, "a": [float("nan"), "渠"]}, AT)
        second = ledger.events.append("a.c", "x", {}, AT)
        assert (first.sequence, first.previous) == (1, GENESIS)
        assert first.detail == {"a": ["nan", "渠"], "b": 1}
        assert second.previous == first.hash
        assert second.hash == event_hash(2, AT, "a.c", "x", "{}", first.hash)
        assert ledger.events.list() == [first, second]
        head = ledger.events.head()
        assert (head.count, head.hash) == (2, second.hash)
        assert signed_by(signing_key.public_pem, head_message(2, second.hash), head.signature)

    def test_events_are_listed_by_kind_subject_and_place(self, ledger: Ledger) -> None:
        fill(ledger, 4)
        ledger.events.append("other", "r1", {}, AT)
        assert [e.sequence for e in ledger.events.list(subject="r1")] == [2, 5]
        assert [e.sequence for e in ledger.events.list(kind="other")] == [5]
        assert [e.sequence for e in ledger.events.list(after=2, limit=2)] == [3, 4]

    def test_an_empty_trail_is_right(self, ledger: Ledger) -> None:
        found = ledger.events.verify()
        assert (found.ok, found.count, found.head, found.signed) == (True, 0, GENESIS, False)
        assert ledger.events.head() == EventHead(0, GENESIS, "")

    def test_what_is_not_json_is_refused(self, ledger: Ledger) -> None:
        with pytest.raises(StoreError) as caught:
            ledger.events.append("a", "b", {"x": {1, 2}}, AT)
        assert caught.value.key == "store.not_json"
        assert ledger.events.head().count == 0

    def test_two_processes_append_at_once(
        self, ledger: Ledger, ledger_url: str, tmp_path: Path
    ) -> None:
        key = str(tmp_path / "signing.pem")
        children = [
            subprocess.Popen(
                [sys.executable, "-c", _APPEND, ledger_url, key, "200", name],
                stdout=subprocess.DEVNULL,
            )
            for name in ("one", "two")
        ]
        assert [child.wait() for child in children] == [0, 0]
        found = ledger.events.verify()
        assert (found.ok, found.count, found.signed) == (True, 400, True)
        for name in ("one", "two"):
            assert [e.detail["n"] for e in ledger.events.list(subject=name)] == list(range(200))

    def test_kill_9_in_the_middle_loses_nothing_reported(
        self, ledger: Ledger, ledger_url: str, tmp_path: Path
    ) -> None:
        command = [sys.executable, "-c", _APPEND, ledger_url, str(tmp_path / "signing.pem")]
        for rounds in (3, 17):
            before = ledger.events.head().count
            with subprocess.Popen([*command, "100000", "killed"], stdout=subprocess.PIPE) as child:
                assert child.stdout is not None
                for _ in range(rounds):
                    reported = child.stdout.readline()
                child.kill()
            found = ledger.events.verify()
            assert found.ok, found.reason
            assert found.count >= before + int(reported) + 1
        ledger.events.append("after", "x", {}, AT)
        assert ledger.events.verify().ok


def edit_detail(n: int) -> list[sa.Executable]:
    return [sa.update(events).where(events.c.sequence == n).values(detail='{"n":9}')]


def edit_subject(n: int) -> list[sa.Executable]:
    return [sa.update(events).where(events.c.sequence == n).values(subject="someone else")]


def edit_time(n: int) -> list[sa.Executable]:
    return [sa.update(events).where(events.c.sequence == n).values(at="2020-01-01")]


def delete_one(n: int) -> list[sa.Executable]:
    return [sa.delete(events).where(events.c.sequence == n)]


def delete_and_renumber(n: int) -> list[sa.Executable]:
    later = sa.update(events).where(events.c.sequence == n + 1).values(sequence=n)
    return [*delete_one(n), later]


def swap(n: int) -> list[sa.Executable]:
    return [
        sa.update(events).where(events.c.sequence == old).values(sequence=new)
        for old, new in ((n, 1000), (n + 1, n), (1000, n + 1))
    ]


def cut_tail(n: int) -> list[sa.Executable]:
    return [sa.delete(events).where(events.c.sequence >= n)]


def cut_tail_and_lower_the_head(n: int) -> list[sa.Executable]:
    last = sa.select(events.c.hash).where(events.c.sequence == n - 1).scalar_subquery()
    lower = sa.update(event_head).values(count=n - 1, hash=sa.func.coalesce(last, GENESIS))
    return [*cut_tail(n), lower]


def relink_everything(n: int) -> list[sa.Executable]:
    """The best forger: edits event n, makes every hash after it right again, and the head."""
    statements: list[sa.Executable] = []
    previous = GENESIS
    for m in range(1, 13):
        detail = json.dumps({"n": 99 if m == n else m - 1})
        found = event_hash(m, AT, "run.done", f"r{m - 1}", detail, previous)
        values = {"detail": detail, "previous": previous, "hash": found}
        statements.append(sa.update(events).where(events.c.sequence == m).values(values))
        previous = found
    return [*statements, sa.update(event_head).values(hash=previous)]


Tamper = Callable[[int], list[sa.Executable]]
TAMPERS: tuple[Tamper, ...] = (
    edit_detail,
    edit_subject,
    edit_time,
    delete_one,
    delete_and_renumber,
    swap,
    cut_tail,
    cut_tail_and_lower_the_head,
)


class TamperContract:
    @pytest.mark.parametrize("tamper", TAMPERS, ids=lambda tamper: tamper.__name__)
    def test_every_change_is_found_wherever_it_is(self, ledger: Ledger, tamper: Tamper) -> None:
        fill(ledger, 12)
        with ledger.snapshot() as connection:
            good = [row._asdict() for row in connection.execute(sa.select(events))]
            head = [row._asdict() for row in connection.execute(sa.select(event_head))]
        for n in range(2, 10):
            forge(ledger, *tamper(n))
            found = ledger.events.verify()
            assert not found.ok
            assert found.reason
            assert found.first_bad in (n - 1, n, n + 1)
            forge(ledger, sa.delete(events), sa.delete(event_head))
            forge(ledger, events.insert().values(good), event_head.insert().values(head))
            assert ledger.events.verify().ok

    def test_a_relinked_trail_lacks_the_signature(self, ledger: Ledger) -> None:
        fill(ledger, 12)
        forge(ledger, *relink_everything(5))
        found = ledger.events.verify()
        assert (found.ok, found.first_bad) == (False, 12)
        assert "signature" in found.reason

    def test_a_trail_signed_with_another_key_is_found(
        self, ledger: Ledger, ledger_url: str, tmp_path: Path
    ) -> None:
        fill(ledger, 3)
        with ledger.transaction() as connection:
            connection.execute(sa.delete(events))
            connection.execute(sa.delete(event_head))
        forger = open_ledger(ledger_url, SigningKey.open_or_create(tmp_path / "forger.pem"))
        fill(forger, 3)
        assert forger.events.verify().ok
        forger.close()
        assert not ledger.events.verify().ok

    def test_missing_or_wrong_heads_are_found(self, ledger: Ledger) -> None:
        fill(ledger, 3)
        forge(ledger, sa.update(event_head).values(hash="0" * 64))
        assert not ledger.events.verify().ok
        forge(ledger, sa.update(event_head).values(signature="no hex"))
        assert not ledger.events.verify().ok
        forge(ledger, sa.delete(event_head))
        assert (ledger.events.verify().ok, ledger.events.verify().first_bad) == (False, 3)
        forge(ledger, sa.delete(events))
        assert ledger.events.verify().ok  # as if it had never been: only a seal can tell

    @pytest.mark.parametrize(
        "tamper",
        [
            cut_tail,
            cut_tail_and_lower_the_head,
            lambda n: [sa.delete(event_head)],
            lambda n: [sa.update(event_head).values(signature="00" * 64)],
            lambda n: [sa.update(event_head).values(hash="0" * 64)],
            lambda n: [sa.delete(events)],
        ],
    )
    def test_append_does_not_sign_over_a_change(
        self, ledger: Ledger, ledger_url: str, signing_key: SigningKey, tamper: Tamper
    ) -> None:
        fill(ledger, 5)
        forge(ledger, *tamper(4))
        another = open_ledger(ledger_url, signing_key)
        for attempt in (
            lambda: another.events.append("a", "b", {}, AT),
            lambda: another.events.seal(AT),
        ):
            with pytest.raises(StoreError) as caught:
                attempt()
            assert caught.value.key == "store.chain_broken"
        another.close()

    def test_a_signed_trail_needs_its_key(self, ledger: Ledger, ledger_url: str) -> None:
        fill(ledger, 2)
        keyless = open_ledger(ledger_url)
        with pytest.raises(StoreError) as caught:
            keyless.events.append("a", "b", {}, AT)
        assert caught.value.key == "store.key_needed"
        assert keyless.events.verify().ok
        assert not keyless.events.verify().signed
        keyless.close()


class SealContract:
    def test_a_seal_is_found_again_later(self, ledger: Ledger, signing_key: SigningKey) -> None:
        fill(ledger, 3)
        seal = json.loads(json.dumps(ledger.events.seal(AT)))
        assert (seal["count"], seal["head"]) == (3, ledger.events.head().hash)
        assert seal["public_key"] == signing_key.public_pem
        fill(ledger, 2)
        assert ledger.events.verify(seal=seal).ok
        assert ledger.events.verify(seal=ledger.events.seal(AT)).ok

    def test_an_old_copy_put_back_is_found_by_the_seal(self, ledger: Ledger) -> None:
        fill(ledger, 3)
        with ledger.snapshot() as connection:
            head = connection.execute(sa.select(event_head)).one()._asdict()
        fill(ledger, 2)
        seal = ledger.events.seal(AT)
        forge(
            ledger,
            sa.delete(events).where(events.c.sequence > 3),
            sa.update(event_head).values(head),
        )
        assert ledger.events.verify().ok
        found = ledger.events.verify(seal=seal)
        assert (found.ok, found.first_bad) == (False, 4)

    def test_a_forged_seal_is_told(self, ledger: Ledger) -> None:
        fill(ledger, 3)
        seal = {**ledger.events.seal(AT), "count": 2}
        assert not ledger.events.verify(seal=seal).ok

    def test_a_seal_of_an_empty_trail(self, ledger: Ledger) -> None:
        seal = ledger.events.seal(AT)
        fill(ledger, 1)
        assert seal["count"] == 0
        assert ledger.events.verify(seal=seal).ok

    def test_without_a_key_nothing_is_signed(self, ledger_url: str, ledger: Ledger) -> None:
        keyless = open_ledger(ledger_url)
        fill(keyless, 2)
        seal = keyless.events.seal(AT)
        assert (seal["signature"], seal["public_key"]) == ("", "")
        assert keyless.events.verify(seal=seal).ok
        assert keyless.events.keyed_hash("x") == ""
        keyless.close()
        with pytest.raises(StoreError) as caught:  # an unsigned trail is not signed afterwards
            ledger.events.append("a", "b", {}, AT)
        assert caught.value.key == "store.chain_broken"
