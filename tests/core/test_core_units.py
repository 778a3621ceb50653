"""Quantities: what is read, what is refused, and that writing reads back."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.core.errors import SpecError
from lingqu.core.units import (
    Quota,
    bytes_of,
    bytes_text,
    duration_text,
    number_text,
    parse_quotas,
    period,
    quotas_text,
    seconds,
    share,
)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("5 min", 300.0),
        ("5min", 300.0),
        (" 5  min ", 300.0),
        (300, 300.0),
        (0.5, 0.5),
        ("300", 300.0),
        ("1.5 h", 5400.0),
        ("1 d", 86400.0),
        ("10 ms", 0.01),
        ("2e1 s", 20.0),
        (".5 s", 0.5),
        (0, 0.0),
    ],
)
def test_durations_are_seconds(written: str | float, expected: float) -> None:
    assert seconds(written) == pytest.approx(expected)


@pytest.mark.parametrize(
    "written",
    ["5 mins", "five min", "", "min", "-5 s", -1, True, None, [], "1e400 s", "nan", "5 MB", "5 %",
     float("nan"), float("inf"), 10**400, "５ min", "1 M"],
)  # fmt: skip
def test_what_is_no_duration_is_refused(written: object) -> None:
    with pytest.raises(SpecError) as caught:
        seconds(written)  # type: ignore[arg-type]
    assert caught.value.key == "core.bad_unit"
    assert "min" in str(caught.value)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("20 MB", 20_000_000),
        ("20mb", 20_000_000),
        ("2 GB", 2 * 10**9),
        ("1 KiB", 1024),
        ("1.5 kB", 1500),
        (512, 512),
        ("7 B", 7),
    ],
)
def test_sizes_are_bytes(written: str | int, expected: int) -> None:
    assert bytes_of(written) == expected


@pytest.mark.parametrize("written", ["20 M", "-1 MB", "10 s", None, True, "MB", {}])
def test_what_is_no_size_is_refused(written: object) -> None:
    with pytest.raises(SpecError):
        bytes_of(written)  # type: ignore[arg-type]


def test_shares() -> None:
    assert share("10%") == 0.1
    assert share("10 %") == 0.1
    assert share(0.25) == share("0.25") == 0.25
    assert (share(0), share(1), share("100%")) == (0.0, 1.0, 1.0)


@pytest.mark.parametrize("written", ["101%", -0.1, 1.1, "10 s", "ten", None, True])
def test_what_is_no_share_is_refused(written: object) -> None:
    with pytest.raises(SpecError):
        share(written)  # type: ignore[arg-type]


def test_quotas() -> None:
    assert parse_quotas("600/min") == (Quota(600, "min"),)
    assert parse_quotas(" 5 / s ") == (Quota(5, "s"),)
    assert quotas_text(parse_quotas("1000 / d")) == "1000/d"


def test_quotas_of_several_measures() -> None:
    written = "600/min, 20000 rows/day, 1e6 tokens/month, 0.5 EUR/hour"
    assert parse_quotas(written) == (
        Quota(600, "min"),
        Quota(20_000, "d", "rows"),
        Quota(1_000_000, "month", "tokens"),
        Quota(0.5, "h", "money", "EUR"),
    )
    assert quotas_text(parse_quotas(written)) == (
        "600/min, 20000 rows/d, 1000000 tokens/month, 0.5 EUR/h"
    )


QUOTAS = st.lists(
    st.tuples(
        st.sampled_from(("requests", "rows", "tokens", "money")),
        st.sampled_from(("s", "min", "h", "d", "month")),
        st.integers(1, 10**14),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda one: one[:2],
)


@settings(max_examples=100, deadline=None)
@given(QUOTAS)
def test_written_quotas_read_back_exactly(made: list[tuple[str, str, int]]) -> None:
    quotas = tuple(
        Quota(limit, unit, measure, "EUR" if measure == "money" else "")
        for measure, unit, limit in made
    )
    assert parse_quotas(quotas_text(quotas)) == quotas


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(("s", "min", "h", "d", "month")), st.floats(0, 4e9))
def test_periods_hold_their_moment_and_join(unit: str, at: float) -> None:
    start, end = period(unit, at)
    assert start <= at < end
    assert period(unit, end)[0] == end
    assert period(unit, start) == (start, end)
    if unit == "month":
        first = datetime.fromtimestamp(start, UTC)
        assert (first.day, first.hour, first.minute) == (1, 0, 0)


@pytest.mark.parametrize(
    "written",
    [
        "0/min",
        "600",
        "600/",
        "/min",
        "-1/s",
        "5/ms",
        "1.5/s",
        600,
        "5 rows/min, 6 rows/min",
        "1 EUR/h, 1 USD/d",
        "5 apples/min",
        "5 rows",
        "",
        ",",
        "1/min,",
        "0 EUR/h",
        "1e20/s",
        "1.5 rows/d",
        None,
    ],
)
def test_what_is_no_quota_is_refused(written: object) -> None:
    with pytest.raises(SpecError):
        parse_quotas(written)  # type: ignore[arg-type]


@settings(max_examples=100, deadline=None)
@given(st.floats(0, 1e9, allow_subnormal=False))
def test_a_written_duration_reads_back_exactly(value: float) -> None:
    assert seconds(duration_text(value)) == value


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**14))
def test_a_written_size_reads_back_exactly(value: int) -> None:
    assert bytes_of(bytes_text(value)) == value


@settings(max_examples=100, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_written_number_reads_back_exactly(value: float) -> None:
    assert float(number_text(value)) == value


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_any_text_is_a_quantity_or_a_spec_error(text: str) -> None:
    for reader in (seconds, bytes_of, share, parse_quotas):
        try:
            reader(text)  # type: ignore[operator]
        except SpecError as error:
            assert str(error)
