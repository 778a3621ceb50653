"""The check of made rows: copies, memorised rows, collapse and rows that are simply alike."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from tests.learn.made_tables import part, people

from lingqu.check.generated import Generated
from lingqu.core.nouns import Dataset, Finding, Subject
from lingqu.core.predictions import Predictions, Replies
from lingqu.release.made.columns import Made, learned

ALL = people(900)
TRAIN, TEST, OTHER = part(ALL, 0, 400), part(ALL, 400, 600), part(ALL, 600, 800)


def rows_of(data: Dataset) -> tuple[dict[str, object], ...]:
    columns = learned(data.schema)
    made = [Made.of(c, ALL.frame[c.name]) for c in columns]
    cells = [one.cells(one.numbers(data.frame[one.name])) for one in made]
    names = [one.name for one in made]
    return tuple(dict(zip(names, row, strict=True)) for row in zip(*cells, strict=True))


def found(made: Dataset, test: Dataset = TEST, train: Dataset = TRAIN) -> dict[str, Finding]:
    said = Predictions(np.ones(len(made)), replies=Replies(rows_of(made)))
    subject = Subject("gate", "generate", test.schema, train, test, said)
    return {finding.subject: finding for finding in Generated().look(subject)}


def test_fresh_real_rows_pass_everything() -> None:
    told = found(OTHER)
    assert told["c2st"].low <= 0.5 <= told["c2st"].high  # type: ignore[operator]
    assert told["tstr"].value > 0.8 and told["trtr"].value > 0.8  # type: ignore[operator]
    for name in ("copies", "nearest.ratio", "variety"):
        assert told[name].verdict == "pass" and not told[name].advice
    assert 0.7 < told["nearest.ratio"].value < 1.4  # type: ignore[operator]
    assert told["fidelity(yes)"].n + told["fidelity(no)"].n == len(OTHER)
    for finding in told.values():
        if finding.low is not None and finding.value is not None:
            assert finding.low <= finding.value <= finding.high, finding.subject  # type: ignore[operator]


def test_training_rows_again_are_copies_and_too_near() -> None:
    told = found(part(TRAIN, 0, 200))
    assert told["copies"].value == 1.0 and told["copies"].verdict == "fail"
    assert told["copies"].evidence["real"] < 0.05
    assert told["copies.excess"].value > 0.9  # type: ignore[operator]
    assert told["nearest.ratio"].value == 0.0 and told["nearest.ratio"].verdict == "fail"
    assert told["nearest.ratio"].advice == "generate.advice_near"


def test_one_row_a_hundred_times_is_no_variety_and_is_told_apart() -> None:
    one = Dataset(pl.concat([OTHER.frame[:1]] * 200), OTHER.schema)
    told = found(one)
    assert told["variety"].value == 0.0 and told["variety"].verdict == "fail"
    assert told["c2st"].value > 0.95  # type: ignore[operator]


def test_labels_that_mean_nothing_teach_nothing() -> None:
    random = np.random.default_rng(0)
    shuffled = pl.Series("ill", random.permutation(OTHER.frame["ill"].to_numpy()))
    mixed = OTHER.frame.with_columns(shuffled)
    told = found(Dataset(mixed, OTHER.schema))
    assert told["tstr"].value < told["trtr"].low  # type: ignore[operator]
    fidelity = told["fidelity(yes)"]
    assert fidelity.value < fidelity.evidence["real"] - 0.2  # type: ignore[operator]


def test_groups_of_protected_columns_are_counted() -> None:
    schema = TEST.schema.updated("city", role="protected", seen=True)
    test, train = Dataset(TEST.frame, schema), Dataset(TRAIN.frame, schema)
    told = found(Dataset(OTHER.frame, schema), test, train)
    assert told["made.k"].value >= 20 and told["made.unique"].value == 0  # type: ignore[operator]
    assert "made.k" not in found(OTHER)


def test_few_rows_and_no_rows_are_unknown_and_said_so() -> None:
    few = found(part(OTHER, 0, 200), part(TEST, 0, 5))
    assert few["c2st"].value is None and few["c2st"].verdict == "unknown"
    assert "5" in few["c2st"].evidence["why"]
    nothing = Generated().look(Subject("gate", "generate", TEST.schema, TRAIN, TEST))
    assert [f.verdict for f in nothing] == ["unknown"]


@pytest.mark.parametrize("seed", [0, 1])
def test_it_says_the_same_again(seed: int) -> None:
    said = Predictions(np.ones(len(OTHER)), replies=Replies(rows_of(OTHER)))
    subject = Subject("gate", "generate", TEST.schema, TRAIN, TEST, said, seed=seed)
    one, two = Generated().look(subject), Generated().look(subject)
    assert [f.to_json() for f in one] == [f.to_json() for f in two]
