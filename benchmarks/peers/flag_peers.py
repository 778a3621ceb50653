"""Scores of other detectors for `benchmarks/flag.py`; run in their own environment.

python flag_peers.py ROWS.npz OUT.json

ROWS.npz holds ``NAME/train`` and ``NAME/test`` per split; gaps are none, and each column is brought
to mean 0 and deviation 1, which is kind to those that measure distances.
"""

import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np
from pyod.models.copod import COPOD
from pyod.models.ecod import ECOD
from pyod.models.knn import KNN
from sklearn.covariance import EllipticEnvelope
from sklearn.ensemble import IsolationForest
from sklearn.neighbors import LocalOutlierFactor
from sklearn.preprocessing import StandardScaler

DETECTORS = {
    "IsolationForest": lambda: IsolationForest(random_state=0),
    "LocalOutlierFactor": lambda: LocalOutlierFactor(novelty=True),
    "EllipticEnvelope": lambda: EllipticEnvelope(random_state=0),
    "ECOD": ECOD,
    "COPOD": COPOD,
    "KNN": KNN,
}


def main() -> None:
    warnings.filterwarnings("ignore")
    rows = np.load(sys.argv[1])
    lines = []
    for name in sorted({key.rpartition("/")[0] for key in rows}):
        scaler = StandardScaler().fit(rows[f"{name}/train"])
        train, test = (scaler.transform(rows[f"{name}/{part}"]) for part in ("train", "test"))
        for peer, make in DETECTORS.items():
            begun = time.process_time()
            detector = make().fit(train)
            said = np.asarray(detector.decision_function(test), dtype=float)
            if peer in ("IsolationForest", "LocalOutlierFactor", "EllipticEnvelope"):
                said = -said  # of scikit-learn, greater is more usual
            spent = time.process_time() - begun
            lines.append({"split": name, "peer": peer, "said": said.tolist(), "seconds": spent})
    Path(sys.argv[2]).write_text(json.dumps(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
