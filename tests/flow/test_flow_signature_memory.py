"""Near copies with a memory: only new texts are hashed, and what is marked stays the same."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from lingqu.core.nouns import Dataset
from lingqu.core.ports import KEEP
from lingqu.core.schema import Column, Schema
from lingqu.core.surroundings import Surroundings
from lingqu.flow.retention import prune
from lingqu.flow.signature_memory import FOLDER, SignatureMemory
from lingqu.govern.dedupe import Dedupe
from lingqu.store.home import Home

SCHEMA = Schema((Column("t", "text"), Column("y", "category", "target", levels=("a", "b"))))


def notes(rows: int, seed: int) -> pl.DataFrame:
    """Return texts of which every tenth is nearly the one before it."""
    rng = np.random.default_rng(seed)
    words = np.array([f"word{i}" for i in range(900)])
    texts: list[str] = []
    for row in range(rows):
        near = row % 10 == 9
        texts.append(texts[-1] + "!" if near else f"{seed} " + " ".join(rng.choice(words, 30)))
    return pl.DataFrame({"t": texts, "y": ["a"] * rows})


def marked(frame: pl.DataFrame, memory: SignatureMemory | None) -> list[int]:
    step = Dedupe(near="auto")
    step.settle(Surroundings(memory=memory))
    data = Dataset(frame, SCHEMA)
    step.fit(data)
    after = step.apply(data).frame
    return [] if KEEP not in after.columns else (~after[KEEP]).arg_true().to_list()


def test_a_memory_changes_nothing_but_the_work(home: Home) -> None:
    old, new = notes(200, 1), notes(40, 2)
    memory = SignatureMemory(home, "c")
    assert marked(old, memory) == marked(old, None) == list(range(9, 200, 10))
    grown = pl.concat([old, new])
    assert marked(grown, memory) == marked(grown, None)
    assert marked(old[50:], memory) == marked(old[50:], None)
    table, kept = SignatureMemory(home, "c").recall("t", 0.8)
    assert kept == 240 and len(table) == 240
    assert SignatureMemory(home, "other").recall("t", 0.8)[1] == 0


def test_each_run_with_new_texts_adds_one_block_and_no_other_does(home: Home) -> None:
    memory = SignatureMemory(home, "c")
    for rows in (100, 100, 150):
        marked(notes(rows, 1), memory)
    files = sorted((home.root / FOLDER).rglob("*.0*"))
    assert [path.suffix for path in files] == [".0000", ".0001"]
    assert files[1].stat().st_size < files[0].stat().st_size


@pytest.mark.parametrize("cut", [0, 7, -9])
def test_a_damaged_block_is_made_anew(home: Home, cut: int) -> None:
    memory = SignatureMemory(home, "c")
    expected = marked(notes(100, 1), memory)
    (file,) = (home.root / FOLDER).rglob("*.0000")
    file.write_bytes(file.read_bytes()[:cut])
    assert marked(notes(100, 1), memory) == expected
    assert memory.recall("t", 0.8)[1] == 100


def test_a_prune_forgets_what_was_not_used(home: Home, tmp_path: Path) -> None:
    marked(notes(50, 1), SignatureMemory(home, "c"))
    prune(home, 30, 3, False)
    (file,) = (home.root / FOLDER).rglob("*.0000")
    os.utime(file, (0, 0))
    prune(home, 30, 3, False)
    assert not list((home.root / FOLDER).rglob("*.0000"))
