"""Labels that come back: for answers of this channel only, on the disk, and the same ones twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.outlets.asking import OneApp, Reply, ask, make_app, opened

from lingqu.outlets.sight.frames import frames
from lingqu.outlets.sight.labels import MOST, Labels
from lingqu.outlets.sight.log import Log
from lingqu.outlets.sight.segments import Segments
from lingqu.store.home import Home


@pytest.fixture
def app(releases: dict[str, Path], home: Home) -> OneApp:
    made = make_app(opened(releases["digits"]))
    made.labels = Labels(home)
    return made


@pytest.fixture
def ids(app: OneApp, home: Home) -> list[str]:
    """Ids of answers that lie in the log."""
    served = app.serving.first
    assert served is not None
    row = served.release.golden["rows"][0]["input"]
    records = Log(Segments(home.logs / "digits"), frames, flush_s=0.01)
    app.room.records = records
    said = ask(app, "POST", "/c/digits", {"rows": [row] * 3}).json
    records.close()
    found: list[str] = said["prediction_ids"]
    return found


def post(app: OneApp, body: Any) -> Reply:
    return ask(app, "POST", "/c/digits/feedback", body)


def test_a_label_is_kept_with_the_release_that_answered(
    app: OneApp, home: Home, ids: list[str]
) -> None:
    reply = post(app, {"prediction_id": ids[0], "label": 7, "note": "seen by hand"})
    assert (reply.status, reply.json) == (200, {"kept": 1, "states": ["new"]}), reply.body
    (label,) = home.ledger.feedback.list("digits")
    served = app.serving.first
    assert served is not None
    assert (label.prediction, label.label, label.release) == (ids[0], "7", served.digest)
    assert label.detail == {"note": "seen by hand"} and label.at


def test_the_same_again_changes_nothing_and_another_must_be_meant(
    app: OneApp, home: Home, ids: list[str]
) -> None:
    both = {"feedback": [{"prediction_id": i, "label": "3"} for i in ids[:2]]}
    assert post(app, both).json["states"] == ["new", "new"]
    assert post(app, both).json["states"] == ["known", "known"]
    other = {"prediction_id": ids[0], "label": "5"}
    reply = post(app, other)
    assert reply.status == 409 and "replace" in reply.json["detail"]
    assert post(app, {**other, "replace": True}).json["states"] == ["new"]
    kept = {one.prediction: one.label for one in home.ledger.feedback.list("digits")}
    assert kept == {ids[0]: "5", ids[1]: "3"}


def test_all_or_nothing_and_unknown_ids_by_name(app: OneApp, home: Home, ids: list[str]) -> None:
    asked = [{"prediction_id": i, "label": "1"} for i in (ids[0], "deadbeef-0")]
    reply = post(app, {"feedback": asked})
    assert reply.status == 422 and "deadbeef-0" in reply.json["detail"]
    assert ids[0] not in reply.json["detail"]
    assert home.ledger.feedback.list("digits") == []


def test_answers_of_another_channel_cannot_be_labelled(
    releases: dict[str, Path], home: Home, ids: list[str]
) -> None:
    other = make_app(opened(releases["people"]))
    other.labels = Labels(home)
    asked = {"prediction_id": ids[0], "label": "yes"}
    assert ask(other, "POST", "/c/people/feedback", asked).status == 422


@pytest.mark.parametrize(
    "body",
    [
        [], {}, {"prediction_id": "a"}, {"prediction_id": 3, "label": "1"},
        {"prediction_id": "a", "label": 10**30}, {"prediction_id": 10**30, "label": "1"},
        {"prediction_id": "a", "label": None}, {"prediction_id": "a", "label": ["1"]},
        {"prediction_id": "a", "label": "x" * 20_000}, {"feedback": []},
        {"feedback": [{"prediction_id": "a", "label": "1"}] * 2},
        {"feedback": [{"prediction_id": str(n), "label": "1"} for n in range(MOST + 1)]},
    ],
)  # fmt: skip
def test_what_is_no_label_is_refused(app: OneApp, body: Any) -> None:
    reply = post(app, body)
    assert reply.status == 422, reply.body


def test_values_are_numbers(releases: dict[str, Path], home: Home) -> None:
    app = make_app(opened(releases["prices"]))
    app.labels = Labels(home)
    asked = {"prediction_id": "a", "label": "much"}
    reply = ask(app, "POST", "/c/prices/feedback", asked)
    assert reply.status == 422 and "much" in reply.json["detail"]
