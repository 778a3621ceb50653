"""Keep the data document small: what costs most and says least goes first, and it is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import orjson

from lingqu.core.i18n import both
from lingqu.core.nouns import Json

LIMIT = 600_000
"""Bytes of a document as JSON."""

Document = dict[str, Json]


def kept_small(document: Document, limit: int = LIMIT) -> Document:
    """Return the document with less in it until it fits, and a line for everything left out.

    Example:
        >>> told = {"columns": {"shown": [{"profile": {"top": {"x" * 60: 1}}}] * 40}}
        >>> small = kept_small(told, limit=3000)
        >>> len(small["columns"]["shown"]), [line["en"][:10] for line in small["left_out"]]
        (10, ['Shorter ca', 'Columns: o'])
    """
    written = orjson.dumps(document, option=orjson.OPT_NON_STR_KEYS)
    if len(written) <= limit:
        return {**document, "left_out": list(document.get("left_out") or ())}
    # A copy: whoever gave the document still has all of it.
    document = orjson.loads(written)
    document["left_out"] = list(document.get("left_out") or ())
    for words, cut in _STEPS:
        if len(orjson.dumps(document)) <= limit:
            break
        if cut(document):
            document["left_out"].append(both(f"datareport.left_{words}"))
    return document


def without_pictures(value: Any) -> Any:
    """Return JSON in which pictures and sounds are only named."""
    if isinstance(value, dict):
        if "picture" in value or "bands" in value:
            return {n: v for n, v in value.items() if n not in ("picture", "bands")}
        return {name: without_pictures(part) for name, part in value.items()}
    if isinstance(value, list):
        return [without_pictures(part) for part in value]
    return value


def has_pictures(value: Any) -> bool:
    """Say whether JSON holds a picture anywhere."""
    if isinstance(value, dict):
        return "picture" in value or any(has_pictures(part) for part in value.values())
    return isinstance(value, list) and any(has_pictures(part) for part in value)


def _lists(document: Document) -> Iterator[tuple[Any, Any]]:
    """Yield where rows are shown: the holder and the name of the list in it."""
    for score in document.get("scores") or ():
        yield score, "worst"
    duplicates = document.get("duplicates") or {}
    yield duplicates, "exact"
    yield duplicates, "conflicts"
    yield duplicates.get("near") or {}, "pairs"
    for leak in document.get("leakage") or ():
        yield leak, "pairs"
    yield document.get("labels") or {}, "samples"
    samples = (document.get("removed") or {}).get("samples") or {}
    for name in samples:
        yield samples, name


def _cut(holder: Any, name: Any, most: int) -> bool:
    found = holder.get(name)
    if not isinstance(found, list) or len(found) <= most:
        return False
    holder[name] = found[:most]
    return True


def _few_rows(document: Document) -> bool:
    return any([_cut(holder, name, 2) for holder, name in _lists(document)])


def _no_rows(document: Document) -> bool:
    return any([_cut(holder, name, 0) for holder, name in _lists(document)])


def _no_pictures(document: Document) -> bool:
    if not has_pictures(document):
        return False
    for name, part in list(document.items()):
        document[name] = without_pictures(part)
    return True


_WORDY = ("core", "scripts", "variants", "words", "frequent", "hours", "corrupt_samples")


def _short_cards(document: Document) -> bool:
    cards = (document.get("columns") or {}).get("shown") or []
    changed = False
    for card in cards:
        profile = card.get("profile") or {}
        for name in (
            "core",
            "scripts",
            "variants",
            "words",
            "frequent",
            "hours",
            "corrupt_samples",
        ):
            changed |= profile.pop(name, None) is not None
        top = profile.get("top")
        if isinstance(top, dict) and len(top) > 3:
            profile["top"] = dict(list(top.items())[:3])
            changed = True
        changed |= len(card.pop("reason", "") + card.pop("reason_zh", "")) > 0
    return changed or len(cards) > 10


def _few_cards(document: Document) -> bool:
    columns = document.get("columns") or {}
    cards = columns.get("shown") or []
    if len(cards) <= 10:
        return False
    names = [str(card.get("name", ""))[:40] for card in cards[10:]]
    columns["shown"] = cards[:10]
    columns["left_out"] = [*names, *(columns.get("left_out") or ())][:100]
    columns["left"] = (columns.get("left") or 0) + len(names)
    return True


def _short_tables(document: Document) -> bool:
    cut = [_cut(document, "changes", 40), _cut(document.get("contract") or {}, "rules", 20)]
    cut.append(_cut(document.get("associations") or {}, "matrix", 0))
    cut.append(_cut(document, "leakage", 12))
    cut.append(_cut(document, "measures", 400))
    return any(cut)


def _no_details(document: Document) -> bool:
    changed = False
    for operator in document.get("operators") or ():
        changed |= bool(operator.get("detail"))
        operator["detail"] = {}
    for score in document.get("scores") or ():
        changed |= bool(score.get("parts"))
        score["parts"] = {}
    return changed


_STEPS: tuple[tuple[str, Callable[[Document], bool]], ...] = (
    ("pictures", _no_pictures),
    ("cards", _short_cards),
    ("rows", _few_rows),
    ("columns", _few_cards),
    ("tables", _short_tables),
    ("details", _no_details),
    ("all_rows", _no_rows),
)
