"""`lingqu data scan | check | clean | report` as a person types them, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.terminal import Terminal
from tests.walked import CHANNEL, write_channel


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINGQU_LANGUAGE", "en")


class TestScan:
    def test_scores_columns_and_copies_are_told(self, lingqu: Terminal) -> None:
        said = lingqu("data", "scan", "people.csv", "--target", "churned")
        assert lingqu.code == 0
        for part in ("160 rows", "Completeness", "Timeliness", "churned", "target", "Copies: 0"):
            assert part in said

    def test_the_page_is_written_where_asked(self, lingqu: Terminal, tmp_path: Path) -> None:
        to = tmp_path / "page.html"
        said = lingqu("data", "scan", "channel.yaml", "--to", str(to))
        assert str(to)[-20:] in said.replace("\n", "")
        page = to.read_text(encoding="utf-8")
        assert "churn" in page and "数据报告" in page
        lingqu("data", "scan", "channel.yaml", "--to", str(tmp_path / "no" / "page.html"))
        assert lingqu.code == 1 and "Traceback" not in lingqu.err

    def test_json_is_the_document(self, lingqu: Terminal) -> None:
        told = lingqu.json("data", "scan", "people.csv")
        assert told["form"] == 1 and told["of"] == "scan" and len(told["scores"]) == 8

    def test_it_speaks_chinese(self, lingqu: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LINGQU_LANGUAGE", "zh")
        said = lingqu("data", "scan", "people.csv")
        assert "完整性" in said and "重复：0 行" in said

    def test_an_absent_source_is_an_error(self, lingqu: Terminal) -> None:
        lingqu("data", "scan", "nowhere.csv")
        assert lingqu.code == 1 and "nowhere.csv" in lingqu.err


class TestCheck:
    def test_rules_that_hold_end_well(self, lingqu: Terminal) -> None:
        said = lingqu("data", "check", "people.csv")
        assert lingqu.code == 0
        assert "All blocking rules hold" in said and "drafted" in said

    @pytest.mark.parametrize(
        "rule", ["{range: {column: age, max: 30}}", "{not_null: {column: absent}}"]
    )
    def test_a_blocking_rule_that_fails_or_is_unknown_ends_badly(
        self, lingqu: Terminal, rule: str
    ) -> None:
        Path("contract.yaml").write_text(f"- {rule}\n", encoding="utf-8")
        said = lingqu("data", "check", "people.csv", "--contract", "contract.yaml")
        assert lingqu.code == 1
        assert "1 blocking rules do not hold" in said
        told = lingqu.json("data", "check", "people.csv", "--contract", "contract.yaml")
        assert lingqu.code == 1 and told["blocked"] == 1

    def test_a_failure_that_only_warns_ends_well(self, lingqu: Terminal) -> None:
        rule = "- {range: {column: age, max: 30}, severity: warn}\n"
        Path("contract.yaml").write_text(rule, encoding="utf-8")
        said = lingqu("data", "check", "channel.yaml", "--contract", "contract.yaml")
        assert lingqu.code == 0 and "FAIL" in said and "All blocking rules hold" in said


class TestClean:
    def test_what_each_operator_did_is_told(self, lingqu: Terminal) -> None:
        text = CHANNEL.replace("train:", "govern: [dedupe, impute]\ntrain:")
        write_channel(lingqu.folder, text)
        said = lingqu("data", "clean", "channel.yaml")
        assert lingqu.code == 0
        for part in ("dedupe", "impute", "lingqu data export", ".data.html"):
            assert part in said.replace("\n", "")
        told = lingqu.json("data", "clean", "channel.yaml")
        assert told["of"] == "clean" and Path(told["report"]).is_file()
        assert lingqu("data", "show", told["version"][:12])
        lingqu("show", told["run"])
        assert lingqu.code == 0
        assert lingqu("report").strip().endswith(".data.html")

    def test_a_source_with_operators_of_a_file(self, lingqu: Terminal, tmp_path: Path) -> None:
        people = Path("people.csv").read_text(encoding="utf-8")
        Path("twice.csv").write_text(people + people.partition("\n")[2], encoding="utf-8")
        Path("steps.yaml").write_text("[dedupe]", encoding="utf-8")
        to = tmp_path / "page.html"
        said = lingqu("data", "clean", "twice.csv", "--govern", "steps.yaml", "--to", str(to))
        assert "320 → 160 training rows" in said and "160 rows left" in said
        assert "twice" in to.read_text(encoding="utf-8")


class TestReport:
    def test_of_a_channel_and_of_a_run(self, lingqu: Terminal, tmp_path: Path) -> None:
        run = lingqu.json("runs")[0]["id"]
        assert lingqu("data", "report", "churn").strip().endswith(f"{run}.data.html")
        told = lingqu.json("data", "report", run[:15])
        assert told["of"] == "run" and told["identity"]["channel"] == "churn"
        to = tmp_path / "page.html"
        lingqu("data", "report", "churn", "--to", str(to))
        page = to.read_text(encoding="utf-8")
        assert f"{run}.html" not in page and run in page

    def test_of_nothing(self, lingqu: Terminal) -> None:
        lingqu("data", "report", "nobody")
        assert lingqu.code == 1 and "nobody" in lingqu.err
