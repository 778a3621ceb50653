"""Recall and precision of `lingqu.govern.privacy.recognise.find` on the labelled set, by label.

A labelled value is found where a span of the same kind has four fifths of their joint characters
in common with it, and so is a span right. Intervals are 95 % of a bootstrap over frames, because
documents of one frame are not independent. The errors of the sets in ``APART`` cannot be
printed: they stay unseen.

    python benchmarks/pii/measure.py [--part PART] [--language zh|en] [--errors 30]
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
from make_set import APART, LANGUAGES, PARTS, Document, Span, Values, fill, frames

from lingqu.govern.privacy.recognise import find

LABELS = {
    "id_card": "ID_CARD",
    "mobile": "MOBILE",
    "landline": "LANDLINE",
    "bank_card": "BANK_CARD",
    "credit_code": "USCC",
    "plate": "PLATE",
    "passport": "PASSPORT",
    "travel_permit": "HK_MACAO",
    "email": "EMAIL",
    "ipv4": "IP",
    "ipv6": "IP",
    "mac": "MAC",
    "ssn": "SSN",
    "iban": "IBAN",
    "phone": "PHONE",
    "secret": "SECRET",
    "url_credentials": "URL_CREDENTIALS",
    "birth_date": "DATE_OF_BIRTH",
    "name": "NAME",
    "address": "ADDRESS",
}
FREE = ("DATE_OF_BIRTH", "NAME", "ADDRESS")
"""Labels that no pattern proves; every other is structured."""
ALIKE = 0.8
DRAWS = 1000

Counts = dict[str, list[tuple[int, int, int, int]]]


def by_frame(language: str, part: str) -> list[list[Document]]:
    """Return the documents of `make_set.documents`, those of one frame together."""
    grouped = []
    for frame in frames(language, part):
        values = Values(random.Random(f"0:{language}:{frame.text}"), language)
        made = dict(fill(frame, values) for _ in range(8))
        grouped.append([(text, spans) for text, spans in made.items()])
    return grouped


def alike(one: Span, other: Span) -> bool:
    """Say whether two spans are of one label and nearly at one place."""
    common = min(one[2], other[2]) - max(one[1], other[1])
    return one[0] == other[0] and common >= ALIKE * (max(one[2], other[2]) - min(one[1], other[1]))


def judged(document: Document) -> tuple[list[Span], list[Span], list[Span]]:
    """Return the found spans, the labelled ones that were missed, and the wrong ones."""
    text, truth = document
    found = [(LABELS[span.kind], span.start, span.end) for span in find(text)]
    missed = [span for span in truth if not any(alike(span, other) for other in found)]
    wrong = [span for span in found if not any(alike(span, other) for other in truth)]
    return found, missed, wrong


def count(grouped: list[list[Document]]) -> Counts:
    """Return per label and frame: labelled, missed, found, wrong."""
    labels = sorted(set(LABELS.values()))
    rows: Counts = {label: [] for label in labels}
    for documents in grouped:
        tallies = [Counter[str]() for _ in range(4)]
        for text, truth in documents:
            found, missed, wrong = judged((text, truth))
            for tally, spans in zip(tallies, (truth, missed, found, wrong), strict=True):
                tally.update(label for label, _, _ in spans)
        for label in labels:
            a, b, c, d = (tally[label] for tally in tallies)
            rows[label].append((a, b, c, d))
    return rows


def rates(rows: np.ndarray) -> tuple[float, float]:
    labelled, missed, found, wrong = rows.sum(axis=0)
    recall = 1 - missed / labelled if labelled else float("nan")
    precision = 1 - wrong / found if found else float("nan")
    return recall, precision


def line(name: str, rows: np.ndarray) -> str:
    """Return a line with recall, precision and their intervals over frames."""
    draws = np.random.default_rng(0)
    drawn = np.array([rates(rows[draws.integers(0, len(rows), len(rows))]) for _ in range(DRAWS)])
    recall, precision = rates(rows)
    labelled, missed, found, wrong = rows.sum(axis=0)
    held = int((rows[:, 0] > 0).sum())
    if np.isnan(drawn).all(axis=0).any():
        low = high = np.array([float("nan")] * 2)
    else:
        low, high = np.nanpercentile(drawn, [2.5, 97.5], axis=0)
    return (
        f"{name:16} frames {held:3}  recall {recall:.4f} [{low[0]:.3f}, {high[0]:.3f}] "
        f"({labelled - missed}/{labelled})  precision {precision:.4f} [{low[1]:.3f}, {high[1]:.3f}]"
        f" ({found - wrong}/{found})"
    )


def structured(language: str, part: str) -> str:
    """Return the line of all labels that have a form, with intervals by frame."""
    counts = count(by_frame(language, part))
    rows = sum(np.array(r) for label, r in counts.items() if label not in FREE)
    return line("structured", np.asarray(rows))


def show_errors(grouped: list[list[Document]], most: int, only: str) -> None:
    """Print what was missed or wrong, one line per frame and kind of error."""
    shown = 0
    for documents in grouped:
        seen: set[tuple[str, str]] = set()
        for text, truth in documents:
            _, missed, wrong = judged((text, truth))
            for sort, spans in (("missed", missed), ("wrong", wrong)):
                for label, start, end in spans:
                    if (sort, label) in seen or shown >= most or (only and label != only):
                        continue
                    seen.add((sort, label))
                    shown += 1
                    print(f"  {sort} {label} {text[start:end]!r} in {text!r}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=PARTS, default="dev")
    parser.add_argument("--language", choices=LANGUAGES)
    parser.add_argument("--errors", type=int, default=0)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    if args.errors and args.part in APART:
        parser.error(f"errors of {args.part} are not shown: who sees them cannot measure on it")
    for language in [args.language] if args.language else LANGUAGES:
        grouped = by_frame(language, args.part)
        texts = [text for documents in grouped for text, _ in documents]
        started = time.process_time()
        for text in texts:
            find(text)
        spent = time.process_time() - started
        counts = count(grouped)
        print(
            f"{language} {args.part}: {len(texts)} documents of "
            f"{sum(map(len, texts)) / len(texts):.0f} characters, "
            f"{len(texts) / spent:,.0f} documents per CPU-second"
        )
        structured = sum(np.array(r) for label, r in counts.items() if label not in FREE)
        print(line("structured", np.asarray(structured)))
        for label in counts:
            print(line(label, np.array(counts[label])))
        if args.errors:
            show_errors(grouped, args.errors, args.only)


if __name__ == "__main__":
    main()
