"""Figures of wrong labels: average precision on planted flips, cleanlab beside."""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import mean, stdev

import data_child
from data_lines import DataFigure, Peer, Run

SCRIPT = Path(__file__).with_name("data_labels.py")
KINDS = {"digits": "pictures", "reviews": "text", "cancer": "table", "voters": "table"}


SAME = "same"
"""Cleanlab's ways on the probabilities that our own score is made from."""


def labels(run: Run) -> list[DataFigure]:
    """Rank labels of four sets of which one in twenty is wrong.

    Judged against the best that cleanlab makes of the probabilities that its user brings; what
    it would make of ours, of which no user of it has any, stands beside without a target.
    """
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
        peer, within, lent = _best(run, name, ours, theirs, peer)
        title = f"label errors, {name} ({kind}), average precision"
        if name == "digits":
            figures.append(run.at_least(title, mean(ours), 0.98, peer))
        else:
            figures.append(run.as_peer(title, mean(ours), peer, within))
        figures.append(run.shown(f"{title}, cleanlab on our probabilities", mean(ours), lent))
    return figures


def _best(
    run: Run, name: str, ours: list[float], theirs: list[dict[str, float]], peer: Peer
) -> tuple[Peer, float, Peer]:
    """Return the peer's best way, chosen in hindsight, on its user's probabilities and on ours.

    The number is one standard error of the difference to the first: closer is a tie.
    """
    if len(theirs) < len(ours):
        return peer, 0.0, peer
    means = {way: mean(said[way] for said in theirs) for way in theirs[0]}
    best, told, within = {}, [], 0.0
    for lent in (False, True):
        ways = [way for way in means if way.startswith(f"{SAME}:") is lent]
        way = max(ways, key=means.__getitem__)
        apart = [mine - said[way] for mine, said in zip(ours, theirs, strict=True)]
        error = stdev(apart) / len(apart) ** 0.5
        within = within if lent else error
        best[lent] = Peer(means[way], f"{peer.by}, {way}")
        told.append(f"{way} {means[way]:.4f} (ours {mean(apart):+.4f} +- {error:.4f})")
    run.notes.append(
        f"labels {name}: {len(ours)} seeds, 5 % flipped; cleanlab's best way in hindsight on an "
        f"ordinary model's probabilities and on ours ({SAME}): {'; '.join(told)}"
    )
    return best[False], within, best[True]
