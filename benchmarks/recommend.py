"""Recommenders on MovieLens 100k beside the plain ones of implicit, and at a large size.

    python benchmarks/recommend.py
    python benchmarks/recommend.py --large

The last film of each person is the test row and is never learned from; the one before only tells
how sure answers are. Nothing is chosen here: every learner is shown, with its options by default.
Then one person in five is left out altogether and asked for by age, gender and occupation alone.

`--large` shows time, memory and size on 20,000 items and 50,000 users that are made up: what it
says of scores is nothing.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import time
from dataclasses import replace

import numpy as np
import polars as pl
from implicit.nearest_neighbours import BM25Recommender, CosineRecommender
from numpy.typing import NDArray

from lingqu import __version__
from lingqu.core import catalog
from lingqu.core.errors import LingquError
from lingqu.core.list_metrics import by_user, gains, places
from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget
from lingqu.core.schema import Column, Schema
from lingqu.data.assets import AssetData
from lingqu.data.roles import ready
from lingqu.data.split import split
from lingqu.flow.recommend_rows import asked_for
from lingqu.learn.recommend import USUAL
from lingqu.learn.recommend.parts import held_out
from lingqu.learn.recommend.reading import read
from lingqu.release.baskets.rows import taken
from lingqu.release.model import to_bytes
from lingqu.release.runner import Runner

ITEMS, USERS, TASTES = 20_000, 50_000, 100


def part(rows: Dataset, kept: NDArray[np.int64]) -> Dataset:
    return Dataset(rows.frame[kept], rows.schema, rows.name)


def line(name: str, items: NDArray[np.int64], wanted: NDArray[np.int64], seconds: float) -> None:
    place = places(items, wanted)
    ndcg, recall = gains("ndcg", place, 10), gains("recall", place, 10)
    error = ndcg.std() / np.sqrt(len(ndcg))
    print(f"{name:<18} {ndcg.mean():.4f} ± {error:.4f}  {recall.mean():.4f}  {seconds:6.1f} s")


def fitted(name: str, train: Dataset) -> Model:
    """Fit a learner on all rows, as sure as the last items say that it may be."""
    fold = held_out(taken(train), 0, 1).pairs[0]
    learner = catalog.build("algorithms", name, {})
    sure = learner.fit(part(train, fold[0]), part(train, fold[1]), Budget(60.0), print_nothing)
    notes = sure.members[0].notes
    learner.sharpness, learner.prior = notes["sharpness"], notes["prior"]
    learner.stranger = notes.get("stranger")
    return learner.fit(train, part(train, fold[1][:0]), Budget(60.0), print_nothing)


def films() -> None:
    """Print the table of MovieLens, and that of people whom nobody knows."""
    rows = ready(
        AssetData("movielens").read(), target="film", task="recommend", group="user", time="rated",
        weight="rating",
    )  # fmt: skip
    rows = replace(rows, schema=asked_for(rows))
    cut = split(rows, "recommend")
    train, test = part(rows, cut.train), part(rows, cut.test)
    wanted = taken(test).item
    print(f"lingqu {__version__}: {len(train)} rows, {len(test)} users; ndcg@10, recall@10")
    for name in USUAL:
        begun = time.process_time()
        said = Runner.of(fitted(name, train)).recommend(test.frame).lists
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
    strangers(rows)


def strangers(rows: Dataset) -> None:
    """Print what is told people of whom nothing is known but age, gender and occupation."""
    everybody = np.array(taken(rows).user)
    some = np.random.default_rng(0).permutation(everybody.max() + 1)[: everybody.max() // 5]
    out = np.isin(everybody, some)
    train, test = part(rows, np.flatnonzero(~out)), part(rows, np.flatnonzero(out))
    asked = test.frame.with_columns(pl.lit(None, dtype=pl.String).alias("user"))
    _, who = np.unique(everybody[out], return_inverse=True)
    wanted = taken(test).item
    scores = {}
    for name in ("popularity", "two_tower"):
        said = Runner.of(fitted(name, train)).recommend(asked).lists
        assert said is not None
        scores[name] = by_user("ndcg", places(said.items, wanted), who, 10)
    gain = scores["two_tower"] - scores["popularity"]
    shown = ", ".join(f"{name} {score.mean():.4f}" for name, score in scores.items())
    print(f"{len(some)} people left out, asked for by features alone, ndcg@10 of all they took:")
    print(f"{shown}; gain {gain.mean():+.4f} ± {gain.std() / np.sqrt(len(gain)):.4f}")


def crowd() -> Dataset:
    """Return made-up rows: users of some tastes, who take popular items of their own more often."""
    draw = np.random.default_rng(0)
    number = draw.integers(5, 36, USERS)
    user = np.repeat(np.arange(USERS), number)
    likes = 1 / np.arange(1, ITEMS // TASTES + 1)
    inner = draw.choice(ITEMS // TASTES, len(user), p=likes / likes.sum())
    own = (user % TASTES) * (ITEMS // TASTES) + inner
    item = np.where(draw.random(len(user)) < 0.8, own, draw.integers(0, ITEMS, len(user)))
    names = [f"i{code}" for code in range(ITEMS)]
    frame = pl.DataFrame(
        {"user": [f"u{code}" for code in user.tolist()], "item": [names[c] for c in item.tolist()],
         "when": np.arange(len(user), dtype=float)}
    )  # fmt: skip
    columns = (
        Column("user", "category", "group", seen=True),
        Column("item", "category", "target", levels=tuple(names), seen=True),
        Column("when", "number", "time"),
    )
    return Dataset(frame, Schema(columns), "crowd")


def one_large(name: str) -> None:
    """Fit one learner in a process of its own, and print what it took and how fast it answers."""
    rows = crowd()
    fold = held_out(taken(rows), 0, 1).pairs[0]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    begun = time.process_time()
    try:
        learner = catalog.build("algorithms", name, {})
        model = learner.fit(part(rows, fold[0]), part(rows, fold[1]), Budget(60.0), print_nothing)
    except LingquError as error:
        print(f"{name:<12} refused: {error}", flush=True)
        return
    spent = time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = len(to_bytes(model)) / 1e6
    runner = Runner.of(model, threads=1)
    asked = rows.frame.select("user")[::997][:20]
    times = []
    for row in range(asked.height):
        start = time.perf_counter()
        runner.recommend(asked[row])
        times.append(1e3 * (time.perf_counter() - start))
    print(f"{name:<12} {spent:6.1f} s  {peak:6.0f} MB (before: {before:.0f})  {size:6.1f} MB  "
          f"{np.median(times):7.2f} ms", flush=True)  # fmt: skip


def large() -> None:
    """Print time and peak memory of each learner, size of its model, and time of one list."""
    rows = crowd()
    print(f"lingqu {__version__}: made up, {len(rows)} rows, {USERS} users, {ITEMS} items")
    print("learner      CPU of one fit, peak memory, model, one list of 10")
    for name in USUAL:
        process = multiprocessing.get_context("spawn").Process(target=one_large, args=(name,))
        process.start()
        process.join()


def print_nothing(row: object) -> None:
    """Take note of nothing."""


if __name__ == "__main__":
    wishes = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    wishes.add_argument("--large", action="store_true", help="20,000 items and 50,000 users")
    large() if wishes.parse_args().large else films()
