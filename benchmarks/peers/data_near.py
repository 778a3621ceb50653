"""Near copies: ``data_near.py rensa|datasketch en|zh TEXTS.jsonl ROOTS.json [MOST]``.

Both get the shingles of `data_corpora.py` (five words, five characters), 112 permutations in 14
bands of 8, and join what their index returns, as their own examples do.
"""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from data_measure import answer, texts, timed

BANDS, ROWS = 14, 8
_WORD = re.compile(r"\w+")


def shingles(text: str, language: str) -> list[str]:
    if language == "zh":
        return list({text[i : i + 5] for i in range(max(1, len(text) - 4))})
    words = _WORD.findall(text.lower())
    return list({" ".join(words[i : i + 5]) for i in range(max(1, len(words) - 4))})


class Groups:
    """Union by the smallest member."""

    def __init__(self, size: int) -> None:
        self.parent = list(range(size))

    def root(self, row: int) -> int:
        parent = self.parent
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    def join(self, one: int, two: int) -> None:
        one, two = self.root(one), self.root(two)
        self.parent[max(one, two)] = min(one, two)


def rensa() -> tuple[Any, Callable[[list[str]], Any]]:
    import rensa

    def sketch(parts: list[str]) -> Any:
        made = rensa.RMinHash(num_perm=BANDS * ROWS, seed=42)
        made.update(parts)
        return made

    return rensa.RMinHashLSH(threshold=0.7, num_perm=BANDS * ROWS, num_bands=BANDS), sketch


def datasketch() -> tuple[Any, Callable[[list[str]], Any]]:
    import datasketch

    def sketch(parts: list[str]) -> Any:
        made = datasketch.MinHash(num_perm=BANDS * ROWS)
        made.update_batch([part.encode() for part in parts])
        return made

    return datasketch.MinHashLSH(params=(BANDS, ROWS), num_perm=BANDS * ROWS), sketch


def main() -> None:
    method, language, path, out = sys.argv[1:5]
    held = texts(path)[: int(sys.argv[5]) if len(sys.argv) > 5 else None]
    index, sketch = {"rensa": rensa, "datasketch": datasketch}[method]()

    def work() -> Groups:
        groups = Groups(len(held))
        for row, text in enumerate(held):
            made = sketch(shingles(text, language))
            for other in index.query(made):
                groups.join(row, other)
            index.insert(row, made)
        return groups

    groups, cpu_s = timed(work)
    Path(out).write_text(json.dumps([groups.root(row) for row in range(len(held))]))
    answer(method, cpu_s=cpu_s, texts=len(held))


if __name__ == "__main__":
    main()
