"""A channel that makes rows: from a file to rows that are asked for by a seed and a class."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import polars as pl
import pytest
from tests.learn.made_tables import people
from typer.testing import CliRunner

from lingqu.cli.main import app
from lingqu.core.errors import DataError, SpecError
from lingqu.core.spec import Channel
from lingqu.flow.data_stage import source_of, typed
from lingqu.flow.made import MOST, drawn_wish, made, written
from lingqu.flow.validate import validate
from lingqu.outlets.served import Served
from lingqu.release.release import Release
from lingqu.store.folders import release_folder
from lingqu.workspace import Workspace

TEXT = """\
channel: people
data: {source: people.csv, protected: [city]}
train: {task: generate, target: ill, algorithm: sequential_trees, budget: 30 s, workers: 1}
release: {require: ["c2st <= 0.8", "tstr >= 0.7", "copies.excess <= 0.2", "variety >= 0.8"]}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("made")
    people(500).frame.write_csv(place / "people.csv")
    (place / "channel.yaml").write_text(TEXT, encoding="utf-8")
    with Workspace(place) as workspace:
        done = workspace.run(place / "channel.yaml")
    assert done.state == "done", done.summary
    return place


@pytest.fixture
def workspace(folder: Path) -> Iterator[Workspace]:
    with Workspace(folder) as opened:
        yield opened


def release_of(workspace: Workspace) -> Release:
    (record,) = workspace.releases("people")
    return Release.open(release_folder(workspace.home, record.digest))


def test_a_release_is_asked_by_a_seed_and_a_class(workspace: Workspace) -> None:
    release = release_of(workspace)
    assert release.schema.names == ("seed", "ill") and release.task == "generate"
    assert not release.replay()
    told = release.predict([{"seed": 7, "ill": "yes"}, {"seed": 7, "ill": "yes"}, {"ill": "no"}])
    assert told[0]["prediction"] == told[1]["prediction"]
    assert told[2]["prediction"]["ill"] == "no" and told[2]["seed"] >= 0
    kinds = {type(cell) for cell in told[0]["prediction"].values()}
    assert kinds <= {int, float, str, bool, type(None)}


def test_a_server_draws_a_seed_for_each_row_and_says_it(workspace: Workspace) -> None:
    release = release_of(workspace)
    with ThreadPoolExecutor(1) as threads:
        served = Served.open(release.folder, threads)
        rows = served.reader.rows(msgspec.json.decode(b'[{}, {"ill": "yes"}, {"seed": 3}]'))
        (answer,) = served.run([rows])
        again = served.reader.rows([{"seed": seed, "ill": None} for seed in answer.beside["seed"]])  # type: ignore[index]
        (same,) = served.run([again])
        table = served.reader.table({"ill": ["no", "yes"]})
        assert table.height == 2 and None not in table.cells["seed"]
        with pytest.raises(DataError, match="row 1 is 3"):
            served.reader.rows([3])
        with pytest.raises(DataError):
            served.reader.rows([])
    assert answer.beside["seed"][2] == 3 and answer.predictions[1]["ill"] == "yes"  # type: ignore[index]
    assert same.predictions[0] == answer.predictions[0]
    assert len(set(answer.beside["seed"])) == 3  # type: ignore[index]


def test_many_rows_are_written_in_pieces(workspace: Workspace, tmp_path: Path) -> None:
    wish = drawn_wish(6_000, 5, "ill=yes")
    kind, count = written(made(workspace.home, "people", wish), str(tmp_path / "rows.csv"))
    frame = pl.read_csv(tmp_path / "rows.csv")
    assert (kind, count, frame.height) == ("rows", 6_000, 6_000)
    assert frame["ill"].unique().to_list() == ["yes"]
    assert frame.columns == people(2).frame.columns
    few = next(made(workspace.home, "people", drawn_wish(10, 5, "ill=yes")))
    assert [row["prediction"]["age"] for row in few] == frame["age"].head(10).to_list()
    for name in ("rows.parquet", "rows.jsonl"):
        written(made(workspace.home, "people", drawn_wish(5, 5, "")), str(tmp_path / name))
        assert (tmp_path / name).stat().st_size
    with pytest.raises(DataError, match=r"\.csv"):
        written(made(workspace.home, "people", drawn_wish(5, 5, "")), str(tmp_path / "folder"))


@pytest.mark.parametrize("count", [0, -1, MOST + 1, 10**9])
def test_too_many_rows_are_refused_with_the_bound(workspace: Workspace, count: int) -> None:
    with pytest.raises(SpecError, match="100,000"):
        made(workspace.home, "people", drawn_wish(count, 0, ""))


@pytest.mark.parametrize("where", ["age=3", "ill", "=yes"])
def test_what_cannot_be_asked_for_is_refused(workspace: Workspace, where: str) -> None:
    with pytest.raises(SpecError, match="--where"):
        made(workspace.home, "people", drawn_wish(1, 0, where))


def test_the_command_prints_rows_and_how_to_have_them_again(folder: Path, tmp_path: Path) -> None:
    def call(*words: str) -> str:
        told = CliRunner().invoke(app, ["call", "people", *words, "--workspace", str(folder)])
        assert told.exit_code == 0, told.output
        return told.output

    shown = call("--n", "3", "--seed", "1", "--where", "ill=no")
    assert "--seed 1" in shown and "yes" not in shown
    assert "30" in call("--n", "30", "--out", str(tmp_path / "a.csv"))
    assert len(json.loads(call("--n", "2", "--seed", "1", "--json"))) == 2


def test_the_report_shows_made_rows_beside_real_ones(workspace: Workspace) -> None:
    run = workspace.home.ledger.runs.list("people", 1)[0]
    with workspace.home.blobs.open(f"reports/{run.id}.html") as file:
        page = file.read().decode()
    assert 'id="made"' in page and "made rows" in page and "realistic" not in page
    assert "generate." not in page


def test_pictures_beside_a_table_and_texts_are_refused_at_the_plan(tmp_path: Path) -> None:
    words = [f"a sentence of some words, number {n} of many others" for n in range(80)]
    pl.DataFrame({"note": words, "age": [n % 7 for n in range(80)]}).write_csv(tmp_path / "t.csv")
    sections = {"channel": "t", "data": "t.csv", "train": {"task": "generate"}}
    channel = Channel.of(sections, tmp_path / "channel.yaml")
    with pytest.raises(DataError, match=r"note \(text\).*drop: \[note\]"):
        typed(channel, source_of(channel).read())


def test_scores_and_learners_of_other_tasks_are_refused() -> None:
    for train in ({"metric": "rmse"}, {"algorithm": "lightgbm"}):
        sections = {
            "channel": "t", "data": "people.csv",
            "train": {"task": "generate", "target": "ill", **train},
        }  # fmt: skip
        with pytest.raises(SpecError, match=r"c2st|lightgbm"):
            validate(Channel.of(sections))
