"""Our side of `data.py`, one task in a fresh process: ``data_tasks.py TASK JSON``.

The last line printed is one JSON object. ``cpu_s`` are user and system seconds of the work alone:
imports and reading the input are not in it, threads are.
"""

from __future__ import annotations

import json
import resource
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

HERE = Path(__file__).resolve().parent
Json = dict[str, Any]


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """Return what some work gave, and the CPU seconds of this process and its children."""
    before = _spent()
    return work(), _spent() - before


def _spent() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in used)


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _texts(path: str) -> list[str]:
    return [json.loads(line)["text"] for line in Path(path).read_text("utf-8").splitlines()]


def rules(table: str) -> Json:
    from contract import ours

    return ours(Path(table))


def near(texts: str, roots: str) -> Json:
    """Group near copies."""
    from lingqu.core.minhash import clusters, near_pairs, signatures

    held = _texts(texts)
    signatures(held[:500])

    def work() -> Any:
        return clusters(near_pairs(signatures(held), 0.8, held)[0], len(held))

    groups, cpu_s = timed(work)
    Path(roots).write_text(json.dumps(groups.tolist()))
    return {"cpu_s": cpu_s, "texts": len(held)}


TURNS = 9
"""Each is measured so often, and its fastest turn counts: a few milliseconds are compared."""


def more(texts: str, kept: str) -> Json:
    """Look for near copies with a memory: all rows, 1 % more appended, all handed over again.

    Each is done from the same state, with the memory that a walk uses, its files included.
    """
    from lingqu.flow.signature_memory import SignatureMemory
    from lingqu.govern.near import text_pairs
    from lingqu.store.home import open_home

    held, home = pl.Series(_texts(texts)), open_home(Path(kept))
    text_pairs(held[:500], 0.8, "warm", None)
    old = len(held) * 100 // 101
    folder = home.root / "signatures"
    shutil.rmtree(folder, ignore_errors=True)

    def look(some: pl.Series) -> tuple[int, float]:
        found, cpu_s = timed(
            lambda: text_pairs(some, 0.8, "text", SignatureMemory(home, "benchmark"))
        )
        return len(found[0]), cpu_s

    full: list[float] = []
    for _ in range(TURNS):
        shutil.rmtree(folder, ignore_errors=True)
        full.append(look(held[:old])[1])
    first = set(folder.rglob("*"))
    parts: dict[str, tuple[int, float]] = {}
    for name, some in (("more_s", held[old:]), ("all_s", held)):
        found = []
        for _ in range(TURNS):
            found.append(look(some))
            for path in set(folder.rglob("*")) - first:
                path.unlink()
        parts[name] = min(found, key=lambda pair: pair[1])
    seconds = {name: cpu_s for name, (_, cpu_s) in parts.items()}
    counts = {"pairs": parts["all_s"][0], "pairs_at_once": len(text_pairs(held, 0.8, "", None)[0])}
    home.close()
    return {"full_s": min(full), **seconds, "new": len(held) - old, **counts}


def leakage(train: str, test: str) -> Json:
    """Look for test rows that are near copies of training rows."""
    from lingqu.check.leakage import Leakage
    from lingqu.check.overlap import near_texts
    from lingqu.core.nouns import Dataset, Subject
    from lingqu.core.schema import Column, Schema

    schema = Schema((Column("text", "text"),))
    frames = [pl.DataFrame({"text": _texts(path)}) for path in (train, test)]
    subject = Subject(
        "data",
        "classify",
        schema,
        train=Dataset(frames[0], schema),
        test=Dataset(frames[1], schema),
    )
    found, cpu_s = timed(lambda: Leakage().look(subject))
    named = next(f for f in found if f.measure == "leakage.near" and f.argument == "text")
    # A finding shows at most 20 pairs; the list it counts says which rows they all are.
    every = near_texts(frames[0]["text"], frames[1]["text"], Leakage().similarity)
    shown = named.evidence["pairs"]
    return {
        "cpu_s": cpu_s,
        "count": named.evidence["count"],
        "pairs": every.pairs,
        "shown": len(shown),
        "side_by_side": all(p["train"]["text"] and p["test"]["text"] for p in shown),
    }


