"""The path of the run as a canal: what flowed through which stage, and how long it took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lingqu.core.i18n import Language
from lingqu.report.axes import words
from lingqu.report.markup import Html, figure, join, pair, say, seconds, tag
from lingqu.report.sections.title import headline
from lingqu.report.svg import canvas
from lingqu.report.tables import named

Document = Mapping[str, Any]
Words = Mapping[Language, str]
STAGES = ("data", "govern", "train", "check", "release")
_STEP, _ROW = 204, 92


@dataclass(frozen=True)
class Lock:
    """One stage on the path: its name, what it let through, its time, and whether it was kept."""

    name: Words
    fact: Words
    time: Words
    reused: bool


def draw(document: Document) -> Html:
    """Return the path twice: along the page, and down it for a narrow one."""
    locks = [_lock(name, document) for name in STAGES]
    walked = ", ".join(f"{lock.name['en']} ({lock.time['en']})" for lock in locks)
    spoken_zh = "、".join(f"{lock.name['zh']}（{lock.time['zh']}）" for lock in locks)
    title: Words = {
        "en": pair("report.path_title", path=walked)["en"],
        "zh": pair("report.path_title", path=spoken_zh)["zh"],
    }
    note = tag("p", say("report.path_note"), class_="quiet") if _any_reused(locks) else None
    return join([along(locks, title), down(locks, title), note])


def along(locks: Sequence[Lock], title: Words) -> Html:
    """Draw the locks from left to right."""
    full = _STEP * len(locks)
    parts: list[Html] = [_water(f"M8 34H{full - 8}")]
    for index, lock in enumerate(locks):
        x = _STEP * index + 8
        parts += [_gate(x + 8, 34, lock), *_label(x, 70, lock)]
    return canvas(full, 122, title, *parts, kind="path along")


def down(locks: Sequence[Lock], title: Words) -> Html:
    """Draw the locks from top to bottom."""
    tall = _ROW * len(locks)
    parts: list[Html] = [_water(f"M16 16V{tall - 20}")]
    for index, lock in enumerate(locks):
        y = _ROW * index + 18
        parts += [_gate(16, y, lock), *_label(44, y + 6, lock)]
    return canvas(340, tall, title, *parts, kind="path down")


def _water(path: str) -> Html:
    return tag("path", d=path, class_="water")


def _gate(x: float, y: float, lock: Lock) -> Html:
    kind = "gate reused" if lock.reused else "gate"
    return tag("circle", cx=x, cy=y, r=8, class_=kind)


def _label(x: float, y: float, lock: Lock) -> list[Html]:
    return [
        tag("text", words(lock.name), x=x, y=y, class_="name"),
        tag("text", words(lock.fact), x=x, y=y + 20),
        tag("text", words(lock.time), x=x, y=y + 39, class_="quiet"),
    ]


def _any_reused(locks: Sequence[Lock]) -> bool:
    return any(lock.reused for lock in locks)


def _lock(name: str, document: Document) -> Lock:
    walked = [s for s in document.get("stages", ()) if str(s["name"]).split(" #")[0] == name]
    time = sum(float(s.get("seconds", 0.0)) for s in walked)
    reused = bool(walked) and all(s.get("state") == "reused" for s in walked)
    said: Words = {"en": seconds(time), "zh": seconds(time)}
    if not walked:
        said = pair("report.not_walked")
    elif reused:
        said = pair("report.reused")
    elif len(walked) > 1:
        said = pair("report.walked_again", time=seconds(time), count=len(walked))
    return Lock(named("stage", name), _fact(name, document), said, reused)


def _fact(name: str, document: Document) -> Words:
    """Return what a stage let through, in a few words."""
    data, governance = document.get("data", {}), document.get("governance", {})
    if name == "data":
        return pair("report.fact_data", rows=figure(data.get("rows")))
    if name == "govern":
        return pair(
            "report.fact_govern",
            count=len(governance.get("operators", ())),
            removed=figure(governance.get("removed_count", 0)),
        )
    if name == "train":
        candidates = document.get("candidates", ())
        members = sum(c.get("weight", 0) > 0 for c in candidates)
        return pair("report.fact_train", tried=len(candidates), members=members)
    if name == "check":
        measured = headline(document)
        if measured is None:
            return {"en": "–", "zh": "–"}
        word, value = named("measure", measured["measure"]), figure(measured["value"])
        return {"en": f"{word['en']} {value}", "zh": f"{word['zh']} {value}"}
    return named("state", str(document["run"].get("release_state", "")))
