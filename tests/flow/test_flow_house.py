"""Keeping house without a run: keys, the trail, the doctor, lists of plug-ins, channels."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from tests.walked import CHANNEL, write_channel

from lingqu.core import catalog
from lingqu.core.errors import AccessError, GateError, SpecError
from lingqu.core.nouns import OutletRecord
from lingqu.flow.access import disable_key, has_expired, make_key
from lingqu.flow.audit import newest
from lingqu.flow.describe import describe
from lingqu.flow.doctor import doctor
from lingqu.flow.find import find_channel, find_release
from lingqu.store.home import Home, open_home

AT = "2026-11-21T08:00:00.000000+00:00"


class TestKeys:
    def test_the_secret_is_returned_once_and_only_its_hash_is_kept(self, home: Home) -> None:
        key, secret = make_key(home, "app", ["churn"], "600/min", "30 d")
        (kept,) = home.ledger.keys.list()
        assert kept == key
        assert secret not in (home.root / "ledger.db").read_bytes().decode("latin-1")
        (event,) = home.ledger.events.list(kind="key.made")
        assert event.subject == key.id
        assert secret not in str(event.detail)

    def test_a_duration_counts_from_now_and_a_date_is_taken(self, tmp_path: Path) -> None:
        home = open_home(tmp_path / "h", clock=lambda: AT)
        assert make_key(home, "a", expires="30 d")[0].expires[:10] == "2026-12-21"
        assert make_key(home, "b", expires="2027-01-01")[0].expires[:10] == "2027-01-01"
        assert make_key(home, "c")[0].expires == ""
        home.close()

    @pytest.mark.parametrize("wrong", [{"quota": "many"}, {"expires": "soon"}])
    def test_a_wrong_limit_is_refused_before_a_key_is_made(
        self, home: Home, wrong: dict[str, str]
    ) -> None:
        with pytest.raises(SpecError, match=next(iter(wrong.values()))):
            make_key(home, "app", **wrong)
        assert home.ledger.keys.list() == []

    @pytest.mark.parametrize("over", ["2026-11-21", "2026-11-21T09:00:00+02:00", "0 s"])
    def test_a_key_that_is_expired_from_the_start_is_refused(
        self, tmp_path: Path, over: str
    ) -> None:
        home = open_home(tmp_path / "h", clock=lambda: AT)
        with pytest.raises(SpecError):
            make_key(home, "app", expires=over)
        assert home.ledger.keys.list() == []
        home.close()

    def test_expired_is_what_is_over(self, home: Home) -> None:
        key = replace(make_key(home, "app")[0], expires="2026-11-21T08:00:00+00:00")
        assert not has_expired(key, "2026-11-21T07:59:59+00:00")
        assert has_expired(key, AT)
        assert has_expired(replace(key, expires="2026-11-21"), AT)
        assert not has_expired(replace(key, expires=""), AT)

    def test_a_second_enabled_key_of_a_name_is_refused(self, home: Home) -> None:
        make_key(home, "app")
        with pytest.raises(AccessError, match="lingqu keys disable app") as refused:
            make_key(home, "app")
        assert refused.value.status == 409
        disable_key(home, "app")
        make_key(home, "app")
        assert len(home.ledger.keys.list()) == 2

    def test_disabled_by_name_or_id_with_an_event(self, home: Home) -> None:
        first, _ = make_key(home, "app")
        second, _ = make_key(home, "bot")
        assert disable_key(home, "app").disabled
        assert disable_key(home, second.id).disabled
        assert all(key.disabled for key in home.ledger.keys.list())
        assert [e.subject for e in home.ledger.events.list(kind="key.disabled")] == [
            first.id,
            second.id,
        ]

    def test_an_unknown_key_is_refused_with_the_known(self, home: Home) -> None:
        make_key(home, "app")
        with pytest.raises(AccessError, match=r"'nobody'.*app"):
            disable_key(home, "nobody")


class TestTrail:
    def test_the_newest_events_oldest_of_them_first(self, home: Home) -> None:
        for number in range(450):
            kind = "even" if number % 2 == 0 else "odd"
            home.ledger.events.append(kind, str(number % 3), {"n": number}, AT)
        assert [e.detail["n"] for e in newest(home, limit=3)] == [447, 448, 449]
        assert [e.detail["n"] for e in newest(home, "even", limit=2)] == [446, 448]
        assert [e.detail["n"] for e in newest(home, "even", "1", limit=2)] == [442, 448]
        assert len(newest(home, limit=1000)) == 450
        assert newest(home, "none") == []


class TestDoctor:
    def test_a_sound_installation(self, home: Home) -> None:
        rows = {row["what"]: row for row in doctor(home)}
        assert rows["python"]["state"] == rows["trail"]["state"] == "ok"
        assert "sqlite" in rows["ledger"]["seen"]
        assert all(row["state"] in ("ok", "warn", "missing", "bad") for row in rows.values())

    def test_an_outlet_whose_process_is_gone_is_bad_and_named_with_the_command(
        self, home: Home
    ) -> None:
        gone = subprocess.Popen(["true"])
        gone.wait()
        record = OutletRecord("gone", "gone", "server", "open", "http://127.0.0.1:1", gone.pid, AT)
        home.ledger.outlets.put(record)
        rows = {row["what"]: row for row in doctor(home)}
        assert rows["outlet gone"]["state"] == "bad"
        assert rows["outlet gone"]["next"] == "lingqu deploy gone"
        assert str(gone.pid) in rows["outlet gone"]["seen"]

    def test_a_trail_that_was_changed_is_bad(self, home: Home) -> None:
        import sqlite3

        home.ledger.events.append("a", "b", {"n": 1}, AT)
        with sqlite3.connect(home.root / "ledger.db") as database:
            database.execute("UPDATE events SET detail = '{\"n\": 2}'")
        rows = {row["what"]: row for row in doctor(home)}
        assert rows["trail"]["state"] == "bad"
        assert rows["trail"]["next"] == "lingqu audit verify"


@pytest.mark.parametrize("family", sorted(catalog.TABLES))
def test_every_plug_in_is_described_in_one_line(family: catalog.Family) -> None:
    lines = describe(family)
    assert set(lines) == set(catalog.names(family))
    assert all(line and "\n" not in line for line in lines.values())


def test_descriptions_are_in_the_language_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINGQU_LANGUAGE", "zh")
    for family in catalog.TABLES:
        lines = describe(family)
        assert all(any("一" <= letter <= "龥" for letter in line) for line in lines.values())
        assert not any("``" in line for line in lines.values())


class TestFind:
    def test_a_channel_by_file_folder_or_name(self, home: Home, tmp_path: Path) -> None:
        path = write_channel(tmp_path / "c")
        assert find_channel(home, path).name == "churn"
        assert find_channel(home, str(path.parent)).name == "churn"
        home.ledger.channels.put("known", "1", CHANNEL, AT)
        assert find_channel(home, "known").train.target == "churned"
        channel = find_channel(home, path)
        assert find_channel(home, channel) is channel

    def test_neither_file_nor_name(self, home: Home) -> None:
        home.ledger.channels.put("known", "1", CHANNEL, AT)
        with pytest.raises(SpecError, match=r"'nope'.*known.*lingqu init"):
            find_channel(home, "nope")

    def test_an_unknown_release(self, home: Home) -> None:
        with pytest.raises(GateError, match=r"'abc'.*lingqu list releases"):
            find_release(home, "abc")
