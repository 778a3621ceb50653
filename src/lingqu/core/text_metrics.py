"""Scores of written answers beside the texts that were wanted.

BLEU and chrF are those of sacreBLEU 2 (`tokenize="none"` over our words; chrF2), against which
they are tested. They are sums over rows before they are scores, so that one pass over the texts
serves every resample.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_DENSE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_DENSE}]|[^\W{_DENSE}]+|[^\w\s]")
ORDERS = 4
"""Longest run of words that BLEU counts."""
CHARACTERS = 6
"""Longest run of characters that chrF counts."""
_BETA = 2.0


@lru_cache(maxsize=65_536)
def words(text: str) -> tuple[str, ...]:
    """Return the words of a text: runs of letters and digits, Chinese characters, signs.

    Example:
        >>> words("灵渠 is 2,000 km")
        ('灵', '渠', 'is', '2', ',', '000', 'km')
    """
    return tuple(_WORD.findall(text))


def word_spans(text: str) -> list[tuple[str, int, int]]:
    """Return the words of a text with where each begins and ends.

    Example:
        >>> word_spans("the 灵渠")
        [('the', 0, 3), ('灵', 4, 5), ('渠', 5, 6)]
    """
    return [(found[0], found.start(), found.end()) for found in _WORD.finditer(text)]


def exact_match(wanted: Sequence[str], said: Sequence[str]) -> Floats:
    """Return 1 for each text that is the wanted one but for blanks and capitals, else 0.

    Example:
        >>> exact_match(["The canal"], ["the  canal "]).tolist()
        [1.0]

    Source: Rajpurkar et al., 2016, arXiv:1606.05250.
    """
    pairs = zip(map(_plain, wanted), map(_plain, said), strict=True)
    return np.array([want == have for want, have in pairs], dtype=float)


def answer_f1(wanted: Sequence[str], said: Sequence[str]) -> Floats:
    """Return of each text how far its words are the wanted ones: F1 over the bags of words.

    Example:
        >>> answer_f1(["in 214 BC"], ["214 BC"]).round(2).tolist()
        [0.8]

    Source: Rajpurkar et al., 2016, arXiv:1606.05250.
    """
    return np.array([_overlap(w, s) for w, s in zip(wanted, said, strict=True)], dtype=float)


def _overlap(wanted: str, said: str) -> float:
    ours, theirs = Counter(words(_plain(said))), Counter(words(_plain(wanted)))
    if not ours or not theirs:
        return float(ours == theirs)
    return 2 * (ours & theirs).total() / (ours.total() + theirs.total())


def _plain(text: str) -> str:
    return " ".join(text.lower().split())


def bleu_counts(wanted: Sequence[str], said: Sequence[str]) -> Floats:
    """Return of each row what BLEU adds up: hits and runs of each order, words said and wanted.

    Returns:
        float64, (N, 2 · ORDERS + 2).
    """
    return np.array([_bleu_row(words(w), words(s)) for w, s in zip(wanted, said, strict=True)])


def _bleu_row(wanted: Sequence[str], said: Sequence[str]) -> list[float]:
    hits, runs = [], []
    for order in range(1, ORDERS + 1):
        ours, theirs = _runs(said, order), _runs(wanted, order)
        hits.append(float((ours & theirs).total()))
        runs.append(float(ours.total()))
    return [*hits, *runs, float(len(said)), float(len(wanted))]


def bleu(sums: Floats) -> Floats:
    """Return BLEU, from 0 to 1, of the sums of `bleu_counts`, (B, 2 · ORDERS + 2) → (B,).

    An order without a hit counts as half a hit, then a quarter, and so on.

    Source: Papineni et al., 2002, doi:10.3115/1073083.1073135; Post, 2018, arXiv:1804.08771.
    """
    hits, runs = sums[:, :ORDERS], sums[:, ORDERS : 2 * ORDERS]
    said, wanted = sums[:, -2], sums[:, -1]
    # The more orders had no hit before this one, the less one is worth.
    halved = 2.0 ** np.cumsum((hits == 0) & (runs > 0), axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.where(hits > 0, hits, 1 / halved) / runs
        brevity = np.where(said < wanted, np.exp(1 - wanted / said), 1.0)
        score = brevity * np.exp(np.log(shares).mean(axis=1))
    return np.where((hits.any(axis=1)) & (runs > 0).all(axis=1), score, 0.0)


def chrf_counts(wanted: Sequence[str], said: Sequence[str]) -> Floats:
    """Return of each row what chrF adds up: runs said, runs wanted and hits of each order.

    Returns:
        float64, (N, 3 · CHARACTERS).
    """
    return np.array([_chrf_row(w, s) for w, s in zip(wanted, said, strict=True)])


def _chrf_row(wanted: str, said: str) -> list[float]:
    ours, theirs = "".join(said.split()), "".join(wanted.split())
    row: list[float] = []
    for order in range(1, CHARACTERS + 1):
        mine, other = _runs(ours, order), _runs(theirs, order)
        count = float(mine.total()) if other else 0.0
        row += [count, float(other.total()), float((mine & other).total())]
    return row


def chrf(sums: Floats) -> Floats:
    """Return chrF2, from 0 to 1, of the sums of `chrf_counts`, (B, 3 · CHARACTERS) → (B,).

    Source: Popović, 2015, doi:10.18653/v1/W15-3049.
    """
    said, wanted, hits = (sums[:, place::3] for place in range(3))
    used = (said > 0) & (wanted > 0)
    orders = np.maximum(used.sum(axis=1), 1)
    precision = np.where(used, hits / np.maximum(said, 1), 0).sum(axis=1) / orders
    recall = np.where(used, hits / np.maximum(wanted, 1), 0).sum(axis=1) / orders
    below = _BETA**2 * precision + recall
    return np.where(below > 0, (1 + _BETA**2) * precision * recall / np.where(below, below, 1), 0)


def _runs(parts: Sequence[str], order: int) -> Counter[object]:
    """Count the runs of so many parts that follow each other."""
    if isinstance(parts, str):
        return Counter(parts[at : at + order] for at in range(len(parts) - order + 1))
    return Counter(tuple(parts[at : at + order]) for at in range(len(parts) - order + 1))


OF_ROWS: dict[str, Callable[[Sequence[str], Sequence[str]], Floats]] = {
    "exact_match": exact_match,
    "answer_f1": answer_f1,
}
"""Scores that are means over the rows."""
OF_SUMS = {"chrf": (chrf_counts, chrf), "bleu": (bleu_counts, bleu)}
"""Scores of sums over the rows: what is counted of each, and the score of the sums."""
