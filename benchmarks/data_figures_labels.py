"""Figures of wrong labels: average precision on planted flips, cleanlab beside."""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import mean, stdev

import data_child
from data_lines import DataFigure, Peer, Run

SCRIPT = Path(__file__).with_name("data_labels.py")
KINDS = {"digits": "pictures", "reviews": "text", "cancer": "table", "voters": "table"}


def labels(run: Run) -> list[DataFigure]:
    """Rank labels of four sets of which one in twenty is wrong."""
    figures, seeds = [], run.size(5, 2)
    for name, kind in KINDS.items():
        ours: list[float] = []
        theirs: list[dict[str, float]] = []
        peer = Peer()
        for seed in range(run.seed, run.seed + seeds):
            case = run.scratch / f"{name}-{seed}.npz"
            said = data_child.run([sys.executable, SCRIPT, name, seed, case], run.scratch).said
            ours.append(said["average_precision"])
            judged = run.peer("data_labels.py", case)
            if isinstance(judged, Peer):
                peer = judged
            else:
                peer = Peer(by=str(judged.said["by"]))
                theirs.append(judged.said["precision"])
        peer = _best(run, name, ours, theirs, peer)
        title = f"label errors, {name} ({kind}), average precision"
        if name == "digits":
            figures.append(run.at_least(title, mean(ours), 0.98, peer))
        else:
            figures.append(run.as_peer(title, mean(ours), peer))
    return figures


def _best(
    run: Run, name: str, ours: list[float], theirs: list[dict[str, float]], peer: Peer
) -> Peer:
    """Return the peer's best way, chosen in hindsight, and note its best by probabilities."""
    if len(theirs) < len(ours):
        return peer
    means = {way: mean(said[way] for said in theirs) for way in theirs[0]}
    told = []
    for source in sorted({way.partition(":")[0] for way in means}):
        way = max((w for w in means if w.startswith(f"{source}:")), key=means.__getitem__)
        apart = [mine - said[way] for mine, said in zip(ours, theirs, strict=True)]
        error = stdev(apart) / len(apart) ** 0.5
        told.append(f"{way} {means[way]:.4f} (ours {mean(apart):+.4f} +- {error:.4f})")
    run.notes.append(
        f"labels {name}: {len(ours)} seeds, 5 % flipped; cleanlab's best way in hindsight with "
        f"each kind of probabilities (same: those that our score is made from): {'; '.join(told)}"
    )
    way = max(means, key=means.__getitem__)
    return Peer(means[way], f"{peer.by}, {way}")
