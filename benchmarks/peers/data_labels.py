"""Scores of labels by cleanlab: ``data_labels.py CASES.npz``, smallest score first in doubt.

A case is ``given`` labels, ``wrong`` flags, and class probabilities by name; every method of
cleanlab ranks by each of them. What is printed is the average precision of every ranking.
"""

import sys

import numpy as np
from cleanlab.rank import get_label_quality_scores
from data_measure import answer, timed
from sklearn.metrics import average_precision_score

WAYS = {
    "self_confidence": {"method": "self_confidence"},
    "normalized_margin": {"method": "normalized_margin"},
    "confidence_weighted_entropy": {"method": "confidence_weighted_entropy"},
    "self_confidence, adjusted": {"method": "self_confidence", "adjust_pred_probs": True},
    "normalized_margin, adjusted": {"method": "normalized_margin", "adjust_pred_probs": True},
}


def main() -> None:
    case = np.load(sys.argv[1])
    given, wrong, found, spent = case["given"], case["wrong"], {}, 0.0
    for name in case.files:
        if name in ("given", "wrong"):
            continue
        votes = np.clip(case[name], 1e-6, None)
        votes /= votes.sum(axis=1, keepdims=True)
        for way, options in WAYS.items():
            scores, cpu_s = timed(
                lambda v=votes, o=options: get_label_quality_scores(given, v, **o)
            )
            spent += cpu_s
            found[f"{name}: {way}"] = float(average_precision_score(wrong, -scores))
    answer("cleanlab", cpu_s=spent, precision=found)


if __name__ == "__main__":
    main()
