"""Samples: rows of the test part with what was true and what was said of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lingqu.core.nouns import VALUES
from lingqu.core.numbering import told_row
from lingqu.report.markup import Html, figure, join, pair, say, spoken, tag
from lingqu.report.picture import data_uri
from lingqu.report.tables import MARKS, Head, row, table

Document = Mapping[str, Any]
Sample = Mapping[str, Any]
_SHORT = 2
"""Names of classes up to this long leave room for ten pictures beside each other."""


def draw(document: Document) -> Html:
    """Return the section: a grid of pictures, or rows of a table."""
    samples = document.get("samples", ())
    if not samples:
        return tag("p", say("report.no_samples"))
    if any(sample.get("image") and not sample.get("reply") for sample in samples):
        return _grid(samples)
    return _rows(samples, str(document.get("task", "")))


def is_right(sample: Sample) -> bool | None:
    """Return whether an answer is right; None for numbers and texts, which are never quite."""
    said, true = sample.get("prediction"), sample.get("truth")
    if said is None or true is None or isinstance(said, float) or sample.get("reply"):
        return None
    # Truth is as the data have it, an answer is the name of a class: 7 and "7" are one.
    return str(said).lower() == str(true).lower()


def _grid(samples: Sequence[Sample]) -> Html:
    wrong = sum(is_right(sample) is False for sample in samples)
    told = say("report.grid", count=len(samples), right=len(samples) - wrong, wrong=wrong)
    only = tag(
        "label",
        tag("input", type="checkbox", id="wrong-only"),
        " ",
        say("report.wrong_only"),
        class_="pill",
    )
    longest = max(len(str(sample.get("prediction", ""))) for sample in samples)
    kind = "grid" if longest <= _SHORT else "grid long"
    return join(
        [
            tag("p", told),
            tag("p", only) if wrong else None,
            tag(
                "div",
                tag("div", *map(_tile, samples), class_=kind, id="grid"),
                tag("p", say("report.grid_hint"), class_="quiet", id="told", aria_live="polite"),
            ),
        ]
    )


def _tile(sample: Sample) -> Html:
    right = is_right(sample)
    words = pair(
        "report.tile",
        truth=sample.get("truth"),
        said=sample.get("prediction"),
        confidence=_percent(sample.get("confidence")),
        mark=pair("report.is_right" if right else "report.is_wrong"),
    )
    said, sign = sample.get("prediction"), MARKS["pass" if right else "fail"]
    return tag(
        "button",
        tag("img", src=data_uri(sample["image"]), alt="") if sample.get("image") else None,
        tag("span", said, tag("i", sign, aria_hidden="true")),
        None if right else tag("small", say("report.in_truth", truth=sample.get("truth"))),
        type="button",
        class_="tile right" if right else "tile wrong",
        **spoken("aria-label", words),
    )


def _rows(samples: Sequence[Sample], task: str) -> Html:
    values = list(samples[0].get("values", {}))
    numbers = task in VALUES
    head: Head = [
        (pair("report.row"), "number"),
        (pair("report.truth"), "number" if numbers else ""),
        (pair("report.prediction"), "number" if numbers else ""),
        (pair("report.error" if numbers else "report.confidence"), "number"),
        *((name, "number" if _is_number(samples, name) else "") for name in values),
    ]
    rows = []
    for sample in samples:
        right = is_right(sample)
        sign = {True: "pass", False: "fail"}.get(right) if right is not None else None
        said: object = figure(sample.get("prediction"))
        if sign:
            mark = tag("span", MARKS[sign], aria_hidden="true")
            said = tag("span", mark, " ", said, class_=f"mark {sign}")
        judged = _percent(sample.get("confidence"))
        if numbers and sample.get("truth") is not None:
            judged = figure(float(sample["prediction"]) - float(sample["truth"]))
        cells = [told_row(sample.get("row")), figure(sample.get("truth")), said, judged]
        cells += [figure(sample.get("values", {}).get(name)) for name in values]
        rows.append(row(cells, head, class_="fail" if right is False else None))
    key = "report.replies_caption" if samples[0].get("reply") else "report.samples_caption"
    caption = pair(key, count=len(samples))
    return table(caption, head, rows, class_="tall")


def _is_number(samples: Sequence[Sample], name: str) -> bool:
    first = [s["values"].get(name) for s in samples if s.get("values", {}).get(name) is not None]
    return bool(first) and isinstance(first[0], int | float) and not isinstance(first[0], bool)


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"
