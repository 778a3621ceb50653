"""Judges of labels of texts: TF-IDF, and what scikit-learn and SciPy fit to it."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge

from lingqu.core.schema import Column
from lingqu.govern.label_judges import MOST_CENTRES, calibrated, ridge_left_out
from lingqu.govern.label_model import FOLDS, folds

TEXT_NEIGHBOURS = 30
"""Near texts that vote: of 10, 30 and 60 the best on flipped labels of reviews in two languages."""
LOOSENESS = {"terms": 3.0, "contrasts": 1.0}
"""Inverse penalty of the logistic models."""
PENALTIES = (0.03, 0.1, 0.3, 1.0, 3.0)
"""Of the ridge fit to likeness; the one with the least error is taken."""
DRAWS = 3
"""Times that the folds are drawn: the mean says less of the draw."""
MOST_DRAWN = 40_000
"""Rows × classes above which they are drawn once."""
_TERMS = 50_000
_LONGEST = 4000
"""Characters of a text that are read."""
_BLOCK = 2048
_COUNTED = 0.01
"""Weight of a term that is taken as seen in each class."""
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")

Matrix = NDArray[np.float64]
Codes = NDArray[np.intp]


def texts_as_terms(frame: pl.DataFrame, columns: list[Column]) -> sparse.csr_matrix | None:
    """Return texts as TF-IDF of character n-grams, rows of length 1; None when nothing is said.

    Characters serve Chinese, which writes no blanks, and forgive misspellings: one to three of
    them where every sixth character is Chinese, Japanese or Korean, else two to five.

    Source: Sparck Jones, J. Documentation 28 (1972); n-grams: Cavnar & Trenkle, SDAIR 1994.
    """
    blocks = []
    for column in columns:
        cells = frame.get_column(column.name).cast(pl.String).fill_null("")
        texts = [text[:_LONGEST] for text in cells.to_list()]
        length = sum(map(len, texts[:500]))
        wide = sum(len(_WIDE.findall(text)) for text in texts[:500])
        reader = TfidfVectorizer(
            analyzer="char",
            ngram_range=(1, 3) if wide * 6 > length else (2, 5),
            sublinear_tf=True,
            min_df=2,
            max_df=0.5,
            max_features=_TERMS,
            dtype=np.float32,
        )
        try:
            blocks.append(reader.fit_transform(texts))
        except ValueError:  # no n-gram stands in two texts, or each in every other one
            continue
    if not blocks:
        return None
    return sparse.csr_matrix(sparse.hstack(blocks) / np.sqrt(len(blocks)))


def joined(terms: sparse.csr_matrix, plain: Matrix | None) -> sparse.csr_matrix:
    """Return texts beside other features, both blocks with the same mean length of a row."""
    if plain is None:
        return terms
    length = float(np.sqrt((plain**2).sum(axis=1)).mean()) or 1.0
    return sparse.csr_matrix(sparse.hstack([terms, (plain / length).astype(np.float32)]))


def text_votes(wide: sparse.csr_matrix, given: Codes, seed: int) -> list[Matrix]:
    """Return class probabilities of three models, for each row by a fit without it.

    A logistic model of the terms; one of the terms weighed by how much oftener they stand in a
    class than elsewhere; and a ridge fit to the likeness (cosine) to other rows.

    Args:
        wide: Terms, beside other features where there are any, shape (N, D).
        given: Index of the given class, shape (N,).
        seed: Seed of the folds and the centres.

    Returns:
        Three of shape (N, K), rows sum to 1.

    Source: Weighed terms: Wang & Manning, ACL 2012; likeness to centres: Williams & Seeger,
        NIPS 2000.
    """
    classes = int(given.max()) + 1
    draws = DRAWS if len(given) * classes <= MOST_DRAWN else 1
    votes = {way: np.zeros((len(given), classes)) for way in LOOSENESS}
    for draw in range(draws):
        fold = folds(given, seed * DRAWS + draw)
        for held in range(FOLDS):
            test, train = np.flatnonzero(fold == held), np.flatnonzero(fold != held)
            for way in LOOSENESS:
                said = _one_against_rest(wide[train], given[train], wide[test], way)
                votes[way][test, : said.shape[1]] += said / draws
    wanted = np.eye(classes)[given]
    near = ridge_left_out(_likeness(wide, seed), wanted, PENALTIES)[0]
    return [*votes.values(), calibrated(near, given)]


def _one_against_rest(train: Any, given: Codes, test: Any, way: str) -> Matrix:
    """Return probabilities of test rows, shape (rows, K), from a fit of each class to the rest."""
    known = np.unique(given)
    votes = np.zeros((test.shape[0], int(known.max()) + 1))
    if len(known) == 1:  # the only row of the other class is in the fold
        votes[:, known[0]] = 1.0
        return votes
    for code in known[1:] if len(known) == 2 else known:
        left, right = train, test
        if way == "contrasts":
            weights = sparse.diags(_contrast(train, given == code))
            left, right = train @ weights, test @ weights
        model = LogisticRegression(C=LOOSENESS[way], solver="liblinear", random_state=0)
        votes[:, code] = model.fit(left, given == code).predict_proba(right)[:, 1]
    if len(known) == 2:
        votes[:, known[0]] = 1.0 - votes[:, known[1]]
    return np.asarray(votes / np.maximum(votes.sum(axis=1, keepdims=True), 1e-12))


def _contrast(rows: Any, belongs: NDArray[np.bool_]) -> Matrix:
    """Return the logarithm of how much oftener each term stands in a class than elsewhere."""
    counts = [
        np.maximum(np.asarray(part.sum(axis=0), dtype=np.float64).ravel(), 0.0) + _COUNTED
        for part in (rows[belongs], rows[~belongs])
    ]
    return np.asarray(np.log(counts[0] / counts[0].sum()) - np.log(counts[1] / counts[1].sum()))


def _likeness(wide: sparse.csr_matrix, seed: int) -> Matrix:
    """Return features whose products are the likeness of two rows, as far as centres tell it."""
    rows = wide.shape[0]
    picked = np.random.default_rng(seed).choice(rows, min(rows, MOST_CENTRES), replace=False)
    alike = np.asarray((wide @ wide[np.sort(picked)].T).toarray(), dtype=np.float64)  # (N, M)
    spread, axes = np.linalg.eigh(alike[np.sort(picked)])
    features = alike @ (axes / np.sqrt(np.maximum(spread, 0.0) + 1e-6))
    return np.concatenate([features, np.ones((rows, 1))], axis=1)


def linear_values(features: Any, wanted: Matrix, seed: int) -> Matrix:
    """Return numbers foretold by ridge regression, for each row by a fit without its fold."""
    said = np.zeros(len(wanted))
    fold = folds(np.zeros(len(wanted), dtype=np.intp), seed)
    for held in range(FOLDS):
        test = fold == held
        model = Ridge(alpha=1.0, solver="lsqr").fit(features[~test], wanted[~test])
        said[test] = model.predict(features[test])
    return said


def nearest_texts(terms: sparse.csr_matrix) -> Codes:
    """Return the row numbers of the nearest other rows by cosine, shape (N, at most 30)."""
    rows = terms.shape[0]
    count = min(TEXT_NEIGHBOURS, rows - 1)
    near = np.empty((rows, count), dtype=np.intp)
    across = terms.T.tocsc()
    for start in range(0, rows, _BLOCK):
        alike = (terms[start : start + _BLOCK] @ across).toarray()  # (B, N)
        itself = np.arange(len(alike))
        alike[itself, itself + start] = -np.inf
        near[start : start + _BLOCK] = np.argpartition(-alike, count - 1, axis=1)[:, :count]
    return near
