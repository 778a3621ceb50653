"""Data versions end to end: commit, log, show, diff, export, cards, lineage, erasure, pruning."""

from __future__ import annotations

import hashlib
import io
import json
import os
import time
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image
from tests.data.test_data_cards import valid, validated
from tests.store.conftest import s3_server  # noqa: F401
from tests.walked import CHANNEL, people, write_channel

from lingqu.core.errors import DataError, SpecError, StoreError
from lingqu.core.spec import Channel
from lingqu.flow.data_versions import commit, log
from lingqu.flow.keep_version import identities
from lingqu.flow.lineage import stored_events
from lingqu.flow.retention import prune
from lingqu.store.home import Home, open_home
from lingqu.workspace import Workspace

FACTS = "license: CC0-1.0, consent: contract, origin: our shop, owner: sales, retention: 90 d"
PHONES = ["13812345678", "13987654321", "15012345678", "18612345678"]


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace(tmp_path / "empty" / ".lingqu") as opened:
        yield opened


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    people(40).write_csv(path)
    return path


def with_ids(folder: Path, frame: pl.DataFrame) -> Path:
    text = CHANNEL.replace("protected: [sex]", f"protected: [sex], id: person, {FACTS}")
    return write_channel(folder, text, frame)


def at(home: Home, day: str) -> Home:
    return replace(home, clock=lambda: f"{day}T00:00:00.000000+00:00")


class TestCommit:
    def test_a_table_is_committed_once_until_it_changes(
        self, empty: Workspace, table: Path
    ) -> None:
        first = empty.data_commit(table, message="from the shop", facts={"license": "CC0-1.0"})
        assert not first.unchanged and first.record.label == "people"
        again = empty.data_commit(table)
        assert again.unchanged and again.record == first.record
        people(30).write_csv(table)
        second = empty.data_commit(table)
        assert second.record.parents == (first.record.digest,)
        assert second.record.facts["license"] == "CC0-1.0"
        told = empty.data_log("people")
        assert [row["version"] for row in told] == [second.record.version, first.record.version]
        assert told[0]["parents"] == [first.record.version]
        assert (told[1]["message"], told[1]["rows"]) == ("from the shop", 40)
        assert told[0]["bytes"] > 0
        (event, _) = empty.events("data.committed")
        assert event.subject == first.record.version and event.detail["rows"] == 40

    def test_new_facts_make_a_new_version_of_the_same_rows(
        self, empty: Workspace, table: Path
    ) -> None:
        first = empty.data_commit(table)
        second = empty.data_commit(table, facts={"owner": "sales"})
        assert not second.unchanged
        assert second.record.digest == first.record.digest
        assert second.record.version != first.record.version
        assert empty.data_commit(table).unchanged
        assert empty.data_diff(first.record.version, second.record.version)["facts"] == [
            {"fact": "owner", "first": None, "second": "sales"}
        ]

    def test_going_back_is_a_version_of_its_own(self, empty: Workspace, table: Path) -> None:
        one = empty.data_commit(table).record
        people(30).write_csv(table)
        empty.data_commit(table)
        people(40).write_csv(table)
        three = empty.data_commit(table).record
        assert three.digest == one.digest and three.version != one.version
        assert len(empty.data_log()) == 3

    def test_a_channel_is_committed_with_its_roles_and_facts(
        self, empty: Workspace, tmp_path: Path
    ) -> None:
        path = with_ids(tmp_path / "empty", people(60))
        done = empty.data_commit(path)
        assert (done.record.channel, done.record.name) == ("churn", "churn")
        roles = {row["name"]: row["role"] for row in done.record.schema_json}
        assert (roles["person"], roles["sex"], roles["churned"]) == ("id", "protected", "target")
        assert done.record.facts["origin"] == "our shop"
        assert empty.data_commit("churn").unchanged

    def test_a_channel_that_lacks_required_facts_is_refused_before_work(
        self, empty: Workspace, tmp_path: Path
    ) -> None:
        text = CHANNEL.replace("protected: [sex]", "require_facts: [license, consent]")
        path = write_channel(tmp_path / "shop", text)
        (tmp_path / "shop" / "people.csv").unlink()
        for verb in (empty.data_commit, empty.run, empty.plan):
            with pytest.raises(SpecError, match="license, consent"):
                verb(path)
        assert empty.runs() == [] and empty.data_log() == []

    def test_a_folder_is_read_once(self, empty: Workspace, tmp_path: Path) -> None:
        folder = tmp_path / "files"
        folder.mkdir()
        for number in range(30):
            (folder / f"{number}.txt").write_text(str(number))
        first = empty.data_commit(folder)
        assert (first.files, first.read, first.record.kind) == (30, 30, "files")
        time.sleep(0.05)  # a file is trusted once the clock of its disk has moved on
        empty.data_commit(folder)
        again = empty.data_commit(folder)
        assert again.unchanged and again.read == 0
        (folder / "7.txt").write_text("seven")
        second = empty.data_commit(folder, message="corrected")
        assert (second.read, second.written, second.record.rows) == (1, 5, 30)
        shown = empty.data_show("files")
        assert shown["message"] == "corrected" and shown["schema"] == []
        assert shown["sample"][0]["path"] == "0.txt"
        assert shown["sample"][0]["file"].startswith("1 bytes, sha256 ")

    def test_what_cannot_be_committed_is_refused(
        self, empty: Workspace, table: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "nothing").mkdir()
        with pytest.raises(DataError, match="holds no file"):
            empty.data_commit(tmp_path / "nothing")
        with pytest.raises(DataError, match="does not exist"):
            empty.data_commit(tmp_path / "none.csv")
        with pytest.raises(SpecError, match="license"):
            empty.data_commit(table, facts={"licence": "x"})
        with pytest.raises(SpecError, match="length of time"):
            empty.data_commit(table, facts={"retention": "5 yeras"})
        assert empty.data_log() == []

    def test_on_s3_as_on_disk(
        self, tmp_path: Path, table: Path, request: pytest.FixtureRequest
    ) -> None:
        server = request.getfixturevalue("s3_server")
        url = f"s3://lingqu/{tmp_path.name}?endpoint_url={server}"
        folder = tmp_path / "files"
        folder.mkdir()
        (folder / "a.txt").write_text("a")
        (folder / "large.bin").write_bytes(bytes(5 * 2**20))
        with Workspace(tmp_path / "home", blobs=url) as workspace:
            for source in (folder, table):
                done = workspace.data_commit(source)
                out = workspace.data_export(
                    done.record.version[:10], tmp_path / f"out-{done.files}"
                )
                assert (out / "croissant.json").is_file()
            assert (tmp_path / "out-2" / "files" / "large.bin").read_bytes() == bytes(5 * 2**20)
            assert pl.read_parquet(tmp_path / "out-0" / "rows.parquet").height == 40


