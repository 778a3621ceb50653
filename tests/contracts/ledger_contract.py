"""What every ledger must do, one class per repository; `ledger` is an empty one."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from lingqu.core.errors import StoreError
from lingqu.core.nouns import (
    Action,
    Backend,
    Candidate,
    Finding,
    Key,
    OutletRecord,
    ReleaseRecord,
    ReleaseState,
    Route,
    Run,
    StageRecord,
)
from lingqu.store.feedback import Label
from lingqu.store.ledger import Ledger
from lingqu.store.quotas import Claim, Grant, Window
from lingqu.store.releases import MOVES
from lingqu.store.usage import Used

DAY = "2026-11-{:02}T08:00:00.000000+00:00"
RUN = Run("20261101T080000-aaaaaa", "digits", "v1", "running", DAY.format(1))
RELEASE = ReleaseRecord("ab" * 32, "digits", RUN.id, "candidate", DAY.format(1), {"score": 0.99})


class ChannelsContract:
    def test_the_latest_is_what_was_put_last(self, ledger: Ledger) -> None:
        for version, text in (("1", "train: a"), ("2", "train: b"), ("1", "train: a")):
            ledger.channels.put("digits", version, text, DAY.format(1))
        assert ledger.channels.latest("digits") == ("1", "train: a")
        assert ledger.channels.get("digits", "2") == "train: b"

    def test_putting_the_latest_again_changes_nothing(self, ledger: Ledger) -> None:
        for _ in range(2):
            ledger.channels.put("渠", "1", "频道: 灵渠", DAY.format(1))
        assert ledger.channels.latest("渠") == ("1", "频道: 灵渠")

    def test_names_are_sorted_by_byte(self, ledger: Ledger) -> None:
        for name in ("b-2", "B", "a_1", "b"):
            ledger.channels.put(name, "1", "", DAY.format(1))
        assert ledger.channels.names() == ["B", "a_1", "b", "b-2"]

    def test_an_unknown_channel_has_no_version(self, ledger: Ledger) -> None:
        assert ledger.channels.latest("x") is None
        assert ledger.channels.get("x", "1") is None


class RunsContract:
    def test_a_run_comes_back_with_its_stages_in_order(self, ledger: Ledger) -> None:
        ledger.runs.start(RUN)
        ledger.runs.stage(RUN.id, StageRecord("train", "k1", "running"))
        ledger.runs.stage(RUN.id, StageRecord("data", "k2", "done", 1.5, {"rows": [1, None]}))
        ledger.runs.stage(RUN.id, StageRecord("train", "k3", "done", 2.0, {"b": 1, "a": 2}))
        run = ledger.runs.get(RUN.id)
        assert [s.name for s in run.stages] == ["train", "data"]
        assert run.stages[0] == StageRecord("train", "k3", "done", 2.0, {"b": 1, "a": 2})
        assert list(run.stages[0].result) == ["b", "a"]
        assert replace(run, stages=()) == RUN

    def test_stages_given_at_the_start_are_kept(self, ledger: Ledger) -> None:
        begun = replace(RUN, stages=(StageRecord("data", "k", "reused", 0.1, {}),))
        ledger.runs.start(begun)
        assert ledger.runs.get(RUN.id) == begun

    def test_finish_records_how_it_ended(self, ledger: Ledger) -> None:
        ledger.runs.start(RUN)
        ledger.runs.finish(RUN.id, "refused", DAY.format(2), "ab", {"gate": "roc_auc"})
        run = ledger.runs.get(RUN.id)
        assert (run.state, run.ended, run.release) == ("refused", DAY.format(2), "ab")
        assert run.summary == {"gate": "roc_auc"}

    def test_an_id_is_given_once(self, ledger: Ledger) -> None:
        ledger.runs.start(RUN)
        with pytest.raises(StoreError) as caught:
            ledger.runs.start(RUN)
        assert caught.value.key == "store.exists"

    def test_a_beginning_finds_the_run_if_it_is_the_only_one(self, ledger: Ledger) -> None:
        for name in ("2026_a", "2026%b", "2027"):
            ledger.runs.start(replace(RUN, id=name))
        assert ledger.runs.get("2026_").id == "2026_a"
        assert ledger.runs.get("2027").id == "2027"
        with pytest.raises(StoreError, match="2026%b, 2026_a"):
            ledger.runs.get("2026")

    @pytest.mark.parametrize("given", ["", "nothing", "%"])
    def test_an_unknown_run_is_said_with_near_ones(self, ledger: Ledger, given: str) -> None:
        ledger.runs.start(RUN)
        with pytest.raises(StoreError) as caught:
            ledger.runs.get(given)
        assert caught.value.key == "store.unknown_run"
        assert RUN.id in str(caught.value)

    def test_an_exact_id_wins_over_a_longer_one(self, ledger: Ledger) -> None:
        for name in ("run", "run-2"):
            ledger.runs.start(replace(RUN, id=name))
        assert ledger.runs.get("run").id == "run"

    def test_the_list_has_the_newest_first(self, ledger: Ledger) -> None:
        for day in (2, 3, 1):
            ledger.runs.start(replace(RUN, id=f"r{day}", started=DAY.format(day)))
        ledger.runs.start(replace(RUN, id="other", channel="iris", started=DAY.format(4)))
        assert [run.id for run in ledger.runs.list("digits")] == ["r3", "r2", "r1"]
        assert [run.id for run in ledger.runs.list(limit=2)] == ["other", "r3"]

    def test_the_living_are_not_interrupted(self, ledger: Ledger) -> None:
        ledger.runs.start(RUN)
        assert ledger.runs.interrupted(DAY.format(2)) == []
        assert ledger.runs.get(RUN.id).state == "running"

    def test_a_killed_run_is_failed_and_keeps_its_stages(
        self, ledger: Ledger, ledger_url: str
    ) -> None:
        program = (
            "import os, sys\n"
            "from lingqu.core.nouns import Run, StageRecord\n"
            "from lingqu.store.ledger import open_ledger\n"
            "ledger = open_ledger(sys.argv[1])\n"
            "ledger.runs.start(Run('dead', 'digits', 'v', 'running', '2026-11-01'))\n"
            "ledger.runs.stage('dead', StageRecord('data', 'k', 'done', 1.0, {'a': 1}))\n"
            "ledger.runs.stage('dead', StageRecord('train', 'l', 'running'))\n"
            "os.kill(os.getpid(), 9)\n"
        )
        ended = subprocess.run([sys.executable, "-c", program, ledger_url], check=False)
        assert ended.returncode == -9
        (run,) = ledger.runs.interrupted(DAY.format(2))
        assert (run.id, run.state, run.ended) == ("dead", "failed", DAY.format(2))
        assert run.summary["reason"] == "interrupted"
        assert [stage.state for stage in run.stages] == ["done", "failed"]
        assert ledger.runs.interrupted(DAY.format(3)) == []


class StagesContract:
    def test_a_finished_stage_is_found_by_its_key(self, ledger: Ledger) -> None:
        record = StageRecord("data", "key", "done", 1.25, {"blobs": ["a/b"], "nan": 1.0})
        assert ledger.stages.find("key") is None
        ledger.stages.put(record, DAY.format(1))
        assert ledger.stages.find("key") == record

    def test_the_same_key_overwrites(self, ledger: Ledger) -> None:
        for seconds in (1.0, 2.0):
            ledger.stages.put(StageRecord("data", "key", "done", seconds), DAY.format(1))
        assert [stage.seconds for stage in ledger.stages.list()] == [2.0]

    def test_touch_says_whether_it_is_still_there(self, ledger: Ledger) -> None:
        ledger.stages.put(StageRecord("data", "key", "done"), DAY.format(1))
        assert ledger.stages.touch("key", DAY.format(2)) is True
        ledger.stages.remove("key")
        assert ledger.stages.touch("key", DAY.format(3)) is False
        assert ledger.stages.list() == []

    def test_numpy_values_are_stored_as_plain_ones(self, ledger: Ledger) -> None:
        result = {"score": np.float32(0.5), "matrix": np.eye(2, dtype=int), "nan": float("nan")}
        ledger.stages.put(StageRecord("data", "key", "done", 0.0, result), DAY.format(1))
        found = ledger.stages.find("key")
        assert found is not None
        assert found.result["score"] == 0.5
        assert found.result["matrix"] == [[1, 0], [0, 1]]
        assert found.result["nan"] != found.result["nan"]

    def test_what_is_not_json_is_refused(self, ledger: Ledger) -> None:
        with pytest.raises(StoreError) as caught:
            ledger.stages.put(StageRecord("data", "k", "done", 0, {"x": object()}), DAY.format(1))
        assert caught.value.key == "store.not_json"
        assert ledger.stages.find("k") is None


class CandidatesContract:
    CURVE = ({"epoch": 1, "train_loss": 0.5, "valid_loss": 0.4, "valid_score": 0.9},)

    def test_the_leaderboard_keeps_its_order(self, ledger: Ledger) -> None:
        first = Candidate("svm", "rbf_svm", "done", 0.98, "accuracy", 1.0, curve=self.CURVE)
        second = Candidate("cnn", "cnn", "failed", reason="crash")
        ledger.candidates.add("r", "k1", first, "candidates/k1.lqm")
        ledger.candidates.add("r", "k2", second)
        weighted = replace(first, weight=0.7)
        ledger.candidates.add("r", "k1", weighted)
        assert ledger.candidates.list("r") == [weighted, second]
        assert ledger.candidates.find("k1") == (weighted, "candidates/k1.lqm")
        assert ledger.candidates.list("other") == []

    def test_only_a_finished_fit_is_found(self, ledger: Ledger) -> None:
        ledger.candidates.add("r", "k", Candidate("cnn", "cnn", "timeout"), "b")
        assert ledger.candidates.find("k") is None

    def test_a_fit_with_bytes_is_preferred(self, ledger: Ledger) -> None:
        line = Candidate("svm", "rbf_svm", "done", 0.9)
        ledger.candidates.add("r1", "k", line, "blob")
        ledger.candidates.add("r2", "k", line)
        found = ledger.candidates.find("k")
        assert found is not None and found[1] == "blob"


class DatasetsContract:
    SCHEMA = ({"name": "a", "kind": "number"},)

    def test_a_version_comes_back(self, ledger: Ledger) -> None:
        ledger.datasets.put(
            "d2", "digits", "train", "datasets/d2", self.SCHEMA, {"license": "BSD"}, 7, ["d1"], "1"
        )
        record = ledger.datasets.get("d2")
        assert record is not None
        assert (record.blob, record.rows, record.parents) == ("datasets/d2", 7, ("d1",))
        assert record.facts == {"license": "BSD"}
        assert list(record.schema_json) == list(self.SCHEMA)
        assert ledger.datasets.get("d3") is None

    def test_one_content_may_be_known_under_several_names(self, ledger: Ledger) -> None:
        for at, channel, name in (("1", "a", "train"), ("2", "b", "train"), ("3", "a", "test")):
            ledger.datasets.put("d", channel, name, "x", self.SCHEMA, {}, 1, [], at)
        ledger.datasets.put("d", "a", "train", "x", self.SCHEMA, {}, 1, [], "4")
        assert [(r.channel, r.name) for r in ledger.datasets.list()] == [
            ("a", "train"),
            ("a", "test"),
            ("b", "train"),
        ]
        assert [r.at for r in ledger.datasets.list("b")] == ["2"]


class ReleasesContract:
    def test_a_release_is_found_by_a_beginning(self, ledger: Ledger) -> None:
        ledger.releases.put(RELEASE)
        assert ledger.releases.get("abab") == RELEASE
        with pytest.raises(StoreError) as caught:
            ledger.releases.get("cd")
        assert caught.value.key == "store.unknown_release"

    def test_putting_again_keeps_the_state(self, ledger: Ledger) -> None:
        ledger.releases.put(RELEASE)
        ledger.releases.move(RELEASE.digest, "approved", DAY.format(2))
        ledger.releases.put(replace(RELEASE, summary={"score": 1}))
        found = ledger.releases.get(RELEASE.digest)
        assert (found.state, found.summary) == ("approved", {"score": 1})

    @pytest.mark.parametrize("start", list(MOVES))
    def test_only_the_allowed_moves_happen(self, ledger: Ledger, start: ReleaseState) -> None:
        for goal in MOVES:
            record = replace(RELEASE, digest=f"{start}-{goal}", state=start)
            ledger.releases.put(record)
            if goal in MOVES[start]:
                moved = ledger.releases.move(record.digest, goal, DAY.format(2))
                assert moved.state == ledger.releases.get(record.digest).state == goal
            else:
                with pytest.raises(StoreError) as caught:
                    ledger.releases.move(record.digest, goal, DAY.format(2))
                assert caught.value.key == "store.bad_move"
                assert all(f"{name}" in str(caught.value) for name in MOVES[start])
                assert ledger.releases.get(record.digest).state == start

    def test_the_list_has_the_newest_first(self, ledger: Ledger) -> None:
        for day in (1, 3, 2):
            ledger.releases.put(replace(RELEASE, digest=f"d{day}", created=DAY.format(day)))
        ledger.releases.put(replace(RELEASE, digest="x", channel="iris"))
        assert [r.digest for r in ledger.releases.list("digits")] == ["d3", "d2", "d1"]
        assert len(ledger.releases.list()) == 4


class OutletsContract:
    OUTLET = OutletRecord("o-1", "digits", "server", "opening", "", 0, DAY.format(1), {"port": 1})

    def test_an_outlet_is_put_and_changed(self, ledger: Ledger) -> None:
        ledger.outlets.put(self.OUTLET)
        changed = ledger.outlets.update("o-1", state="open", pid=2**40, detail={"port": 2})
        assert changed == replace(self.OUTLET, state="open", pid=2**40, detail={"port": 2})
        assert ledger.outlets.get("o-") == changed
        ledger.outlets.put(self.OUTLET)
        assert ledger.outlets.update("o-1") == self.OUTLET

    def test_lists_by_channel_and_state(self, ledger: Ledger) -> None:
        ledger.outlets.put(self.OUTLET)
        ledger.outlets.put(replace(self.OUTLET, id="o-2", state="open", opened=DAY.format(2)))
        ledger.outlets.put(replace(self.OUTLET, id="o-3", channel="iris", state="open"))
        assert [o.id for o in ledger.outlets.list("digits")] == ["o-2", "o-1"]
        assert [o.id for o in ledger.outlets.list("digits", "open")] == ["o-2"]
        assert {o.id for o in ledger.outlets.list(state="open")} == {"o-2", "o-3"}

    def test_what_cannot_be_changed_is_said(self, ledger: Ledger) -> None:
        ledger.outlets.put(self.OUTLET)
        with pytest.raises(StoreError, match=r"colour.*address, detail"):
            ledger.outlets.update("o-1", colour="red")
        with pytest.raises(StoreError) as caught:
            ledger.outlets.update("x", state="open")
        assert caught.value.key == "store.unknown_outlet"


class RoutesContract:
    def test_the_last_route_counts_and_the_others_stay(self, ledger: Ledger) -> None:
        whole = Route("digits", (Backend("r1", 1.0),), "", DAY.format(1), "deploy")
        canary = Route(
            "digits",
            (Backend("r1", 0.9), Backend("r2", 0.1, "canary")),
            "r1",
            DAY.format(2),
            "canary 10%",
        )
        assert ledger.routes.get("digits") is None
        for route in (whole, canary, replace(whole, channel="iris")):
            ledger.routes.set(route)
        assert ledger.routes.get("digits") == canary
        assert ledger.routes.history("digits") == [canary, whole]


class KeysContract:
    KEY = Key(
        "k1", "branch", "00" * 32, ("digits",), "600/min", DAY.format(9), False, DAY.format(1)
    )

    def test_a_key_comes_back_and_may_be_disabled(self, ledger: Ledger) -> None:
        ledger.keys.add(self.KEY)
        assert ledger.keys.get("k1") == self.KEY
        assert ledger.keys.get("k") is None
        ledger.keys.disable("k1")
        assert ledger.keys.list() == [replace(self.KEY, disabled=True)]

    def test_ids_are_unique_and_strangers_are_told(self, ledger: Ledger) -> None:
        ledger.keys.add(self.KEY)
        with pytest.raises(StoreError) as caught:
            ledger.keys.add(self.KEY)
        assert caught.value.key == "store.exists"
        with pytest.raises(StoreError) as caught:
            ledger.keys.disable("zz")
        assert caught.value.key == "store.unknown_key"


class UsageContract:
    def test_totals_are_by_key_channel_release_and_hour(self, ledger: Ledger) -> None:
        first = Used("k", "digits", "r1", 3600, 2, 1, 7, 0, 0.5)
        ledger.usage.add([first, Used("k", "digits", "r2", 3600, 1)])
        ledger.usage.add([first, Used("j", "iris", "r1", 7200, 1, tokens=9)])
        ledger.usage.add([])
        assert ledger.usage.list() == [
            Used("k", "digits", "r1", 3600, 4, 2, 14, 0, 1.0),
            Used("k", "digits", "r2", 3600, 1),
            Used("j", "iris", "r1", 7200, 1, tokens=9),
        ]
        assert [used.key for used in ledger.usage.list(since=3601)] == ["j"]
        assert len(ledger.usage.list(until=7200)) == 2
        assert [used.channel for used in ledger.usage.list(channel="iris")] == ["iris"]
        assert len(ledger.usage.list(keys=["k"])) == 2
        assert ledger.usage.list(keys=[]) == []


class QuotasContract:
    WINDOW = Window("k", "rows", "d", 86_400)

    def test_a_claim_counts_and_leases_what_there_is(self, ledger: Ledger) -> None:
        assert ledger.quotas.claim([Claim(self.WINDOW, 10, 3, 4)]) == [Grant(4, 3)]
        assert ledger.quotas.claim([Claim(self.WINDOW, 10, 0, 4)]) == [Grant(3, 0)]
        assert ledger.quotas.claim([Claim(self.WINDOW, 10, 5, 4)]) == [Grant(0, 0)]
        assert ledger.quotas.claim([Claim(self.WINDOW, 10, -7, 0)]) == [Grant(0, 2)]
        other = Window("k", "rows", "h", 86_400)
        claims = [Claim(other, 1, 0, 1), Claim(self.WINDOW, 10, 1, 0)]
        assert ledger.quotas.claim(claims) == [Grant(1, 0), Grant(0, 1)]
        assert ledger.quotas.known([self.WINDOW, other, Window("j", "rows", "d", 0)]) == [9, 1, 0]
        assert ledger.quotas.claim([]) == []

    def test_threads_lose_nothing(self, ledger: Ledger) -> None:
        def claim(_: int) -> float:
            return ledger.quotas.claim([Claim(self.WINDOW, 70, 0, 1)])[0].leased

        with ThreadPoolExecutor(4) as threads:
            assert sum(threads.map(claim, range(100))) == 70
        assert ledger.quotas.spent(self.WINDOW) == 70


class FeedbackContract:
    LABELS = (Label("a-1", "yes", "ab", DAY.format(1), "app", {"note": "by hand"}), Label("a-2", 3))

    def test_labels_come_back_as_they_were_put(self, ledger: Ledger) -> None:
        ledger.feedback.put("digits", self.LABELS)
        assert ledger.feedback.list("digits") == list(self.LABELS)
        found = ledger.feedback.of("digits", ["a-1", "a-3", "a-1"])
        assert found == {"a-1": self.LABELS[0]}

    def test_a_label_is_one_of_a_channel_and_an_answer(self, ledger: Ledger) -> None:
        ledger.feedback.put("digits", self.LABELS)
        ledger.feedback.put("digits", [Label("a-1", ["no"])])
        ledger.feedback.put("other", [Label("a-1", "else")])
        assert [one.label for one in ledger.feedback.list("digits")] == [["no"], 3]
        assert [one.label for one in ledger.feedback.list("digits", limit=1)] == [3]
        assert ledger.feedback.of("other", ["a-1", "a-2"]).keys() == {"a-1"}

    def test_many_ids_are_asked_for_at_once(self, ledger: Ledger) -> None:
        ledger.feedback.put("digits", [Label(f"b-{n}", n) for n in range(1200)])
        found = ledger.feedback.of("digits", [f"b-{n}" for n in range(0, 2400, 2)])
        assert sorted(one.label for one in found.values()) == list(range(0, 1200, 2))


class FindingsContract:
    FINDING = Finding(
        "fairness", "fairness.gap", 0.12, "sex", 0.1, 0.14, 300, "fail", "block", {"n": [1]}, "x.y"
    )

    def test_findings_come_back_in_order(self, ledger: Ledger) -> None:
        unknown = Finding("drift", "drift.psi", None, verdict="unknown", evidence={"why": "少"})
        ledger.findings.add("digits", "r1", "gate", DAY.format(1), [self.FINDING, unknown])
        ledger.findings.add("digits", "", "live", DAY.format(2), [self.FINDING])
        ledger.findings.add("iris", "r2", "gate", DAY.format(2), [])
        assert ledger.findings.list(run_id="r1") == [self.FINDING, unknown]
        assert len(ledger.findings.list("digits")) == 3
        assert ledger.findings.list("iris") == []
        assert [r.at for r in ledger.findings.records("digits", limit=2)] == [
            DAY.format(1),
            DAY.format(2),
        ]
        assert ledger.findings.records(run_id="")[0].stage == "live"


class ActionsContract:
    ACTION = Action("a1", "retrain", "drift.psi > 0.2", "digits", "requested", DAY.format(1))

    def test_an_action_is_done_and_says_more(self, ledger: Ledger) -> None:
        ledger.actions.add(replace(self.ACTION, detail={"psi": 0.3}))
        done = ledger.actions.update("a1", "done", {"run": "r2"})
        assert (done.state, done.detail) == ("done", {"psi": 0.3, "run": "r2"})
        assert ledger.actions.list(state="requested") == []
        assert ledger.actions.list("digits", "done") == [done]

    def test_the_newest_comes_first(self, ledger: Ledger) -> None:
        for day in (1, 3, 2):
            ledger.actions.add(replace(self.ACTION, id=f"a{day}", at=DAY.format(day)))
        assert [a.id for a in ledger.actions.list()] == ["a3", "a2", "a1"]
        with pytest.raises(StoreError) as caught:
            ledger.actions.update("b", "failed")
        assert caught.value.key == "store.unknown_action"


class RevisionContract:
    def test_what_servers_must_notice_counts(self, ledger: Ledger) -> None:
        seen = [ledger.revision()]
        for change in (
            lambda: ledger.releases.put(RELEASE),
            lambda: ledger.releases.move(RELEASE.digest, "approved", DAY.format(2)),
            lambda: ledger.routes.set(Route("digits", (Backend(RELEASE.digest, 1.0),))),
            lambda: ledger.keys.add(KeysContract.KEY),
            lambda: ledger.keys.disable("k1"),
            lambda: ledger.outlets.put(OutletsContract.OUTLET),
            lambda: ledger.outlets.update("o-1", state="open"),
        ):
            change()
            seen.append(ledger.revision())
        assert seen == list(range(seen[0], seen[0] + 8))

    def test_nothing_else_counts(self, ledger: Ledger) -> None:
        before = ledger.revision()
        ledger.runs.start(RUN)
        ledger.usage.add([Used("k", "digits", "", 0, 1)])
        ledger.events.append("a", "b", {}, DAY.format(1))
        with pytest.raises(StoreError):
            ledger.releases.move("none", "live", DAY.format(1))
        assert ledger.revision() == before


class TransactionContract:
    def test_a_change_and_its_event_are_kept_together(self, ledger: Ledger) -> None:
        with ledger.transaction():
            ledger.releases.put(RELEASE)
            ledger.events.append("release.made", RELEASE.digest, {}, DAY.format(1))
            assert ledger.releases.get(RELEASE.digest) == RELEASE
        assert (ledger.events.head().count, ledger.events.verify().ok) == (1, True)

    def test_or_lost_together(self, ledger: Ledger) -> None:
        ledger.events.append("first", "x", {}, DAY.format(1))
        before = ledger.revision()
        with pytest.raises(ZeroDivisionError), ledger.transaction():
            ledger.releases.put(RELEASE)
            ledger.events.append("release.made", RELEASE.digest, {}, DAY.format(1))
            raise ZeroDivisionError
        assert ledger.releases.list() == []
        assert ledger.revision() == before
        ledger.events.append("second", "x", {}, DAY.format(2))
        assert [event.kind for event in ledger.events.list()] == ["first", "second"]
        assert ledger.events.verify().ok

    def test_a_child_by_fork_opens_connections_of_its_own(self, ledger: Ledger) -> None:
        one = Used("k", "digits", "", 0, 1)
        ledger.usage.add([one])
        child = os.fork()
        if child == 0:
            ledger.usage.add([one])
            os._exit(0 if ledger.usage.list()[0].requests == 2 else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert ledger.usage.list() == [Used("k", "digits", "", 0, 2)]
