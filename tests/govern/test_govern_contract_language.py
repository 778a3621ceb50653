"""The small language of `expression`, and the named formats."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.core.errors import SpecError
from lingqu.govern.contract.expression import LONGEST, parse_expression
from lingqu.govern.contract.formats import FORMATS, matches
from lingqu.govern.contract.rules import parse

ROW = pl.DataFrame(
    {
        "a": [6],
        "b": [2.5],
        "unit price": [3],
        "name": ["Li Lei"],
        "gone": pl.Series([None], dtype=pl.Int64),
        "day": [date(2026, 2, 3)],
        "价格": [9],
        "ok": [True],
    }
)
TRUE = [
    "a == 6 and b > 2",
    "a == 1 or b == 2.5",
    "a - 2 - 1 == 3",
    "2 + a * 2 == 14",
    "(2 + a) * 2 == 16",
    "-a < -5",
    "a / 4 == 1.5",
    "a % 4 == 2",
    "a + `unit price` == 价格",
    "not a == 7",
    "not not a == 6",
    "gone is null",
    "a is not null",
    "name in ('Li Lei', \"Han\")",
    "name not in ('Han', 'x')",
    "length(name) == 6",
    "lower(trim(name)) == 'li lei'",
    "year(day) == 2026 and month(day) == 2 and day(day) == 3",
    "abs(2 - a) == 4 and round(b) >= 2",
    "ok == true",
    "ok",
    "ok != false and 1e1 > a",
    "a <= 6 and a >= 6 and a != .5",
    r"name != 'it\'s'",
]
BAD = [
    "a ==",
    "a == 1 b",
    "a = 1",
    "a === 1",
    "__import__('os') == 1",
    "a.b.c()",
    "eval(a) == 1",
    "(a == 1",
    "a == 1)",
    "a in ()",
    "a in 1",
    "a is 3",
    "a not 3",
    "a == 'x",
    "1 == 1",
    "",
    "a == 1 and",
    "a; b",
    "[a]",
    "lambda: a",
    "(" * 60 + "a" + ")" * 60,
    "a" * (LONGEST + 1),
    "and == 1",
]


@pytest.mark.parametrize("text", TRUE)
def test_an_expression_means_what_it_says(text: str) -> None:
    holds, names = parse_expression(text)
    assert ROW.select(holds).item() is True
    assert set(names) <= set(ROW.columns)
    assert ROW.select(parse_expression(f"not ({text})")[0]).item() is False


def test_what_is_missing_says_nothing() -> None:
    assert ROW.select(parse_expression("gone > 3")[0]).item() is None


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_expression_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse([{"expression": text}])
    assert caught.value.key in ("contract.bad_expression", "contract.no_expression")


@given(
    st.recursive(
        st.sampled_from(["a", "b", "3", "0.5"]),
        lambda inner: st.tuples(inner, st.sampled_from("+-*"), inner).map(
            lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
        ),
        max_leaves=8,
    )
)
@settings(max_examples=60, deadline=None)
def test_sums_agree_with_plain_python(text: str) -> None:
    wanted = eval(text, {}, {"a": 6, "b": 2.5})
    holds, _ = parse_expression(f"abs({text} - ({wanted!r})) < 0.000001 or a == 7")
    assert ROW.select(holds).item() is True


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        expression, names = parse_expression(text)
    except SpecError as error:
        assert str(error)
    else:
        assert isinstance(expression, pl.Expr) and names


SAMPLES: dict[str, tuple[list[str], list[str]]] = {
    "email": (["a.li@example.com", "x+y@a-b.org"], ["a@b", "a b@c.de", "@c.de", "a@-b.de"]),
    "url": (["https://example.com/a?b=1", "s3://bucket/key"], ["example.com", "http://", "ht tp://a.b"]),
    "uuid": (["123e4567-e89b-12d3-a456-426614174000"], ["123e4567e89b12d3a456426614174000"]),
    "ipv4": (["192.168.0.1", "255.255.255.255"], ["256.1.1.1", "1.2.3", "01.2.3.4.5"]),
    "ipv6": (["::1", "2001:db8::8a2e:370:7334"], [":::1", "1.2.3.4", "2001:db8"]),
    "mac": (["00:1b:44:11:3a:b7"], ["00:1b:44:11:3a", "zz:1b:44:11:3a:b7"]),
    "hostname": (["www.example.com"], ["example", "-a.com"]),
    "date": (["2026-01-31"], ["2026-13-01", "31-01-2026", "2026-01-31 "]),
    "datetime": (["2026-01-31T08:00:00Z", "2026-01-31 08:00"], ["2026-01-31", "2026-01-31T25:00"]),
    "time": (["08:00", "23:59:59"], ["24:00", "8:00"]),
    "json": (['{"a": [1]}', " [] "], ["{a: 1}", "3", "{"]),
    "sha256": (["a" * 64], ["a" * 63, "g" * 64]),
    "base64": (["aGVsbG8=", "aGVsbG8h"], ["aGVsbG8", "####"]),
    "hex_colour": (["#fff", "#00FF7f"], ["fff", "#ff"]),
    "phone": (["+8613912345678"], ["13912345678", "+0123456789"]),
    "iban": (["GB82 WEST 1234 5698 7654 32"], ["GB82 WEST 1234 5698 7654 33", "GB82"]),
    "bank_card": (["4539148803436467", "4539 1488 0343 6467"], ["4539148803436468", "45391488"]),
    "china_id": (["11010519491231002X", "11010519491231002x"],
                 ["110105194912310021", "11010519491331002X", "1101051949123100"]),
    "china_mobile": (["13912345678"], ["12912345678", "139123456789"]),
    "china_credit_code": (["91350100M000100Y43"], ["91350100M000100Y44", "91350100M000100I43"]),
    "china_postcode": (["100084"], ["900084", "10008"]),
    "china_plate": (["京A12345", "粤BD12345"], ["A12345", "京I12345"]),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_knows_its_own(name: str) -> None:
    good, bad = SAMPLES[name]
    frame = pl.DataFrame({"text": [*good, *bad, None, "", good[0] + "\n"]})
    found = frame.select(matches(pl.col("text"), name)).to_series().to_list()
    empty = name == "base64"
    trailing = name == "json"
    assert found == [True] * len(good) + [False] * len(bad) + [None, empty, trailing]


@given(text=st.text(max_size=40), name=st.sampled_from(sorted(FORMATS)))
@settings(max_examples=150, deadline=None)
def test_no_text_stops_a_format(text: str, name: str) -> None:
    frame = pl.DataFrame({"text": [text]})
    assert frame.select(matches(pl.col("text"), name)).item() in (True, False)


BAD_RULES: list[tuple[Any, str]] = [
    ({"not_null": "a", "mostly": 0}, "not a share"),
    ({"not_null": "a", "mostly": True}, "not a share"),
    ({"mean": {"column": "a", "min": 1}, "mostly": 0.9}, "takes no `mostly`"),
    ({"range": {"column": "a", "min": float("nan")}}, "not finite"),
    ({"format": {"column": "a", "is": "e-mail"}}, "unknown format"),
    ({"date_range": {"column": "a", "min": "soon"}}, "not an ISO date"),
    ({"no_gaps": {"column": "a", "every": "often"}}, "not a length of time"),
    ({"no_gaps": {"column": "a", "every": "0 s"}}, "not a length of time"),
    ({"no_outliers": {"column": "a", "method": "guess"}}, "unknown method"),
    ({"no_outliers": {"column": "a", "limit": 0}}, "not positive"),
    ({"quantile": {"column": "a", "at": 2, "min": 1}}, "outside 0 to 1"),
    ({"quantile": {"column": "a", "at": 0.5}}, "lacks an option"),
    ({"correlation": {"columns": ["a", "b"], "min": 2}}, "outside -1 to 1"),
    ({"correlation": {"columns": ["a", "b", "c"], "min": 0}}, "compares two columns"),
    ({"differ": ["a", "a"]}, "compares two columns"),
    ({"level_shares": {"column": "a", "shares": {"x": 0.5}}}, "do not sum to 1"),
    ({"level_shares": {"column": "a", "shares": {"x": True}}}, "do not sum to 1"),
    ({"drift": {"column": "a", "summary": {}}}, "neither of bins nor of levels"),
    ({"drift": {"column": "a", "summary": {"edges": [1], "shares": [1]}}}, "neither of bins"),
    ({"starts_with": {"column": "a", "any": []}}, "empty"),
    ({"contains": {"column": "a", "any": [3]}}, "no text"),
    ({"image_size": {"column": "a", "min_width": 9, "max_width": 1}}, "above max"),
    ({"sum_of": {"columns": ["a"], "equals": "b", "tolerance": -1}}, "not positive"),
    ({"expression": 3}, "no text"),
]  # fmt: skip


@pytest.mark.parametrize(("row", "problem"), BAD_RULES, ids=[str(b[0]) for b in BAD_RULES])
def test_an_impossible_rule_is_refused(row: Any, problem: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse([row])
    assert problem in str(caught.value) and "rule 1" in str(caught.value)
