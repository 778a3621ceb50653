"""Is one rule possible by itself? Asked of its options before any row is read."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime

import polars as pl

from lingqu.core.errors import SpecError
from lingqu.core.nouns import Json
from lingqu.core.phrases import Phrase
from lingqu.core.units import seconds
from lingqu.govern.contract.formats import FORMATS
from lingqu.govern.contract.forms import COMPARISONS, FORMS, TYPES
from lingqu.govern.contract.refusal import refuse

Options = Mapping[str, Json]
OUTLIERS = ("iqr", "z")
SUMMED = 0.011
"""How far the shares of `level_shares` may miss 1: two digits are rounded by people."""


def check_options(where: str, kind: str, columns: tuple[str, ...], options: Options) -> None:
    """Refuse options that are unknown, of a wrong type, lacking or impossible."""
    form = FORMS[kind]
    for option, value in options.items():
        if option not in form.options:
            known = ", ".join(("column", *form.options))
            refuse(where, "contract.no_such_option", known, option, kind=kind, option=option)
        accepted = form.options[option]
        if not isinstance(value, accepted) or (isinstance(value, bool) and bool not in accepted):
            names = ", ".join(kind.__name__ for kind in accepted)
            refuse(where, "contract.wrong_type", names, value, kind=kind, option=option)
        if isinstance(value, float) and not math.isfinite(value):
            refuse(where, "contract.not_finite", Phrase("core.expects_number"), value)
    for wanted in form.required:
        choices = (wanted,) if isinstance(wanted, str) else wanted
        if not any(choice in options for choice in choices):
            refuse(where, "contract.lacks_option", ", ".join(choices), dict(options), kind=kind)
    _check_limits(where, options)
    if kind in ("differ", "same", "correlation") and len(set(columns)) < 2:
        refuse(where, "contract.needs_two", "[a, b]", list(columns), kind=kind)
    if kind == "correlation" and len(columns) != 2:
        refuse(where, "contract.needs_two", "[a, b]", list(columns), kind=kind)
    if kind in _CHECKS:
        _CHECKS[kind](where, options)


def _check_limits(where: str, options: Options) -> None:
    for low_name, high_name in (("min", "max"), ("min_s", "max_s"), ("min_width", "max_width"),
                                ("min_height", "max_height")):  # fmt: skip
        low, high = options.get(low_name), options.get(high_name)
        if low is None or high is None:
            continue
        if isinstance(low, str) != isinstance(high, str):
            refuse(where, "contract.mixed_limits", "[0, 9], [2026-01-01, 2026-12-31]", [low, high])
        elif low > high:
            refuse(where, "contract.min_above_max", f"{low_name} ≤ {high_name}", [low, high])
    if "share" in options and not 0 <= options["share"] <= 1:
        refuse(where, "contract.bad_share", "0 ≤ share ≤ 1", options["share"])
    if options.get("tolerance", 0) < 0:
        refuse(where, "contract.below_zero", "tolerance ≥ 0", options["tolerance"])


def _multiple_of(where: str, options: Options) -> None:
    if not options["step"] > 0:
        refuse(where, "contract.bad_step", "step > 0", options["step"])


def _type(where: str, options: Options) -> None:
    if options["is"] not in TYPES:
        refuse(where, "contract.unknown_type", ", ".join(TYPES), options["is"])


def _compare(where: str, options: Options) -> None:
    if options["is"] not in COMPARISONS:
        refuse(where, "contract.unknown_comparison", " ".join(COMPARISONS), options["is"])


def _filled(option: str) -> Callable[[str, Options], None]:
    def check(where: str, options: Options) -> None:
        if not options.get(option, True):
            refuse(where, "contract.empty_list", "[a, b]", options[option])

    return check


def _texts(where: str, options: Options) -> None:
    given = options.get("any", options.get("is"))
    values = [given] if isinstance(given, str) else list(given or ())
    if not values or not all(isinstance(value, str) and value for value in values):
        refuse(where, "contract.empty_list", "[a, b]", given)


def _regex(where: str, options: Options) -> None:
    try:
        pl.Series([""]).str.contains(options["pattern"])
    except pl.exceptions.ComputeError as error:
        cause = " ".join(str(error).split())[:160]
        refuse(where, "contract.bad_pattern", "RE2", options["pattern"], cause=cause)


def _format(where: str, options: Options) -> None:
    if options["is"] not in FORMATS and "%" not in options["is"]:
        refuse(where, "contract.unknown_format", ", ".join(FORMATS) + ", %d/%m/%Y", options["is"])


def _dates(where: str, options: Options) -> None:
    for bound in (options.get("min"), options.get("max")):
        try:
            datetime.fromisoformat(bound or "2026-01-01")
        except ValueError:
            refuse(where, "contract.not_a_date", "2026-01-31, 2026-01-31T08:00", bound)


def _every(where: str, options: Options) -> None:
    try:
        good = seconds(options["every"]) > 0
    except SpecError:
        good = False
    if not good:
        refuse(where, "contract.bad_cadence", "10 min, 1 h, 1 d", options["every"])


def _outliers(where: str, options: Options) -> None:
    if options.get("method", "iqr") not in OUTLIERS:
        refuse(where, "contract.unknown_method", ", ".join(OUTLIERS), options["method"])
    if not options.get("limit", 1) > 0:
        refuse(where, "contract.below_zero", "limit > 0", options["limit"])


def _quantile(where: str, options: Options) -> None:
    if not 0 <= options["at"] <= 1:
        refuse(where, "contract.bad_share", "0 ≤ at ≤ 1", options["at"])


def _correlation(where: str, options: Options) -> None:
    if any(not -1 <= options[name] <= 1 for name in ("min", "max") if name in options):
        refuse(where, "contract.bad_correlation", "-1 … 1", dict(options))


def _shares(where: str, options: Options) -> None:
    shares = options["shares"]
    numbers = all(
        isinstance(v, (int, float)) and not isinstance(v, bool) and 0 <= v <= 1
        for v in shares.values()
    )
    if not shares or not numbers or abs(sum(shares.values()) - 1) > SUMMED:
        refuse(where, "contract.bad_shares", "{a: 0.7, b: 0.3}", shares)


def _drift(where: str, options: Options) -> None:
    summary = options.get("summary", {"levels": {"a": 1}})
    if not isinstance(summary.get("levels", summary.get("edges")), (dict, list)):
        refuse(where, "contract.bad_summary", "{edges, shares}, {levels}", summary)
    if "edges" in summary and len(summary.get("shares", ())) != len(summary["edges"]) + 1:
        refuse(where, "contract.bad_summary", "{edges: [3], shares: [0.5, 0.5]}", summary)


_CHECKS: dict[str, Callable[[str, Options], None]] = {
    "multiple_of": _multiple_of,
    "type": _type,
    "compare": _compare,
    "levels": _filled("allowed"),
    "audio_rate": _filled("allowed"),
    "forbidden": _filled("values"),
    "foreign": _filled("values"),
    "starts_with": _texts,
    "ends_with": _texts,
    "contains": _texts,
    "language": _texts,
    "regex": _regex,
    "format": _format,
    "date_range": _dates,
    "no_gaps": _every,
    "no_outliers": _outliers,
    "quantile": _quantile,
    "correlation": _correlation,
    "level_shares": _shares,
    "drift": _drift,
}
