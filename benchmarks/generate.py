"""Generators: tables beside ctgan's CTGAN and TVAE, and pictures of digits.

    python benchmarks/generate.py                  # peers too: some ten minutes of CPU
    python benchmarks/generate.py --skip-peers     # our own figures against their targets only
    python benchmarks/generate.py --only tables --table census

One line per figure; exit 1 if a target is missed. The peers live in an environment of their own
under ``.bench/`` (ctgan is BUSL: compared with, never used). CPU seconds, one thread.
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module

os.environ["OMP_NUM_THREADS"] = "1"

from figures import Figure, report

PARTS = ("tables", "pictures")


def main() -> int:
    """Run the parts that are asked for and print their figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--table", default="", help="one table: census, german-credit, telco-churn")
    parser.add_argument("--skip-peers", action="store_true")
    given = parser.parse_args()
    figures: list[Figure] = []
    notes: list[str] = []
    for part in [given.only] if given.only else PARTS:
        words = {"only": given.table} if part == "tables" and given.table else {}
        found, told = import_module(f"generate_{part}").run(not given.skip_peers, **words)
        figures += found
        notes += told
    return report("generate", figures, notes)


if __name__ == "__main__":
    sys.exit(main())
