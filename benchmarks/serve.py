"""Our server beside the model servers: same model, same client, same machine, in turn.

    python benchmarks/serve.py [--peers litserve,ray] [--only mlp,minilm,start,swap,soak]
    python benchmarks/serve.py --install            # only make the environments of the peers

Ours runs with a key, a quota, the ledger, the prediction log and the counters on. Each peer has an
environment of its own under ``.bench/`` (pins: `serve_peers.py`) and must give the release's
golden answers before it is timed. The client is `wrk`, one thread, on the same cores; it sends the
golden rows in turn and counts every reply that is no success. Runs alternate, so that a busy
machine slows both; medians are told. CPU time is that of all processes of a server.

Results are kept in ``.bench/serve/results.json``; ``--resume`` takes what stands there with the
same lengths, with its date and commit, and measures the rest. Prints one line per figure and exits
1 when a target is missed, or a peer does not start. ``--release FOLDER`` serves another release
that classifies images or rows, beside plain FastAPI.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import FrameType

os.environ["OMP_NUM_THREADS"] = "1"

import serve_parts as parts
from figures import ROOT, report
from serve_figures import FIGURES, notes_of
from serve_load import wrk, wrk_version
from serve_parts import Lengths, Told
from serve_peers import PEERS
from serve_releases import FOLDER
from serve_servers import DidNotStart

CORES = min(4, len(os.sched_getaffinity(0)))
PARTS = ("mlp", "minilm", "start", "swap", "soak")
RESULTS = FOLDER / "results.json"


def work(
    only: Sequence[str], peers: Sequence[str], lengths: Lengths, release: Path | None
) -> dict[str, Callable[[], Told]]:
    """Return what is to be measured, by its name in the results, in order."""
    todo: dict[str, Callable[[], Told]] = {}
    for name in peers if "mlp" in only else ():
        todo[f"mlp {name}"] = partial(parts.mlp, name, lengths, release)
        todo[f"mlp-workers {name}"] = partial(parts.mlp, name, lengths, release, CORES)
    for name in peers if "minilm" in only else ():
        if PEERS[name].texts:
            todo[f"minilm {name}"] = partial(parts.minilm, name, lengths)
            todo[f"minilm-threads {name}"] = partial(parts.minilm, name, lengths, CORES)
    if "minilm" in only:
        todo["limit"] = partial(parts.limit, lengths)
    alone = {"start": parts.start, "swap": parts.swap, "soak": parts.soak}
    todo |= {name: partial(part, lengths) for name, part in alone.items() if name in only}
    return todo


def measured(
    todo: dict[str, Callable[[], Told]], lengths: Lengths, kept: dict[str, Told]
) -> dict[str, Told]:
    """Measure what is not kept, and write down each result as soon as it stands."""
    found: dict[str, Told] = {}
    for name, part in todo.items():
        if kept.get(name, {}).get("lengths") == asdict(lengths) and "problem" not in kept[name]:
            found[name] = kept[name]
            continue
        print(f"{name} …", file=sys.stderr, flush=True)
        try:
            told = parts.timed(part)
        except DidNotStart as error:
            told = {"problem": str(error)}
            print(f"  {error}", file=sys.stderr)
        at = datetime.now(UTC).isoformat(timespec="minutes")
        found[name] = {**told, "lengths": asdict(lengths), "at": at, "commit": commit()}
        kept[name] = found[name]
        FOLDER.mkdir(parents=True, exist_ok=True)
        partial = RESULTS.with_suffix(".part")
        partial.write_text(json.dumps(kept, indent=1))
        partial.replace(RESULTS)
    return found


def commit() -> str:
    """Return the commit that was measured, with a + where the sources differ from it."""
    asked = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    changed = ["git", "-C", str(ROOT), "status", "--porcelain", "--", "src"]
    said = [subprocess.run(c, capture_output=True, text=True).stdout for c in (asked, changed)]
    return said[0].strip() + ("+" if said[1].strip() else "")


def install(peers: Sequence[str]) -> None:
    """Make the environments of the peers and say how large they are."""
    for name in peers:
        folder = PEERS[name].python().parent.parent
        files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
        size = sum(path.stat().st_size for path in files) / 1e6
        print(f"{', '.join(PEERS[name].packages):<60} {size:7.0f} MB")


def chosen(given: str, known: Sequence[str]) -> list[str]:
    names = [name for name in given.split(",") if name]
    for name in names:
        if name not in known:
            raise SystemExit(f"{name!r} is none of {', '.join(known)}")
    return names


def _end(number: int, frame: FrameType | None) -> None:
    """Leave by an exception, so that every server is ended."""
    raise SystemExit(128 + number)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--install", action="store_true")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--release", type=Path, help="folder of a release that classifies")
    for name, default in asdict(Lengths()).items():
        parser.add_argument("--" + name.replace("_", "-"), type=int, default=default)
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, _end)
    peers = chosen("fastapi" if given.release else given.peers, list(PEERS))
    only = chosen("mlp" if given.release else given.only, PARTS)
    if given.install:
        install(peers)
        return 0
    wrk()
    lengths = Lengths(**{name: getattr(given, name) for name in asdict(Lengths())})
    kept = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    todo = work(only, peers, lengths, given.release)
    if not given.resume:
        kept = {name: told for name, told in kept.items() if name not in todo}
    found = measured(todo, lengths, kept)
    figures = [figure for part in FIGURES for figure in part(found)]
    return report(f"serving; {wrk_version()}, loopback", figures, notes_of(found))


if __name__ == "__main__":
    sys.exit(main())
