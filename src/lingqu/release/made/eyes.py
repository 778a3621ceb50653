"""The eyes by which made pictures are set beside real ones: a small net that tells labels.

What stands before its last layer says what is in a picture in a few numbers; where labels lack, the
net learned which way a picture was mirrored. Figures of two nets cannot be compared: all makers of
one comparison are looked at by the same eyes.

Source: Heusel et al., 2017, arXiv:1706.08500 (FID); Gidaris et al., 2018, arXiv:1803.07728
(learning from turned pictures).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier

from lingqu.core.frechet import frechet, variety
from lingqu.core.metrics import wilson
from lingqu.release.made.likeness import Score, area
from lingqu.release.session import open_session

Floats = NDArray[np.float64]
Pixels = NDArray[np.float32]
FEWEST = 20
"""Pictures of each side without which nothing is measured."""
_RESAMPLES = 100
_FOLDS = 3
_TOGETHER = 256


class Eyes:
    """A net that was fitted on training pictures, opened.

    Args:
        graph: ONNX bytes: ``pictures`` (B, C, H, W) in [−1, 1] → ``seen`` (B, D), ``said`` (B, K).
    """

    def __init__(self, graph: bytes) -> None:
        self._session = open_session(graph, 1)

    def look(self, pictures: Pixels) -> tuple[Floats, NDArray[np.int64]]:
        """Return what is seen of pictures, (N, D), and which label each is taken for, (N,)."""
        starts = range(0, len(pictures), _TOGETHER)
        parts = [
            self._session.run(["seen", "said"], {"pictures": pictures[at : at + _TOGETHER]})
            for at in starts
        ]
        seen, said = (np.concatenate(each) for each in zip(*parts, strict=True))
        return seen.astype(np.float64), said.argmax(axis=1)


@dataclass(frozen=True)
class Pair:
    """Made pictures beside real ones that nobody learned from.

    Args:
        real: (N, C, H, W) in [−1, 1], on the levels of the data.
        made: (M, C, H, W), likewise.
        real_of: Place of the label of each, (N,).
        made_of: Likewise, (M,).
        labels: How many labels there are; 1 where rows have none.
        trees: Of each judge.
    """

    real: Pixels
    made: Pixels
    real_of: NDArray[np.int64]
    made_of: NDArray[np.int64]
    labels: int
    trees: int = 100

    def apart(self, seed: int = 0) -> Score:
        """Return how well a judge of pixels tells made from real pictures: its AUC.

        A forest judges pictures that it was not fitted on.
        """
        both = np.vstack([_flat(self.real), _flat(self.made)])
        real = np.r_[np.ones(len(self.real), bool), np.zeros(len(self.made), bool)]
        fold = np.random.default_rng(seed).permutation(len(both)) % _FOLDS
        said = np.empty(len(both))
        for one in range(_FOLDS):
            judge = _forest(seed, self.trees).fit(both[fold != one], real[fold != one])
            said[fold == one] = judge.predict_proba(both[fold == one])[:, 1]
        return area(real, said)

    def taught(self, learned: tuple[Pixels, NDArray[np.int64]], seed: int = 0) -> Score:
        """Return the share of real pictures that a judge names which learned from others.

        Args:
            learned: Pictures and the place of the label of each.
            seed: Of the judge, a forest.
        """
        x, y = learned
        said = _forest(seed, self.trees).fit(_flat(x), y).predict(_flat(self.real))
        right, n = float((said == self.real_of).sum()), len(self.real)
        return Score(right / n, *wilson(right, n), n)

    def varied(self) -> float:
        """Return how much made pictures vary within their labels, beside real ones."""
        return variety(self.made, self.real, self.made_of, self.real_of)


def distance(one: Floats, two: Floats, seed: int = 0) -> Score:
    """Return the Fréchet distance of what is seen in two sets of pictures, with an interval.

    It is never 0, even for two halves of real pictures, and the fewer there are the larger it is:
    the interval is that of resamples, moved down by how much resampling itself adds.

    Args:
        one: What is seen of one, (N, D).
        two: Of the other, (M, D).
        seed: Of the resamples.

    Example:
        >>> cloud = np.random.default_rng(0).standard_normal((400, 3))
        >>> score = distance(cloud, cloud + [1.0, 0.0, 0.0])
        >>> round(score.value, 3), score.low < 1 < score.high
        (1.0, True)
    """
    value, random = frechet(one, two), np.random.default_rng(seed)
    found = []
    for _ in range(_RESAMPLES):
        some = [side[random.integers(0, len(side), len(side))] for side in (one, two)]
        found.append(frechet(*some))
    low, high = np.quantile(found, (0.025, 0.975))
    added = float(np.mean(found)) - value
    return Score(value, max(0.0, float(low) - added), float(high) - added, len(one))


def _forest(seed: int, trees: int) -> RandomForestClassifier:
    return RandomForestClassifier(trees, random_state=seed, n_jobs=1)


def _flat(pictures: Pixels) -> Floats:
    return np.asarray(pictures, dtype=np.float64).reshape(len(pictures), -1)
