"""Columns: a card for each, with a small picture of what it holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lingqu.report import svg
from lingqu.report.data_sections.cells import cell, written
from lingqu.report.data_sections.scores import bar_of
from lingqu.report.data_sections.words import (
    Document,
    gap,
    list_of,
    named,
    number_of,
    numbers_of,
    part_of,
)
from lingqu.report.markup import Html, both, figure, in_both, join, pair, say, tag
from lingqu.report.tables import facts, folded

_OPEN = 24
"""Cards in sight; the others open on demand."""
_LEVELS = 6
_DAYS = 7


def draw(document: Document) -> Html:
    """Return the section."""
    columns = part_of(document, "columns")
    cards = [_card(card) for card in list_of(columns, "shown") if isinstance(card, Mapping)]
    if not cards:
        return gap(document, "columns")
    inside = [tag("div", *cards[:_OPEN], class_="column-cards")]
    if cards[_OPEN:]:
        more = tag("div", *cards[_OPEN:], class_="column-cards")
        inside.append(folded(say("report.more", count=len(cards) - _OPEN), more))
    left = columns.get("left")
    if left:
        names = ", ".join(str(name) for name in list_of(columns, "left_out"))
        told = tag("p", tag("code", names), class_="quiet")
        inside.append(folded(say("datareport.columns_left", count=figure(left)), told))
    return join(inside)


def _card(card: Mapping[str, Any]) -> Html:
    profile = part_of(card, "profile")
    name = str(card.get("name", ""))
    kind = join(
        [
            both(named("kind", str(card.get("kind")))),
            " · ",
            both(named("role", str(card.get("role")))),
            " · " + " × ".join(map(str, list_of(card, "shape"))) if card.get("shape") else None,
        ]
    )
    if card.get("hidden"):
        drawn = tag("p", say("datareport.column_hidden"), class_="quiet")
    else:
        drawn = join(
            [
                _picture(name, card, profile),
                tag("p", say("datareport.column_masked"), class_="quiet")
                if card.get("masked") and profile.get("frequent")
                else None,
            ]
        )
    return tag(
        "article",
        tag("h4", name),
        tag("p", kind, class_="quiet"),
        _missing(profile),
        drawn,
        _details(card, profile),
        class_="column-card",
    )


def _missing(profile: Mapping[str, Any]) -> Html:
    """Return how full the column is, as a bar and in words."""
    rows, missing = number_of(profile, "rows"), number_of(profile, "missing")
    if not rows or profile.get("missing") is None:
        return join([])
    share = 1 - missing / rows
    words = "datareport.full" if not missing else "datareport.missing_of"
    said = say(words, count=figure(missing), share=f"{missing / rows:.1%}")
    return tag("p", bar_of(share), tag("small", said), class_="fullness")


def _picture(name: str, card: Mapping[str, Any], profile: Mapping[str, Any]) -> Html:
    cells = list_of(card, "cells")
    if cells:
        shown = tag("div", *(cell(value, name) for value in cells), class_="thumbs")
        return join([shown, _parts(name, profile)])
    if profile.get("top"):
        return _levels(profile)
    counts = _counts(profile)
    if counts:
        return join([_histogram(name, profile, counts), _weekdays(name, profile)])
    if profile.get("parts"):
        return join([_parts(name, profile), _text(profile)])
    return join([])


def _counts(profile: Mapping[str, Any]) -> list[float]:
    """Return the histogram: of what is usual where a few far values would hide the rest."""
    for kind in ("core", "histogram"):
        counts = numbers_of(part_of(profile, kind).get("counts"))
        if any(counts):
            return counts
    return []


def _histogram(name: str, profile: Mapping[str, Any], counts: list[float]) -> Html:
    kind = "core" if any(numbers_of(part_of(profile, "core").get("counts"))) else "histogram"
    edges = list_of(part_of(profile, kind), "edges")
    low, high = profile.get("min"), profile.get("max")
    if edges and isinstance(low, int | float):
        low, high = edges[0], edges[-1]
    drawn = svg.histogram(counts, pair("report.histogram_of", name=name))
    ends = tag("span", written(low)), tag("span", written(high))
    note = tag("small", say("datareport.core")) if kind == "core" else None
    return tag("div", drawn, tag("p", *ends, class_="ends"), note, class_="drawn")


def _weekdays(name: str, profile: Mapping[str, Any]) -> Html:
    days = numbers_of(profile.get("weekdays"))
    if len(days) != _DAYS or not any(days):
        return join([])
    drawn = svg.histogram(days, pair("datareport.weekdays_of", name=name))
    ends = tag("span", say("datareport.monday")), tag("span", say("datareport.sunday"))
    return tag("div", drawn, tag("p", *ends, class_="ends"), class_="drawn")


def _levels(profile: Mapping[str, Any]) -> Html:
    """Return the most frequent levels as bars."""
    top = [(n, c) for n, c in part_of(profile, "top").items() if isinstance(c, int | float)]
    rows = max(1, number_of(profile, "rows") - number_of(profile, "missing"))
    lines = [
        tag("li", tag("span", name), bar_of(count / rows), tag("span", f"{count / rows:.1%}"))
        for name, count in top[:_LEVELS]
    ]
    rest = (number_of(profile, "distinct") or len(top)) - len(lines)
    more = tag("small", say("report.more", count=figure(rest))) if rest > 0 else None
    return join([tag("ul", *lines, class_="bars"), more])


def _parts(name: str, profile: Mapping[str, Any]) -> Html:
    """Return the histograms of what is measured of a text, a picture or a recording."""
    drawn = []
    for label, part in list(part_of(profile, "parts").items())[:3]:
        counts = _counts(part) if isinstance(part, Mapping) else []
        if counts:
            word = named("part", label)
            words = {to: f"{name} · {word[to]}" for to in word}
            ends = (
                tag("span", figure(part.get("min"))),
                tag("span", both(word)),
                tag("span", figure(part.get("max"))),
            )
            histogram = svg.histogram(counts, words)
            drawn.append(tag("div", histogram, tag("p", *ends, class_="ends"), class_="drawn"))
    return join(drawn)


def _text(profile: Mapping[str, Any]) -> Html:
    """Return the languages and the frequent words of texts."""
    languages = [
        join([both(named("language", str(name))), f" {share:.0%}"])
        for name, share in part_of(profile, "languages").items()
        if isinstance(share, int | float) and share >= 0.005
    ]
    said = join([part for one in languages[:4] for part in (one, " · ")][:-1])
    words = [
        str(entry[0])
        for entry in list_of(part_of(profile, "words"), "frequent")
        if isinstance(entry, list | tuple) and entry
    ]
    listed = tag("p", *(tag("span", word) for word in words[:8]), class_="word-list")
    return join([tag("p", said) if languages else None, listed if words else None])


_FACTS = (
    "distinct", "mean", "std", "min", "max", "zeros", "negative", "infinite", "blank", "corrupt",
    "different_sizes", "days", "true_share",
)  # fmt: skip


def _fact(name: str, value: Any) -> str:
    return written(value) if name in ("min", "max", "mean", "std") else figure(value)


def _details(card: Mapping[str, Any], profile: Mapping[str, Any]) -> Html:
    entries: list[tuple[object, object]] = [
        (both(named("fact", name)), _fact(name, profile[name]))
        for name in _FACTS
        if profile.get(name) not in (None, 0, 0.0)
    ]
    quantiles = part_of(profile, "quantiles")
    if quantiles:
        ends = [(p, quantiles[p]) for p in ("25", "50", "75") if p in quantiles]
        said = " · ".join(written(value) for _, value in ends)
        entries.append((say("datareport.quartiles"), said))
    for name in ("sizes", "modes", "rates", "channels", "shares"):
        told = part_of(profile, name)
        if told:
            said = " · ".join(f"{key}: {figure(value)}" for key, value in list(told.items())[:5])
            entries.append((both(named("fact", name)), said))
    for broken in list_of(profile, "corrupt_samples"):
        if isinstance(broken, Mapping):
            file = broken.get("picture") or broken.get("recording")
            entries.append((say("datareport.corrupt_file"), f"{file}: {broken.get('problem')}"))
    if profile.get("needs"):
        entries.append((say("datareport.needs"), tag("code", profile["needs"])))
    reason = in_both(card, "reason") if card.get("reason") else None
    inside = [tag("p", reason) if reason else None, facts(entries) if entries else None]
    if not any(inside):
        return join([])
    return folded(say("datareport.details"), *inside)
