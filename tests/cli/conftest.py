"""A terminal of 80 columns in a folder whose channel was walked once."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.terminal import Terminal
from tests.walked import walked


@pytest.fixture
def lingqu(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Terminal:
    """A terminal of 80 columns in a folder with `channel.yaml` and a finished run."""
    folder = walked(tmp_path / "here")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("LINGQU_WORKSPACE", raising=False)
    return Terminal(capsys, folder)
