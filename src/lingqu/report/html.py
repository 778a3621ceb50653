"""The report: one HTML page that needs nothing else, from the plain data of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lingqu.report.markup import Html, pair
from lingqu.report.page import page, section
from lingqu.report.sections import (
    choice,
    closing,
    data,
    decisions,
    flags,
    forecast,
    governance,
    judgement,
    lists,
    made,
    path,
    policy,
    samples,
    scenes,
    see,
    title,
)

Document = Mapping[str, Any]

SECTIONS: tuple[tuple[str, Callable[[Document], Html]], ...] = (
    ("path", path.draw),
    ("data", data.draw),
    ("governance", governance.draw),
    ("algorithm", choice.draw),
    ("judgement", judgement.draw),
    ("forecast", forecast.draw),
    ("policy", policy.draw),
    ("decisions", decisions.draw),
    ("flagged", flags.draw),
    ("lists", lists.draw),
    ("scenes", scenes.draw),
    ("made", made.draw),
    ("seen", see.draw),
    ("samples", samples.draw),
    ("findings", closing.findings),
    ("gate", closing.gate),
    ("actions", closing.actions),
    ("lineage", closing.lineage),
    ("trail", closing.trail),
    ("machine", closing.machine),
    ("declaration", closing.declaration),
)
"""Name and drawing of every section, in reading order."""
SOME = frozenset({"decisions", "forecast", "policy", "flagged", "lists", "made", "scenes", "seen"})
"""Sections that only some tasks have: left out where the document says nothing of them."""


def render(document: Mapping[str, Any]) -> str:
    """Return the report of a run as one page: no file and no address is needed beside it.

    Args:
        document: What `flow/document.py` builds; a section whose facts are absent says so.
    """
    acts = bool(document.get("policy"))  # its episodes are shown, and no row has a right answer
    there = [
        (name, draw)
        for name, draw in SECTIONS
        if (name not in SOME or document.get(name)) and not (acts and name == "samples")
    ]
    links = [(name, pair(f"report.section_{name}")) for name, _ in there]
    drawn = [_section(name, draw, document) for name, draw in there]
    inside = [title.draw(document), *drawn]
    return page(title.page_title(document), links, inside, pair("report.footer"))


def _section(name: str, draw: Callable[[Document], Html], document: Document) -> Html:
    told = ""
    if document.get("imported") and name in ("algorithm", "judgement"):
        told = "_imported"
    elif document.get("other_attempt") and name == "judgement":
        told = "_twice"
    lead = pair(f"report.lead_{name}{told}")
    return section(name, pair(f"report.section_{name}"), lead, draw(document))
