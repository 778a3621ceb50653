"""Deep learning: what the engine and the nets cost and reach, peers beside us in the same run.

One line per figure: name, ours, peer, target, reached; exit code 1 if one is not. Every process
gets one thread; seconds are CPU seconds unless a line says otherwise.

    python benchmarks/deep.py --peers                  # once: the peers' environments (1.5 GB)
    python benchmarks/deep.py [--only mlp,digits,overhead,gpt,language,fashion,…]
                               [--seeds 3]

A part is a function of the options that returns figures and notes, in a file of its own; name it
in `PARTS`.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Callable

from deep_run import PEER_PACKAGES, Options, Told
from figures import Figure, peer_python, report

PARTS = {
    "mlp": "deep_engine:seed_mlp",
    "digits": "deep_engine:digits",
    "overhead": "deep_engine:overhead",
    "gpu": "deep_engine:gpu",
    "gpt": "deep_language:gpt",
    "language": "deep_words:language",
    "fashion": "deep_pictures:fashion",
    "compress": "deep_compress:small",
    "pretrained": "deep_pretrained:ladder",
}
"""Name → module:function."""


def part(name: str) -> Callable[[Options], Told]:
    """Return a part by its name."""
    module, _, function = PARTS[name].partition(":")
    found: Callable[[Options], Told] = getattr(importlib.import_module(module), function)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", action="store_true", help="make the peers' environments")
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--seeds", type=int, default=3, help="of comparisons with peers")
    parser.add_argument("--systems", default=",".join(PEER_PACKAGES))
    given = parser.parse_args()
    if given.peers:
        for name, packages in PEER_PACKAGES.values():
            peer_python(name, packages, constraints=any("torch" in each for each in packages))
    os.environ["OMP_NUM_THREADS"] = "1"
    options = Options(given.seeds, tuple(given.systems.split(",")))
    figures: list[Figure] = []
    notes: list[str] = []
    for name in given.only.split(","):
        print(f"{name} …", file=sys.stderr)
        more, said = part(name)(options)
        figures += more
        notes += said
    return report("deep learning, one thread, CPU seconds", figures, notes)


if __name__ == "__main__":
    sys.exit(main())
