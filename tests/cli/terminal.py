"""The command line in this process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lingqu.cli.main import main


class Terminal:
    """What a command printed and how it ended."""

    def __init__(self, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        self._capsys = capsys
        self.folder = folder
        self.code = 0
        self.out = self.err = ""

    def __call__(self, *arguments: str) -> str:
        """Run a command; return what it printed on standard output."""
        self._capsys.readouterr()
        self.code = main(list(arguments))
        self.out, self.err = self._capsys.readouterr()
        return self.out

    def json(self, *arguments: str) -> Any:
        """Run a command with ``--json`` and return the document."""
        return json.loads(self(*arguments, "--json"))
