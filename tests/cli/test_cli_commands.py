"""Every command as a user types it: what is printed, what is refused, how it ends."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from tests.cli.terminal import Terminal
from tests.walked import people

from lingqu.cli.main import app
from lingqu.cli.shown import HEADLINES, headline, interval, number, shown_score
from lingqu.core.nouns import Finding
from lingqu.workspace import Workspace

READS = [
    ["plan"],
    ["runs"],
    ["show", "RUN"],
    ["compare", "RUN", "RUN"],
    ["show", "operators", "impute"],
    ["verify", "churn"],
    ["route", "churn"],
    ["status"],
    ["keys", "list"],
    ["respond", "--list"],
    ["audit", "verify"],
    ["audit", "log"],
    ["list"],
    ["list", "algorithms"],
    ["list", "releases"],
    ["list", "channels"],
    ["list", "metrics"],
    ["doctor"],
    ["prune", "--dry-run"],
]


def run_id(folder: Path) -> str:
    with Workspace(folder / ".lingqu") as workspace:
        return workspace.runs()[0].id


def with_run(command: list[str], folder: Path) -> list[str]:
    return [run_id(folder) if word == "RUN" else word for word in command]


@pytest.mark.parametrize("command", READS, ids=" ".join)
class TestReading:
    def test_json_is_one_valid_document(self, lingqu: Terminal, command: list[str]) -> None:
        lingqu.json(*with_run(command, lingqu.folder))
        assert lingqu.code == 0
        assert lingqu.err == ""

    def test_for_people_it_fits_eighty_columns(self, lingqu: Terminal, command: list[str]) -> None:
        shown = lingqu(*with_run(command, lingqu.folder))
        assert lingqu.code == 0
        assert shown.strip()
        tables = [line for line in shown.splitlines() if "   " in line.strip()]
        assert all(len(line) <= 80 for line in tables)


class TestHelp:
    def test_every_command_explains_itself(self, lingqu: Terminal) -> None:
        for name in ("run", "plan", "keys", "audit", "deploy", "call", "watch", "erase"):
            assert f"lingqu {name}" in lingqu(name, "--help")
            assert lingqu.code == 0

    def test_the_first_page_names_every_command(self, lingqu: Terminal) -> None:
        shown = lingqu("--help")
        names = [command.name or command.callback.__name__ for command in app.registered_commands]
        assert len(names) > 20
        for name in names:
            assert f"\n  {name} " in shown, name

    @pytest.mark.parametrize(
        "wrong",
        [["rnu"], ["runs", "--no-such"], ["keys", "addd"], ["compare", "one"], ["audit"], []],
        ids=str,
    )
    def test_wrong_use_is_two_and_says_where_help_is(
        self, lingqu: Terminal, wrong: list[str]
    ) -> None:
        lingqu(*wrong)
        assert lingqu.code == 2
        assert "--help" in lingqu.out + lingqu.err


class TestExitCodes:
    @pytest.mark.parametrize(
        ("command", "code", "said"),
        [
            (["plan", "nowhere"], 2, "lingqu init"),
            (["list", "operatrs"], 2, "operators"),
            (["show", "operators", "imputee"], 2, "impute"),
            (["show", "no-such-run"], 1, "no-such-run"),
            (["verify", "no-such"], 1, "lingqu list releases"),
            (["approve", "churn"], 1, "approved"),
            (["keys", "disable", "nobody"], 1, "nobody"),
            (["keys", "add", "app", "--quota", "lots"], 2, "lots"),
            (["call", "churn", "nowhere.json"], 1, "nowhere.json"),
            (["call", "churn", "nowhere.csv"], 1, "nowhere.csv"),
            (["call", "churn", "[1, 2]"], 1, "objects"),
            (["call", "churn", "[{"], 1, "line 1"),
            (["run", "--budget", "soon"], 2, "soon"),
            (["init", "nowhere.csv", "--to", "new.yaml"], 1, "nowhere.csv"),
            (["init", "people.csv"], 2, "--force"),
            (["init", "people.csv", "--to", "people.csv/x.yaml"], 1, "people.csv/x.yaml"),
            (["erase", "person", ""], 1, "erase"),
            (["act", "churn", "fallback"], 1, "lingqu deploy churn"),
            (["act", "churn", "fallbackk"], 2, "fallback"),
            (["act", "nowhere", "retrain"], 2, "nowhere"),
            (["deploy", "--canary", "lots"], 2, "lots"),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, list) else None,
    )
    def test_what_is_refused_says_so_on_standard_error(
        self, lingqu: Terminal, command: list[str], code: int, said: str
    ) -> None:
        lingqu(*command)
        assert lingqu.code == code
        assert said in lingqu.err
        assert lingqu.err.startswith("Error: ")
        assert "Traceback" not in lingqu.err

    def test_with_json_the_refusal_is_a_document(self, lingqu: Terminal) -> None:
        told = lingqu.json("show", "no-such-run")
        assert lingqu.code == 1
        assert told["error"] == "store.unknown_run"
        assert "no-such-run" in told["message"]


class TestInit:
    def test_it_drafts_a_channel_that_plans(self, lingqu: Terminal) -> None:
        drafted = lingqu("init", "people.csv", "--predict", "churned", "--to", "new.yaml")
        assert lingqu.code == 0
        assert "lingqu plan" in drafted
        lingqu("plan", "new.yaml")
        assert lingqu.code == 0

    def test_force_overwrites(self, lingqu: Terminal) -> None:
        lingqu("init", "people.csv", "--predict", "sex", "--force")
        assert lingqu.code == 0
        assert "target: sex" in Path("channel.yaml").read_text(encoding="utf-8")


class TestShow:
    def test_failures_come_first_and_notes_are_only_counted(self, lingqu: Terminal) -> None:
        from lingqu.core.nouns import Run

        with Workspace(lingqu.folder / ".lingqu") as workspace:
            ledger, at = workspace.home.ledger, workspace.home.clock()
            ledger.runs.start(Run("r1", "x", "v", "refused", at))
            found = [
                Finding("quality", "quality.note", 0.5),
                Finding("leakage", "leakage.target", 0.1, "a", n=7, verdict="pass"),
                Finding("leakage", "leakage.target", 0.2, "b", n=7, verdict="pass"),
                Finding("fairness", "fairness.gap", None, "sex", verdict="unknown"),
                Finding("drift", "drift.psi", 0.31, "age", 0.2, 0.4, 9, "fail"),
            ]
            ledger.findings.add("x", "r1", "gate", at, found)
        shown = lingqu("show", "r1")
        places = [shown.index(word) for word in ("drift.psi(age)", "fairness.gap(sex)", "× 2")]
        assert places == sorted(places)
        assert "0.2 – 0.4" in shown and "FAIL" in shown
        assert "quality.note" not in shown and "1 measures without a verdict" in shown
        everything = lingqu("show", "r1", "--all")
        assert "quality.note" in everything and "leakage.target(b)" in everything

    def test_test_metrics_come_with_intervals_the_deciding_one_first(
        self, lingqu: Terminal
    ) -> None:
        shown = lingqu("show", run_id(lingqu.folder))
        table = shown[shown.index("On test rows") :].splitlines()[3:8]
        assert table[0].startswith("accuracy")
        assert sum("–" in line for line in table) == 5
        assert "log_loss" in shown and "brier" not in shown

    def test_a_failed_run_says_why(self, lingqu: Terminal) -> None:
        from lingqu.core.nouns import Run

        with Workspace(lingqu.folder / ".lingqu") as workspace:
            ledger, at = workspace.home.ledger, workspace.home.clock()
            ledger.runs.start(Run("r2", "x", "v", "running", at))
            ledger.runs.finish("r2", "failed", at, summary={"error": "the file is empty"})
        assert "the file is empty" in lingqu("show", "r2")
        assert "failed" in lingqu("runs")


class TestNumbers:
    def test_scores_that_should_be_small_are_shown_positive(self) -> None:
        assert shown_score("rmse", -53.21) == "53.21"
        assert shown_score("log_loss", -0.25) == "0.25"
        assert shown_score("roc_auc", 0.75) == "0.75"
        assert shown_score("r2", -0.5) == "-0.5"

    def test_numbers_are_short_and_never_lie(self) -> None:
        assert number(0.0) == "0" and number(1797.0) == "1797"
        assert number(0.123456) == "0.1235" and number(0.00001234) == "1.23e-05"
        assert number(None) == ""

    def test_an_interval_needs_both_ends(self) -> None:
        assert interval(Finding("c", "m", 1.0, low=0.5)) == ""
        assert interval(Finding("c", "m", 1.0, low=0.5, high=2.0)) == "0.5 – 2"

    def test_at_most_five_metrics_the_deciding_one_first(self) -> None:
        found = [Finding("metrics", name, 0.5) for name in (*HEADLINES, "brier", "recall")]
        names = [f.measure for f in headline("brier", found)]
        assert names[0] == "brier" and len(names) == 5
        assert headline("rmse", [Finding("quality", "rmse", 1.0)]) == []


class TestCompare:
    def test_what_is_the_same_is_only_counted(self, lingqu: Terminal) -> None:
        run = run_id(lingqu.folder)
        shown = lingqu("compare", run, run)
        assert "measures are the same in both" in shown
        assert "roc_auc" not in shown
        assert "roc_auc" in lingqu("compare", run, run, "--all")


class TestKeys:
    def test_the_secret_is_shown_once(self, lingqu: Terminal) -> None:
        made = lingqu.json("keys", "add", "app", "--quota", "600/min", "--channel", "churn")
        assert made["secret"].startswith(f"lq_{made['id']}_")
        (listed,) = lingqu.json("keys", "list")
        assert listed["quota"] == "600/min" and listed["channels"] == ["churn"]
        assert made["secret"] not in lingqu("keys", "list")
        assert "600/min" in lingqu.out
        assert lingqu.json("keys", "disable", "app") == {"id": made["id"], "disabled": True}
        assert "disabled" in lingqu("keys", "list")


class TestCall:
    def test_rows_as_json_file_or_standard_input_get_the_same_answers(
        self, lingqu: Terminal, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rows = people(3, seed=4).drop("churned", "person")
        rows.write_csv("rows.csv")
        written = json.dumps(rows.to_dicts(), ensure_ascii=False)
        Path("rows.json").write_text(written, encoding="utf-8")
        said = lingqu.json("call", "churn", written)
        assert len(said) == 3 and {"prediction", "confidence"} <= set(said[0])
        assert lingqu.json("call", "churn", "rows.json") == said
        assert lingqu.json("call", "churn", "rows.csv") == said
        monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps({"rows": rows.to_dicts()})))
        assert lingqu.json("call", "churn") == said
        assert "prediction" in lingqu("call", "churn", written)

    def test_a_missing_column_is_named(self, lingqu: Terminal) -> None:
        lingqu("call", "churn", '[{"age": 30}]')
        assert lingqu.code == 1
        assert "paid" in lingqu.err


class TestRelease:
    def test_export_and_verify(self, lingqu: Terminal) -> None:
        assert "out.zip" in lingqu("export", "churn", "out.zip")
        lingqu("export", "churn", "out")
        assert lingqu.json("verify", "out") == {"ok": True, "problems": []}
        manifest = Path("out/release.json")
        manifest.write_text(manifest.read_text().replace("churn", "chunr"))
        lingqu("verify", "out")
        assert lingqu.code == 1
        assert "FAIL" in lingqu.out

    def test_export_does_not_overwrite(self, lingqu: Terminal) -> None:
        lingqu("export", "churn", "people.csv")
        assert lingqu.code == 1 and "people.csv" in lingqu.err


class TestTrail:
    def test_a_whole_trail_and_a_broken_one(self, lingqu: Terminal) -> None:
        import sqlite3

        assert "whole" in lingqu("audit", "verify")
        with sqlite3.connect(".lingqu/ledger.db") as database:
            database.execute("UPDATE events SET subject = 'x' WHERE sequence = 2")
        database.close()
        assert "event 2" in lingqu("audit", "verify")
        assert lingqu.code == 1
        lingqu("doctor")
        assert lingqu.code == 1 and "lingqu audit verify" in lingqu.out

    def test_events_of_one_kind(self, lingqu: Terminal) -> None:
        events = lingqu.json("audit", "log", "--kind", "run.started")
        assert {event["kind"] for event in events} == {"run.started"}


class TestHouse:
    def test_the_schema_is_a_json_schema(self, lingqu: Terminal) -> None:
        schema = json.loads(lingqu("schema"))
        assert "train" in schema["properties"]

    def test_a_plug_in_shows_its_options(self, lingqu: Terminal) -> None:
        told = lingqu.json("show", "operators", "impute")
        assert told["name"] == "impute" and told["options"]
        shown = lingqu("show", "operators", "impute")
        assert "Source:" in shown
        assert all(option in shown for option in told["options"])

    def test_erase_says_what_must_follow(self, lingqu: Terminal) -> None:
        told = lingqu("erase", "person", "P0003")
        assert lingqu.code == 0
        assert "lingqu run" in told
        assert lingqu.json("erase", "person", "P0003")["rows"] == 0

    def test_prune_says_what_went(self, lingqu: Terminal) -> None:
        told = lingqu.json("prune", "--keep-days", "0", "--keep-last", "0")
        assert told["dry_run"] is False and told["blobs"] > 0
        assert "blobs" in lingqu("prune")

    def test_nothing_has_closed_and_nothing_is_asked_for(self, lingqu: Terminal) -> None:
        assert "No window" in lingqu("watch", "churn")
        assert "Nothing is requested" in lingqu("respond", "churn")
        assert "not deployed" in lingqu("route", "churn")

    def test_the_report_of_the_newest_run(self, lingqu: Terminal) -> None:
        assert Path(lingqu("report").strip()).is_file()

    def test_an_empty_workspace_has_no_report(self, lingqu: Terminal) -> None:
        lingqu("report", "-w", "empty")
        assert lingqu.code == 1 and "lingqu run" in lingqu.err


def test_metrics_are_listed_with_their_direction(lingqu: Terminal) -> None:
    shown = lingqu("list", "metrics")
    assert "roc_auc" in shown and "rmse" in shown
    assert lingqu.json("list", "metrics")["regress"][0] == "rmse"
