"""`lingqu data …` as a user types it, in both languages, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from tests.cli.terminal import Terminal
from tests.walked import people

from lingqu.cli.data import size
from lingqu.cli.data_loop import proof_of

COMMANDS = ("commit", "log", "show", "diff", "export", "card")


@pytest.fixture
def committed(lingqu: Terminal) -> tuple[str, str]:
    """Two versions of people.csv; the beginnings of their ids."""
    first = lingqu.json("data", "commit", "people.csv", "--fact", "license=CC0-1.0", "-m", "first")
    people(150).write_csv("people.csv")
    second = lingqu.json("data", "commit", "people.csv")
    return first["record"]["version"][:8], second["record"]["version"][:8]


class TestCommit:
    def test_it_says_what_it_did(self, lingqu: Terminal) -> None:
        said = lingqu("data", "commit", "people.csv", "--name", "folk", "-m", "why")
        assert said.startswith("Version ") and "of folk: 160 rows." in said
        assert "still version" in lingqu("data", "commit", "people.csv", "--name", "folk")

    def test_a_folder_says_what_was_read(self, lingqu: Terminal) -> None:
        folder = lingqu.folder / "texts"
        folder.mkdir()
        (folder / "a.txt").write_text("water")
        assert "1 files, 1 read, 5 B new" in lingqu("data", "commit", "texts")
        assert "of 1 files read" in lingqu("data", "commit", "texts")

    def test_a_folder_that_holds_the_workspace_leaves_it_out(self, lingqu: Terminal) -> None:
        done = lingqu.json("data", "commit", ".", "--name", "all")
        assert done["files"] == len([p for p in lingqu.folder.iterdir() if p.is_file()])

    @pytest.mark.parametrize("given", ["license", "=x", "license="])
    def test_a_fact_needs_name_and_value(self, lingqu: Terminal, given: str) -> None:
        lingqu("data", "commit", "people.csv", "--fact", given)
        assert lingqu.code == 2 and "NAME=VALUE" in lingqu.err

    def test_an_unknown_fact_is_wrong_use(self, lingqu: Terminal) -> None:
        lingqu("data", "commit", "people.csv", "--fact", "licence=x")
        assert lingqu.code == 2 and "license" in lingqu.err


class TestReading:
    def test_the_log(self, lingqu: Terminal, committed: tuple[str, str]) -> None:
        shown = lingqu("data", "log", "people")
        lines = [line for line in shown.splitlines() if line[:8] in committed]
        assert [line[:8] for line in lines] == [committed[1], committed[0]]
        assert "first" in lines[1] and "160" in lines[1] and "after" in shown
        assert all(len(line) <= 80 for line in shown.splitlines())
        told = lingqu.json("data", "log", "people", "--limit", "1")
        assert [row["rows"] for row in told] == [150]
        assert "churn/train" in lingqu("data", "log")
        lingqu("data", "log", "nobody")
        assert lingqu.code == 1

    def test_nothing_to_list(self, lingqu: Terminal) -> None:
        assert "lingqu data commit" in lingqu("data", "log", "-w", "new")

    @pytest.mark.parametrize(
        "command",
        [["log", "x"], ["show", "x"], ["diff", "x", "y"], ["export", "x", "--to", "z"]],
        ids=lambda command: command[0],
    )
    def test_an_empty_workspace_says_how_it_is_filled(
        self, lingqu: Terminal, command: list[str]
    ) -> None:
        lingqu("data", *command, "-w", "new")
        assert lingqu.code == 1
        assert "none yet" in lingqu.err and "lingqu data commit" in lingqu.err

    @pytest.mark.parametrize("command", ["wanted", "suspects", "removed"])
    def test_a_channel_that_is_not_there_is_told_from_one_that_was_not_run(
        self, lingqu: Terminal, command: str
    ) -> None:
        lingqu("data", command, "chrun")
        assert lingqu.code == 1 and "Known channels: churn" in lingqu.err

    def test_show(self, lingqu: Terminal, committed: tuple[str, str]) -> None:
        shown = lingqu("data", "show", committed[0])
        assert "CC0-1.0" in shown and "P0000" in shown and "category" in shown
        told = lingqu.json("data", "show", "people")
        assert told["facts"]["license"] == "CC0-1.0" and len(told["sample"]) == 5
        assert told["version"].startswith(committed[1])

    def test_wide_rows_and_long_texts_are_cut(self, lingqu: Terminal) -> None:
        wide = pl.DataFrame({f"c{n}": ["word " * 30, "b"] for n in range(9)})
        wide.write_csv("wide.csv")
        lingqu("data", "commit", "wide.csv")
        shown = lingqu("data", "show", "wide")
        assert "…" in shown and "c8" in shown  # among the columns, not in the rows
        assert all(len(line) <= 80 for line in shown.splitlines())

    def test_personal_columns_are_named_not_shown(self, lingqu: Terminal) -> None:
        numbers = ["13812345678", "13987654321", "15012345678"]
        pl.DataFrame({"tel": numbers, "n": [1, 2, 3]}).write_csv("calls.csv")
        lingqu("data", "commit", "calls.csv")
        shown = lingqu("data", "show", "calls")
        assert "personal data: tel" in shown
        assert not any(number in shown for number in numbers)

    def test_diff_of_tables(self, lingqu: Terminal, committed: tuple[str, str]) -> None:
        shown = lingqu("data", "diff", *committed)
        assert "Rows by person: 0 added, 10 removed, 0 changed, 150 the same." in shown
        assert "paid" in shown and "ks" in shown
        assert lingqu.json("data", "diff", *committed)["rows"]["kept"] == 150

    def test_diff_by_id_with_columns_and_facts(self, lingqu: Terminal) -> None:
        text = Path("channel.yaml").read_text().replace("protected: [sex]", "id: person")
        Path("channel.yaml").write_text(text)
        one = lingqu.json("data", "commit", "channel.yaml")["record"]["version"]
        frame = people(150).with_columns(paid=pl.col("paid") * 2, new=pl.lit("x")).drop("sex")
        frame.write_csv("people.csv")
        Path("channel.yaml").write_text(text.replace("id: person", "id: person, owner: us"))
        two = lingqu.json("data", "commit", "channel.yaml")["record"]["version"]
        shown = lingqu("data", "diff", one[:7], two[:7])
        assert "Rows by person: 0 added, 10 removed, 150 changed, 0 the same." in shown
        for said in ("P0150", "added", "new", "removed", "sex", "Owner", "us"):
            assert said in shown, said

    def test_a_changed_column_is_told_in_chinese(
        self, lingqu: Terminal, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one = lingqu.json("data", "commit", "channel.yaml")["record"]["version"]
        text = Path("channel.yaml").read_text().replace("protected: [sex]", "id: person")
        Path("channel.yaml").write_text(text)
        people(150).with_columns(pl.col("churned").replace("no", "stays")).write_csv("people.csv")
        two = lingqu.json("data", "commit", "channel.yaml")["record"]["version"]
        monkeypatch.setenv("LINGQU_LANGUAGE", "zh")
        shown = lingqu("data", "diff", one[:7], two[:7])
        assert "改动（角色）" in shown and "改动（取值）" in shown
        assert "(role)" not in shown and "(levels)" not in shown

    def test_diff_of_folders(self, lingqu: Terminal) -> None:
        folder = lingqu.folder / "texts"
        folder.mkdir()
        (folder / "a.txt").write_text("one")
        lingqu("data", "commit", "texts")
        (folder / "a.txt").rename(folder / "b.txt")
        (folder / "c.txt").write_text("new")
        lingqu("data", "commit", "texts")
        new, old = (row["version"][:9] for row in lingqu.json("data", "log", "texts"))
        shown = lingqu("data", "diff", old, new)
        assert "Files: 1 added, 0 removed, 0 changed, 1 renamed." in shown
        assert "a.txt → b.txt" in shown

    def test_what_is_unknown_or_shared_is_refused(
        self, lingqu: Terminal, committed: tuple[str, str]
    ) -> None:
        for command in (["show", "zzz"], ["diff", committed[0], "zzz"], ["card", "zzz"]):
            lingqu("data", *command)
            assert lingqu.code == 1 and "lingqu data log" in lingqu.err


class TestHandingOver:
    def test_export(self, lingqu: Terminal, committed: tuple[str, str]) -> None:
        assert "out" in lingqu("data", "export", committed[0], "--to", "out")
        assert pl.read_parquet("out/rows.parquet").height == 160
        told = lingqu.json("data", "export", committed[1], "--to", "json")
        assert told == {"path": "json", "files": ["README.md", "croissant.json", "rows.parquet"]}
        lingqu("data", "export", committed[0], "--to", "out")
        assert lingqu.code == 1 and "not overwritten" in lingqu.err
        lingqu("data", "export", committed[0], "--to", "people.csv/below")
        assert lingqu.code == 1 and "people.csv" in lingqu.err

    @pytest.mark.parametrize("form", ["markdown", "croissant", "openlineage"])
    def test_cards(self, lingqu: Terminal, committed: tuple[str, str], form: str) -> None:
        shown = lingqu("data", "card", committed[0], "--format", form)
        assert "CC0-1.0" in shown or form == "openlineage"
        lingqu("data", "card", committed[0], "--format", form, "--to", "card.txt")
        assert Path("card.txt").read_text(encoding="utf-8") == shown
        told = lingqu.json("data", "card", committed[0], "--format", form)
        assert told["card"] == shown
        if form != "markdown":
            assert all(json.loads(line) for line in [shown] if form == "croissant")

    def test_a_card_that_cannot_be_written(
        self, lingqu: Terminal, committed: tuple[str, str]
    ) -> None:
        lingqu("data", "card", committed[0], "--to", "nowhere/card.md")
        assert lingqu.code == 1 and "nowhere" in lingqu.err
        lingqu("data", "card", committed[0], "--format", "pdf")
        assert lingqu.code == 2 and "croissant" in lingqu.err


def test_versions_past_their_retention_are_told_by_prune(lingqu: Terminal) -> None:
    lingqu("data", "commit", "people.csv", "--fact", "retention=1 min")
    assert "past_retention" in lingqu("prune", "--dry-run")
    told = lingqu.json("prune", "--dry-run")
    assert told["past_retention"] == 0  # it is counted in whole days


def test_the_group_explains_itself_in_both_languages(
    lingqu: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = lingqu("data", "--help")
    assert all(command in shown for command in COMMANDS)
    monkeypatch.setenv("LINGQU_LANGUAGE", "zh")
    lingqu("data", "commit", "people.csv")
    assert "160 行" in lingqu.out
    assert "数据版本" in lingqu("data", "log") and "许可" not in lingqu("data", "show", "people")
    lingqu("data", "show", "zzz")
    assert "没有数据版本" in lingqu.err


def test_sizes_are_short() -> None:
    assert [size(n) for n in (0, 999, 1000, 12_345_678, 10**16)] == [
        "0 B",
        "999 B",
        "1 kB",
        "12.3 MB",
        "1e+04 TB",
    ]


def test_a_removed_row_names_its_original_as_a_person_counts() -> None:
    row = {"row": 7, "id": "ab", "operator": "dedupe", "reason": "copy", "copy_of": 4}
    assert proof_of({**row, "similarity": 1.0}) == "copy_of=5, similarity=1"
    assert proof_of({**row, "name": "P8", "copy_of_name": "P5"}) == "name=P8, copy_of=P5"
    assert proof_of({"rows": [0, 7], "labels": {"yes": 1}}) == "rows=1; 8, labels=yes 1"