class TestBytesThatVanish:
    def test_a_commit_that_loses_its_bytes_starts_again(
        self, empty: Workspace, tmp_path: Path
    ) -> None:
        folder = tmp_path / "files"
        folder.mkdir()
        (folder / "a.txt").write_text("a")
        home = empty.home
        removed: list[str] = []

        class Swept:
            """Blobs from which another process takes the first pack."""

            open, remove, list = home.blobs.open, home.blobs.remove, home.blobs.list

            def write(self, path: str, data: bytes) -> None:
                home.blobs.write(path, data)
                if path.startswith("datasets/") and not removed:
                    removed.extend(home.blobs.list("packs"))
                    home.blobs.remove("packs")

        done = commit(replace(home, blobs=Swept()), str(folder))
        assert removed and done.written == 1
        assert len(log(home)) == 1
        empty.data_export(done.record.version, tmp_path / "out")
        assert (tmp_path / "out" / "files" / "a.txt").read_text() == "a"

    def test_it_gives_up_in_the_end(self, empty: Workspace, tmp_path: Path) -> None:
        (tmp_path / "files").mkdir()
        (tmp_path / "files" / "a.txt").write_text("a")
        home = empty.home

        class Swept:
            open, remove, list = home.blobs.open, home.blobs.remove, home.blobs.list

            def write(self, path: str, data: bytes) -> None:
                if not path.startswith("packs/"):
                    home.blobs.write(path, data)

        with pytest.raises(StoreError, match="vanished"):
            commit(replace(home, blobs=Swept()), str(tmp_path / "files"))
        assert log(home) == []


