"""What each column adds, where the released model is nothing but such a sum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lingqu.core.i18n import Language
from lingqu.report import curve_chart
from lingqu.report.markup import LANGUAGES, Html, join, pair, say, tag
from lingqu.report.sections.explain import few
from lingqu.report.tables import chart, part


def draw(told: Mapping[str, Any]) -> Html:
    """Return what each column adds, where the model is such a sum: the very terms of it."""
    if not told.get("curves"):
        return join([])
    of = str(told["of"])
    answer = pair("explain.odds_of", name=of) if of else pair("explain.answer")
    classes = any(curve.get("of") for curve in told["curves"])
    whole = pair("explain.chances") if classes else answer
    lead = [say("explain.curves_note", answer=whole)]
    lead += [say("explain.curves_odds")] if of else []
    lead += [say("explain.curves_chances")] if classes else []
    if any(curve["spread"] for curve in told["curves"]):
        lead.append(say("explain.curves_spread"))
    lead += [say("explain.curves_tables")] if told["tables"] else []
    lead += [say("explain.curves_fits", fits=told["fits"])] if told["fits"] > 1 else []
    lead += [say("explain.curves_left", count=told["left"])] if told["left"] else []
    drawn = [_curve(curve, answer) for curve in told["curves"]]
    drawn += [_table(table, answer) for table in told["tables"]]
    return part(
        say("explain.curves"),
        *(tag("p", words, class_="lead") for words in lead),
        tag("div", *drawn, class_="charts top"),
    )


def _curve(told: Mapping[str, Any], answer: Mapping[Language, str]) -> Html:
    column, of = str(told["column"]), str(told.get("of") or "")
    answer = pair("explain.log_chance_of", name=of) if of else answer
    title = pair("explain.curve_title", column=column, answer=answer)
    notes = [tag("p", say("explain.weight", value=few(told["weight"])))]
    if told["missing"] is not None:
        notes.append(tag("p", say("explain.missing_adds", value=_signed(told["missing"]))))
    heading = join([tag("code", column), " → ", of]) if of else tag("code", column)
    if "levels" in told["side"]:
        return chart(curve_chart.levels(told, title), heading, *notes)
    below = {to: column for to in LANGUAGES}
    return chart(curve_chart.steps(told, title, below), heading, *notes)


def _table(told: Mapping[str, Any], answer: Mapping[Language, str]) -> Html:
    across, up = told["columns"]
    title = pair("explain.table_title", across=across, up=up, answer=answer)
    most = max((value for row in told["adds"] for value in row), key=abs)
    words = (say("explain.weight", value=few(told["weight"])),
             say("explain.table_note", most=_signed(most)))  # fmt: skip
    notes = tag("p", words[0], " ", words[1])
    heading = join([tag("code", across), " × ", tag("code", up)])
    return chart(curve_chart.table(told, title), heading, notes)


def _signed(value: float) -> str:
    return f"+{few(value)}" if value > 0 else few(value)
