"""Bad input: a clear refusal before any training, with the facts that are needed to mend it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from tests.walked import CHANNEL, people, walked, write_channel

import lingqu
from lingqu.cli.main import main
from lingqu.core.errors import DataError, LingquError, SpecError, StoreError
from lingqu.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with lingqu.open(tmp_path / "ws") as opened:
        yield opened


def refusal(workspace: Workspace, path: Path, *said: str) -> LingquError:
    """Run a channel that must be refused before training; every fact must be in the message."""
    with pytest.raises(LingquError) as caught:
        workspace.run(path)
    message = str(caught.value)
    for fact in said:
        assert fact in message, message
    assert "lingqu" in message or "channel.yaml" in message or "xpected" in message
    for run in workspace.runs():
        assert run.state == "failed"
        assert "train" not in [stage.name for stage in run.stages]
    assert workspace.audit().ok
    return caught.value


class TestChannelFile:
    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ("govrn: [dedupe]\n", ["govrn", "line 4", "govern"]),
            ("govern: [dedup]\n", ["dedup", "line 4", "dedupe"]),
            ("govern: [{impute: {methd: mean}}]\n", ["methd", "line 4"]),
            ("release: {require: [accurcy >= 0.9 >]}\n", ["line 4"]),
            ("respond: [{when: drift.psi > 0.2, do: retrian}]\n", ["retrian", "retrain", "line 4"]),
            ("access: {quota: lots}\n", ["lots", "line 4"]),
            ("monitor: {every: 5 mins}\n", ["5 mins", "line 4"]),
            ("data: other.csv\n", ["line 4", "data"]),
            ("\tgovern: [dedupe]\n", ["line 4"]),
        ],
    )
    def test_a_wrong_word_is_named_with_line_and_near_words(
        self, workspace: Workspace, tmp_path: Path, wrong: str, said: list[str]
    ) -> None:
        path = write_channel(tmp_path / "c", CHANNEL + wrong)
        error = refusal(workspace, path, "channel.yaml", *said)
        assert isinstance(error, SpecError)
        assert workspace.runs() == []

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("task: classify", "task: clasify", ["clasify", "classify"]),
            ("task: classify", "task: generate", ["generate", "logistic"]),
            ("budget: 40 s", "budget: 0.5 s", ["0.5", "budget"]),
            ("budget: 40 s", "budget: -3 s", ["-3"]),
            ("budget: 40 s", "memory: 1 MB", ["memory"]),
            ("algorithm: logistic", "algorithm: logistc", ["logistc", "logistic"]),
            ("algorithm: logistic", "algorithm: ridge", ["ridge", "classify"]),
            ("algorithm: logistic", "metric: acuracy", ["acuracy", "accuracy"]),
        ],
    )
    def test_a_wrong_wish_for_training(
        self, workspace: Workspace, tmp_path: Path, old: str, new: str, said: list[str]
    ) -> None:
        path = write_channel(tmp_path / "c", CHANNEL.replace(old, new))
        with pytest.raises(SpecError) as caught:
            workspace.run(path)
        for fact in said:
            assert fact in str(caught.value), str(caught.value)
        assert workspace.releases() == []

    def test_no_such_file(self, workspace: Workspace, tmp_path: Path) -> None:
        with pytest.raises(SpecError, match="lingqu init"):
            workspace.run(tmp_path / "nowhere.yaml")


def write(tmp_path: Path, content: str | bytes, **changes: str) -> Path:
    """Write a channel whose rows are the given bytes."""
    text = CHANNEL.replace(", protected: [sex]", "")
    for old, new in changes.items():
        text = text.replace(old, new)
    path = write_channel(tmp_path / "c", text)
    data = content if isinstance(content, bytes) else content.encode()
    (tmp_path / "c" / "people.csv").write_bytes(data)
    return path


def rows(count: int = 40) -> list[str]:
    """Lines of a good file: a heading and rows."""
    return people(count).write_csv().splitlines()


class TestRows:
    def test_a_missing_file_names_near_ones(self, workspace: Workspace, tmp_path: Path) -> None:
        path = write_channel(tmp_path / "c", CHANNEL.replace("people.csv", "peple.csv"))
        refusal(workspace, path, "peple.csv", "people.csv")

    @pytest.mark.parametrize("content", ["", "\n\n", "age,churned\n"])
    def test_an_empty_file(self, workspace: Workspace, tmp_path: Path, content: str) -> None:
        refusal(workspace, write(tmp_path, content), "people.csv")

    def test_one_class(self, workspace: Workspace, tmp_path: Path) -> None:
        frame = people(40).with_columns(pl.lit("yes").alias("churned"))
        refusal(workspace, write(tmp_path, frame.write_csv()), "churned", "yes")

    @pytest.mark.slow
    def test_a_class_of_one_row_walks_or_is_refused_but_never_crashes(
        self, workspace: Workspace, tmp_path: Path
    ) -> None:
        frame = people(40).with_columns(pl.Series("churned", ["yes"] + ["no"] * 39))
        path = write(tmp_path, frame.write_csv())
        try:
            done = workspace.run(path)
        except LingquError as error:
            assert "churned" in str(error) or "yes" in str(error)
        else:
            assert workspace.report(done.id).is_file()

    def test_a_target_that_is_not_there_names_near_columns(
        self, workspace: Workspace, tmp_path: Path
    ) -> None:
        path = write_channel(tmp_path / "c", CHANNEL.replace("churned", "churnd"))
        refusal(workspace, path, "churnd", "churned")

    def test_a_target_without_a_value(self, workspace: Workspace, tmp_path: Path) -> None:
        frame = people(40).with_columns(pl.lit("").alias("churned"))
        refusal(workspace, write(tmp_path, frame.write_csv()), "churned")

    def test_protected_columns_must_be_there(self, workspace: Workspace, tmp_path: Path) -> None:
        path = write_channel(tmp_path / "c", CHANNEL.replace("[sex]", "[sexx]"))
        refusal(workspace, path, "sexx", "sex")

    def test_two_columns_of_one_name(self, workspace: Workspace, tmp_path: Path) -> None:
        lines = rows()
        lines[0] = lines[0].replace("paid", "age")
        refusal(workspace, write(tmp_path, "\n".join(lines)), "people.csv", "age")

    def test_a_ragged_line(self, workspace: Workspace, tmp_path: Path) -> None:
        lines = rows()
        lines[7] += ",more,and more"
        refusal(workspace, write(tmp_path, "\n".join(lines)), "people.csv", "8")

    def test_bytes_that_are_no_text(self, workspace: Workspace, tmp_path: Path) -> None:
        lines = "\n".join(rows()).encode().replace("桂林".encode(), b"\xff\xfe\xfd\x81")
        refusal(workspace, write(tmp_path, lines), "people.csv")

    def test_numbers_that_are_none_in_a_target(self, workspace: Workspace, tmp_path: Path) -> None:
        lines = [line.rsplit(",", 1)[0] + f",{n}.5" for n, line in enumerate(rows())]
        lines[0] = rows()[0]
        lines[5] = lines[5].rsplit(",", 1)[0] + ",inf"
        regress = {"task: classify": "task: regress", "algorithm: logistic": "algorithm: ridge"}
        path = write(tmp_path, "\n".join(lines), **regress)
        refusal(workspace, path, "churned", "5")

    def test_a_column_without_a_value(self, workspace: Workspace, tmp_path: Path) -> None:
        frame = people(60).with_columns(pl.lit("").alias("empty"))
        path = write(tmp_path, frame.write_csv())
        refusal(workspace, path, "'empty'", "60 rows", "drop: [empty]")

    def test_a_cell_of_a_million_characters(self, workspace: Workspace, tmp_path: Path) -> None:
        long = people(60).with_columns(pl.Series("note", ["x" * 10**6] + ["fine"] * 59))
        path = write(tmp_path, long.write_csv())
        refusal(workspace, path, "note", "people.csv")

    @pytest.mark.parametrize("name", ["nowhere://x/y.csv", "sklearn:nothing", "sqlite:///no.db"])
    def test_sources_that_do_not_exist(
        self, workspace: Workspace, tmp_path: Path, name: str
    ) -> None:
        path = write_channel(tmp_path / "c", CHANNEL.replace("people.csv", f'"{name}"'))
        refusal(workspace, path)

    def test_a_frame_without_rows(self, workspace: Workspace) -> None:
        channel = lingqu.Channel.parse(CHANNEL)
        with pytest.raises(DataError, match="no rows"):
            workspace.run(channel, people(40).head(0))


class TestMachine:
    def test_a_workspace_under_a_file(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = write_channel(tmp_path / "c")
        (tmp_path / "file").write_text("mine")
        with pytest.raises(StoreError, match="file"):
            lingqu.open(tmp_path / "file" / "ws")
        assert main(["run", str(path), "-w", str(tmp_path / "file" / "ws")]) == 1
        said = capsys.readouterr()
        assert str(tmp_path / "file") in said.err and "Traceback" not in said.err
        assert (tmp_path / "file").read_text() == "mine"

    def test_a_ledger_that_cannot_be_reached(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match="nowhere"):
            lingqu.open(tmp_path / "ws", ledger="postgresql://nowhere.invalid/x")

    @pytest.mark.slow
    def test_a_full_disk_during_a_run_is_told_and_loses_nothing(self, tmp_path: Path) -> None:
        folder = walked(tmp_path / "here")
        frame = people(3000, seed=8)
        frame.write_csv(folder / "people.csv")
        code = (
            "import resource, signal, sys\n"
            "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))\n"
            "from lingqu.cli.main import main\n"
            "sys.exit(main(['run']))\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 1, done.stderr
        assert "Traceback" not in done.stderr
        assert done.stderr.splitlines()[-1].startswith("Error:")
        with Workspace(folder / ".lingqu") as workspace:
            assert workspace.audit().ok
            assert workspace.release("churn").replay() == []
            again = workspace.run(folder / "channel.yaml")
            assert again.state == "done"
            assert workspace.audit().ok
