"""The demo as a user runs it: what it ends with can be followed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.terminal import Terminal

SCRIPT = Path(sys.executable).with_name("lingqu")


@pytest.mark.slow
def test_the_demo_ends_with_commands_that_look_further(lingqu: Terminal) -> None:
    done = subprocess.run(
        [SCRIPT, "demo", "-w", "a demo"],
        env={**os.environ, "LINGQU_LANGUAGE": "en", "COLUMNS": "80"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "fold 0" not in done.stdout + done.stderr
    ending = done.stdout[done.stdout.index("came after it") :]
    workspace = str(lingqu.folder / "a demo")
    for command in ("lingqu show ", "lingqu audit log", "lingqu deploy digits"):
        assert command in ending
    assert ending.count(f"-w '{workspace}'") == 4
    run = ending.partition("lingqu show ")[2].split()[0]
    assert "accuracy" in lingqu("show", run, "-w", workspace)
    events = lingqu.json("audit", "log", "-w", workspace)
    assert "action.done" in {event["kind"] for event in events}
