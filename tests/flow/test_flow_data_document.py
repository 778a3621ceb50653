"""The data document: what it holds, what it hides, how small it stays, and where it comes from."""

from __future__ import annotations

import json
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from PIL import Image
from tests.walked import CHANNEL, people, write_channel

from lingqu.core.errors import DataError, SpecError, StoreError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema
from lingqu.flow import data_given, data_scan
from lingqu.flow.data_change import changes
from lingqu.flow.data_document import Judged, data_document
from lingqu.flow.data_given import given, read_operators
from lingqu.flow.data_private import showable
from lingqu.flow.data_rows import Rows, sketch, thumbnail
from lingqu.flow.data_scan import scanned
from lingqu.flow.judged import FORM
from lingqu.report.data_html import render_data
from lingqu.store.home import Home
from lingqu.workspace import Workspace

PHONES = ["13812345678", "13987654321", "15012345678", "18612345678"]
GOVERN = """
govern:
  - {contract: [{range: {column: age, min: 0, max: 60}}]}
  - dedupe
  - {find_label_errors: {drop: 0.05}}
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace(tmp_path / ".lingqu") as opened:
        yield opened


def dirty(rows: int = 200) -> pl.DataFrame:
    """Rows with copies, gaps, a telephone number each and a note that is sometimes personal."""
    frame = people(rows)
    numbers = [PHONES[i % 4][:-2] + f"{i % 100:02}" for i in range(rows)]
    notes = [
        f"这位客人第 {i} 次来店里，态度很好，"
        + ("请回电13812345678" if i % 20 == 0 else "没有留下电话")
        for i in range(rows)
    ]
    frame = frame.with_columns(pl.Series("phone", numbers), pl.Series("note", notes))
    gaps = pl.when(pl.int_range(rows) % 9 == 0).then(None).otherwise(pl.col("paid")).alias("paid")
    frame = frame.with_columns(gaps)
    return pl.concat([frame, frame.head(12)])


def write(folder: Path, govern: str = GOVERN, frame: pl.DataFrame | None = None) -> Path:
    text = CHANNEL.replace("train:", f"{govern.strip()}\ntrain:")
    return write_channel(folder, text, dirty() if frame is None else frame)


def flat(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


class TestClean:
    def test_a_channel_is_cleaned_without_training(
        self, workspace: Workspace, tmp_path: Path
    ) -> None:
        done = workspace.data_clean(write(tmp_path))
        told = done.document
        assert [stage.name for stage in done.run.stages] == ["data", "govern"]
        assert done.run.release == "" and done.run.state == "done"
        assert told["form"] == FORM and told["of"] == "clean"
        assert [step["name"] for step in told["operators"]] == [
            "contract", "dedupe", "find_label_errors",
        ]  # fmt: skip
        identity = told["identity"]
        assert identity["clean_rows"] == identity["train_rows"] - told["removed"]["count"]
        assert workspace.data_show(done.version)["rows"] == identity["clean_rows"]
        assert told["contract"]["blocked"] == 1
        assert told["contract"]["rules"][0]["samples"][0]["value"] > 60
        assert told["duplicates"]["copies"] == told["removed"]["by"]["dedupe"] > 0
        events = workspace.events("data.cleaned")
        assert events[0].detail["removed"] == told["removed"]["count"]

    def test_removed_rows_stand_beside_what_they_copy_and_can_be_undone(
        self, workspace: Workspace, tmp_path: Path
    ) -> None:
        path = write(tmp_path)
        told = workspace.data_clean(path).document
        sample = told["removed"]["samples"]["dedupe"][0]
        assert told["removed"]["undo"] == "lingqu data undo churn"
        assert len(sample["twin"]) == 2 and sample["twin"][0] == sample["twin"][1]
        assert sample["evidence"]["copy_of"] != sample["row"]
        assert workspace.data_undo("churn", [sample["id"]], by="me") == 1
        again = workspace.data_clean(path).document
        assert again["removed"]["by"]["dedupe"] == told["removed"]["by"]["dedupe"] - 1

    def test_a_run_goes_on_where_cleaning_ended_and_links_to_the_data_report(
        self, workspace: Workspace, tmp_path: Path
    ) -> None:
        path = write(tmp_path, "govern: [dedupe, impute, {mask: {columns: [phone]}}]")
        cleaned = workspace.data_clean(path)
        run = workspace.run(path)
        states = {stage.name: stage.state for stage in run.stages}
        assert states["data"] == states["govern"] == "reused"
        assert run.summary["data_document"] == cleaned.run.summary["data_document"]
        page = workspace.report(run.id)
        beside = page.with_name(f"{run.id}.data.html")
        assert f'href="{beside.name}"' in page.read_text(encoding="utf-8")
        assert f'href="{page.name}"' in beside.read_text(encoding="utf-8")
        told = workspace.data_report("churn")
        assert told["of"] == "run" and told["identity"]["run"] == run.id
        assert workspace.data_page(run.id) == beside
        row = next(row for row in told["changes"] if row["column"] == "paid")
        assert row["before"]["missing"] > 0 == row["after"]["missing"]

    def test_a_report_is_made_again_from_the_stages(
        self, workspace: Workspace, tmp_path: Path
    ) -> None:
        done = workspace.data_clean(write(tmp_path))
        workspace.home.blobs.remove("judged")
        (workspace.home.root / "blobs" / done.page).unlink()
        told = workspace.data_report(done.run.id)
        assert told["scores"] == done.document["scores"]
        assert "churn" in workspace.data_page(done.run.id).read_text(encoding="utf-8")

    def test_without_rows_there_is_no_report(self, workspace: Workspace, tmp_path: Path) -> None:
        done = workspace.data_clean(write(tmp_path))
        for folder in ("judged", "datasets", "reports"):
            workspace.home.blobs.remove(folder)
        with pytest.raises(StoreError):
            workspace.data_report(done.run.id)

    def test_erasing_a_person_erases_what_was_judged(
        self, workspace: Workspace, tmp_path: Path
    ) -> None:
        done = workspace.data_clean(write(tmp_path))
        workspace.erase("person", "P0003")
        assert workspace.home.blobs.list("judged") == []
        assert not (workspace.home.root / "blobs" / done.page).exists()

    def test_a_wrong_operator_is_refused_before_work(
        self, workspace: Workspace, tmp_path: Path
    ) -> None:
        with pytest.raises(SpecError, match="dedup3"):
            workspace.data_clean(write(tmp_path, "govern: [dedup3]"))
        assert workspace.runs() == []

    def test_a_failure_is_recorded(self, workspace: Workspace, tmp_path: Path) -> None:
        govern = "govern: [{contract: {rules: [{range: {column: age, max: 20}}], on_fail: stop}}]"
        with pytest.raises(DataError):
            workspace.data_clean(write(tmp_path, govern))
        assert workspace.runs()[0].state == "failed"


class TestCleanSource:
    def test_a_source_is_cleaned_as_a_whole(self, workspace: Workspace, tmp_path: Path) -> None:
        dirty().write_csv(tmp_path / "guests.csv")
        steps = tmp_path / "steps.yaml"
        steps.write_text("- dedupe\n- {impute: median}\n- find_label_errors\n", encoding="utf-8")
        done = workspace.data_clean(tmp_path / "guests.csv", steps, "churned")
        told = done.document
        assert told["removed"]["by"] == {"dedupe": 12}
        assert told["identity"]["clean_rows"] == 200 and told["identity"]["rows"] == 212
        assert told["labels"]["samples"][0]["id"]
        assert {gap["part"] for gap in told["gaps"]} == {"leakage", "contract"}
        log = workspace.data_log("guests, cleaned")
        assert log[0]["rows"] == 200 and log[0]["operators"] == [
            "dedupe", "impute", "find_label_errors",
        ]  # fmt: skip
        assert workspace.data_report("guests")["identity"]["run"] == done.run.id

    def test_a_channel_without_train_will_do(self, workspace: Workspace, tmp_path: Path) -> None:
        dirty().write_csv(tmp_path / "guests.csv")
        path = tmp_path / "channel.yaml"
        path.write_text(
            "channel: guests\ndata: {source: guests.csv, id: person, drop: [city], "
            "license: CC0-1.0}\ngovern: [contract, dedupe]\n",
            encoding="utf-8",
        )
        told = workspace.data_clean(path).document
        roles = {card["name"]: card["role"] for card in told["columns"]["shown"]}
        assert roles["person"] == "id" and told["identity"]["facts"]["license"] == "CC0-1.0"
        assert told["contract"]["drafted"] and told["removed"]["by"] == {"dedupe": 12}
        scan = workspace.data_scan(path)
        assert scan["identity"]["name"] == "guests"
        path.write_text("channel: guests\ndata: {source: guests.csv, group: nobody}\n", "utf-8")
        with pytest.raises(DataError, match="nobody"):
            workspace.data_scan(path)

    def test_operators_of_a_file_take_the_place_of_the_declared(
        self, workspace: Workspace, tmp_path: Path
    ) -> None:
        steps = tmp_path / "other.yaml"
        steps.write_text("govern: [impute]\n", encoding="utf-8")
        told = workspace.data_clean(write(tmp_path), steps).document
        assert [step["name"] for step in told["operators"]] == ["impute"]
        assert told["removed"]["count"] == 0

    @pytest.mark.parametrize(
        ("text", "said"),
        [("govern: dedupe", "holds no operators"), ("- [1]", "is no operator"), ("[]", "no oper")],
    )
    def test_a_file_of_something_else_is_refused(
        self, tmp_path: Path, text: str, said: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LINGQU_LANGUAGE", "en")
        path = tmp_path / "steps.yaml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(SpecError, match=said):
            read_operators(path)
        with pytest.raises(SpecError):
            read_operators(tmp_path / "absent.yaml")

    def test_a_target_beside_a_channel_is_refused(
        self, workspace: Workspace, tmp_path: Path
    ) -> None:
        with pytest.raises(SpecError):
            given(workspace.home, str(write(tmp_path)), target="age")
        with pytest.raises(DataError, match="nothing_such"):
            workspace.data_scan(tmp_path / "people.csv", "nothing_such")


class TestScan:
    def test_a_source_is_scored_and_nothing_is_kept(
        self, workspace: Workspace, tmp_path: Path
    ) -> None:
        dirty().write_csv(tmp_path / "guests.csv")
        told = workspace.data_scan(tmp_path / "guests.csv", "churned")
        scores = {score["name"]: score for score in told["scores"]}
        assert len(scores) == 8
        assert scores["uniqueness"]["value"] == pytest.approx(200 / 212, abs=1e-4)
        assert scores["completeness"]["worst"][0]["cells"]["paid"] is None
        assert told["duplicates"]["copies"] == 12
        assert told["changes"] == [] and "changes" in {gap["part"] for gap in told["gaps"]}
        assert workspace.data_log() == [] and workspace.runs() == []

    def test_a_large_table_tells_the_same_in_streams(
        self, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        frame = pl.concat([people(1500), people(1500).head(40)])
        frame = frame.with_columns(
            pl.when(pl.int_range(1540) % 7 == 0).then(None).otherwise(pl.col("age")).alias("age")
        )
        frame.write_csv(tmp_path / "guests.csv")
        frame.write_parquet(tmp_path / "guests.parquet")
        small = scanned(home, given(home, str(tmp_path / "guests.csv"), target="churned"))
        monkeypatch.setattr(data_scan, "SAMPLE", 300)
        monkeypatch.setattr(data_scan, "STAGED", 0)
        monkeypatch.setattr(data_given, "SMALL", 1000)
        monkeypatch.setattr(data_given, "SAMPLE", 1000)
        for name in ("guests.csv", "guests.parquet"):
            found = given(home, str(tmp_path / name), target="churned")
            assert not found.small
            large = scanned(home, found)
            exact = {s["name"]: s for s in large["scores"]}
            whole = {s["name"]: s for s in small["scores"]}
            for score in ("completeness", "uniqueness"):
                assert exact[score]["value"] == pytest.approx(whole[score]["value"], abs=1e-5)
                assert exact[score]["n"] == 1540
            assert exact["diversity"]["n"] < 600
            assert large["duplicates"]["copies"] == small["duplicates"]["copies"]
            first, other = (d["duplicates"]["exact"][0] for d in (large, small))
            assert first["rows"] == other["rows"]
            assert first["record"] == other["record"] != {}
            row = exact["completeness"]["worst"][0]
            assert row["row"] % 7 == 0 and row["cells"]["age"] is None
            assert any("evenly" in note["en"] for note in large["notes"])
        assert list(home.folder("tmp").iterdir()) == []

    def test_the_document_of_wide_data_stays_small(self, home: Home) -> None:
        draw = np.random.default_rng(0)
        table = draw.normal(size=(60, 900))
        names = [f"a rather long name of column {i} " + "x" * 60 for i in range(900)]
        frame = pl.DataFrame(table, schema=names)
        frame = frame.with_columns(pl.lit("word " * 80).alias("text"))
        rows = Dataset(frame, Schema(tuple(Column(n, "number") for n in names)))
        found = data_scan.looked(given_frame(rows), rows)
        told = data_document(Judged("wide", "scan", 60, rows, [f.to_json() for f in found]))
        assert len(flat(told).encode()) < 600_000
        assert told["columns"]["count"] == 900
        assert len(told["columns"]["shown"]) + told["columns"]["left"] == 900
        assert len(render_data(told).encode()) < 1_000_000

    def test_measures_are_the_findings_by_name(self, home: Home, tmp_path: Path) -> None:
        people(80).write_csv(tmp_path / "guests.csv")
        told = scanned(home, given(home, str(tmp_path / "guests.csv"), target="churned"))
        named = {(m["measure"], m["argument"]): m for m in told["measures"]}
        for score in told["scores"]:
            assert named[f"quality.{score['name']}", ""]["value"] == score["value"]
        assert ("privacy.found", "") in named


def given_frame(rows: Dataset) -> data_given.Given:
    from lingqu.data.lazy import held

    return data_given.Given("wide", held(rows))


class TestCheck:
    def test_rules_of_the_channel_a_file_or_a_draft(
        self, workspace: Workspace, tmp_path: Path
    ) -> None:
        path = write(tmp_path)
        told = workspace.data_check(path)
        assert told["rows"] == 212 and told["blocked"] == 1 and not told["drafted"]
        rules = tmp_path / "contract.yaml"
        rules.write_text("- {not_null: {column: paid}, severity: warn}\n", encoding="utf-8")
        told = workspace.data_check(path, rules)
        assert told["failed"] == 1 and told["blocked"] == 0
        told = workspace.data_check(tmp_path / "people.csv")
        assert told["drafted"] and told["blocked"] == 0 and told["count"] > 5
        rules.write_text("- {not_null: {column: nobody}}\n", encoding="utf-8")
        told = workspace.data_check(path, rules)
        assert told["rules"][0]["verdict"] == "unknown" and told["blocked"] == 1

    def test_a_contract_file_of_the_channel_is_read(
        self, workspace: Workspace, tmp_path: Path
    ) -> None:
        (tmp_path / "rules.yaml").write_text("- {unique: {column: person}}\n", encoding="utf-8")
        told = workspace.data_check(write(tmp_path, "govern: [{contract: rules.yaml}]"))
        assert [rule["rule"] for rule in told["rules"]] == ["unique(person)"]
        assert told["failed"] == 1

    def test_a_large_table_is_judged_in_streams(
        self, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = write(tmp_path, frame=dirty(1200))
        small = workspace.data_check(path)
        monkeypatch.setattr(data_given, "SMALL", 500)
        monkeypatch.setattr(data_given, "SAMPLE", 500)
        large = workspace.data_check(path)
        assert [r["failures"] for r in large["rules"]] == [r["failures"] for r in small["rules"]]
        assert large["rules"][0]["samples"] == small["rules"][0]["samples"]
        assert workspace.data_check(tmp_path / "people.csv")["drafted"]


class TestPrivacy:
    def test_personal_columns_are_hidden_and_texts_masked_everywhere(
        self, workspace: Workspace, tmp_path: Path
    ) -> None:
        told = workspace.data_clean(write(tmp_path)).document
        said = flat(told) + render_data(told)
        assert "态度很好" in said
        assert not [phone for phone in PHONES if phone[:9] in said]
        assert "13812345678" not in said and "13*******78" in said
        card = next(card for card in told["columns"]["shown"] if card["name"] == "phone")
        assert card["hidden"] and "top" not in card["profile"]
        assert "phone" in told["privacy"]["columns"]

    def test_what_is_masked_by_name_is_hidden_though_no_rule_finds_it(self) -> None:
        frame = pl.DataFrame({"nick": ["ab", "cd"], "x": [1.0, 2.0]})
        data = Dataset(frame, Schema((Column("nick", "category"), Column("x", "number"))))
        mask = {"name": "mask", "options": {"columns": ["nick"]}, "state": {}}
        assert showable(data, [mask]).record(0) == {"nick": "***", "x": 1.0}
        state = {"columns": {"nick": {"by": "cell"}}}
        assert showable(data, [{"name": "mask", "state": state}]).hidden == {"nick"}
        assert showable(data, [{"name": "impute", "state": state}]).hidden == frozenset()


class TestRows:
    def test_pictures_and_sounds_become_small(self, tmp_path: Path) -> None:
        draw = np.random.default_rng(0).integers(0, 255, (300, 200, 3), dtype=np.uint8)
        Image.fromarray(draw).save(tmp_path / "a.png")
        column = Column("photo", "image", shape=(300, 200, 3))
        shown = thumbnail((tmp_path / "a.png").read_bytes(), column)
        assert shown["picture"].startswith("data:image/jpeg;base64,")
        assert len(shown["picture"]) < 5_000
        assert "broken" in thumbnail(b"no picture", column)
        grey = thumbnail([[0.0, 16.0], [8.0, 4.0]], Column("d", "image", shape=(2, 2), high=16.0))
        assert grey["picture"].startswith("data:image/png;base64,")
        with wave.open(str(tmp_path / "a.wav"), "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            tone = 9000 * np.sin(np.arange(4000) / 5)
            file.writeframes(tone.astype("<i2").tobytes())
        heard = sketch(str(tmp_path / "a.wav"))["sound"]
        assert heard["seconds"] == 0.5 and heard["rate"] == 8000
        assert max(high for _, high in heard["wave"]) == 100
        assert "broken" in sketch(b"no sound")

    def test_an_absent_row_is_an_empty_record(self) -> None:
        data = Dataset(pl.DataFrame({"a": [1.0]}), Schema((Column("a", "number"),)))
        assert Rows(data).record(7) == {} and Rows(data).pair(0, 7) == []
        sample = Rows(data, numbers=(40,))
        assert sample.record(40) == {"a": 1.0} and sample.record(0) == {}

    def test_many_columns_show_the_wanted_ones_first(self) -> None:
        names = [f"c{i}" for i in range(30)]
        frame = pl.DataFrame({n: [1.0, 1.0 + (n == "c25")] for n in names})
        rows = Rows(Dataset(frame, Schema(tuple(Column(n, "number") for n in names))))
        one, two = rows.pair(0, 1)
        assert next(iter(one)) == "c25" and len(one) == 8
        assert (one["c25"], two["c25"]) == (1.0, 2.0)

    def test_odd_values_are_plain(self) -> None:
        rows = Rows(Dataset(pl.DataFrame(), Schema(())))
        assert rows.plain("a", float("nan")) == "nan"
        assert rows.plain("a", b"abc") == "3 bytes"
        assert rows.plain("a", [1.5, 2.5]) == [1.5, 2.5]


class TestMedia:
    def test_pictures_are_shown_in_cards_copies_leaks_and_labels(
        self, workspace: Workspace, tmp_path: Path
    ) -> None:
        draw = np.random.default_rng(0)
        for number in range(60):
            label = "dark" if number % 2 else "light"
            level = (60 if number % 2 else 180) + draw.integers(-30, 30, (16, 16))
            folder = tmp_path / "photos" / (label if number % 20 else "dark")
            folder.mkdir(parents=True, exist_ok=True)
            picture = Image.fromarray(level.astype(np.uint8))
            picture.save(folder / f"{number}.png")
            if number < 16:
                picture.save(folder / f"again{number}.png")
        path = tmp_path / "channel.yaml"
        path.write_text(
            "channel: photos\ndata: photos\ngovern: [dedupe, find_label_errors]\n"
            "train: {task: classify, target: label}\n",
            encoding="utf-8",
        )
        told = workspace.data_clean(path).document
        card = next(c for c in told["columns"]["shown"] if c["kind"] == "image")
        assert len(card["cells"]) == 8 and all("picture" in cell for cell in card["cells"])
        assert "picture" in told["duplicates"]["exact"][0]["record"]["image"]
        exact = next(leak for leak in told["leakage"] if leak["measure"] == "leakage.exact")
        assert exact["verdict"] == "fail"
        sides = exact["pairs"][0]["records"]
        assert sides[0]["image"] == sides[1]["image"] and "picture" in sides[0]["image"]
        suspect = told["labels"]["samples"][0]
        assert (suspect["given"], suspect["suggested"]) == ("dark", "light")
        assert "picture" in suspect["cells"]["image"]
        assert render_data(told).count("data:image/") > 20

    def test_sounds_are_sketched(self, home: Home, tmp_path: Path) -> None:
        for number in range(6):
            folder = tmp_path / "sounds" / "ab"[number % 2]
            folder.mkdir(parents=True, exist_ok=True)
            with wave.open(str(folder / f"{number}.wav"), "wb") as file:
                file.setparams((1, 2, 8000, 0, "NONE", ""))
                tone = 9000 * np.sin(np.arange(4000) / (5 + number))
                file.writeframes(tone.astype("<i2").tobytes())
        told = scanned(home, given(home, str(tmp_path / "sounds"), target="label"))
        card = next(c for c in told["columns"]["shown"] if c["kind"] == "audio")
        assert len(card["cells"]) == 4
        assert all(cell["sound"]["seconds"] == 0.5 for cell in card["cells"])
        assert "0.5 s, 8,000 Hz" in render_data(told)


class TestAssociations:
    def test_strong_pairs_are_named_with_their_interval(self, home: Home, tmp_path: Path) -> None:
        frame = people(120).with_columns((pl.col("age") * 2.0 + 1).alias("months"))
        frame.write_csv(tmp_path / "guests.csv")
        told = scanned(home, given(home, str(tmp_path / "guests.csv")))["associations"]
        assert told["looked"] and told["pairs"][0]["columns"] == ["age", "months"]
        assert told["pairs"][0]["value"] == pytest.approx(1.0)
        assert len(told["matrix"]) == len(told["columns"])


class TestChange:
    def test_new_and_lost_columns_and_moved_values(self) -> None:
        before = Dataset(
            pl.DataFrame({"a": [1.0, None, 3.0], "b": ["x", "x", "y"], "t": ["ab", "c", None]}),
            Schema((Column("a", "number"), Column("b", "category"), Column("t", "text"))),
        )
        after = Dataset(
            pl.DataFrame({"a": [1.0, 2.0, 3.0], "n": [True, False, True]}),
            Schema((Column("a", "number"), Column("n", "boolean"))),
        )
        rows = {row["column"]: row for row in changes(before, after, ["b"])}
        assert rows["a"]["before"]["missing"] == 1 and rows["a"]["after"]["mean"] == 2.0
        assert rows["b"]["after"] is None and set(rows["b"]["before"]) == {
            "rows", "missing", "distinct",
        }  # fmt: skip
        assert rows["t"]["before"]["length"] == 1.5
        assert rows["n"]["before"] is None and rows["n"]["after"]["share"] == pytest.approx(2 / 3)
