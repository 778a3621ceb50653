"""k-anonymity, l-diversity and t-closeness, worked out by hand and compared with plain counting."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.check.anonymity import Anonymity, closeness, diversity, groups
from lingqu.core.nouns import Dataset, Finding, Subject
from lingqu.core.quasi import quasi_identifiers
from lingqu.core.schema import Column, Schema


def looked(frame: pl.DataFrame, check: Anonymity, **kinds: Any) -> dict[str, Finding]:
    columns = [
        Column(n, kinds.get(n, "category"), "target" if n == "ill" else "feature")
        for n in frame.columns
    ]
    schema = Schema(tuple(columns))
    subject = Subject("data", "classify", schema, train=Dataset(frame, schema))
    return {finding.subject: finding for finding in check.look(subject)}


WARD = pl.DataFrame(
    {
        "age": ["20s", "20s", "20s", "30s", "30s", "40s"],
        "sex": ["f", "f", "f", "m", "m", "m"],
        "ill": ["flu", "flu", "cold", "flu", "flu", "ulcer"],
        "pay": [1.0, 2.0, 3.0, 10.0, 10.0, 20.0],
    }
)


def test_a_ward_worked_out_by_hand() -> None:
    found = looked(WARD, Anonymity(columns=["age", "sex"], sensitive=["ill", "pay"]), pay="number")
    assert found["anonymity.k"].value == 1
    assert found["anonymity.k"].evidence["smallest"][0] == {"rows": 1, "age": "40s", "sex": "m"}
    assert found["anonymity.unique"].value == pytest.approx(1 / 6)
    assert found["anonymity.l(ill)"].value == 1
    assert found["anonymity.l_entropy(ill)"].value == pytest.approx(1.0)
    # The last group is all ulcer, 1/6 of everybody: half of (4/6 + 1/6 + 5/6).
    assert found["anonymity.t(ill)"].value == pytest.approx(5 / 6)
    assert found["anonymity.l(pay)"].value == 1
    # Five ordered values; whole = (1,1,1,2,1)/6 against a group at the top.
    assert found["anonymity.t(pay)"].value == pytest.approx((1 + 2 + 3 + 5) / 6 / 4)
    assert {f.verdict for f in found.values()} == {"note"}


def test_limits_make_it_pass_or_fail_with_advice() -> None:
    strict = looked(WARD, Anonymity(columns=["age"], k=2, l=2, t=0.2))
    for name in ("anonymity.k", "anonymity.l(ill)", "anonymity.t(ill)"):
        assert (strict[name].verdict, strict[name].severity) == ("fail", "warn")
        assert strict[name].advice == "check.advice_anonymity"
    loose = looked(WARD, Anonymity(columns=["sex"], k=3, l=2, t=0.9))
    assert {loose[n].verdict for n in ("anonymity.k", "anonymity.l(ill)")} == {"pass"}
    assert loose["anonymity.k"].evidence["rows_below"] == 0


def test_missing_values_are_a_group_of_their_own() -> None:
    frame = pl.DataFrame({"age": [None, None, "20s"], "ill": ["a", None, None]})
    found = looked(frame, Anonymity(columns=["age"]))
    assert found["anonymity.k"].value == 1
    assert found["anonymity.l(ill)"].value == 1
    assert found["anonymity.k"].evidence["groups"] == 2


def test_what_cannot_be_measured_is_said() -> None:
    found = looked(WARD.select("ill"), Anonymity())
    assert found["anonymity.k"].value is None and found["anonymity.k"].verdict == "note"
    absent = looked(WARD, Anonymity(columns=["weight"]))
    assert absent["anonymity.k"].verdict == "unknown"
    assert "weight" in absent["anonymity.k"].evidence["why"]
    pictures = pl.DataFrame({"sex": ["f"], "ill": [b"x"]})
    assert looked(pictures, Anonymity(), ill="image")["anonymity.l(ill)"].verdict == "unknown"


def test_quasi_identifiers_are_told_by_role_and_by_name() -> None:
    names = ["age", "pages", "home_city", "出生日期", "sextant", "zip", "note_age", "picture"]
    names.append("邮编")
    kinds: list[Any] = ["number", "number", "category", "datetime", "number", "text", "number",
                        "image", "category"]  # fmt: skip
    schema = Schema(
        (*(Column(n, k) for n, k in zip(names, kinds, strict=True)),
         Column("tribe", "text", "protected"), Column("sex", "category", "target"))
    )  # fmt: skip
    found = [column.name for column in quasi_identifiers(schema)]
    assert found == ["age", "home_city", "出生日期", "note_age", "邮编", "tribe"]


ROWS = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"), st.integers(0, 4)),
    min_size=1,
    max_size=40,
)


@given(ROWS)
@settings(max_examples=80, deadline=None)
def test_it_agrees_with_plain_counting(rows: list[tuple[str, str, int]]) -> None:
    frame = pl.DataFrame(rows, schema=["a", "b", "s"], orient="row")
    codes, sizes, firsts = groups(frame.select("a", "b"))
    held: dict[tuple[str, str], list[int]] = defaultdict(list)
    for a, b, s in rows:
        held[a, b].append(s)
    keys = [(rows[place][0], rows[place][1]) for place in firsts]
    assert sizes.tolist() == [len(held[key]) for key in keys]
    values = frame["s"].to_numpy().astype(np.int64)
    distinct, effective = diversity(codes, values, len(sizes))
    assert distinct.tolist() == [len(set(held[key])) for key in keys]
    whole = Counter(s for _, _, s in rows)
    far = closeness(codes, sizes, values, ordered=False)
    for place, key in enumerate(keys):
        share = {v: held[key].count(v) / len(held[key]) for v in set(held[key])}
        entropy = -sum(p * np.log(p) for p in share.values())
        assert effective[place] == pytest.approx(np.exp(entropy))
        gap = sum(abs(share.get(v, 0.0) - n / len(rows)) for v, n in whole.items()) / 2
        assert far[place] == pytest.approx(gap)
        assert 0 <= far[place] <= 1


@given(st.lists(st.floats(-50, 50), min_size=150, max_size=250), st.integers(1, 5))
@settings(max_examples=20, deadline=None)
def test_many_ordered_values_are_cut_and_stay_between_zero_and_one(
    values: list[float], parts: int
) -> None:
    frame = pl.DataFrame({"sex": [str(n % parts) for n in range(len(values))], "ill": values})
    found = looked(frame, Anonymity(), ill="number")
    assert 0 <= (found["anonymity.t(ill)"].value or 0) <= 1
    assert (found["anonymity.l(ill)"].value or 0) >= 1


def test_one_group_is_as_all_rows() -> None:
    frame = pl.DataFrame({"sex": ["f"] * 10, "ill": list("aabbbccccc")})
    found = looked(frame, Anonymity())
    assert found["anonymity.t(ill)"].value == 0
    assert found["anonymity.k"].value == 10
    same = looked(pl.DataFrame({"sex": ["f", "m"], "ill": ["a", "a"]}), Anonymity())
    assert same["anonymity.t(ill)"].value == 0
