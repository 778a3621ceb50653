"""Reversing tokens and deleting their key from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from lingqu.cli.main import app
from lingqu.govern.privacy.tokens import Tokeniser
from lingqu.store import vault
from lingqu.workspace import Workspace


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.delenv("LINGQU_MASK_KEY", raising=False)
    monkeypatch.chdir(tmp_path)
    with Workspace(tmp_path / ".lingqu") as workspace:
        key = vault.make(workspace.home.root, "mask")
        return Tokeniser(key)("mobile", "13912345678")


def test_a_token_is_reversed_until_its_key_is_deleted(token: str, tmp_path: Path) -> None:
    run = CliRunner().invoke
    shown = run(app, ["data", "reveal", f"call {token} back", "--by", "ada"])
    assert shown.exit_code == 0 and "call 13912345678 back" in shown.output
    assert run(app, ["data", "forget-key", "mask"], input="n\n").exit_code != 0
    assert run(app, ["data", "reveal", token]).exit_code == 0
    gone = run(app, ["data", "forget-key", "mask", "--yes", "--by", "ada"])
    assert gone.exit_code == 0 and "'mask'" in gone.output
    assert run(app, ["data", "reveal", token]).exit_code != 0
    with Workspace(tmp_path / ".lingqu") as workspace:
        kinds = [event.kind for event in workspace.events()]
        assert [kind for kind in kinds if kind.startswith("privacy.")][-1:] != []
