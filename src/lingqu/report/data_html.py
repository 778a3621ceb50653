"""The data report: one offline HTML page that tells a person how good the data are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lingqu.core.i18n import both
from lingqu.report.data_bound import has_pictures, kept_small, without_pictures
from lingqu.report.data_sections import (
    associations,
    changes,
    columns,
    copies,
    done,
    labels,
    leakage,
    privacy,
    rules,
    scores,
    title,
)
from lingqu.report.data_sections.words import list_of, part_of
from lingqu.report.markup import Html, join, pair, seconds
from lingqu.report.markup import both as shown
from lingqu.report.page import page, section
from lingqu.report.sections import closing
from lingqu.report.tables import MARKS, facts, named

Document = Mapping[str, Any]
LIMIT = 1_000_000
"""Bytes of the page."""
_SMALLER = (300_000, 150_000, 75_000, 30_000)


def _numbers(document: Document) -> Html:
    """Return every number that rules read, with a box to search in, and what it cost."""
    took = [
        (shown(named("stage", str(name))), seconds(float(value)))
        for name, value in part_of(part_of(document, "cost"), "stages").items()
        if isinstance(value, int | float)
    ]
    measured = [m for m in list_of(document, "measures") if isinstance(m, Mapping)]
    drawn = closing.findings({"findings": [_finding(m) for m in measured if m.get("measure")]})
    return join([drawn, facts(took) if took else None])


def _finding(measure: Mapping[str, Any]) -> dict[str, Any]:
    """Return a number as a finding: of a verdict that nobody knows, a note."""
    told, reason = measure.get("verdict"), {n: str(measure.get(n) or "") for n in ("why", "why_zh")}
    names = ("check", "measure", "argument")
    words = {name: str(measure.get(name) or "") for name in names}
    return {**measure, **words, "verdict": told if told in MARKS else "note", "evidence": reason}


SECTIONS: tuple[tuple[str, Callable[[Document], Html]], ...] = (
    ("scores", scores.draw),
    ("columns", columns.draw),
    ("associations", associations.draw),
    ("copies", copies.draw),
    ("leakage", leakage.draw),
    ("labels", labels.draw),
    ("rules", rules.draw),
    ("privacy", privacy.draw),
    ("done", done.draw),
    ("changes", changes.draw),
    ("numbers", _numbers),
)
"""Name and drawing of every section, in reading order."""


def render_data(document: Document, limit: int = LIMIT) -> str:
    """Return the report of some data as one page: no file and no address is needed beside it.

    A page that would be too large loses its pictures first, then rows and cards, and says so.

    Args:
        document: What `flow/data_document.py` builds; a part that is absent is a gap that is said.
        limit: Bytes of the page, at most.

    Example:
        >>> page = render_data({"form": 1, "identity": {"name": "visits", "rows": 3}})
        >>> "visits" in page, "https://" in page
        (True, False)
    """
    drawn = _page(document)
    if len(drawn.encode()) > limit and has_pictures(dict(document)):
        left = [*(document.get("left_out") or ()), both("datareport.left_pictures")]
        document = {**without_pictures(dict(document)), "left_out": left}
        drawn = _page(document)
    for smaller in _SMALLER:
        if len(drawn.encode()) <= limit:
            break
        document = kept_small(dict(document), smaller)
        drawn = _page(document)
    return drawn


def _page(document: Document) -> str:
    links = [(name, pair(f"datareport.section_{name}")) for name, _ in SECTIONS]
    body = [
        section(name, words, pair(f"datareport.lead_{name}"), draw(document))
        for (name, words), (_, draw) in zip(links, SECTIONS, strict=True)
    ]
    footer = pair("datareport.footer")
    styles = ("page.css", "data.css")
    return page(title.page_title(document), links, [title.draw(document), *body], footer, styles)
