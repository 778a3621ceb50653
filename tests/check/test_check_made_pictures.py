"""What the gate says of made pictures: of copies, of noise, and of pictures like the real ones."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from tests.learn.picture_tables import lines, unlabelled

from lingqu.check.generated import Generated
from lingqu.core.nouns import Dataset, Finding, Subject
from lingqu.core.predictions import Predictions, Replies
from lingqu.flow.generate_pictures import picture_eyes
from lingqu.release.made.levels import Levels, to_bytes
from lingqu.release.made.png import address, png
from lingqu.release.media import pixels

TRAIN, TEST = lines(200), lines(80, seed=1)


@cache
def eyes() -> dict[str, Any]:
    return picture_eyes(TRAIN, "generate", 0)


def addresses(rows: Dataset) -> tuple[str, ...]:
    """Return the pictures of rows as a maker answers with them."""
    column = rows.schema["p"]
    seen = pixels(rows.frame["p"], column.shape)
    levels = Levels.of(seen, column)
    return tuple(address(png(to_bytes(x, levels.count))) for x in levels.scaled(seen))


def looked(rows: Dataset, **facts: Any) -> dict[str, Finding]:
    """Return what is said of these rows as if they were made, one for each test row."""
    kinds = rows.frame["kind"].to_list() if "kind" in rows.frame.columns else None
    beside = {"seed": list(range(len(rows)))} | ({"kind": kinds} if kinds else {})
    said = Predictions(np.ones(len(rows)), replies=Replies(addresses(rows), None, beside))
    train, test = (TRAIN, TEST) if kinds else (unlabelled(TRAIN), unlabelled(TEST))
    subject = Subject("gate", "generate", test.schema, train, test, said, facts=facts)
    return {one.subject: one for one in Generated().look(subject)}


def value(found: dict[str, Finding], measure: str) -> float:
    told = found[measure].value
    assert told is not None
    return told


def test_fresh_real_pictures_pass_for_what_they_are() -> None:
    found = looked(lines(80, seed=2), **eyes())
    assert value(found, "c2st") == pytest.approx(0.5, abs=0.15)
    assert value(found, "tstr") == pytest.approx(value(found, "trtr"), abs=0.15)
    assert value(found, "copies") == 0 and found["copies"].verdict == "pass"
    assert value(found, "nearest.ratio") == pytest.approx(1.0, abs=0.1)
    assert value(found, "variety") == pytest.approx(1.0, abs=0.1)
    assert value(found, "fidelity(across)") > 0.9 and value(found, "fidelity(down)") > 0.9
    assert found["fid"].evidence["train_test"] > 0 and found["fid"].n == 80


def test_training_pictures_are_found_to_be_copies() -> None:
    found = looked(Dataset(TRAIN.frame.head(80), TRAIN.schema), **eyes())
    assert value(found, "copies") == value(found, "copies.excess") == 1
    assert found["copies"].verdict == "fail" and found["copies"].advice == "made.advice_copies"
    assert value(found, "nearest.ratio") == 0 and found["nearest.ratio"].verdict == "fail"


def test_one_picture_for_all_is_found_to_be_poor() -> None:
    one = Dataset(TEST.frame[[0] * 40 + [1] * 40], TEST.schema)
    found = looked(one, **eyes())
    assert value(found, "variety") == 0 and found["variety"].verdict == "fail"
    real = value(looked(lines(80, seed=2), **eyes()), "fid")
    assert value(found, "fid") > 3 * real


def test_pictures_of_the_other_label_have_no_fidelity() -> None:
    fresh = lines(80, seed=2)
    turned = fresh.frame.with_columns(kind=fresh.frame["kind"].reverse())
    found = looked(Dataset(turned, fresh.schema), **eyes())
    assert value(found, "fidelity(across)") < 0.2 and value(found, "tstr") < 0.5


def test_without_eyes_and_without_labels_the_rest_is_told() -> None:
    assert "fid" not in looked(lines(80, seed=2))
    found = looked(unlabelled(lines(80, seed=2)), **picture_eyes(unlabelled(TRAIN), "generate", 0))
    assert {"fid", "c2st", "copies", "variety"} <= set(found) and "tstr" not in found


def test_too_few_pictures_say_nothing() -> None:
    said = Predictions(np.ones(5), replies=Replies(addresses(lines(5)), None, {"seed": [0] * 5}))
    few = Dataset(TEST.frame.head(5), TEST.schema)
    subject = Subject("gate", "generate", TEST.schema, TRAIN, few, said)
    assert [one.verdict for one in Generated().look(subject)] == ["unknown"]