class TestShow:
    def test_personal_columns_are_hidden(self, empty: Workspace, tmp_path: Path) -> None:
        frame = pl.DataFrame({"age": [30, 41, 52, 63], "tel": PHONES})
        frame.write_csv(tmp_path / "calls.csv")
        empty.data_commit(tmp_path / "calls.csv")
        shown = empty.data_show("calls")
        assert shown["hidden"] == ["tel"]
        assert shown["sample"][0] == {"age": 30.0}
        assert all(number not in json.dumps(shown) for number in PHONES)
        assert "personal data, not shown" in empty.data_card("calls")
        assert all(number not in empty.data_card("calls") for number in PHONES)

    def test_an_erased_version_has_no_rows_to_show(self, empty: Workspace, table: Path) -> None:
        version = empty.data_commit(table).record.version
        empty.erase("person", "P0007")
        shown = empty.data_show(version)
        assert shown["erased"] and shown["sample"] == []
        for verb in (empty.data_card, lambda v: empty.data_diff(v, v)):
            with pytest.raises(DataError, match="were erased"):
                verb(version)
        assert empty.data_show("people")["rows"] == 39

    def test_retention_that_is_over_is_said(self, empty: Workspace, table: Path) -> None:
        home = at(empty.home, "2026-01-01")
        commit(home, str(table), facts={"retention": "30 d"})
        (row,) = log(home)
        assert (row["kept_until"], row["past_retention"]) == ("2026-01-31", False)
        later = at(empty.home, "2026-02-01")
        assert log(later)[0]["past_retention"] is True
        report = prune(later, keep_days=3650, keep_last=3, dry_run=False)
        assert (report.past_retention, report.datasets) == (1, 0)


class TestDiff:
    def test_rows_are_matched_by_the_id(self, empty: Workspace, tmp_path: Path) -> None:
        frame = people(60)
        first = empty.data_commit(with_ids(tmp_path, frame)).record.version
        other = frame.with_columns(
            paid=pl.when(pl.col("person") == "P0003").then(999.0).otherwise("paid"),
            city=pl.lit("Paris"),
        ).drop("age")
        other = pl.concat([other[5:], other[2:4]]).with_columns(
            churned=pl.col("churned").str.replace("yes", "gone")
        )
        second = empty.data_commit(with_ids(tmp_path, other)).record.version
        found = empty.data_diff(first[:9], second[:9])
        rows = found["rows"]
        assert (rows["by"], rows["added"], rows["removed"]) == ("person", 0, 3)
        assert rows["samples"]["removed"] == ["P0000", "P0001", "P0004"]
        assert (rows["changed"], rows["kept"]) == (57, 0)
        assert found["columns"]["removed"] == ["age"]
        levels = [row for row in found["columns"]["changed"] if row["what"] == "levels"]
        assert {
            "column": "churned",
            "what": "levels",
            "first": ["yes"],
            "second": ["gone"],
        } in levels
        moved = {row["column"]: row for row in found["distributions"]}
        assert moved["city"]["distance"] == pytest.approx(1.0)
        assert moved["paid"]["measure"] == "ks" and 0 < moved["paid"]["distance"] < 0.2
        assert "age" not in moved

    def test_without_an_id_rows_are_matched_by_content(
        self, empty: Workspace, tmp_path: Path
    ) -> None:
        path = tmp_path / "t.csv"
        frame = pl.DataFrame({"a": [1, 1, 2, 3], "b": ["x", "x", "y", "z"]})
        frame.write_csv(path)
        first = empty.data_commit(path).record.version
        pl.DataFrame({"a": [1, 2, 3, 9], "b": ["x", "y", "z", "z"]}).write_csv(path)
        rows = empty.data_diff(first, empty.data_commit(path).record.version)["rows"]
        assert rows == {
            "by": "", "added": 1, "removed": 1, "changed": 0, "kept": 3, "samples": {},
        }  # fmt: skip

    def test_distances_are_those_of_the_shares(self, empty: Workspace, tmp_path: Path) -> None:
        path = tmp_path / "t.csv"
        start = pl.datetime_range(
            pl.datetime(2024, 1, 1), pl.datetime(2024, 1, 10), "1d", eager=True
        )
        for shift, share in ((0, 5), (5, 10)):
            pl.DataFrame(
                {
                    "n": [float(i + shift) for i in range(10)],
                    "c": ["a"] * share + ["b"] * (10 - share),
                    "t": start.dt.offset_by(f"{shift}d"),
                    "m": [None] * shift + [0.5 * i for i in range(10 - shift)],
                }
            ).write_csv(path)
            empty.data_commit(path)
        new, old = (row["version"] for row in empty.data_log())
        moved = {r["column"]: r for r in empty.data_diff(old, new)["distributions"]}
        assert moved["n"]["distance"] == pytest.approx(0.5)
        assert moved["c"]["distance"] == pytest.approx(0.5)
        assert moved["t"]["distance"] == pytest.approx(0.5)
        assert (moved["m"]["missing_first"], moved["m"]["missing_second"]) == (0.0, 0.5)
        assert all(r["distance"] == 0 for r in empty.data_diff(old, old)["distributions"])

    def test_ids_that_are_personal_are_not_shown(self, empty: Workspace, tmp_path: Path) -> None:
        text = "channel: c\ndata: {source: d.csv, id: tel}\ntrain: {task: regress, target: y}\n"
        (tmp_path / "channel.yaml").write_text(text)
        columns = {"tel": PHONES, "x": [1.5, 2.5, 3.0, 4.0], "y": [0.5, 1.5, 2.5, 3.5]}
        frame = pl.DataFrame(columns)
        for part in (frame, frame[1:]):
            part.write_csv(tmp_path / "d.csv")
            empty.data_commit(tmp_path / "channel.yaml")
        new, old = (row["version"] for row in empty.data_log())
        rows = empty.data_diff(old, new)["rows"]
        assert (rows["by"], rows["removed"], rows["samples"]["removed"]) == ("tel", 1, [])

    def test_a_table_and_a_folder_cannot_be_compared(self, empty: Workspace, table: Path) -> None:
        empty.data_commit(table)
        empty.data_commit(table.parent, name="all")
        with pytest.raises(DataError, match="folder"):
            empty.data_diff("people", "all")


