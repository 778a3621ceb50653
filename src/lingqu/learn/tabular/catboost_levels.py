"""What CatBoost counts of categories, as numbers that a graph can look up.

CatBoost asks about a category through statistics of its own, such as how often the target was 1
beside a level, and keeps them under hashes. But a question about such a number of one column only
divides its levels in two, and which level goes where can be asked of the fitted learner itself.
Questions about one column whose levels contain each other form a chain; the place of a level in
it is a number, and each of those questions compares it with a threshold. So the graph decides as
CatBoost does, and knows nothing of how it counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import catboost
import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from lingqu.core.nouns import Json
from lingqu.learn.tabular.graph import Step
from lingqu.release.encode import layout

Ints = NDArray[np.int64]
Splits = Sequence[Sequence[Mapping[str, Any]]]
"""Of each tree its questions, as CatBoost writes them down."""


@dataclass(frozen=True)
class Table:
    """Which columns of a tensor are numbers to CatBoost, and which are levels.

    Args:
        width: Columns of the tensor.
        levels: Place of each column of levels → how many levels are known; the tensor holds their
            codes, and NaN for one that is unseen or missing.
    """

    width: int
    levels: Mapping[int, int]

    @classmethod
    def of(cls, encoding: Mapping[str, Json], own: bool) -> Table:
        """Return the table of an encoding of the style ``tree``; without `own`, all are numbers."""
        blocks = layout(encoding)
        codes = {
            place.start: len(block["levels"])
            for block, place in blocks
            if own and block["type"] == "ordinal"
        }
        return cls(blocks[-1][1].stop, codes)

    @cached_property
    def numbers(self) -> Ints:
        """The places of the numbers, as CatBoost counts them."""
        return np.array([p for p in range(self.width) if p not in self.levels], dtype=np.int64)

    def data(self, x: NDArray[np.float32]) -> Any:
        """Return rows (N, width) in the one form of which CatBoost does not ask what it is."""
        numbers = np.ascontiguousarray(x[:, self.numbers]) if len(self.numbers) else None
        if not self.levels:
            return catboost.FeaturesData(num_feature_data=numbers)
        words = np.array(
            [str(code).encode() for code in range(max(self.levels.values()) + 1)], object
        )
        codes = [np.nan_to_num(x[:, p], nan=known).astype(int) for p, known in self.levels.items()]
        named = words[np.stack(codes, axis=1)]
        return catboost.FeaturesData(num_feature_data=numbers, cat_feature_data=named)


@dataclass(frozen=True)
class Chains:
    """The places of levels in chains of questions, as columns behind those of a tensor.

    Args:
        asked: Number of a question → the column that it is about, and the threshold above which
            a place passes.
        steps: What a graph does to make ``seen`` of ``x``; nothing where no question is about a
            level.
        constants: What the steps name.
    """

    asked: Mapping[int, tuple[int, float]]
    steps: tuple[Step, ...]
    constants: Mapping[str, NDArray[Any]]


NONE = Chains({}, (), {})


def chains(learner: Any, table: Table, splits: Splits) -> Chains:
    """Return the questions about levels that a fitted learner asks.

    Args:
        learner: Its questions are about one column each (``max_ctr_complexity=1``).
        table: What it has read.
        splits: Of each tree its questions.

    Example:
        >>> _nested([frozenset({1}), frozenset({2}), frozenset({1, 2, 3})])
        [[frozenset({1}), frozenset({1, 2, 3})], [frozenset({2})]]
    """
    passed = _passed(learner, table, splits)
    asked: dict[int, tuple[int, float]] = {}
    places: list[int] = []
    ranks: list[NDArray[np.float32]] = []
    for place, known in table.levels.items():
        sets = {levels for column, levels in passed.values() if column == place}
        for chain in _nested(sorted(sets, key=lambda one: (len(one), sorted(one)))):
            rank = np.zeros(known + 1, dtype=np.float32)
            for levels in chain:
                rank[list(levels)] += 1
            for number, (column, levels) in passed.items():
                if column == place and levels in chain:
                    border = len(chain) - chain.index(levels) - 0.5
                    asked.setdefault(number, (table.width + len(places), border))
            places.append(place)
            ranks.append(rank)
    return _looked_up(asked, table, places, ranks) if places else NONE


def _passed(learner: Any, table: Table, splits: Splits) -> dict[int, tuple[int, frozenset[int]]]:
    """Return of each question about levels its column, and the codes that pass; by its number.

    Every code of every column is shown to the learner, all else being equal: in the number of the
    leaf that a row comes to, each bit is the answer to a question.
    """
    rows = np.zeros((sum(known + 1 for known in table.levels.values()), table.width), np.float32)
    spans, start = {}, 0
    for place, known in table.levels.items():
        rows[start : start + known, place] = np.arange(known)
        rows[start + known, place] = np.nan
        spans[place] = slice(start, start + known + 1)
        start += known + 1
    leaves = learner.calc_leaf_indexes(table.data(rows)).astype(np.int64)  # (rows, trees)
    found: dict[int, tuple[int, frozenset[int]]] = {}
    for tree, questions in enumerate(splits):
        for bit, question in enumerate(questions):
            number = int(question["split_index"])
            if question["split_type"] == "FloatFeature" or number in found:
                continue
            answer = (leaves[:, tree] >> bit & 1).astype(bool)
            divided = [p for p, span in spans.items() if 0 < answer[span].sum() < answer[span].size]
            column = divided[0] if divided else next(iter(spans))
            found[number] = column, frozenset(np.flatnonzero(answer[spans[column]]).tolist())
    return found


def _nested(sets: Sequence[frozenset[int]]) -> list[list[frozenset[int]]]:
    """Deal sets, the smaller ones first, into chains in which each contains the one before."""
    dealt: list[list[frozenset[int]]] = []
    for levels in sets:
        home = next((chain for chain in dealt if chain[-1] <= levels), None)
        if home is None:
            dealt.append([levels])
        else:
            home.append(levels)
    return dealt


def _looked_up(
    asked: Mapping[int, tuple[int, float]],
    table: Table,
    places: Sequence[int],
    ranks: Sequence[NDArray[np.float32]],
) -> Chains:
    """Return chains with what looks the places of levels up, behind the columns of ``x``."""
    starts = np.cumsum([0, *(len(rank) for rank in ranks[:-1])])
    constants: dict[str, NDArray[Any]] = {
        "chain_places": np.array(places, dtype=np.int64),
        "chain_unknown": np.array([[table.levels[p] for p in places]], dtype=np.float32),
        "chain_starts": starts[None, :].astype(np.float32),
        "chain_ranks": np.concatenate(ranks),
    }
    steps: tuple[Step, ...] = (
        ("Gather", ["x", "chain_places"], ["levels"], {"axis": 1}),  # (N, chains)
        ("IsNaN", ["levels"], ["nowhere"], {}),
        ("Where", ["nowhere", "chain_unknown", "levels"], ["codes"], {}),
        ("Add", ["codes", "chain_starts"], ["entries"], {}),
        ("Cast", ["entries"], ["entry_numbers"], {"to": TensorProto.INT64}),
        ("Gather", ["chain_ranks", "entry_numbers"], ["ranks"], {"axis": 0}),
        ("Concat", ["x", "ranks"], ["seen"], {"axis": 1}),
    )
    return Chains(asked, steps, constants)
