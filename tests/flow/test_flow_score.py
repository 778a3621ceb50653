"""Files scored in pieces: the answers of the outlet, whatever the form, whatever happens."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from tests.outlets.outlet_samples import make_release
from tests.release.release_samples import people

from lingqu.core.errors import DataError, GateError, LingquError, SpecError, StoreError
from lingqu.core.nouns import ReleaseRecord
from lingqu.flow.score import Progress, score
from lingqu.flow.score_folder import ScoreFolder
from lingqu.flow.score_pieces import Bad
from lingqu.release.release import Release
from lingqu.store.home import Home
from lingqu.workspace import Workspace


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packed") / "people"
    make_release(folder, "people")
    return folder


@pytest.fixture
def home(home: Home, packed: Path) -> Home:
    """A workspace whose channel `people` has one release."""
    digest = Release.open(packed).digest
    shutil.copytree(packed, home.root / "blobs" / "releases" / digest)
    home.ledger.releases.put(
        ReleaseRecord(digest, "people", "r1", "approved", "2026-01-01T00:00:00Z", {})
    )
    return home


def rows(count: int = 500) -> pl.DataFrame:
    frame = pl.concat([people(100).frame] * (count // 100 + 1)).head(count)
    return frame.with_row_index("id")


def write(frame: pl.DataFrame, path: Path) -> Path:
    plain = frame.with_columns(pl.col(pl.Datetime).dt.to_string("%Y-%m-%dT%H:%M:%S"))
    if path.suffix == ".csv":
        plain.write_csv(path)
    elif path.suffix == ".jsonl":
        plain.write_ndjson(path)
    elif path.suffix == ".parquet":
        frame.write_parquet(path)
    else:
        frame.write_ipc(path)
    return path


def read(path: Path) -> pl.DataFrame:
    readers: dict[str, Any] = {
        ".csv": pl.read_csv, ".jsonl": pl.read_ndjson, ".parquet": pl.read_parquet,
        ".arrow": pl.read_ipc,
    }  # fmt: skip
    found: pl.DataFrame = readers[path.suffix](path)
    return found


@pytest.mark.parametrize("form", [".csv", ".jsonl", ".parquet", ".arrow"])
def test_every_form_gets_the_answers_of_the_release(
    home: Home, packed: Path, tmp_path: Path, form: str
):
    frame = rows()
    given, out = write(frame, tmp_path / f"in{form}"), tmp_path / f"out{form}"
    told: list[Progress] = []
    done = score(home, "people", given, out, keep=["id"], piece=64, tell=told.append)
    assert (done.rows, done.bad, done.kept, done.bad_file) == (500, 0, 0, "")
    expected = Release.open(packed).predict(frame)
    found = read(out)
    assert found["id"].to_list() == list(range(500))
    assert_frame_equal(found.drop("id"), expected, check_exact=False, abs_tol=1e-9)
    assert [now.rows for now in told] == sorted(now.rows for now in told)
    assert told[-1].rows == 500 and told[-1].total == 500
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == sorted(
        (given.name, out.name)
    )
    assert not (tmp_path / f"out{form}.parts").exists()
    (event,) = home.ledger.events.list(kind="release.scored")
    assert event.detail["rows"] == 500


def test_rows_that_cannot_be_read_are_put_aside(home: Home, packed: Path, tmp_path: Path):
    frame = rows(300).with_columns(pl.col("age").cast(pl.String))
    odd = {7: "old", 8: "young", 250: "1O"}
    ages = [odd.get(i, age) for i, age in enumerate(frame["age"].to_list())]
    given = write(frame.with_columns(pl.Series("age", ages)), tmp_path / "in.parquet")
    done = score(home, "people", given, tmp_path / "out.parquet")
    assert (done.rows, done.bad) == (300, 3)
    lines = [json.loads(line) for line in Path(done.bad_file).read_text().splitlines()]
    assert [line["row"] for line in lines] == [8, 9, 251]
    for line, value in zip(lines, odd.values(), strict=True):
        assert value in line["reason"] and "age" in line["reason"]
    found = pl.read_parquet(done.out)
    assert [i for i, said in enumerate(found["prediction"].to_list()) if said is None] == [*odd]
    good = [i for i in range(300) if i not in odd]
    expected = Release.open(packed).predict(rows(300)[good])
    assert_frame_equal(found[good], expected, check_exact=False, abs_tol=1e-9)

    write(rows(300), given)  # mended: the side file of before is no longer true
    assert score(home, "people", given, tmp_path / "out.parquet").bad == 0
    assert not Path(lines and done.bad_file).exists()


def test_a_file_that_is_something_else_is_refused(home: Home, tmp_path: Path):
    frame = rows(200)
    wrong = write(frame.with_columns(age=pl.lit("?!")), tmp_path / "in.csv")
    with pytest.raises(DataError, match=r"More than 20 rows .* row 1: .*\?!"):
        score(home, "people", wrong, tmp_path / "out.csv", most_bad=20)
    assert not (tmp_path / "out.csv").exists()
    lacking = write(frame.drop("town"), tmp_path / "less.csv")
    with pytest.raises(DataError, match="'town'"):
        score(home, "people", lacking, tmp_path / "out.csv")
    (tmp_path / "empty.csv").write_text("")
    frame.clear().write_parquet(tmp_path / "none.parquet")
    cases: list[tuple[type[LingquError], str, dict[str, Any]]] = [
        (DataError, "empty.csv", {}),
        (DataError, "none.parquet", {}),
        (DataError, "gone.csv", {}),
        (DataError, "less.csv", {"keep": ["nothing"]}),
    ]
    for kind, name, options in cases:
        with pytest.raises(kind):
            score(home, "people", tmp_path / name, tmp_path / "out.csv", **options)
    good = write(frame.with_columns(prediction=pl.lit("x")), tmp_path / "good.csv")
    with pytest.raises(SpecError, match="'prediction'"):
        score(home, "people", good, tmp_path / "out.csv", keep=["*"])
    with pytest.raises(DataError, match=r"\.xlsx"):
        score(home, "people", good, tmp_path / "out.xlsx")
    with pytest.raises(StoreError, match="could not be written"):
        score(home, "people", good, tmp_path / "no" / "out.csv")
    with pytest.raises(GateError):
        score(home, "nobody", good, tmp_path / "out.csv")


def test_lines_of_json_that_do_not_say_the_same(home: Home, packed: Path, tmp_path: Path):
    """A number is whole in one block and not in the next, a column is absent from a third."""
    frame = rows(300).with_columns(pl.col("joined").dt.to_string("%Y-%m-%dT%H:%M:%S"))
    asked = frame.to_dicts()
    for place, row in enumerate(asked):
        row["extra"] = place if place < 100 else place + 0.5
        if place >= 200:
            del row["extra"], row["note"]
    text = "\n".join(json.dumps(row) for row in asked)
    given = tmp_path / "in.jsonl"
    given.write_text(text)
    blocks = [pl.DataFrame(asked[at : at + 100]) for at in (0, 100, 200)]
    folder = ScoreFolder(tmp_path / "joined.parquet", {})
    with folder.held():
        for block in blocks:
            extra = block["extra"] if "extra" in block.columns else [None] * 100
            folder.add(pl.DataFrame({"extra": extra}), [])
        folder.finish()
    joined = pl.read_parquet(tmp_path / "joined.parquet")["extra"].to_list()
    assert joined == [row.get("extra") for row in asked]

    done = score(home, "people", given, tmp_path / "out.parquet", keep=["extra"])
    assert (done.rows, done.bad) == (300, 0)
    expected = Release.open(packed).predict(asked)
    said = pl.read_parquet(done.out)["prediction"].to_list()
    assert said == [answer["prediction"] for answer in expected]


class Interrupted(Exception):
    pass


@pytest.mark.parametrize("form", [".csv", ".parquet"])
def test_an_interrupted_scoring_goes_on(home: Home, packed: Path, tmp_path: Path, form: str):
    given, out = write(rows(), tmp_path / "in.parquet"), tmp_path / f"out{form}"

    def cut(now: Progress) -> None:
        if now.rows >= 192:
            raise Interrupted

    with pytest.raises(Interrupted):
        score(home, "people", given, out, piece=64, tell=cut)
    assert not out.exists()
    torn = out.with_name(f"{out.name}.parts") / "piece-00000003.part"
    torn.write_bytes(b'{"rows"')  # what a killed process leaves
    told: list[Progress] = []
    done = score(home, "people", given, out, piece=64, tell=told.append)
    assert (done.kept, told[0].rows, done.rows) == (192, 192, 500)
    expected = Release.open(packed).predict(rows())
    assert_frame_equal(read(out), expected, check_exact=False, abs_tol=1e-9)

    with pytest.raises(Interrupted):
        score(home, "people", given, out, piece=64, tell=cut)
    write(rows(300), given)  # another input: the pieces are of no use
    assert score(home, "people", given, out, piece=64).kept == 0
    assert read(out).height == 300


def test_two_cannot_write_one_file(home: Home, tmp_path: Path):
    given, out = write(rows(100), tmp_path / "in.csv"), tmp_path / "out.csv"
    with ScoreFolder(out, {}).held(), pytest.raises(StoreError, match="Another process"):
        score(home, "people", given, out)
    assert score(home, "people", given, out).rows == 100


def test_pieces_join_whatever_their_names_are(tmp_path: Path):
    """A heading with a line end, a cell that a spreadsheet would run, a list in a cell."""
    folder = ScoreFolder(tmp_path / "out.csv", {})
    frame = pl.DataFrame({"a\nb": ["=1+1", "x"], "set": [["p", "q"], []]})
    with folder.held():
        for place in range(3):
            folder.add(frame, [Bad(place, "why")] * place)
        folder.finish()
    found = pl.read_csv(tmp_path / "out.csv")
    assert found.columns == ["a\nb", "set"]
    assert found.rows() == [("'=1+1", '["p","q"]'), ("x", "[]")] * 3
    assert len((tmp_path / "out.csv.bad.jsonl").read_text().splitlines()) == 3


def test_python_and_a_release_by_its_digest(home: Home, packed: Path, tmp_path: Path):
    given = write(rows(100), tmp_path / "in.parquet")
    with Workspace(home.root) as workspace:
        digest = workspace.releases("people")[0].digest
        by_name = workspace.score("people", given, tmp_path / "a.parquet")
        by_digest = workspace.score(digest[:12], given, tmp_path / "b.parquet")
    assert by_name.release == by_digest.release == digest
    assert_frame_equal(pl.read_parquet(by_name.out), pl.read_parquet(by_digest.out))


@pytest.mark.slow
def test_a_killed_scoring_goes_on(home: Home, packed: Path, tmp_path: Path):
    """`kill -9` at some moment, several times: in the end every row has its answer once."""
    given, out = write(rows(60_000), tmp_path / "in.parquet"), tmp_path / "out.parquet"
    program = (
        "import sys; from lingqu.workspace import Workspace\n"
        "with Workspace(sys.argv[1]) as workspace:\n"
        "    workspace.score('people', *sys.argv[2:], piece=2000)"
    )
    command = [sys.executable, "-c", program, str(home.root), str(given), str(out)]
    parts = out.with_name("out.parquet.parts")
    seen = 0
    for _ in range(3):
        process = subprocess.Popen(command)
        deadline = time.monotonic() + 60
        while len(list(parts.glob("piece-*.json"))) < seen + 5 and time.monotonic() < deadline:
            assert process.poll() is None
            time.sleep(0.005)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        seen = len(list(parts.glob("piece-*.json")))
        assert not out.exists()
    done = score(home, "people", given, out, piece=2000)
    assert (done.kept, done.rows) == (seen * 2000, 60_000)
    expected = Release.open(packed).predict(rows(60_000))
    assert_frame_equal(pl.read_parquet(out), expected, check_exact=False, abs_tol=1e-9)
