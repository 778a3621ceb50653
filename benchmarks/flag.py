"""Anomalies on public tables beside the detectors of scikit-learn and PyOD, one line per figure.

Each table is cut in halves, once for shuttle and by five seeds for the small ones: one half is
learned from as it is, odd rows and all, the other is scored. The rare class is thinned to the
stated rate. Of a few labels, the half to learn from has `ODD_KNOWN` known anomalies (or half of
them where there are fewer) and `USUAL_KNOWN` rows known to be normal.

Targets, written down before the first run: on each table at least the mean of the peers; over all
tables not more than 0.02 below the peer that is best there in hindsight; with a few labels not
more than 0.01 below none. Nothing is chosen here; no default was chosen by these tables.

    python benchmarks/flag.py [--tables shuttle,phishing,breast_cancer,digits,wine]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from figures import Figure, peer_python, report
from forecast import Here
from numpy.typing import NDArray
from sklearn import datasets
from sklearn.metrics import average_precision_score, roc_auc_score

from lingqu.core import catalog
from lingqu.core.nouns import Dataset
from lingqu.core.ports import Budget
from lingqu.core.schema import Column, Schema
from lingqu.data.assets import AssetData
from lingqu.data.infer import typed
from lingqu.data.roles import ready
from lingqu.flow.flag_rows import with_labels
from lingqu.learn.flag.choose import choose_flag, tried
from lingqu.release.runner import predict_model

PACKAGES = ["pyod==3.6.7", "scikit-learn"]
MEASURES = {"AUROC": roc_auc_score, "AP": average_precision_score}
EQUAL, FEW = "no labels", "few labels"
SEEDS = 5
BUDGET_S = 60.0
ODD_KNOWN, USUAL_KNOWN = 20, 100
NEAR, NO_WORSE = 0.02, 0.01
Floats = NDArray[np.float64]
Scores = dict[str, dict[str, list[float]]]
"""Detector → measure → a score per split."""


@dataclass(frozen=True)
class Table:
    """Rows, which of them are odd, and the share of odd rows that is kept (None: all)."""

    frame: pl.DataFrame
    odd: NDArray[np.bool_]
    rate: float | None


def asset(name: str, target: str, rate: float | None) -> Table:
    frame = AssetData(name).read().frame
    return Table(frame.drop(target), frame[target].to_numpy(), rate)


def sklearns(name: str, odd: int, rate: float) -> Table:
    whole = getattr(datasets, f"load_{name}")()
    columns = [f"x{i}" for i in range(whole.data.shape[1])]
    return Table(pl.DataFrame(whole.data, schema=columns), whole.target == odd, rate)


TABLES = {
    "shuttle": lambda: asset("shuttle", "anomaly", None),
    "phishing": lambda: asset("phishing", "is_phishing", 0.10),
    "breast_cancer": lambda: sklearns("breast_cancer", 0, 0.05),
    "digits": lambda: sklearns("digits", 0, 0.05),
    "wine": lambda: sklearns("wine", 0, 0.08),
}


@dataclass(frozen=True)
class Cut:
    """One split: rows to learn from with their truth, and rows to score with theirs.

    `rows` and `asked` are the same rows as a run has them: kinds are told by the whole table,
    and rows to score are read as those to learn from.
    """

    train: pl.DataFrame
    train_odd: NDArray[np.bool_]
    test: pl.DataFrame
    odd: NDArray[np.bool_]
    rows: Dataset
    asked: pl.DataFrame


def cuts(table: Table) -> Iterator[Cut]:
    """Return the splits of a table; both halves have the same share of odd rows."""
    whole = ready(typed(table.frame), target="", task="flag")
    for seed in range(1 if table.rate is None else SEEDS):
        draw = np.random.default_rng(seed)
        usual, odd = (draw.permutation(np.flatnonzero(table.odd == one)) for one in (False, True))
        if table.rate is not None:
            odd = odd[: round(table.rate / (1 - table.rate) * len(usual))]
        halves = [draw.permutation(np.concatenate([usual[at::2], odd[at::2]])) for at in (0, 1)]
        learn, judge = halves
        rows = replace(whole, frame=whole.frame[learn], digest="")
        yield Cut(table.frame[learn], table.odd[learn], table.frame[judge], table.odd[judge],
                  rows, whole.frame[judge])  # fmt: skip


def some_known(odd: NDArray[np.bool_]) -> list[str | None]:
    """Return the labels of the first few rows of each kind; nobody knows the others."""
    found: list[str | None] = [None] * len(odd)
    for word, kind, most in (("anomaly", True, ODD_KNOWN), ("normal", False, USUAL_KNOWN)):
        rows = np.flatnonzero(odd == kind)
        for row in rows[: min(most, len(rows) // 2)]:
            found[row] = word
    return found


def ours(cut: Cut) -> Iterator[tuple[str, Floats, float]]:
    """Return what each of our ways says of the rows to score, and its CPU seconds."""
    plain = cut.rows
    said = pl.Series("said", some_known(cut.train_odd))
    columns = (*plain.schema.columns, Column("said", "category", "target"))
    labelled = Dataset(plain.frame.with_columns(said), Schema(columns), "labelled")
    known = with_labels(labelled, "said")
    for name, rows in ((EQUAL, plain), (FEW, known)):
        begun = time.process_time()
        with tempfile.TemporaryDirectory() as folder:
            model = choose_flag(
                rows, budget_s=BUDGET_S, engine=Here(), scratch=Path(folder)
            ).model  # fmt: skip
        yield name, said_of(model, cut.asked), time.process_time() - begun
    for name in tried(plain, BUDGET_S):
        begun = time.process_time()
        learner = catalog.build("algorithms", name, {})
        model = learner.fit(plain, plain, Budget(BUDGET_S), lambda row: None)
        yield name, said_of(model, cut.asked), time.process_time() - begun


def said_of(model: object, rows: pl.DataFrame) -> Floats:
    """Return how odd rows are, as finely as the graph tells."""
    said = predict_model(model, rows).probabilities
    return -said[:, 0]


def theirs(found: dict[str, list[Cut]]) -> list[dict[str, object]]:
    """Return what the peers say, in their own environment."""
    python = peer_python("pyod", PACKAGES, constraints=True)
    arrays = {}
    for name, parts in found.items():
        for index, cut in enumerate(parts):
            for part, frame in (("train", cut.train), ("test", cut.test)):
                arrays[f"{name}/{index}/{part}"] = frame.cast(pl.Float64).to_numpy()
    with tempfile.TemporaryDirectory() as folder:
        rows, out = Path(folder) / "rows.npz", Path(folder) / "said.json"
        np.savez(rows, **arrays)
        script = Path(__file__).parent / "peers" / "flag_peers.py"
        subprocess.run([str(python), str(script), str(rows), str(out)], check=True)
        told: list[dict[str, object]] = json.loads(out.read_text(encoding="utf-8"))
    return told


def take(scores: Scores, name: str, odd: NDArray[np.bool_], said: Floats) -> None:
    for measure, score in MEASURES.items():
        scores.setdefault(name, {}).setdefault(measure, []).append(float(score(odd, said)))


def mean(scores: Scores, name: str, measure: str) -> float:
    return float(np.mean(scores[name][measure]))


def lines(tables: dict[str, tuple[Scores, Scores]]) -> Iterator[Figure]:
    """Return the figures: each table, then all tables together."""
    for way in (EQUAL, FEW):
        for measure in MEASURES:
            for table, (own, peers) in tables.items():
                each = [mean(peers, peer, measure) for peer in peers]
                bound = float(np.mean(each))
                here = mean(own, way, measure)
                yield Figure(f"{table}, {way}, {measure}", here, max(each),
                             f">= mean {bound:.4f}", here >= bound)  # fmt: skip
            own_mean = np.mean([mean(own, way, measure) for own, _ in tables.values()])
            names = next(iter(tables.values()))[1]
            best = max(
                np.mean([mean(peers, peer, measure) for _, peers in tables.values()])
                for peer in names
            )
            yield Figure(f"all tables, {way}, {measure}", float(own_mean), float(best),
                         f">= best - {NEAR}", bool(own_mean >= best - NEAR))  # fmt: skip
    for measure in MEASURES:
        gain = np.mean(
            [mean(own, FEW, measure) - mean(own, EQUAL, measure) for own, _ in tables.values()]
        )
        yield Figure(f"all tables, few labels over none, {measure}", float(gain), None,
                     f">= -{NO_WORSE}", bool(gain >= -NO_WORSE))  # fmt: skip


def main() -> int:
    """Print the table; return 1 if a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", default=",".join(TABLES))
    wanted = parser.parse_args().tables.split(",")
    found = {name: list(cuts(TABLES[name]())) for name in wanted}
    spent: dict[str, float] = {}
    tables: dict[str, tuple[Scores, Scores]] = {name: ({}, {}) for name in wanted}
    for told in theirs(found):
        name, index = str(told["split"]).rsplit("/", 1)
        take(tables[name][1], str(told["peer"]), found[name][int(index)].odd,
             np.array(told["said"]))  # fmt: skip
        spent[str(told["peer"])] = spent.get(str(told["peer"]), 0.0) + float(str(told["seconds"]))
    for name, parts in found.items():
        for cut in parts:
            for way, said, seconds in ours(cut):
                take(tables[name][0], way, cut.odd, said)
                spent[way] = spent.get(way, 0.0) + seconds
        print(f"{name}: done", file=sys.stderr)
    notes = ["each way alone, AUROC and AP by table; CPU seconds of all"]
    for side in (0, 1):
        for way in {one: None for pair in tables.values() for one in pair[side]}:
            cells = [
                " ".join(f"{mean(pair[side], way, m):.4f}" for m in MEASURES)
                for pair in tables.values()
                if way in pair[side]
            ]
            notes.append(f"{way:<20} {'   '.join(cells)}   {spent[way]:6.1f} s")
    sizes = ", ".join(f"{n} {len(p[0].train)} rows ({p[0].odd.mean():.1%} odd)"
                      for n, p in found.items())  # fmt: skip
    return report(f"flag: {sizes}", list(lines(tables)), notes)


if __name__ == "__main__":
    raise SystemExit(main())
