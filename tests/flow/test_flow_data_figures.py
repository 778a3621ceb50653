"""The figures of the data document, as gate, monitor and responses read them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.flow.test_flow_watch import log, watched
from tests.walked import CHANNEL, channel, people, write_channel

from lingqu.check.measures import LIVE, MEASURES
from lingqu.check.quality import SCORES as SCORED
from lingqu.core.errors import SpecError
from lingqu.core.nouns import Finding
from lingqu.core.rules import parse
from lingqu.flow.data_figures import SCORES, figures, read_figures, row_of
from lingqu.flow.gate import judge
from lingqu.flow.judged import read_document
from lingqu.flow.validate import validate
from lingqu.workspace import Workspace

NO_LABELS = {"looked": False}


def figure(name: str, *found: Finding, contract: Any = (), labels: Any = NO_LABELS) -> Finding:
    told = figures([f.to_json() for f in found], dict(contract), labels)
    return next(f for f in told if f.measure == f"data.{name}")


def leak(kind: str, value: float | None, argument: str = "", verdict: str = "pass") -> Finding:
    evidence = {"why": "too few", "why_zh": "太少"} if value is None else {}
    said: Any = "unknown" if value is None else verdict
    return Finding("leakage", f"leakage.{kind}", value, argument, n=40, verdict=said,
                   evidence=evidence)  # fmt: skip


class TestFigures:
    def test_every_figure_of_the_gate_is_made_and_no_other(self) -> None:
        told = [f.measure for f in figures([], {}, NO_LABELS)]
        named = {m.partition("(")[0] for m in MEASURES["data"]} - LIVE
        assert set(told) == named and len(told) == len(named)
        assert SCORES == SCORED

    def test_what_nobody_looked_at_is_unknown_with_the_reason_in_both_languages(self) -> None:
        for found in figures([], {}, NO_LABELS):
            assert (found.value, found.verdict) == (None, "unknown")
            assert found.evidence["why"] and found.evidence["why_zh"] != found.evidence["why"]

    def test_a_score_is_the_one_that_was_measured(self) -> None:
        seen = Finding("quality", "quality.validity", 1 - 1e-9, low=0.9, high=1.0, n=8)
        mine = figure("validity", seen)
        assert (mine.value, mine.low, mine.high, mine.n) == (seen.value, 0.9, 1.0, 8)

    def test_a_score_that_could_not_be_measured_keeps_its_reason(self) -> None:
        reason = {"why": "no time column", "why_zh": "没有时间列"}
        seen = Finding("quality", "quality.timeliness", None, verdict="unknown", evidence=reason)
        assert figure("timeliness", seen).evidence == reason

    def test_rules_that_fail_are_counted_and_unknown_ones_are_not_a_pass(self) -> None:
        rules = [{"rule": "range(age)", "verdict": "unknown"}]
        counts = {"count": 3, "failed": 2, "unknown": 1, "rules": rules}
        assert figure("broken_rules", contract=counts).value == 2
        unknown = figure("broken_rules", contract={**counts, "failed": 0})
        assert unknown.verdict == "unknown" and "range(age)" in unknown.evidence["why"]
        assert figure("broken_rules", contract={**counts, "failed": 0, "unknown": 0}).value == 0

    def test_personal_data_left_is_that_of_the_worst_column(self) -> None:
        def left(column: str, share: float, verdict: Any) -> Finding:
            return Finding("privacy", "privacy.found", share, column, n=50, verdict=verdict)

        found = [left("tel", 0.2, "fail"), left("mail", 0.4, "fail"), left("note", 0.9, "note")]
        assert figure("residual_pii", *found).value == 0.4
        assert figure("residual_pii", found[2]).value == 0.0

    def test_leaks_are_counted(self) -> None:
        found = [leak("exact", 0.0), leak("near", 0.2, verdict="fail")]
        target = leak("target", 1.0, "age", "fail")
        leaks = figure("leakage", *found, target)
        assert leaks.value == 2
        assert leaks.evidence["of"] == ["leakage.near", "leakage.target(age)"]
        (told,) = judge([parse("data.leakage == 0")], [leaks]).requirements
        assert told.seen == ("data.leakage = 2: leakage.near, leakage.target(age)",)
        assert figure("leakage", found[0]).value == 0

    def test_what_could_leak_unseen_is_unknown(self) -> None:
        unseen = figure("leakage", leak("exact", 0.0), leak("near", None, "note"))
        assert unseen.verdict == "unknown" and "leakage.near(note)" in unseen.evidence["why"]
        assert figure("leakage", leak("exact", 0.1, verdict="fail"), leak("near", None)).value == 1

    def test_texts_that_were_compared_make_up_for_rows_that_have_no_distance(self) -> None:
        found = [leak("exact", 0.0), leak("near", None), leak("near", 0.1, "note")]
        assert figure("leakage", *found).value == 0
        assert figure("overlap", *found).value == 0.1

    def test_overlap_is_the_largest_share(self) -> None:
        found = [leak("exact", 0.02), leak("near", 0.05), leak("time", 0.9, "day")]
        assert figure("overlap", *found).value == 0.05
        assert figure("overlap", leak("exact", 0.0), leak("group", None, "house")).value is None
        assert figure("overlap", leak("exact", 0.3), leak("group", None, "house")).value == 0.3
        assert figure("overlap", leak("exact", None)).verdict == "unknown"

    def test_doubted_labels_are_a_share_with_its_interval(self) -> None:
        doubted = figure("label_errors", labels={"looked": True, "suspects": 5, "judged": 100})
        assert doubted.value == 0.05 and doubted.n == 100
        assert doubted.low is not None and doubted.low < 0.05
        why = {"looked": False, "why": "one class", "why_zh": "只有一类"}
        assert figure("label_errors", labels=why).evidence["why_zh"] == "只有一类"

    def test_what_the_document_keeps_reads_the_same(self) -> None:
        told = figures([leak("exact", 1 / 3).to_json()], {}, NO_LABELS)
        rows = [row_of(f) for f in told] + [{"check": "quality", "measure": "quality.validity"}]
        assert read_figures({"measures": rows}) == told


class TestAtTheDoor:
    def test_a_figure_may_be_required(self) -> None:
        rules = [f"data.{name} >= 0.5" for name in (*SCORES, "overlap", "label_errors")]
        validate(channel(release={"require": rules}))

    @pytest.mark.parametrize(
        ("rule", "near"),
        [
            ("data.completness >= 0.9", "data.completeness"),
            ("data.residual_pi == 0", "data.residual_pii"),
            ("data.drop(validity) <= 0.1", "data."),
            ("data.validity(age) >= 0.9", "data.validity"),
        ],
    )
    def test_a_name_that_no_figure_has_is_refused_with_near_names(
        self, rule: str, near: str
    ) -> None:
        with pytest.raises(SpecError) as refused:
            validate(channel(release={"require": [rule]}))
        assert near in str(refused.value).partition("Near names")[2]

    def test_a_response_names_what_is_seen_in_use(self) -> None:
        respond = [{"when": "data.drop(validity) > 0.02", "do": "notify"}]
        validate(channel(respond=respond))
        with pytest.raises(SpecError, match=r"data\.drop\(validity\)"):
            validate(channel(respond=[{"when": "data.drop(validty) > 0.02", "do": "notify"}]))


def test_the_gate_says_why_a_figure_is_unknown() -> None:
    decision = judge([parse("data.label_errors <= 0.02")], figures([], {}, NO_LABELS))
    (told,) = decision.to_json()["requirements"]
    assert not decision.passed and told["verdict"] == "unknown"
    assert "find_label_errors" in told["reasons"][0]["en"]
    assert set(told["reasons"][0]) == {"en", "zh"}


def test_the_gate_reads_the_document_that_the_run_keeps(tmp_path: Path) -> None:
    text = CHANNEL + 'release: {require: ["data.completeness >= 0.99", "data.overlap == 0"]}\n'
    text += 'respond: [{when: "data.completeness < 0.99", do: block}]\n'
    frame = people().with_columns(
        paid=pl.when(pl.int_range(160) % 5 == 0).then(None).otherwise("paid")
    )
    path = write_channel(tmp_path, text, frame)
    with Workspace(tmp_path / ".lingqu") as workspace:
        run = workspace.run(path)
        document = read_document(workspace.home, run.summary["data_document"])
        assert document is not None
        known = {f.measure: f for f in read_figures(document)}
        kept = {f.measure: f.value for f in workspace.findings(run.id)}
    filled, overlap = run.summary["gate"]["requirements"]
    assert run.state == "refused" and filled["verdict"] == "fail" and overlap["verdict"] == "pass"
    assert run.summary["gate"]["blocking"] == ["data.completeness"]
    assert known["data.completeness"].value == kept["quality.completeness"] < 0.99
    assert filled["seen"][0].startswith(
        f"data.completeness = {known['data.completeness'].value:.4g}"
    )


def test_what_is_declared_later_is_judged_anew_and_no_model_is_fitted_again(tmp_path: Path) -> None:
    with Workspace(tmp_path / ".lingqu") as workspace:
        first = workspace.run(write_channel(tmp_path))
        declared = CHANNEL.replace("protected: [sex]", "protected: [sex], license: CC0, purpose: x")
        second = workspace.run(write_channel(tmp_path, declared))
        known = []
        for run in (first, second):
            document = read_document(workspace.home, run.summary["data_document"])
            assert document is not None
            known.append({f.measure: f.value for f in read_figures(document)})
    assert known[1]["data.authenticity"] > known[0]["data.authenticity"]
    states = {record.name: record.state for record in second.stages}
    assert states["govern"] == "done" and states["train"] == "reused"


def test_what_another_channel_declared_of_equal_rows_is_not_believed(tmp_path: Path) -> None:
    with Workspace(tmp_path / ".lingqu") as workspace:
        workspace.run(write_channel(tmp_path))
        declared = CHANNEL.replace("protected: [sex]", "protected: [sex], license: CC0, purpose: x")
        declared = declared.replace("churn\n", "other\n").replace("train:", "govern: []\ntrain:")
        run = workspace.run(write_channel(tmp_path, declared))
        document = read_document(workspace.home, run.summary["data_document"])
    assert document is not None
    assert document["identity"]["facts"]["license"] == "CC0"
    known = {f.measure: f.value for f in read_figures(document)}
    assert known["data.authenticity"] == pytest.approx(3 / 6)


class TestInUse:
    def test_a_window_is_scored_and_set_beside_the_training_rows(
        self, workspace: Workspace
    ) -> None:
        log(workspace, people(100, seed=50))
        (window,) = workspace.watch(watched())
        found = {f.subject: f for f in window.findings if f.check == "data"}
        for score in ("completeness", "validity", "uniqueness"):
            assert found[f"data.{score}"].value == 1.0
            assert found[f"data.drop({score})"].value == 0.0
            assert found[f"data.drop({score})"].evidence["trained_rows"] == 128
        assert not any(f.verdict == "fail" for f in found.values())

    def test_gaps_and_strange_words_fire_the_rules(self, workspace: Workspace) -> None:
        row = pl.int_range(100)
        odd = people(100, seed=50).with_columns(
            paid=pl.when(row % 4 == 0).then(None).otherwise("paid"),
            city=pl.when(row % 10 == 0).then(pl.lit("Oslo")).otherwise("city"),
        )
        log(workspace, odd)
        rules = [
            {"when": "data.validity < 0.98", "do": "notify"},
            {"when": "data.drop(completeness) > 0.05", "do": "notify"},
            {"when": "data.uniqueness < 0.9", "do": "notify"},
        ]
        # A rule that reads the data is heard although its check is not listed.
        declared = watched(respond=rules).updated("monitor", checks=["latency"])
        (window,) = workspace.watch(declared)
        found = {f.subject: f.value for f in window.findings if f.check == "data"}
        assert found["data.validity"] == pytest.approx(0.9)
        assert found["data.drop(completeness)"] == pytest.approx(0.25 / 3)
        assert [a.rule for a in window.actions] == [r["when"] for r in rules[:2]]

    def test_rules_about_single_rows_are_judged_on_a_window(self, workspace: Workspace) -> None:
        rules = [
            {"range": {"column": "age", "max": 90}},
            {"levels": {"column": "city", "allowed": ["桂林", "Lyon", "成都"]}},
            {"row_count": {"min": 5000}},
            {"unique": "person"},
        ]
        declared = watched(govern=[{"contract": rules}])
        log(workspace, people(100).with_columns(age=pl.col("age") + 40))
        (window,) = workspace.watch(declared)
        broken = next(f for f in window.findings if f.measure == "data.broken_rules")
        assert broken.value == 1 and broken.evidence["judged"] == 2
        assert broken.evidence["broken"][0]["rule"] == "range(age)"

    def test_a_contract_that_is_gone_leaves_the_rest_of_the_watch(
        self, workspace: Workspace
    ) -> None:
        log(workspace, people(100))
        (window,) = workspace.watch(watched(govern=[{"contract": "gone.yaml"}]))
        broken = next(f for f in window.findings if f.measure == "data.broken_rules")
        assert broken.verdict == "unknown" and "gone.yaml" in broken.evidence["why"]
        assert any(f.check == "drift" for f in window.findings)

    def test_without_the_document_the_drop_is_unknown(self, workspace: Workspace) -> None:
        workspace.home.blobs.remove("judged")
        log(workspace, people(100))
        (window,) = workspace.watch(watched())
        drop = next(f for f in window.findings if f.measure == "data.drop")
        assert drop.verdict == "unknown" and drop.evidence["why_zh"]
