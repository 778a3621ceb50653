"""The command line as real processes: what it imports, its language, pipes, exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.walked import walked

HEAVY = ("sqlalchemy", "pandas", "torch", "sklearn", "polars", "numpy", "fastapi", "lightgbm")
SCRIPT = Path(sys.executable).with_name("lingqu")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return walked(tmp_path / "here")


def lingqu(
    *arguments: str, cwd: Path, language: str = "en", **more: str
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "LINGQU_LANGUAGE": language, "COLUMNS": "80", **more}
    return subprocess.run(
        [SCRIPT, *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    "code",
    [
        "import lingqu",
        "import lingqu; lingqu.Channel",
        "import lingqu.cli.main",
        "import sys; from lingqu.cli.main import main; main(['--help'])",
        "import sys; from lingqu.cli.main import main; main(['run', '--help'])",
    ],
)
def test_help_and_import_are_light(code: str, tmp_path: Path) -> None:
    check = f"{code}\nimport sys\nprint('HEAVY', [m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", check], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "HEAVY []"


def test_exit_codes(folder: Path) -> None:
    assert lingqu("runs", cwd=folder).returncode == 0
    assert lingqu("show", "nothing", cwd=folder).returncode == 1
    wrong = lingqu("runs", "--nothing", cwd=folder)
    assert wrong.returncode == 2
    assert "lingqu --help" in wrong.stderr and "Traceback" not in wrong.stderr


def test_chinese_where_it_is_wanted(folder: Path) -> None:
    helped = lingqu("--help", cwd=folder, language="zh").stdout
    assert "让渠道从数据走到发布" in helped
    refused = lingqu("show", "nothing", cwd=folder, language="zh")
    assert refused.returncode == 1
    assert refused.stderr.startswith("错误：")
    planned = lingqu("plan", cwd=folder, language="zh").stdout
    assert "测试" in planned or "默认" in planned or "评判" in planned
    assert "declared" not in planned


def test_on_a_pipe_progress_is_plain_lines_and_the_result_stands_alone(folder: Path) -> None:
    shown = lingqu("run", cwd=folder)
    assert [line.split(":")[0] for line in shown.stderr.splitlines() if line[0] != " "] == [
        "data",
        "governance",
        "algorithm",
        "judgement",
        "release",
    ]
    assert "\x1b" not in shown.stderr + shown.stdout
    assert "Next: lingqu deploy churn" in shown.stdout
    again = lingqu("run", "--json", cwd=folder)
    assert again.stderr == ""
    told = json.loads(again.stdout)
    assert told["state"] == "done" and {s["state"] for s in told["stages"]} == {"reused"}


def test_a_reader_that_leaves_early_is_no_traceback(folder: Path) -> None:
    command = f"{SCRIPT} list --json | head -c 10"
    done = subprocess.run(
        command, shell=True, cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert len(done.stdout) == 10
    assert "Traceback" not in done.stderr


def test_the_workspace_may_come_from_the_environment(folder: Path, tmp_path: Path) -> None:
    done = lingqu("runs", "--json", cwd=tmp_path, LINGQU_WORKSPACE=str(folder / ".lingqu"))
    assert [run["channel"] for run in json.loads(done.stdout)] == ["churn"]