class TestExport:
    def test_a_table_stands_alone(self, empty: Workspace, tmp_path: Path) -> None:
        done = empty.data_commit(with_ids(tmp_path / "shop", people(60)))
        out = empty.data_export("churn", tmp_path / "out")
        assert sorted(p.name for p in out.iterdir()) == [
            "README.md", "croissant.json", "rows.parquet",
        ]  # fmt: skip
        assert pl.read_parquet(out / "rows.parquet").height == 60
        assert (out / "README.md").read_text() == empty.data_card("churn")
        dataset = validated(out)
        told = dataset.metadata.file_objects[0]
        assert told.sha256 == hashlib.sha256((out / "rows.parquet").read_bytes()).hexdigest()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rows = list(dataset.records("rows"))
        assert len(rows) == 60 and rows[0]["rows/person"] == b"P0000"
        assert done.record.version[:12] in (out / "README.md").read_text()

    def test_a_folder_comes_back_as_it_was(self, empty: Workspace, tmp_path: Path) -> None:
        folder = tmp_path / "files"
        (folder / "sub").mkdir(parents=True)
        (folder / "sub" / "渠.txt").write_text("water")
        (folder / "large.bin").write_bytes(os.urandom(5 * 2**20))
        empty.data_commit(folder, facts={"license": "CC0-1.0"})
        out = empty.data_export("files", tmp_path / "out")
        for path in ("sub/渠.txt", "large.bin"):
            assert (out / "files" / path).read_bytes() == (folder / path).read_bytes()
        listed = pl.read_parquet(out / "manifest.parquet")
        assert listed["path"].to_list() == ["large.bin", "sub/渠.txt"]
        assert listed["sha256"][1] == hashlib.sha256(b"water").hexdigest()
        assert len(validated(out).metadata.file_sets) == 1

    def test_nothing_is_overwritten(self, empty: Workspace, table: Path, tmp_path: Path) -> None:
        empty.data_commit(table)
        with pytest.raises(DataError, match="exists already"):
            empty.data_export("people", tmp_path)
        with pytest.raises(StoreError, match="no data version"):
            empty.data_export("nobody", tmp_path / "new")


