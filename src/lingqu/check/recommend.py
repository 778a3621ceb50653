"""Lists of items judged by what users took next, beside the list of what is popular."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from lingqu.check.truth import unknown, why
from lingqu.core import metrics
from lingqu.core.list_metrics import by_user, places
from lingqu.core.nouns import Dataset, Finding, Json, Subject
from lingqu.core.predictions import Lists, Predictions
from lingqu.core.ranking_names import KINDS
from lingqu.release.baskets.rows import counted

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
BANDS = ((1, 5), (6, 20), (21, 100), (101, None))
"""Users by how many items they took."""
FEW = 5
PAIRED = 2_000
"""Lists in which items are compared with each other, at most."""


@dataclass(frozen=True)
class Judged:
    """Test rows of users with their lists.

    Args:
        user: Number of the user of each row, from 0.
        wanted: Item that each row holds, -1 for one that training never saw.
        lists: The list of each row.
        popular: What the list of popular items would be.
        taken: How many items the user of each row took before.
        counts: How often each item was taken in training.
        table: Who took what in training, (users, items); users of the training rows.
    """

    user: Ints
    wanted: Ints
    lists: Ints
    popular: Ints
    taken: Ints
    counts: Floats
    table: sparse.csr_matrix


def recommend_findings(subject: Subject, resamples: int) -> list[Finding]:
    """Return what the test rows say of lists, and the same of the popular items.

    Args:
        subject: What is looked at; its answers are lists.
        resamples: Bootstrap resamples of the intervals, over users.
    """
    said = subject.predictions
    if said is None or said.lists is None or subject.test is None or not len(subject.test):
        return [unknown("metrics", f"{kind}@10", why("recommend.no_lists")) for kind in KINDS]
    if subject.train is None:
        return [unknown("metrics", f"{kind}@10", why("check.no_split")) for kind in KINDS]
    rows = _judged(subject.train, subject.test, said, said.lists)
    users = {"users": subject.facts.get("users", len(np.unique(rows.user)))}
    k = said.lists.items.shape[1]
    found = []
    for length in sorted({min(10, k), k}):
        found += [_score(rows, kind, length, subject.seed, resamples, users) for kind in KINDS]
    cold = _cold(rows, subject, min(10, k))
    return [*found, *_variety(rows, subject.seed), *cold]


def _judged(train: Dataset, test: Dataset, said: Predictions, lists: Lists) -> Judged:
    target, user = train.schema.target, train.schema.having("group")[0].name
    assert target is not None
    place = {name: code for code, name in enumerate(said.classes)}
    users = {name: code for code, name in enumerate(dict.fromkeys(_words(train, user)))}
    owner = np.array([users[name] for name in _words(train, user)])
    item = np.array([place[name] for name in _words(train, target.name)])
    table = sparse.csr_matrix(
        (np.ones(len(item), dtype=np.float32), (owner, item)), shape=(len(users), len(place))
    )
    table.data[:] = 1.0
    counts = counted(item, len(place))
    asked = np.array([users.get(name, -1) for name in _words(test, user)])
    wanted = np.array([place.get(name, -1) for name in _words(test, target.name)])
    wanted = np.where((wanted >= 0) & (counts[np.maximum(wanted, 0)] > 0), wanted, -1)
    own = [table[code].indices if code >= 0 else np.zeros(0, dtype=int) for code in asked]
    k = lists.items.shape[1]
    order = np.lexsort((np.arange(len(counts)), -counts))
    popular = np.full((len(asked), k), -1, dtype=np.int64)
    for row, had in enumerate(own):
        head = order[: k + len(had)]
        left = head[~np.isin(head, had)][:k]
        popular[row, : len(left)] = left
    number = np.array([len(had) for had in own])
    _, codes = np.unique(_words(test, user), return_inverse=True)
    return Judged(codes, wanted, lists.items, popular, number, counts, table)


def _words(dataset: Dataset, column: str) -> list[str]:
    return dataset.frame.get_column(column).cast(pl.String).fill_null("").to_list()


def _score(
    rows: Judged, kind: str, k: int, seed: int, resamples: int, users: Mapping[str, Json]
) -> Finding:
    """Return one score over users, with the same of the popular items beside it."""
    ours = by_user(kind, places(rows.lists[:, :k], rows.wanted), rows.user, k)
    theirs = by_user(kind, places(rows.popular[:, :k], rows.wanted), rows.user, k)
    low, high = metrics.bootstrap(ours, n=resamples, seed=seed)
    gain = metrics.bootstrap(ours - theirs, n=resamples, seed=seed)
    evidence: dict[str, Json] = {
        "interval": "bootstrap", "popularity": float(theirs.mean()),
        "gain": float((ours - theirs).mean()), "gain_low": gain[0], "gain_high": gain[1],
        "rows": len(rows.wanted), "unseen_items": int((rows.wanted < 0).sum()), **users,
    }  # fmt: skip
    known = low != high  # resamples of users who are all alike say nothing of doubt
    return Finding(
        "metrics",
        f"{kind}@{k}",
        float(ours.mean()),
        low=low if known else None,
        high=high if known else None,
        n=len(ours),
        evidence=evidence,
    )


def _variety(rows: Judged, seed: int) -> list[Finding]:
    """Return how much of the catalogue is shown, how unlike the items of a list are, how new."""
    known = int((rows.counts > 0).sum())
    n = len(rows.lists)

    def shown(lists: Ints) -> float:
        return len(np.unique(lists[lists >= 0])) / max(known, 1)

    measures: tuple[tuple[str, Callable[[Ints], float]], ...] = (
        ("catalogue_coverage", shown),
        ("diversity", lambda lists: _unlike(rows.table, lists, seed)),
        ("novelty", lambda lists: _new(rows, lists)),
    )
    return [
        Finding(
            "metrics",
            name,
            measure(rows.lists),
            n=n,
            evidence={"popularity": measure(rows.popular), "items": known},
        )
        for name, measure in measures
    ]


def _unlike(table: sparse.csr_matrix, lists: Ints, seed: int) -> float:
    """Return 1 minus the mean cosine of pairs of items of a list, by who took them.

    Source: Ziegler et al., WWW 2005, doi:10.1145/1060745.1060754 (intra-list similarity).
    """
    if len(lists) > PAIRED:
        picked = np.random.default_rng(seed).choice(len(lists), PAIRED, replace=False)
        lists = lists[picked]
    columns = table.tocsc()
    norm = np.sqrt(np.asarray(columns.multiply(columns).sum(0)).ravel())
    unit = sparse.csc_matrix(columns.multiply(1.0 / np.maximum(norm, 1e-12)))
    apart = []
    for one in lists:
        own = unit[:, one[one >= 0]]
        n = own.shape[1]
        if n > 1:
            near = (own.T @ own).toarray()
            apart.append(1 - (near.sum() - np.trace(near)) / (n * (n - 1)))
    return float(np.mean(apart)) if apart else 0.0


def _new(rows: Judged, lists: Ints) -> float:
    """Return how surprising the items of a list are, in bits.

    Source: Zhou et al., PNAS 2010, doi:10.1073/pnas.1000488107 (self-information).
    """
    share = rows.counts / max(1, rows.table.shape[0])
    told = -np.log2(np.maximum(share, 0.5 / max(1, rows.table.shape[0])))
    return float(told[lists[lists >= 0]].mean()) if (lists >= 0).any() else 0.0


def _cold(rows: Judged, subject: Subject, k: int) -> list[Finding]:
    """Return the score of users who took little, and of the list that strangers get."""
    ours = by_user("ndcg", places(rows.lists[:, :k], rows.wanted), rows.user, k)
    theirs = by_user("ndcg", places(rows.popular[:, :k], rows.wanted), rows.user, k)
    taken = np.zeros(len(ours), dtype=np.int64)
    taken[rows.user] = rows.taken
    table: list[dict[str, Json]] = []
    for low, high in BANDS:
        here = (taken >= low) & (taken <= (high or np.inf))
        if here.any():
            table.append(
                {"from": low, "to": high, "n": int(here.sum()), "ndcg": float(ours[here].mean()),
                 "popularity": float(theirs[here].mean())}
            )  # fmt: skip
    found = []
    few = (taken >= 1) & (taken <= FEW)
    value = float(ours[few].mean()) if few.any() else None
    reason: dict[str, Any] = {} if few.any() else why("check.no_rows")
    found.append(
        Finding(
            "metrics",
            f"ndcg@{k}",
            value,
            "few",
            n=int(few.sum()),
            verdict="note" if few.any() else "unknown",
            evidence={**reason, "by_history": table, "k": k},
        )
    )
    return [*found, *_strangers(rows, subject, k)]


def _strangers(rows: Judged, subject: Subject, k: int) -> list[Finding]:
    """Return the score of the list that somebody gets whom nobody knows.

    Where callers may send what is known of a user, it is sent.
    """
    test, user = subject.test, subject.schema.having("group")[0].name
    if subject.predict is None or test is None:
        return []
    told_of = len(subject.schema.inputs) > 1
    some = test.frame if told_of else test.frame.head(1)
    lists = subject.predict(some.with_columns(pl.lit(None, dtype=pl.String).alias(user))).lists
    lists = lists.items[:, :k]
    if not told_of:  # all of them get the same
        lists = np.repeat(lists, len(rows.wanted), 0)
    score = by_user("ndcg", places(lists, rows.wanted), rows.user, k)
    low, high = metrics.bootstrap(score, seed=subject.seed)
    return [Finding("metrics", f"ndcg@{k}", float(score.mean()), "unknown user", low, high,
                    len(score), evidence={"k": k})]  # fmt: skip


def taken_before(train: Dataset, test: Dataset) -> Finding:
    """Return the share of test rows whose user took the same item in a training row."""
    names = [train.schema.having("group")[0].name, *(c.name for c in train.schema.having("target"))]
    both = test.frame.select(names).join(train.frame.select(names).unique(), on=names, how="semi")
    hits, n = both.height, test.frame.height
    low, high = metrics.wilson(hits, n)
    return Finding(
        "leakage", "leakage.exact", hits / n, "", low, high, n, "fail" if hits else "pass",
        "warn" if hits else "info", {"limit": 0.0, "count": hits},
        "check.leak_exact" if hits else "",
    )  # fmt: skip
