"""Algorithm: every candidate that was tried, also those that failed, and how they learnt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lingqu.report import svg
from lingqu.report.axes import Point
from lingqu.report.markup import Html, both, figure, in_both, join, pair, say, tag
from lingqu.report.sections import explain, forms
from lingqu.report.sections.scores import is_error, shown
from lingqu.report.tables import Head, chart, folded, named, part, row, table

Document = Mapping[str, Any]
_CURVES = ("train_loss", "valid_loss")


def draw(document: Document) -> Html:
    """Return the section."""
    choice = document.get("choice", {})
    metric = str(choice.get("metric", ""))
    notes = [tag("li", both(note)) for note in choice.get("notes", ())]
    return join(
        [
            tag("ul", *notes, class_="notes") if notes else None,
            explain.why(choice.get("why", ())),
            _leaderboard(document.get("candidates", ()), metric),
            forms.draw(choice.get("forms", ()), metric),
            explain.growth(choice.get("growth") or {}),
            _curves(document.get("candidates", ()), choice.get("history", ()), metric),
        ]
    )


def _leaderboard(candidates: Sequence[Mapping[str, Any]], metric: str) -> Html:
    head: Head = [
        (pair("report.candidate"), ""),
        (named("measure", metric), "number"),
        (pair("explain.against"), "number"),
        (pair("explain.cost"), "number"),
        (pair("explain.model"), "number"),
        (pair("report.note"), "wordy"),
    ]
    known = [(shown(metric, c["score"]), c) for c in candidates if c.get("score") is not None]
    learnt = [one for one in known if one[1].get("algorithm") != "constant"] or known
    ends = [score + sign * float(c.get("error") or 0.0) for score, c in learnt for sign in (-2, 2)]
    scale = (min(ends, default=0.0), max(ends, default=1.0))
    rows = [_candidate(c, metric, scale, head) for c in candidates]
    aim = "report.leaderboard_down" if is_error(metric) else "report.leaderboard_up"
    note = tag("p", say("explain.leaderboard_note"), class_="lead")
    return part(say("report.leaderboard"), table(pair(aim), head, rows), note if rows else None)


def _candidate(c: Mapping[str, Any], metric: str, scale: Point, head: Head) -> Html:
    score, weight = c.get("score"), float(c.get("weight") or 0.0)
    name = join([tag("strong" if weight else "span", c["name"])])
    if c.get("algorithm") not in (None, c["name"]):
        name = join([name, " ", tag("code", c["algorithm"])])
    drawn: Html | None = None
    if score is not None:
        value, error = shown(metric, score), 2 * float(c.get("error") or 0.0)
        words = {to: f"{word} {figure(value)}" for to, word in named("measure", metric).items()}
        drawn = svg.dot(value, value - error, value + error, scale, words)
    state = str(c.get("state", ""))
    kind = "note" if state == "skipped" else "fail"
    outcome = tag("span", both(named("tried", state)), class_=f"mark {kind}")
    number = explain.about(None if score is None else shown(metric, score), c.get("error"))
    return row(
        [
            name,
            join([number, *([tag("br"), drawn] if drawn else [])]),
            explain.against(c, metric),
            explain.cost(c),
            explain.model(c),
            join([None if state == "done" else outcome, " ", in_both(c, "reason") or None]),
        ],
        head,
        class_="chosen" if weight else None,
    )


def _curves(
    candidates: Sequence[Mapping[str, Any]], history: Sequence[Mapping[str, Any]], metric: str
) -> Html:
    drawn = []
    points = [(float(p["seconds"]), shown(metric, float(p["score"]))) for p in history]
    if points:
        points.insert(0, (0.0, points[0][1]))
        word = named("measure", metric)
        drawn.append(
            chart(
                svg.steps(points, pair("report.best_title", metric=word), pair("report.x_seconds")),
                say("report.best", metric=word),
                tag("p", say("report.best_note")),
            )
        )
    for candidate in candidates:
        drawn += _learnt(str(candidate["name"]), candidate.get("curve", ()))
    if not drawn:
        return join([])
    first, rest = drawn[:6], drawn[6:]
    inside = [tag("div", *first, class_="charts")]
    if rest:
        more = tag("div", *rest, class_="charts")
        inside.append(folded(say("report.more", count=len(rest)), more))
    return part(say("report.curves"), *inside)


def _learnt(name: str, curve: Sequence[Mapping[str, Any]]) -> list[Html]:
    """Return the loss and the score of one candidate per epoch, as far as they were recorded."""
    drawn = []
    below = pair("report.x_epoch")
    losses = [
        ("dashed" if key == "train_loss" else "solid", key, _points(curve, key)) for key in _CURVES
    ]
    present = [(style, key, points) for style, key, points in losses if points]
    if present:
        words = pair("report.loss_title", name=name)
        lines = svg.lines([(style, points) for style, _, points in present], words, below)
        keys = [
            tag("span", say(f"report.{key}"), class_=f"key {style}") for style, key, _ in present
        ]
        drawn.append(chart(lines, join([tag("code", name), " ", say("report.loss")]), *keys))
    scores = _points(curve, "valid_score")
    if scores:
        words = pair("report.score_title", name=name)
        lines = svg.lines([("solid", scores)], words, below)
        label = join([tag("code", name), " ", say("report.valid_score")])
        drawn.append(chart(lines, label))
    return drawn


def _points(curve: Sequence[Mapping[str, Any]], key: str) -> list[Point]:
    """Return what was recorded per epoch; a single epoch makes no curve."""
    found = [
        (float(p["epoch"]), float(p[key]))
        for p in curve
        if p.get("epoch") is not None and p.get(key) is not None
    ]
    return found if len(found) > 1 else []
