"""Forms: a model as it was fitted beside smaller ones, by score, speed and size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lingqu.report.markup import Html, in_both, join, pair, say, tag
from lingqu.report.sections import explain
from lingqu.report.sections.scores import shown
from lingqu.report.tables import Head, named, part, row, table


def draw(forms: Sequence[Mapping[str, Any]], metric: str) -> Html:
    """Return the forms as a table, the chosen one marked; nothing where there are none."""
    if not forms:
        return join([])
    head: Head = [
        (pair("compress.form"), ""),
        (named("measure", metric), "number"),
        (pair("compress.gap"), "number"),
        (pair("compress.size"), "number"),
        (pair("compress.row"), "number"),
        (pair("compress.many"), "number"),
        (pair("compress.found"), "wordy"),
    ]
    chosen = next((form for form in forms if form["state"] == "chosen"), None)
    rows = [_form(form, chosen, metric, head) for form in forms]
    lead = tag("p", say("compress.lead"), class_="lead")
    return part(say("compress.title"), lead, table(pair("compress.title"), head, rows))


def _form(
    form: Mapping[str, Any], chosen: Mapping[str, Any] | None, metric: str, head: Head
) -> Html:
    is_chosen, other = form is chosen, form["name"] != "original"
    number = explain.about(shown(metric, form["score"]), form.get("error"))
    state: list[object] = [
        tag("strong" if is_chosen else "span", say(f"compress.state_{form['state']}"))
    ]
    if form["front"]:
        state += [", ", say("compress.front")]
    if form.get("reason"):
        state += [": ", in_both(form, "reason")]
    first, _, then = str(form["name"]).partition("+")
    words = [say(f"compress.name_{name}") for name in (first, then) if name]
    more: list[object] = ["; ", words[1]] if then else []
    return row(
        [
            join([tag("code", form["name"]), tag("br"), words[0], *more]),
            number,
            explain.against({**form, "weight": 0.0}, metric) if other else join(["–"]),
            join([f"{1000 * form['size_mb']:,.4g} kB"]),
            join([f"{_rounded(1000 * form['row_ms'])} µs"]),
            join([f"{_rounded(1000 * form['many_s'])} ms"]),
            join(state),
        ],
        head,
        class_="chosen" if is_chosen else None,
    )


def _rounded(value: float) -> str:
    """Return three digits of a number, or all before its point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
