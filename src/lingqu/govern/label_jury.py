"""The judges of labels, called together: what they look at, and what each says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from lingqu.core.i18n import Language, both
from lingqu.core.nouns import Json
from lingqu.core.schema import Column
from lingqu.govern.label_features import bent, encode
from lingqu.govern.label_judges import (
    FLOOR,
    Codes,
    Matrix,
    best_kernel,
    calibrated,
    kernel_votes,
    left_out,
    nearest,
    votes_of,
    weighed,
)
from lingqu.govern.label_model import MOST_WORK, linear_votes
from lingqu.govern.label_suspects import judge, margins
from lingqu.govern.value_suspects import residuals

Verdict = tuple[pl.DataFrame, dict[str, Json]] | dict[Language, str]
"""``given, suggested, score, model, neighbours, suspect`` per row and facts, or why not."""
_NAMED = 20


@dataclass(frozen=True)
class View:
    """What the judges see of N rows.

    Args:
        plain: Columns other than texts, shape (N, D), or None.
        wide: Texts as terms beside `plain`, sparse, or None.
        near: The nearest other rows, shape (N, count).
        terms: The terms alone, sparse, or None.
        bent: Numbers of `plain` by their ranks, with bends, or None.
    """

    plain: Matrix | None
    wide: Any
    near: Codes
    terms: Any = None
    bent: Matrix | None = None


def view(frame: pl.DataFrame, features: list[Column], seed: int) -> View | None:
    """Return the features as the judges see them, or None where they say nothing."""
    texts = [column for column in features if column.kind == "text"]
    others = [column for column in features if column.kind != "text"]
    plain = encode(frame, others, seed) if others else None
    if texts:
        from lingqu.govern import label_texts  # only texts need scikit-learn, a second to import

        terms = label_texts.texts_as_terms(frame, texts)
        if terms is not None:
            wide = label_texts.joined(terms, plain)
            return View(plain, wide, label_texts.nearest_texts(wide), terms)
    if plain is None:
        return None
    return View(plain, None, nearest(plain), bent=bent(plain, others))


def judge_labels(frame: pl.DataFrame, target: Column, features: list[Column], seed: int) -> Verdict:
    """Judge the labels of a classification; every row by fits that have not seen it."""
    labels = frame.get_column(target.name).cast(pl.String).to_numpy().astype(str)
    classes, given = np.unique(labels, return_inverse=True)
    if not 2 <= classes.size <= max(2, frame.height // 5):
        return both("govern.unjudged_classes", classes=classes.size, rows=frame.height)
    seen = view(frame, features, seed)
    if seen is None:
        return both("govern.unjudged_features")
    judges = judges_of(seen, given, seed)
    *models, near = judges
    shares = weighed(judges, given)
    said = judge(judges, shares, given)
    pairs = zip(shares, models, strict=False)  # the last share is that of the neighbours
    model = np.sum([share * votes for share, votes in pairs], axis=0) / sum(shares[:-1])
    table = {
        "given": classes[given],
        "suggested": classes[said.other],
        "score": said.score,
        "model": margins(model, given)[0],
        "neighbours": margins(near, given)[0],
        "suspect": said.suspect,
    }
    facts: dict[str, Json] = {
        "estimated": round(said.share, 5),
        "low": round(said.low, 5),
        "high": round(said.high, 5),
        "too_few": [str(classes[code]) for code in said.few][:_NAMED],
        "not_recognised": [str(classes[code]) for code in said.unknown][:_NAMED],
    }
    return pl.DataFrame(table), facts


def judges_of(seen: View, given: Codes, seed: int) -> list[Matrix]:
    """Return the calibrated class probabilities of each judge, the neighbours last.

    Rows that all of them doubt do not vote as neighbours: one wrong label would speak against
    all rows around it.
    """
    said = [] if seen.plain is None else [kernel_votes(seen.plain, given, seed)]
    if seen.wide is not None:
        from lingqu.govern.label_bayes import term_votes
        from lingqu.govern.label_texts import text_votes

        said += [*text_votes(seen.wide, given, seed), term_votes(seen.terms, given)]
    else:
        parts = [part for part in (seen.plain, seen.bent) if part is not None]
        few = [part for part in parts if part.size * (int(given.max()) + 1) <= MOST_WORK]
        said += [linear_votes(part, given, seed) for part in few]
    judges = [_comparable(votes, given) for votes in (*said, votes_of(seen.near, given))]
    doubted = judge(judges, weighed(judges, given), given).suspect
    return [*judges[:-1], _comparable(votes_of(seen.near, given, ~doubted), given)]


def _comparable(votes: Matrix, given: Codes) -> Matrix:
    return calibrated(np.log(np.maximum(votes, FLOOR)), given)


def judge_numbers(
    frame: pl.DataFrame, target: Column, features: list[Column], seed: int
) -> Verdict:
    """Judge numbers to predict by their residuals; every row by fits that have not seen it."""
    wanted = frame.get_column(target.name).cast(pl.Float64).to_numpy()
    spread = float(wanted.std())
    if not spread > 0:
        return both("labels.unjudged_spread")
    seen = view(frame, features, seed)
    if seen is None:
        return both("govern.unjudged_features")
    middle = float(wanted.mean())
    scaled = (wanted - middle) / spread
    models = []
    if seen.plain is not None:
        kernel = best_kernel(seen.plain, scaled[:, None], seed)
        models.append(left_out(seen.plain, scaled[:, None], seed, kernel)[:, 0])
    if seen.wide is not None:
        from lingqu.govern.label_texts import linear_values

        models.append(linear_values(seen.wide, scaled, seed))
    found = residuals(np.mean(models, axis=0), scaled[seen.near].mean(axis=1), scaled)
    table = {
        "given": wanted,
        "suggested": found.expected * spread + middle,
        "score": found.score,
        "model": found.model,
        "neighbours": found.neighbours,
        "suspect": found.suspect,
    }
    return pl.DataFrame(table), {"by": "residuals"}
