"""Errors: one key, two languages, and they survive the way between processes."""

import pickle

import pytest

from lingqu.core import errors
from lingqu.core.errors import AccessError, LingquError, SpecError

FACTS = {"value": "5 mins", "expected": "s, min"}


@pytest.mark.parametrize(
    "kind",
    [
        errors.SpecError,
        errors.DataError,
        errors.TrainError,
        errors.GateError,
        errors.OutletError,
        errors.StoreError,
    ],
)
def test_an_error_survives_pickling(kind: type[LingquError]) -> None:
    again = pickle.loads(pickle.dumps(kind("core.bad_unit", **FACTS)))
    assert type(again) is kind
    assert (again.key, again.facts) == ("core.bad_unit", FACTS)
    assert str(again) == str(kind("core.bad_unit", **FACTS))


def test_access_errors_carry_their_status() -> None:
    again = pickle.loads(pickle.dumps(AccessError("core.bad_unit", 429, **FACTS)))
    assert (again.status, again.key, again.facts) == (429, "core.bad_unit", FACTS)
    assert AccessError("core.bad_unit").status == 403


def test_an_error_is_worded_when_it_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    error = SpecError("core.bad_unit", **FACTS)
    monkeypatch.setenv("LINGQU_LANGUAGE", "en")
    assert str(error) == (
        "'5 mins' is not a quantity. Expected a number with one of these units: s, min."
    )
    monkeypatch.setenv("LINGQU_LANGUAGE", "zh")
    assert str(error).startswith("'5 mins' 不是一个量")


def test_the_tree_is_the_one_that_is_drawn() -> None:
    drawn = {line.split()[1] for line in (errors.__doc__ or "").splitlines() if "── " in line}
    assert drawn == {kind.__name__ for kind in LingquError.__subclasses__()}
