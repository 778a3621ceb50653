"""`lingqu keys`, `people`, `usage` and the certificates of `doctor`, as they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.terminal import Terminal

from lingqu.store.home import open_home
from lingqu.store.usage import Used


@pytest.fixture
def lingqu(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Terminal:
    """The command line in an empty folder, in English."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LINGQU_LANGUAGE", "en")
    monkeypatch.delenv("LINGQU_WORKSPACE", raising=False)
    return Terminal(capsys, tmp_path)


def test_a_key_is_made_with_a_scope_and_rotated(lingqu: Terminal) -> None:
    made = lingqu.json(
        "keys", "add", "app", "--quota", "9 rows/h", "--verb", "call", "--network", "::/0"
    )
    turned = lingqu.json("keys", "rotate", "app", "--overlap", "1h")
    assert made["secret"] != turned["secret"]
    assert turned["ends"]
    listed = {key["id"]: key for key in lingqu.json("keys", "list")}
    assert listed[turned["id"]]["replaces"] == made["id"]
    assert listed[turned["id"]]["verbs"] == ["call"]
    assert "hash" not in listed[turned["id"]]
    assert "::/0" in lingqu("keys", "list")
    assert "no longer" in lingqu("keys", "rotate", "app", "--overlap", "0s")
    lingqu("keys", "rotate", "nobody")
    assert lingqu.code == 1
    lingqu("keys", "add", "b", "--verb", "cal")
    assert (lingqu.code, "call" in lingqu.err) == (2, True)


def test_people_are_told_apart_by_their_token(
    lingqu: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = lingqu.json("people", "add", "ann", "--role", "auditor", "--expires", "30 d")
    assert "ann" in lingqu("people", "list")
    assert "risk-officer" in lingqu("people", "roles")
    assert [key["name"] for key in lingqu.json("keys", "list")] == []
    monkeypatch.setenv("LINGQU_TOKEN", made["secret"])
    lingqu("keys", "add", "app")
    assert lingqu.code == 1
    assert "Roles that could: operator, admin" in lingqu.err
    lingqu("audit", "verify")
    assert lingqu.code == 0
    monkeypatch.setenv("LINGQU_TOKEN", "lq_wrong")
    lingqu("runs")
    assert (lingqu.code, "LINGQU_TOKEN" in lingqu.err) == (1, True)
    monkeypatch.delenv("LINGQU_TOKEN")
    assert "no role any more" in lingqu("people", "remove", "ann")


def test_use_is_shown_and_written(lingqu: Terminal) -> None:
    assert "Nothing was used" in lingqu("usage")
    home = open_home(lingqu.folder / ".lingqu")
    home.ledger.usage.add([Used("", "loans", "ab" * 32, 3600, 2, rows=5)])
    home.close()
    shown = lingqu("usage", "--by", "channel,day")
    assert "1970-01-01" in shown
    assert "Tokens" not in shown
    assert lingqu.json("usage", "--by", "channel")[0]["rows"] == 5
    lingqu("usage", "--out", "usage.csv")
    assert (lingqu.folder / "usage.csv").read_text().splitlines()[1].startswith("-,loans,2")
    lingqu("usage", "--by", "person")
    assert lingqu.code == 2


def test_certificates_are_made_and_looked_at(lingqu: Terminal) -> None:
    assert "ca.pem" in lingqu("doctor", "--make-ca", "--host", "a.example")
    client = lingqu.json("doctor", "--client", "branch-3")
    assert client["subject"] == "CN=branch-3"
    looked = {row["what"]: row for row in lingqu.json("doctor")}
    assert looked["certificate server"]["state"] == "ok"
    assert "certificate branch-3" in looked
    lingqu("doctor", "--host", "a b")
    assert lingqu.code == 2