class TestCards:
    def test_a_form_that_is_none_is_refused(self, empty: Workspace, table: Path) -> None:
        empty.data_commit(table)
        with pytest.raises(SpecError, match="croissant"):
            empty.data_card("people", "croisant")

    def test_a_commit_tells_its_events(self, empty: Workspace, table: Path) -> None:
        done = empty.data_commit(table, message="new month", facts={"owner": "sales"})
        lines = [json.loads(line) for line in empty.data_card("people", "openlineage").splitlines()]
        assert [valid(line)["eventType"] for line in lines] == ["START", "COMPLETE"]
        made = lines[1]["outputs"][0]
        assert made["facets"]["version"]["datasetVersion"] == done.record.version
        assert made["outputFacets"]["outputStatistics"]["rowCount"] == 40
        assert lines[1]["job"]["facets"]["documentation"]["description"] == "new month"
        assert lines == stored_events(empty.home, done.record)
        empty.home.blobs.remove("lineage")
        again = empty.data_card("people", "openlineage")
        assert [json.loads(line) for line in again.splitlines()] == lines


class TestRuns:
    def test_a_run_records_versions_operators_and_lineage(self, workspace: Workspace) -> None:
        run = workspace.runs()[0]
        told = {row["name"]: row for row in workspace.data_log()}
        train = told["churn/train"]
        result = next(s.result for s in run.stages if s.name == "data")
        assert train["content"] == result["train"]["digest"]
        events = [
            valid(json.loads(line))
            for line in workspace.data_card("churn/train", "openlineage").splitlines()
        ]
        jobs = [(event["job"]["name"], event["eventType"]) for event in events]
        stages = ("data", "govern", "train", "check", "release")
        assert jobs == [
            ("churn", "START"),
            *((f"churn.{s}", kind) for s in stages for kind in ("START", "COMPLETE")),
            ("churn", "COMPLETE"),
        ]
        times = [event["eventTime"] for event in events]
        assert times == sorted(times)
        governed = next(e for e in events if e["job"]["name"] == "churn.govern" and e["inputs"])
        metrics = governed["inputs"][0]["inputFacets"]["dataQualityMetrics"]
        assert metrics["rowCount"] == train["rows"]
        assert metrics["columnMetrics"]["age"]["nullCount"] == 0
        lineage = governed["outputs"][0]["facets"]["columnLineage"]["fields"]
        assert lineage["age"]["inputFields"][0]["name"] == "churn/train"
        released = events[-1]["outputs"][0]["facets"]["version"]["datasetVersion"]
        assert released == run.release

    def test_a_second_run_tells_only_of_itself(self, workspace: Workspace, folder: Path) -> None:
        workspace.run(folder / "channel.yaml")
        run = workspace.run(folder / "channel.yaml")
        with workspace.home.blobs.open(f"lineage/{run.id}.jsonl") as file:
            lines = [json.loads(line) for line in file.read().splitlines()]
        assert [(line["job"]["name"], line["eventType"]) for line in lines] == [
            ("churn", "START"),
            ("churn", "COMPLETE"),
        ]

    def test_a_failed_run_says_so_without_the_words_of_the_error(
        self, empty: Workspace, tmp_path: Path
    ) -> None:
        path = write_channel(tmp_path / "shop")
        (tmp_path / "shop" / "people.csv").write_text("person,age\nP0001,30\n")
        with pytest.raises(DataError):
            empty.run(path)
        (name,) = empty.home.blobs.list("lineage")
        with empty.home.blobs.open(name) as file:
            last = valid(json.loads(file.read().splitlines()[-1]))
        assert last["eventType"] == "FAIL"
        assert last["run"]["facets"]["errorMessage"]["message"].startswith("data.")

    def test_the_governed_version_says_what_made_it(self, empty: Workspace, tmp_path: Path) -> None:
        frame = pl.concat([people(), people()[:20]]).with_columns(
            age=pl.when(pl.int_range(pl.len()) % 9 == 0).then(None).otherwise("age")
        )
        text = CHANNEL + "govern: [dedupe, {impute: median}]\n"
        text = text.replace("protected: [sex]", f"protected: [sex], {FACTS}")
        empty.run(write_channel(tmp_path / "shop", text, frame))
        told = {row["name"]: row for row in empty.data_log("churn")}
        governed = told["churn/train, governed"]
        assert governed["operators"] == ["dedupe", "impute"]
        assert governed["parents"] == [told["churn/train"]["version"]]
        assert governed["kept_until"] and not governed["past_retention"]
        card = empty.data_card(governed["version"][:12])
        assert "- Operator: dedupe (rows taken out: " in card
        assert "| quality.completeness |" in card and "- Owner: sales" in card
        croissant = json.loads(empty.data_card(governed["version"], "croissant"))
        assert croissant["rai:dataPreprocessingProtocol"][1].startswith("impute(")
        assert croissant["version"].startswith("2.0.0+")
        release = empty.release("churn")
        assert "- Origin: our shop" in (release.folder / "README.md").read_text()

    def test_an_operator_is_known_by_options_and_code(self) -> None:
        one, other = identities([("impute", {"strategy": "median"}), ("impute", None)])
        assert len(one["code"]) == 12 and one["code"] == other["code"]
        assert one["options"] != other["options"]

    def test_pruning_a_run_takes_its_events(self, workspace: Workspace, folder: Path) -> None:
        workspace.run(folder / "channel.yaml")
        assert len(workspace.home.blobs.list("lineage")) == 2
        later = replace(workspace.home, clock=lambda: "2099-01-01T00:00:00.000000+00:00")
        prune(later, keep_days=30, keep_last=0, dry_run=False)
        assert len(workspace.home.blobs.list("lineage")) == len(workspace.runs())


