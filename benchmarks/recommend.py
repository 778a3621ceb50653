"""Recommenders on MovieLens 100k beside the plain ones of implicit, one line each.

    python benchmarks/recommend.py

The last film of each person is the test row and is never learned from; the one before only tells
how sure answers are. Nothing is chosen here: every learner is shown, with its options by default.
"""

from __future__ import annotations

import time

import numpy as np
from implicit.nearest_neighbours import BM25Recommender, CosineRecommender
from numpy.typing import NDArray

from lingqu import __version__
from lingqu.core import catalog
from lingqu.core.list_metrics import gains, places
from lingqu.core.nouns import Dataset
from lingqu.core.ports import Budget
from lingqu.data.assets import AssetData
from lingqu.data.roles import ready
from lingqu.data.split import split
from lingqu.learn.recommend import USUAL
from lingqu.learn.recommend.parts import held_out
from lingqu.learn.recommend.reading import read
from lingqu.release.baskets.rows import taken
from lingqu.release.predictor import Runner


def part(rows: Dataset, kept: NDArray[np.int64]) -> Dataset:
    return Dataset(rows.frame[kept], rows.schema, rows.name)


def line(name: str, items: NDArray[np.int64], wanted: NDArray[np.int64], seconds: float) -> None:
    place = places(items, wanted)
    ndcg, recall = gains("ndcg", place, 10), gains("recall", place, 10)
    error = ndcg.std() / np.sqrt(len(ndcg))
    print(f"{name:<18} {ndcg.mean():.4f} ± {error:.4f}  {recall.mean():.4f}  {seconds:6.1f} s")


def main() -> None:
    """Print the table."""
    rows = ready(
        AssetData("movielens").read(), target="film", task="recommend", group="user", time="rated",
        weight="rating",
    )  # fmt: skip
    cut = split(rows, "recommend")
    train, test = part(rows, cut.train), part(rows, cut.test)
    fold = held_out(taken(train), 0, 1).pairs[0]
    wanted = taken(test).item
    print(f"lingqu {__version__}: {len(train)} rows, {len(test)} users; ndcg@10, recall@10")
    for name in USUAL:
        begun = time.process_time()
        learner = catalog.build("algorithms", name, {})
        sure = learner.fit(part(train, fold[0]), part(train, fold[1]), Budget(60.0), print_nothing)
        notes = sure.members[0].notes
        learner.sharpness, learner.prior = notes["sharpness"], notes["prior"]
        model = learner.fit(train, part(train, fold[1][:0]), Budget(60.0), print_nothing)
        said = Runner.of(model).recommend(test.frame).lists
        assert said is not None
        line(name, said.items, wanted, time.process_time() - begun)
    reading = read(train, 10)
    place = {user: code for code, user in enumerate(reading.rows.users)}
    users = np.array([place[user] for user in test.frame["user"]])
    for kind in (CosineRecommender, BM25Recommender):
        begun = time.process_time()
        model = kind(K=50, num_threads=1)
        model.fit(reading.plain, show_progress=False)
        items, _ = model.recommend(users, reading.plain[users], N=10)
        line(f"implicit {kind.__name__[:6]}", items, wanted, time.process_time() - begun)


def print_nothing(row: object) -> None:
    """Take note of nothing."""


if __name__ == "__main__":
    main()
