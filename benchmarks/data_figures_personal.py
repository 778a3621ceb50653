"""Figures of personal data, on the parts of the labelled set in ``pii/`` that no rule was tuned on.

Targets are judged on the newest, `PART`; those before it are shown without a target, since their
counts by label were known when the rules were widened. Nothing is printed of the texts: counts by
label only.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Any

import data_corpora
from data_child import Child
from data_lines import DataFigure, Peer, Run, of

sys.path.insert(0, str(Path(__file__).parent / "pii"))
import make_set
import measure

PRESIDIO = {
    "CREDIT_CARD": ("BANK_CARD",),
    "US_SSN": ("SSN",),
    "IBAN_CODE": ("IBAN",),
    "EMAIL_ADDRESS": ("EMAIL",),
    "IP_ADDRESS": ("IP",),
    "MAC_ADDRESS": ("MAC",),
    "PHONE_NUMBER": ("PHONE", "MOBILE", "LANDLINE"),
    "US_PASSPORT": ("PASSPORT",),
    "PERSON": ("NAME",),
    "LOCATION": ("ADDRESS",),
}
"""Our labels for the peer's; what it calls by other names (dates, addresses of pages) is left."""

PART, BEFORE = "fourth", ("third", "held")
Kinds = dict[str, tuple[str, ...]]
Found = list[tuple[tuple[str, ...], int, int]]


def personal(run: Run) -> list[DataFigure]:
    """Personal data: the parts of the labelled set that no rule was tuned on."""
    figures = []
    for language in make_set.LANGUAGES:
        each = run.size(8, 2)
        documents = make_set.documents(language, PART, each)
        path = run.scratch / f"personal-{language}.jsonl"
        data_corpora.write([{"text": text} for text, _ in documents], path)
        ours = run.task("personal", run.times(), language=language, part=PART, per_frame=each)
        kinds: Kinds = {kind: (label,) for kind, label in measure.LABELS.items()}
        told = [(ours, _scores(ours.said["found"], documents, kinds))]
        peer = run.peer("data_personal.py", language, path)
        if isinstance(peer, Child):
            told.append((peer, _scores(peer.said["found"], documents, PRESIDIO)))
        run.notes.append(f"personal {language}, {PART} set, by label: {_by_label(told[0][1])}")
        run.notes.append(f"personal {language}, {PART} set: {measure.structured(language, PART)}")
        figures += _personal_lines(run, language, told, peer)
        for part in BEFORE:
            figures += _before(run, language, part, each, kinds)
    return figures


def _before(run: Run, language: str, part: str, each: int, kinds: Kinds) -> list[DataFigure]:
    documents = make_set.documents(language, part, each)
    ours = run.task("personal", language=language, part=part, per_frame=each)
    scores = _scores(ours.said["found"], documents, kinds)
    return [
        run.shown(
            f"personal data {language}, {part} set, structured, {what}",
            _share(scores, what, names=False),
        )
        for what in ("recall", "precision")
    ]


def _personal_lines(
    run: Run, language: str, told: list[tuple[Child, dict[str, Counter[str]]]], peer: Child | Peer
) -> list[DataFigure]:
    def said(what: str, names: bool) -> tuple[float, Peer]:
        values = [_share(scores, what, names) for _, scores in told]
        how = "" if isinstance(peer, Peer) else str(peer.said["how"])
        if names and "no model" in how:
            return values[0], Peer(by=f"{of(peer, lambda _: 0.0).by} needs a model for names")
        return values[0], of(peer, lambda _: values[1], how)

    speeds = [child.said["documents"] / child.said["cpu_s"] for child, _ in told]
    name = f"personal data {language}, {PART} set"
    figures = [
        run.at_least(f"{name}, structured, recall", said("recall", False)[0], 0.99,
                     said("recall", False)[1]),
        run.at_least(f"{name}, structured, precision", said("precision", False)[0], 0.98,
                     said("precision", False)[1]),
        run.at_least(f"{name}, documents per CPU-s", speeds[0], 20_000,
                     of(peer, lambda _: speeds[1])),
    ]  # fmt: skip
    for what in ("recall", "precision"):
        ours, theirs = said(what, True)
        figures.append(run.shown(f"{name}, names, {what}", ours, theirs))
    return figures


def _scores(
    found: list[list[Any]], documents: list[make_set.Document], labels: dict[str, Any]
) -> dict[str, Counter[str]]:
    """Count by label: ``labelled``, ``hit``, ``found``, ``right``; nothing is printed of texts."""
    counts = {name: Counter[str]() for name in ("labelled", "hit", "found", "right")}
    for spans, (_, truth) in zip(found, documents, strict=True):
        mine: Found = [(labels[kind], a, b) for kind, a, b in spans if kind in labels]
        for label, start, end in truth:
            counts["labelled"][label] += 1
            near = any(_alike(span, (label, start, end)) for span in mine)
            counts["hit"][label] += near
        for span in mine:
            right = next((one[0] for one in truth if _alike(span, one)), "")
            counts["found"][right or span[0][0]] += 1
            counts["right"][right or span[0][0]] += bool(right)
    return counts


def _alike(span: tuple[tuple[str, ...], int, int], truth: make_set.Span) -> bool:
    """Say whether a span covers a labelled one, under one of the names it may mean."""
    labels, start, end = span
    return any(measure.alike((label, start, end), truth) for label in labels)


def _share(scores: dict[str, Counter[str]], what: str, names: bool) -> float:
    part, whole = ("hit", "labelled") if what == "recall" else ("right", "found")
    labels = [
        label
        for label in set(measure.LABELS.values())
        if (label == "NAME" if names else label not in measure.FREE)
    ]
    total = sum(scores[whole][label] for label in labels)
    return sum(scores[part][label] for label in labels) / total if total else 0.0


def _by_label(scores: dict[str, Counter[str]]) -> str:
    return ", ".join(
        f"{label} {scores['hit'][label]}/{scores['labelled'][label]} found, "
        f"{scores['right'][label]}/{scores['found'][label]} right"
        for label in sorted(set(measure.LABELS.values()))
        if scores["labelled"][label] or scores["found"][label]
    )
