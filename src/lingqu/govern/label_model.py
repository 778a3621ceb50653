"""Judges of labels that need scikit-learn: a logistic model out of fold, and texts as TF-IDF."""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.multiclass import OneVsRestClassifier

from lingqu.core.schema import Column

FOLDS = 5
TEXT_NEIGHBOURS = 30
"""Near texts that vote: of 10, 30 and 60 the best on flipped labels of reviews in two languages."""
PENALTY = {"text": 3.0, "plain": 1.0}
"""Inverse penalty of the logistic model; for texts the best of 3, 10 and 30 on the same reviews."""
MOST_WORK = 2e8
"""Rows × width × classes above which the logistic model of plain columns is left out."""
_TERMS = 50_000
_LONGEST = 4000
"""Characters of a text that are read."""
_BLOCK = 2048
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


def linear_votes(features: Any, given: Codes, seed: int) -> Matrix:
    """Return class probabilities of a logistic model, for each row by a fit without its fold.

    Args:
        features: Shape (N, D), dense or sparse.
        given: Index of the given class, shape (N,).
        seed: Seed of the folds.

    Returns:
        Shape (N, K), rows sum to 1.
    """
    classes = int(given.max()) + 1
    chances = np.zeros((len(given), classes))
    for train, test in _folds(given, seed):
        held = np.unique(given[train])
        if len(held) == 1:  # the only row of the other class is in the fold
            chances[test, held[0]] = 1.0
            continue
        model = _logistic(sparse.issparse(features), classes)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(features[train], given[train])
        chances[np.ix_(test, model.classes_)] = model.predict_proba(features[test])
    return chances


def _folds(given: Codes, seed: int) -> list[tuple[Codes, Codes]]:
    if int(np.bincount(given).min()) >= FOLDS:
        cut: Any = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    else:
        cut = KFold(FOLDS, shuffle=True, random_state=seed)
    return [(train, test) for train, test in cut.split(given, given)]


def _logistic(text: bool, classes: int) -> Any:
    if not text:
        return LogisticRegression(C=PENALTY["plain"], max_iter=100, tol=1e-2)
    model = LogisticRegression(C=PENALTY["text"], solver="liblinear", random_state=0)
    return model if classes == 2 else OneVsRestClassifier(model)


def linear_values(features: Any, wanted: Matrix, seed: int) -> Matrix:
    """Return numbers foretold by ridge regression, for each row by a fit without its fold."""
    said = np.zeros(len(wanted))
    for train, test in KFold(FOLDS, shuffle=True, random_state=seed).split(wanted):
        model = Ridge(alpha=1.0, solver="lsqr" if sparse.issparse(features) else "auto")
        said[test] = model.fit(features[train], wanted[train]).predict(features[test])
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