def picture(seed: int) -> bytes:
    noise = np.random.default_rng(seed).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "png")
    return buffer.getvalue()


class TestMedia:
    @pytest.fixture
    def faces(self, tmp_path: Path) -> tuple[Path, pl.DataFrame]:
        frame = pl.DataFrame(
            {
                "person": [f"P{n:03}" for n in range(160)],
                "face": [picture(n) for n in range(160)],
                "label": ["a", "b"] * 80,
            }
        )
        text = (
            "channel: faces\n"
            "data: {source: faces.parquet, id: person, kinds: {face: image}, license: CC0-1.0}\n"
            "train: {task: classify, target: label}\n"
        )
        path = tmp_path / "faces" / "channel.yaml"
        path.parent.mkdir()
        path.write_text(text)
        frame.write_parquet(path.parent / "faces.parquet")
        return path, frame

    def test_versions_share_pictures_and_an_erased_one_is_gone(
        self, empty: Workspace, faces: tuple[Path, pl.DataFrame], tmp_path: Path
    ) -> None:
        path, frame = faces
        first = empty.data_commit(path).record
        assert first.kind == "media"
        blobs = empty.home.blobs
        (pack,) = blobs.list("packs")
        frame[20:].write_parquet(path.parent / "faces.parquet")
        second = empty.data_commit(path).record
        assert blobs.list("packs") == [pack]
        assert second.bytes < first.bytes
        rows = empty.data_diff(first.version, second.version)["rows"]
        assert (rows["by"], rows["removed"], rows["kept"]) == ("person", 20, 140)

        gone = frame["face"][50]
        report = empty.erase("person", "P050")
        assert report.rows == 2
        stored = b"|".join(file.read_bytes() for file in _files(empty.home.root))
        assert gone not in stored and frame["face"][51] in stored
        out = empty.data_export("faces", tmp_path / "out")
        kept = pl.read_parquet(out / "rows.parquet")
        assert kept["face"].to_list() == [
            f for n, f in enumerate(frame["face"]) if n >= 20 and n != 50
        ]
        validated(out)
        empty.prune(keep_days=0, keep_last=0)
        empty.data_export("faces", tmp_path / "again")
        assert empty.audit().ok


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_workspace_forgets_what_stat_said_of_folders_long_gone(tmp_path: Path) -> None:
    home = open_home(tmp_path / "home")
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a").write_text("a")
    commit(home, str(tmp_path / "files"))
    (memory,) = (home.root / "stat").iterdir()
    prune(home, keep_days=1, keep_last=1, dry_run=False)
    assert memory.exists()
    os.utime(memory, (0, 0))
    prune(home, keep_days=1, keep_last=1, dry_run=False)
    assert not memory.exists()
    home.close()


def test_channels_of_this_file_are_valid() -> None:
    assert Channel.parse(CHANNEL.replace("protected: [sex]", FACTS)).data.origin == "our shop"