def personal(language: str, part: str, per_frame: int) -> Json:
    """Find personal data in one part of the labelled set."""
    sys.path.insert(0, str(HERE / "pii"))
    from make_set import documents

    from lingqu.govern.privacy.recognise import find

    texts = [text for text, _ in documents(language, part, per_frame)]
    found = [[(s.kind, s.start, s.end) for s in find(text)] for text in texts]
    cpu_s = min(timed(lambda: [find(text) for text in texts])[1] for _ in range(5))
    return {"cpu_s": cpu_s, "documents": len(texts), "found": found}


def words(texts: str) -> Json:
    """Cut texts into words."""
    from lingqu.govern.text.words import segmenter

    held = _texts(texts)
    cut = segmenter().words
    found, cpu_s = timed(lambda: [cut(text) for text in held])
    cpu_s = min(cpu_s, *(timed(lambda: [cut(text) for text in held])[1] for _ in range(2)))
    return {"cpu_s": cpu_s, "characters": sum(map(len, held)), "words": sum(map(len, found))}


def commit(folder: str, home: str) -> Json:
    """Commit a folder: as it is, unchanged twice, with one file changed."""
    from lingqu.workspace import Workspace

    root = Path(folder)
    steps: list[Json] = []
    with Workspace(home) as workspace:
        for step in ("first", "unchanged", "unchanged", "one changed"):
            if step == "one changed":
                next(root.rglob("*.txt")).write_text("another text\n")
            started = time.perf_counter()
            done, cpu_s = timed(lambda: workspace.data_commit(str(root)))
            wall_s = time.perf_counter() - started
            facts = {"files": done.files, "read": done.read, "unchanged": done.unchanged}
            steps.append({"step": step, "wall_s": wall_s, "cpu_s": cpu_s, **facts})
            time.sleep(0.1)  # clocks of file systems step: what is younger is read again
    return {"steps": steps}


def many_rows(table: str, home: str) -> Json:
    """Profile a large table, judge its contract, find exact copies, keep a version."""
    from contract import RULES

    from lingqu.flow import data_large
    from lingqu.govern.contract.rules import parse
    from lingqu.store.home import open_home

    steps: Json = {}

    def step(name: str, work: Callable[[], Any]) -> Any:
        done, cpu_s = timed(work)
        steps[name] = {"cpu_s": cpu_s, "peak_mb": _peak_mb()}
        return done

    folder = Path(home)
    seen = step("profile", lambda: data_large.scan_large(table, folder=folder / "rows"))
    results = step("contract", lambda: data_large.check_large(seen.table, parse(RULES)))
    copies = step("exact copies", lambda: data_large.dedupe_large(seen.table))
    opened = open_home(folder / "home")
    done = step("commit", lambda: data_large.commit_large(opened, seen.table, copies.marks))
    opened.close()
    failures = sum(result.failures for result in results)
    told = {"rows": seen.rows, "failures": failures, "copies": copies.report["copies"]}
    shutil.rmtree(folder)
    return {"steps": steps, "kept": done.rows, "removed": done.removed, **told}


def latency(texts: str, rows: int) -> Json:
    """Prepare one text at a time as a release does: median and 99th percentile, ms."""
    from lingqu.core import catalog
    from lingqu.core.nouns import Dataset
    from lingqu.core.schema import Column, Schema

    schema = Schema((Column("text", "text"),))
    held = _texts(texts)
    data = Dataset(pl.DataFrame({"text": held[rows:]}), schema)
    chain: list[Any] = []
    for name in ("normalise_text", "segment", "stop_words", "text_features"):
        step = catalog.build("operators", name, {})
        step.fit(data)
        data = step.apply(data)
        chain.append(step)
    spent = []
    for text in held[:rows]:
        one = Dataset(pl.DataFrame({"text": [text]}), schema)
        started = time.perf_counter()
        for step in chain:
            one = step.apply(one)
        spent.append(1000 * (time.perf_counter() - started))
    late = np.percentile(spent[len(spent) // 10 :], [50, 99])
    return {"p50_ms": late[0], "p99_ms": late[1], "width": len(one.frame["text"][0])}


TASKS: dict[str, Callable[..., Json]] = {
    task.__name__: task
    for task in (rules, near, more, leakage, personal, words, commit, many_rows, latency)
}

if __name__ == "__main__":
    print(json.dumps(TASKS[sys.argv[1]](**json.loads(sys.argv[2]))))
