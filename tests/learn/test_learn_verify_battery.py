"""Every learner of identities keeps the contract of algorithms, on tables, pictures and texts."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.contracts.algorithm_contract import AlgorithmContract, Case
from tests.learn.pair_tables import faces, halves, made, notes, people

from lingqu.core import catalog
from lingqu.core.errors import DataError, LingquError
from lingqu.core.metrics import score
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema
from lingqu.learn import ALGORITHMS
from lingqu.learn.verify.pairs import once, sides
from lingqu.learn.verify.scale import scale_of
from lingqu.learn.verify.siamese import Partners
from lingqu.release.encode import targets
from lingqu.release.runner import predict_model

ABLE = [name for name in ALGORITHMS if "verify" in catalog.load("algorithms", name).tasks]
NAMES = [name for name in ABLE if name != "constant"]
"""The constant answers as it does to classify."""
QUICK: dict[str, dict[str, Any]] = {"siamese": {"epochs": 14, "width": 32, "batch": 32}}
ENDLESS: dict[str, dict[str, Any]] = {"siamese": {"epochs": 10**7}}
BOUNDS = {
    "people": {"cosine": 0.45, "siamese": 0.3},
    "faces": {"cosine": 0.1, "siamese": 0.15},
    "notes": {"cosine": 0.3, "siamese": 0.35},
}
"""Half is chance."""
TABLES = {"people": people, "faces": faces, "notes": notes}


@cache
def case_of(name: str, table: str) -> Case:
    """Return a small case for a learner, the same one to all tests."""
    train, valid = halves(made(TABLES[table]()))
    quick, endless = QUICK.get(name, {}), ENDLESS.get(name, {})
    learns = name == "siamese" and table == "people"
    return Case(name, "verify", train, valid, quick, endless, learns, name == "cosine")


class TestEveryLearnerOfIdentities(AlgorithmContract):
    @pytest.fixture(params=NAMES)
    def case(self, request: pytest.FixtureRequest) -> Case:
        return case_of(request.param, "people")

    def test_a_class_without_training_rows_keeps_its_place(self, case: Case) -> None:
        """Here there are two classes and no third: one more is refused."""
        schema = case.train.schema.updated("y", levels=("different", "same", "never"))
        with pytest.raises(LingquError, match="never"):
            case.fit(Dataset(case.train.frame, schema, "train"))


def test_the_battery_leaves_nobody_out() -> None:
    assert ABLE == ["constant", "cosine", "siamese"]


SEEN = [(name, table) for name in NAMES for table in TABLES]
SLOW = ("siamese", "notes")


@pytest.mark.parametrize(
    ("name", "table"),
    [pytest.param(*one, marks=[pytest.mark.slow] * (one == SLOW)) for one in SEEN],
)
def test_identities_that_nobody_has_seen_are_told_apart(name: str, table: str) -> None:
    case = case_of(name, table)
    known = case.fit(text="gru", epochs=40) if (name, table) == SLOW else case.fitted
    said = predict_model(known, case.valid.frame)
    error = score("eer", targets(case.valid, "verify")[0], said)
    assert error < BOUNDS[table][name]


def test_a_net_learns_what_only_varies() -> None:
    one, two = (case_of(name, "people") for name in NAMES)
    truth = targets(one.valid, "verify")[0]
    errors = [score("eer", truth, predict_model(c.fitted, c.valid.frame)) for c in (one, two)]
    assert errors[1] < errors[0] - 0.1


def test_pairs_imply_what_is_of_one_identity() -> None:
    train = case_of("cosine", "people").train
    things, identity = once(train)
    known = len(np.unique(identity))
    assert len(things) == len(identity) == 6 * known and things.frame.columns[-1] == "place"
    same = train.frame.filter(pl.col("y") == "same")
    assert (same["y.first"] == same["y.second"]).all()


def test_sides_that_were_read_apart_are_refused() -> None:
    schema = Schema((Column("x", "image", shape=(8, 8)), Column("x.other", "image", shape=(8, 9))))
    with pytest.raises(DataError, match=r"'x' is read as \(8, 8\), 'x.other' as \(8, 9\)"):
        sides(schema)
    with pytest.raises(DataError, match="No column has two sides"):
        sides(Schema((Column("x", "image", shape=(8, 8)),)))


def test_a_scale_rises_with_the_cosine_and_stays_finite() -> None:
    cosine, y = np.array([-0.9, -0.8, 0.8, 0.9]), np.array([0, 0, 1, 1])
    apart, turned = scale_of(cosine, y), scale_of(cosine, 1 - y)
    assert 0 < apart.slope < 10 and turned.slope == 0
    assert scale_of(cosine, y, np.array([1.0, 1.0, 9.0, 9.0])).offset > apart.offset


def test_everybody_meets_another_of_the_same_identity() -> None:
    codes = np.array([4, 4, 4, 9, 9, 2])
    deals = Partners(np.zeros((6, 1), np.float32), codes, seed=1)
    drawn = [deals.partners(epoch) for epoch in range(20)]
    assert all((codes[partner] == codes).all() for partner in drawn)
    assert all((partner != np.arange(6)).tolist() == [True] * 5 + [False] for partner in drawn)
    assert len({tuple(partner.tolist()) for partner in drawn}) == 2
    assert (deals.partners(3) == drawn[3]).all()


@pytest.mark.parametrize("name", NAMES)
def test_it_does_not_matter_which_side_is_first(name: str) -> None:
    case = case_of(name, "people")
    model, frame = case.fitted, case.valid.frame
    names = [n for n in frame.columns if n + ".other" in frame.columns]
    swapped = frame.rename(
        {n: f"{n}.turned" for n in names} | {f"{n}.other": n for n in names}
    ).rename({f"{n}.turned": f"{n}.other" for n in names})
    one, two = (predict_model(model, rows).probabilities for rows in (frame, swapped))
    assert one is not None and two is not None
    assert np.allclose(one, two, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("wish", [{"image": "resnet"}, {"image": "vit"}])
def test_other_encoders_see_pictures(wish: dict[str, Any]) -> None:
    case = case_of("siamese", "faces")
    said = predict_model(case.fit(epochs=4, **wish), case.valid.frame)
    assert said.probabilities is not None and np.isfinite(said.probabilities).all()


@pytest.mark.slow
@pytest.mark.parametrize("wish", [{"text": "lstm"}, {"text": "gru"}])
def test_other_encoders_read_texts(wish: dict[str, Any]) -> None:
    case = case_of("siamese", "notes")
    said = predict_model(case.fit(epochs=4, **wish), case.valid.frame)
    assert said.probabilities is not None and np.isfinite(said.probabilities).all()


@pytest.mark.parametrize("wish", [{"dimensions": 0}, {"temperature": 0.0}, {"width": 30}])
def test_options_that_cannot_be_are_refused(wish: dict[str, Any]) -> None:
    with pytest.raises(LingquError):
        case_of("siamese", "people").make(**wish)


def test_a_text_is_cut_only_where_somebody_said_so() -> None:
    long = notes(8, each=3)
    words = long.frame.with_columns(note=pl.col("note") + " more" * 600)
    train, valid = halves(made(Dataset(words, long.schema, "notes")))
    case = Case("siamese", "verify", train, valid, {"epochs": 1, "width": 8, "heads": 2})
    with pytest.raises(LingquError, match=r"61\d words"):
        case.fit()
    assert case.fit(context=20).members[0].notes["epochs"] == 1
