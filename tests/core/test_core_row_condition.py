from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.core.errors import SpecError
from lingqu.core.row_condition import LONGEST, parse_condition

ROW = {"country": "CN", "amount": 120, "new": True, "age": None, "key": "x", "house-no": 3}
REQUEST = {"key": "clinic", "region": "north", "session": "s1"}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("country == 'CN'", True),
        ('country != "CN"', False),
        ("amount > 100 and amount <= 120", True),
        ("amount > 1000 or region == 'north'", True),
        ("not (amount > 1000 or region == 'south')", True),
        ("country in ('US', 'CN')", True),
        ("country not in ('US', 'CN')", False),
        ("age is null and amount is not null", True),
        ("new == true", True),
        ("key == 'clinic'", True),
        ("`key` == 'x'", True),
        ("house-no == 3", True),
        ("age > 3 or age <= 3", False),
        ("country > 3", False),
        ("absent == 'x'", False),
        ("session is not null", True),
        ("amount > -1e3", True),
    ],
)
def test_a_condition_holds_or_not(text: str, holds: bool):
    assert parse_condition(text).holds(ROW, REQUEST) is holds


def test_columns_are_told_from_what_the_request_came_with():
    assert parse_condition("key == 'a' and region == 'b'").columns == ()
    assert parse_condition("`key` == 'a' and b > 1 or b < 0").columns == ("key", "b")


@pytest.mark.parametrize(
    ("text", "column"),
    [("", 1), ("a ==", 5), ("a = 1", 3), ("a == 1 b", 8), ("(a == 1", 8), ("a == b", 6)],
)
def test_what_is_no_condition_is_refused_where_it_goes_wrong(text: str, column: int):
    with pytest.raises(SpecError) as caught:
        parse_condition(text)
    assert caught.value.key == "route.bad_condition"
    assert caught.value.facts["column"] == column


def test_too_long_and_too_deep_are_refused():
    for text in ("a == 1 or " * LONGEST, "(" * 60 + "a == 1" + ")" * 60):
        with pytest.raises(SpecError):
            parse_condition(text)


@settings(max_examples=300, deadline=None)
@given(st.text("abkey'\"`()<>=! 1.5-andornotinsull,", max_size=60))
def test_any_text_is_a_condition_or_a_refusal(text: str):
    try:
        condition = parse_condition(text)
    except SpecError:
        return
    assert condition.holds({"a": 1, "b": "x"}, {}) in (True, False)
