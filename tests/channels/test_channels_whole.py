"""Whole channels, from data to a release that answers, through the door that users take."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.walked import people, states, write_channel

import lingqu
from lingqu.core.errors import GateError
from lingqu.workspace import Workspace

pytestmark = pytest.mark.slow
REUSED = {"data", "govern", "train", "check", "release"}


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with lingqu.open(tmp_path / ".lingqu") as opened:
        yield opened


def simple(**changes: Any) -> lingqu.Channel:
    """Return a channel on `people` with one candidate, whose result no clock decides."""
    base = lingqu.Channel.of(
        {
            "channel": "small",
            "data": "in memory",
            "train": {
                "task": "classify",
                "target": "churned",
                "algorithm": "logistic",
                "budget": "40 s",
                "workers": 1,
            },
        }
    )
    return base.updated(**changes) if changes else base


def finding(workspace: Workspace, run: str, subject: str) -> float:
    value = next(f.value for f in workspace.findings(run) if f.subject == subject)
    assert value is not None
    return value


class TestKinds:
    def test_a_table_with_gaps_dates_and_categories(self, workspace: Workspace) -> None:
        frame = mixed(240)
        declared = simple(
            data={"source": "in memory"},
            train={"target": "late", "algorithm": "auto", "budget": "4 s", "workers": 2},
        )
        done = workspace.run(declared, frame)
        assert done.state == "done"
        assert finding(workspace, done.id, "roc_auc") > 0.7
        release = workspace.release(done.release)
        kinds = {column.name: column.kind for column in release.schema.inputs}
        assert kinds["ordered"] == "datetime" and kinds["carrier"] == "category"
        assert kinds["express"] == "boolean" and kinds["weight"] == "number"
        answers = release.predict(frame.drop("late").head(20))
        assert answers.height == 20
        assert set(answers["prediction"]) <= {"yes", "no"}

    def test_a_regression(self, workspace: Workspace) -> None:
        declared = lingqu.Channel.of(
            {
                "channel": "progression",
                "data": "sklearn:diabetes",
                "train": {
                    "task": "regress",
                    "target": "progression",
                    "algorithm": "ridge",
                    "budget": "20 s",
                    "workers": 1,
                },
                "release": {"require": ["r2 >= 0.3", "rmse <= 65"]},
            }
        )
        done = workspace.run(declared)
        assert done.state == "done"
        assert done.summary["metric"] == "rmse"
        assert 40 < done.summary["validation_score"] < 70
        answers = workspace.call("progression", people_of("diabetes").head(3))
        assert all(25 <= answer["prediction"] <= 350 for answer in answers)
        assert "confidence" not in answers[0]

    def test_pictures(self, workspace: Workspace) -> None:
        from lingqu.data.sklearn import SklearnBundled

        rows = SklearnBundled("digits").read().frame.head(500)
        declared = simple(
            data={"source": "in memory", "kinds": {"image": "image"}},
            train={"target": "digit", "algorithm": ["logistic", "rbf_svm"]},
        )
        done = workspace.run(declared, rows)
        assert finding(workspace, done.id, "accuracy") > 0.85
        release = workspace.release(done.release)
        assert release.schema["image"].shape == (8, 8)
        said = release.predict(rows.select("image").head(40))["prediction"]
        assert (said == rows["digit"].head(40)).mean() > 0.9

    @pytest.mark.parametrize("language", ["en", "zh"])
    def test_short_texts(self, workspace: Workspace, language: str) -> None:
        frame = reviews(language, 240)
        declared = simple(train={"target": "mood"}, data={"source": "x", "kinds": {"says": "text"}})
        done = workspace.run(declared, frame)
        assert done.state == "done"
        assert finding(workspace, done.id, "accuracy") > 0.85

    @pytest.mark.parametrize("form", ["pandas", "arrow", "dicts"])
    def test_every_frame_walks_the_same_path(self, workspace: Workspace, form: str) -> None:
        frame = people(120)
        given: Any = {
            "pandas": frame.to_pandas,
            "arrow": frame.to_arrow,
            "dicts": frame.to_dicts,
        }[form]()
        first = workspace.run(simple(), frame)
        second = workspace.run(simple(), given)
        assert second.release == first.release
        answers = workspace.release(first.release).predict(given)
        kinds = {
            "pandas": "pandas.DataFrame",
            "arrow": "pyarrow.lib.Table",
            "dicts": "builtins.list",
        }
        assert f"{type(answers).__module__}.{type(answers).__name__}" == kinds[form]
        assert len(answers) == 120


class TestAgain:
    def test_nothing_changed_and_everything_is_reused(self, workspace: Workspace) -> None:
        first = workspace.run(simple(), people())
        second = workspace.run(simple(), people())
        assert states(second) == dict.fromkeys(REUSED, "reused")
        assert second.release == first.release
        assert workspace.report(second.id).is_file()

    def test_one_governance_option_runs_only_what_comes_after(self, workspace: Workspace) -> None:
        workspace.run(simple(govern=["contract", "dedupe"]), people())
        changed = simple(govern=["contract", "dedupe", {"outliers": {"columns": ["paid"]}}])
        assert states(workspace.run(changed, people())) == {
            "data": "reused",
            "govern": "done",
            "train": "done",
            "check": "done",
            "release": "done",
        }

    def test_an_option_of_use_leaves_the_model_alone(self, workspace: Workspace) -> None:
        workspace.run(simple(), people())
        changed = simple(release={"require": ["accuracy >= 0.5"]})
        seen = states(workspace.run(changed, people()))
        assert [n for n, state in seen.items() if state == "reused"] == [
            "data",
            "govern",
            "train",
            "check",
        ]

    def test_other_rows_are_another_walk(self, workspace: Workspace) -> None:
        workspace.run(simple(), people())
        assert set(states(workspace.run(simple(), people(seed=1))).values()) == {"done"}

    def test_the_same_channel_data_and_seed_give_the_same_release_anywhere(
        self, tmp_path: Path
    ) -> None:
        digests = set()
        for name in ("one", "two"):
            path = write_channel(tmp_path / name)
            with lingqu.open(tmp_path / name / "ws") as workspace:
                digests.add(workspace.run(path).release)
        assert len(digests) == 1

    def test_another_seed_is_another_release(self, workspace: Workspace) -> None:
        first = workspace.run(simple(), people())
        second = workspace.run(simple(train={"seed": 1}), people())
        assert first.release != second.release


class TestGate:
    def test_a_requirement_that_fails_blocks_the_release(self, workspace: Workspace) -> None:
        done = workspace.run(simple(release={"require": ["accuracy >= 0.999"]}), people())
        assert done.state == "refused"
        assert done.summary["gate"]["requirements"][0]["verdict"] == "fail"
        (record,) = workspace.releases()
        assert record.state == "blocked"
        with pytest.raises(GateError, match="blocked"):
            workspace.deploy("small")
        assert workspace.events("release.blocked")[-1].subject == done.release
        assert workspace.audit().ok

    def test_a_measure_that_nobody_delivers_blocks_it_too(self, workspace: Workspace) -> None:
        done = workspace.run(simple(release={"require": ["fairness.gap(sex) <= 0.5"]}), people())
        assert done.state == "refused"
        assert done.summary["gate"]["requirements"][0]["verdict"] == "unknown"

    def test_a_declared_block_at_the_gate_blocks(self, workspace: Workspace) -> None:
        done = workspace.run(
            simple(respond=[{"when": "accuracy < 0.999", "do": "block"}]), people()
        )
        assert done.state == "refused"
        assert done.summary["gate"]["blocking"] == ["accuracy"]
        assert workspace.releases()[0].state == "blocked"

    def test_a_person_must_say_yes(self, workspace: Workspace) -> None:
        done = workspace.run(simple(release={"approve": "human"}), people())
        assert done.state == "done"
        assert workspace.releases()[0].state == "candidate"
        with pytest.raises(GateError):
            workspace.deploy("small")
        assert workspace.approve(done.release, "史禄").state == "approved"

    def test_a_second_attempt_weighs_the_rows_again(self, workspace: Workspace) -> None:
        declared = simple(
            data={"source": "in memory", "protected": ["sex"]},
            train={"target": "hired"},
            release={"require": ["fairness.gap(sex) <= 0.001"]},
            respond=[{"when": "fairness.gap(sex) > 0.001", "do": "reweigh"}],
        )
        done = workspace.run(declared, unfair(400))
        names = [stage.name for stage in done.stages]
        assert "govern #2" in names and "train #2" in names
        (action,) = workspace.actions("small")
        assert (action.name, action.state) == ("reweigh", "done")
        (event,) = workspace.events("gate.second_attempt")
        assert event.detail["added"] == ["reweigh"]
        again = workspace.run(declared, unfair(400))
        assert set(states(again).values()) == {"reused"}


def people_of(name: str) -> pl.DataFrame:
    from lingqu.data.sklearn import SklearnBundled

    return SklearnBundled(name).read().frame


def mixed(rows: int, seed: int = 3) -> pl.DataFrame:
    """Parcels that come late: every kind of a table, with gaps."""
    draw = random.Random(seed)
    table = []
    for _ in range(rows):
        ordered = datetime(2026, 1, 1) + timedelta(hours=draw.randrange(24 * 300))
        carrier = draw.choice(["顺风", "Poste", "Sail", None])
        express = draw.random() < 0.4
        weight = draw.choice([None, round(draw.uniform(0.1, 30), 1)])
        burden = (carrier == "Sail") + (weight or 10) / 15 - 1.5 * express + draw.gauss(0, 0.4)
        table.append(
            {
                "ordered": ordered.isoformat(sep=" "),
                "carrier": carrier,
                "express": express,
                "weight": weight,
                "late": "yes" if burden > 0.5 else "no",
            }
        )
    return pl.DataFrame(table)


def reviews(language: str, rows: int, seed: int = 4) -> pl.DataFrame:
    """Short texts whose mood lies in their words."""
    draw = random.Random(seed)
    words = {
        "en": (["lovely", "great", "quick", "kind"], ["broken", "slow", "rude", "late"], " "),
        "zh": (["很好", "喜欢", "快递快", "满意"], ["很差", "破损", "退货", "太慢"], "，"),
    }
    good, bad, between = words[language]
    plain = (
        ["the parcel came", "on monday", "again"] if language == "en" else ["包裹", "周一", "我"]
    )
    table = []
    for number in range(rows):
        mood = draw.choice(["glad", "cross"])
        said = draw.sample(good if mood == "glad" else bad, 2) + draw.sample(plain, 2)
        draw.shuffle(said)
        table.append({"says": between.join(said) + f" {number}", "mood": mood})
    return pl.DataFrame(table)


def unfair(rows: int, seed: int = 5) -> pl.DataFrame:
    """Decisions that followed the sex of a person, and a feature that tells it."""
    draw = random.Random(seed)
    table = []
    for _ in range(rows):
        sex = draw.choice("fm")
        skill, hobby = draw.gauss(0, 1), draw.gauss(1.0 if sex == "m" else -1.0, 0.7)
        hired = skill + (1.2 if sex == "m" else -1.2) + draw.gauss(0, 0.5) > 0
        table.append(
            {"skill": skill, "hobby": hobby, "sex": sex, "hired": "yes" if hired else "no"}
        )
    return pl.DataFrame(table)
