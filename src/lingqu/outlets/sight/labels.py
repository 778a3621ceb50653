"""Labels on their way in: whose answers they belong to, what they may be, and where they are kept.

A label is kept for an answer that the channel's own log holds, so that nobody can label the
answers of others. The log is looked through from its newest end, off the event loop; which
segments are worth reading is remembered.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from lingqu.core.errors import AccessError, DataError
from lingqu.core.nouns import CLASSES, VALUES, Json
from lingqu.outlets.reading.cells import as_text
from lingqu.outlets.served import Served
from lingqu.outlets.sight.log import read_segment
from lingqu.store.feedback import Label
from lingqu.store.home import Home

MOST = 1000
"""Labels in one request."""
LONGEST = 10_000
"""Bytes of one label, and of what is said beside it."""
WRITTEN_S = 0.5
"""What an answer that was just given needs to reach the log."""
_REMEMBERED = 10_000
"""Segments of which it is remembered whose answers they hold."""


class Labels:
    """Keeps labels for the channels of a server.

    Args:
        home: The workspace: its log, and its ledger.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._makers: dict[tuple[str, int], frozenset[str]] = {}

    def keep(self, channel: str, labels: Sequence[Label], replaces: Collection[str]) -> list[str]:
        """Keep labels, all or none, and return of each whether it is ``new`` or ``known``.

        It is on the disk when this returns. The same labels again change nothing.

        Args:
            channel: Whose answers they are about.
            labels: They; releases are filled in.
            replaces: Ids whose label may be another one than before.

        Raises:
            DataError: An id is of no answer of this channel.
            AccessError: One has another label already (409).
        """
        known = self._home.ledger.feedback.of(channel, [one.prediction for one in labels])
        for one in labels:
            before = known.get(one.prediction)
            if before and before.label != one.label and one.prediction not in replaces:
                raise AccessError(
                    "protocols.other_label", 409, prediction=one.prediction,
                    known=_shown(before.label), received=_shown(one.label),
                )  # fmt: skip
        new = [one for one in labels if _differs(known.get(one.prediction), one)]
        if new:
            releases = self._releases(channel, {one.prediction for one in new})
            at = self._home.clock()
            kept = [replace(one, release=releases[one.prediction], at=at) for one in new]
            self._home.ledger.feedback.put(channel, kept)
        changed = {one.prediction for one in new}
        return ["new" if one.prediction in changed else "known" for one in labels]

    def _releases(self, channel: str, ids: set[str]) -> dict[str, str]:
        """Return which release gave each answer.

        Raises:
            DataError: An answer is not in the log of the channel.
        """
        found = self._found(channel, ids)
        if len(found) < len(ids):
            time.sleep(WRITTEN_S)  # answers reach the log a moment after they were given
            found |= self._found(channel, ids - found.keys())
        if len(found) < len(ids):
            lacking = sorted(ids - found.keys())
            shown = ", ".join(one[:40] for one in lacking[:5])
            more = f" … ({len(lacking)})" if len(lacking) > 5 else ""
            raise DataError("protocols.unknown_predictions", channel=channel, ids=shown + more)
        return found

    def _found(self, channel: str, ids: Collection[str]) -> dict[str, str]:
        makers = {one.partition("-")[0] for one in ids}
        wanted, found = set(ids), dict[str, str]()
        folder = self._home.logs / channel
        for path in sorted(folder.glob("*.arrow"), reverse=True) if wanted else ():
            known = self._makers.get(_name(path))
            if known is not None and not known & makers:
                continue
            frame = read_segment(path).select("prediction_id", "release")
            self._remember(path, frame["prediction_id"].to_list())
            for row in frame.iter_rows():
                if row[0] in wanted:
                    found[row[0]] = row[1]
            wanted -= found.keys()
            if not wanted:
                break
        return found

    def _remember(self, path: Path, ids: Sequence[str]) -> None:
        if len(self._makers) >= _REMEMBERED:
            self._makers.clear()
        self._makers[_name(path)] = frozenset(one.partition("-")[0] for one in ids)


def label_of(served: Served, item: int, given: Json) -> tuple[Label, bool]:
    """Read one label, and whether it may replace another.

    Args:
        served: A release of the channel: it says what a label can be.
        item: Its place in the request, from 1, for errors.
        given: ``{"prediction_id": …, "label": …}``.

    Raises:
        DataError: It is not such an object, or no answer can be that label.
    """
    if not isinstance(given, dict):
        raise _bad(item, _shown(given))
    prediction = given.get("prediction_id")
    if not (isinstance(prediction, str) and 0 < len(prediction) <= 100):
        raise _bad(item, f"prediction_id: {_shown(prediction)}")
    if given.get("label") is None:
        raise _bad(item, "label: —")
    detail = {name: cell for name, cell in given.items() if name not in _OWN}
    size = _size([given["label"], detail])
    if size is None or size > LONGEST:
        raise _bad(item, f"> {LONGEST} B" if size else "> 64 bit")
    label = _label(served, prediction, given["label"])
    return Label(prediction, label, detail=detail), given.get("replace") is True


_OWN = ("prediction_id", "label", "replace")


def _label(served: Served, prediction: str, label: Json) -> Json:
    """Return a label as answers of the task are written."""
    task = served.release.task
    if task in VALUES:
        if type(label) in (int, float):
            return float(label)
        raise DataError("protocols.bad_label", prediction=prediction[:40],
                        received=_shown(label), expected="1.5")  # fmt: skip
    if task not in CLASSES:
        return label
    if isinstance(label, list | dict):
        known = ", ".join(served.release.classes)
        raise DataError("protocols.bad_label", prediction=prediction[:40],
                        received=_shown(label), expected=known)  # fmt: skip
    # A class that the release never saw may be the truth all the same.
    return as_text(label)


def _differs(before: Label | None, now: Label) -> bool:
    return before is None or before.label != now.label


def _name(path: Path) -> tuple[str, int]:
    """Return what tells a segment from the one that it will be once more is written."""
    return path.name, path.stat().st_size


def _size(value: Json) -> int | None:
    """Return how many bytes something takes as JSON; None where it holds a number too large."""
    try:
        return len(orjson.dumps(value))
    except TypeError:
        return None


def _shown(value: Any) -> str:
    try:
        return orjson.dumps(value, default=str).decode()[:60]
    except TypeError:  # a whole number of more than 64 bits
        return type(value).__name__


def _bad(item: int, problem: str) -> DataError:
    return DataError("protocols.bad_feedback", item=item, problem=problem, most=MOST)
