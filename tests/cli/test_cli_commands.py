"""Every command as a user types it: what is printed, what is refused, how it ends."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from tests.cli.terminal import Terminal
from tests.walked import people

from lingqu.cli.main import app
from lingqu.cli.path import _candidates
from lingqu.cli.session import print_table
from lingqu.cli.shown import HEADLINES, headline, interval, number, shown_score
from lingqu.core.nouns import Dataset, Finding, ReleaseRecord
from lingqu.core.schema import Column, Schema
from lingqu.flow.access import make_key
from lingqu.learn.portfolio import portfolio
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
    ["list", "rules"],
    ["list", "assets"],
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

    def test_no_words_at_all_are_answered_with_help_not_an_error(self, lingqu: Terminal) -> None:
        for command in ([], ["keys"]):
            lingqu(*command)
            assert lingqu.code == 2
            assert lingqu.err.startswith("Usage: lingqu")


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
            (["route", "churn", "--canary", "xx"], 2, "xx"),
            (["route", "churn", "--canary", "10%"], 1, "lingqu deploy churn"),
            (["route", "churn", "--canary", "0%"], 2, "--release"),
            (["undeploy", "nope"], 1, "churn"),
            (["verify", "people.zip"], 1, "lingqu list releases"),
            (["keys", "add", "app", "--expires", "2020-01-01"], 2, "2020-01-01"),
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

    def test_an_expired_key_is_listed_so(self, lingqu: Terminal) -> None:
        with Workspace(lingqu.folder / ".lingqu") as workspace:
            early = replace(workspace.home, clock=lambda: "2026-01-01T00:00:00.000000+00:00")
            make_key(early, "app", expires="1 d")
        assert "expired" in lingqu("keys", "list").splitlines()[-1]
        (listed,) = lingqu.json("keys", "list")
        assert listed["expired"] is True and listed["disabled"] is False

    def test_a_second_enabled_key_of_a_name_is_refused(self, lingqu: Terminal) -> None:
        lingqu("keys", "add", "app")
        lingqu("keys", "add", "app")
        assert lingqu.code == 1 and "lingqu keys disable app" in lingqu.err
        lingqu("keys", "disable", "app")
        lingqu("keys", "add", "app")
        assert lingqu.code == 0


class TestCanary:
    """`route --canary` without a release; the routes are switched here, no outlet is open."""

    def test_nothing_else_is_approved(self, lingqu: Terminal) -> None:
        with Workspace(lingqu.folder / ".lingqu") as workspace:
            champion = workspace.switch("churn", "churn").backends[0].release
        for named in ([], ["--release", champion]):
            lingqu("route", "churn", "--canary", "10%", *named)
            assert lingqu.code == 1
            assert "lingqu run churn" in lingqu.err

    def test_the_newest_approved_release_gets_the_share(self, lingqu: Terminal) -> None:
        with Workspace(lingqu.folder / ".lingqu") as workspace:
            champion = workspace.switch("churn", "churn").backends[0].release
            ledger, at = workspace.home.ledger, workspace.home.clock()
            for digest, state in (("a" * 64, "approved"), ("b" * 64, "candidate")):
                record = ReleaseRecord(digest, "churn", "r", state, at)
                ledger.releases.put(record)
        shown = lingqu("route", "churn", "--canary", "10%")
        assert "canary" in shown and "a" * 12 in shown and "10%" in shown
        route = lingqu.json("route", "churn", "--canary", "25%")
        assert lingqu.json("route", "churn", "--canary", "25%", "--release", "aaaa") | {
            "changed": ""
        } == route | {"changed": ""}
        said = [(b["release"], b["arm"], b["share"]) for b in route["backends"]]
        assert said == [(champion, "champion", 0.75), ("a" * 64, "canary", 0.25)]


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
        assert lingqu.json("verify", "out.zip") == {"ok": True, "problems": []}
        lingqu("export", "churn", "out")
        assert lingqu.json("verify", "out") == {"ok": True, "problems": []}
        manifest = Path("out/release.json")
        manifest.write_text(manifest.read_text().replace("churn", "chunr"))
        lingqu("verify", "out")
        assert lingqu.code == 1
        assert "FAIL" in lingqu.out

    def test_a_zip_that_was_changed_or_is_none(self, lingqu: Terminal) -> None:
        lingqu("export", "churn", "out.zip")
        with zipfile.ZipFile("out.zip") as old, zipfile.ZipFile("bad.zip", "w") as new:
            for name in old.namelist():
                written = old.read(name)
                if name == "release.json":
                    written = written.replace(b"churn", b"chunr")
                new.writestr(name, written)
        lingqu("verify", "bad.zip")
        assert lingqu.code == 1 and "FAIL" in lingqu.out
        with zipfile.ZipFile("other.zip", "w") as other:
            other.writestr("readme.txt", "x")
        Path("text.zip").write_text("no archive", encoding="utf-8")
        for name in ("other.zip", "text.zip"):
            lingqu("verify", name)
            assert lingqu.code == 1 and "lingqu export" in lingqu.err, name

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

    def test_two_lines_for_an_event_and_nothing_collapses(self, lingqu: Terminal) -> None:
        lines = lingqu("audit", "log").splitlines()[2:]
        assert lines[0].split()[3:] == ["run.started", run_id(lingqu.folder)]
        assert lines[1].startswith(" " * 7 + "channel: churn, version: ")
        assert len(lines) == 6 and all(len(line) <= 80 for line in lines)


class TestTable:
    def test_no_column_is_narrower_than_its_heading(self, lingqu: Terminal) -> None:
        print_table("", ["Name", "时间", "Detail"], [("a" * 30, "10:30", "word " * 60)])
        shown = lingqu._capsys.readouterr().out.splitlines()
        assert shown[0].split() == ["Name", "时间", "Detail"]
        assert "10:30" in shown[2]
        assert max(map(len, shown)) <= 80

    def test_columns_that_are_never_folded_may_pass_the_edge(self, lingqu: Terminal) -> None:
        print_table("", ["Id", "About"], [("x" * 90, "a word or two")], whole=(0,))
        shown = lingqu._capsys.readouterr().out
        assert "x" * 90 in shown and "About" in shown


class TestWords:
    """What is said in Chinese, and that nothing of it is lost."""

    @pytest.fixture(autouse=True)
    def chinese(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LINGQU_LANGUAGE", "zh")

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            (["rnu"], "错误：没有命令 'rnu'。是否想写 'run'？请看"),
            (["runs", "--no-such"], "错误：没有选项 --no-such。请看"),
            (["compare", "one"], "错误：缺少参数 'second'。请看"),
            (["runs", "a", "b"], "错误：多余的参数（b）。请看"),
            (["run", "--seed"], "错误：选项 '--seed' 需要一个值。请看"),
            (["run", "--seed", "x"], "错误：'--seed' 的值无效：应为整数。请看"),
            (["prune", "--keep-days", "x"], "错误：'--keep-days' 的值无效：应为数。请看"),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, list) else None,
    )
    def test_complaints(self, lingqu: Terminal, wrong: list[str], said: str) -> None:
        lingqu(*wrong)
        assert lingqu.code == 2
        assert lingqu.err.startswith(said)

    def test_help(self, lingqu: Terminal) -> None:
        shown = lingqu("run", "--help") + lingqu("--help") + lingqu("keys", "--help")
        for english in ("Usage", "Options:", "Arguments", "Commands", "OPTIONS", "[default"):
            assert english not in shown, english
        assert shown.count("用法：lingqu") == 3

    def test_lists_tables_and_values(self, lingqu: Terminal) -> None:
        assert "填补缺失值" in lingqu("list", "operators") and "算子 operators" in lingqu.out
        assert lingqu("show", "operators", "impute").startswith("填补缺失值")
        planned = lingqu("plan")
        assert "列 sex" in planned and "类别, 受保护" in planned and "feature" not in planned
        looked = "".join(lingqu("doctor").split())
        assert "可用" in looked and "1次运行" in looked and "3个事件" in looked
        pruned = lingqu("prune", "--dry-run")
        assert "阶段结果" in pruned and "仅预演" in pruned and "False" not in pruned
        with Workspace(lingqu.folder / ".lingqu") as workspace:
            workspace.switch("churn", "churn")
        assert "主用" in lingqu("route", "churn")
        assert "末端" in lingqu("audit", "verify")


class TestPlan:
    def test_options_are_written_as_in_the_file(self, lingqu: Terminal) -> None:
        shown = lingqu("plan")
        assert "outliers: {action: report}" in " ".join(shown.split())
        assert '{"' not in shown

    def test_namesakes_are_told_apart_as_they_differ(self) -> None:
        said = _candidates(["lightgbm", "mlp", "lightgbm large", "lightgbm random"])
        assert said == [
            "lightgbm",
            "mlp",
            "lightgbm#2 (larger trees)",
            "lightgbm#3 (more random, more regularised)",
        ]
        assert _candidates(["mlp", "mlp"]) == ["mlp", "mlp#2"]

    @pytest.mark.parametrize("rows", [200, 20_000])
    def test_the_differences_are_those_of_the_portfolio(self, rows: int) -> None:
        schema = Schema((Column("x", "number"), Column("y", "category", role="target")))
        frame = pl.DataFrame({"x": range(rows), "y": ["a", "b"] * (rows // 2)})
        entries = portfolio(Dataset(frame, schema), "classify", 600.0)
        trees = [e for e in entries if e.algorithm == "lightgbm"]
        said = _candidates([e.variant for e in trees])
        assert [line.split(" ")[0] for line in said] == [e.name for e in trees]
        assert ["more random" in line for line in said] == [
            bool(e.options.get("extra_random")) for e in trees
        ]
        assert ["larger" in line for line in said] == ["leaves" in e.options for e in trees]


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
        assert "interrupted" not in lingqu.out

    def test_prune_says_why_files_of_no_run_go(self, lingqu: Terminal) -> None:
        assert "interrupted run could go on" in lingqu("prune", "--dry-run")

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


def test_rules_are_listed_with_their_options(lingqu: Terminal) -> None:
    shown = lingqu("list", "rules")
    assert "no_future" in shown and "pattern*, absent" in shown
    assert lingqu.json("list", "rules")["range"] == {
        "of": "column",
        "options": ["min", "max", "exclusive"],
    }
