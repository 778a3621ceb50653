"""Operators are told where they work: ours all, those of third parties if they ask."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lingqu.core import catalog
from lingqu.core.ports import Operator, Settled
from lingqu.core.surroundings import Surroundings
from lingqu.flow.govern_stage import augments, built
from lingqu.govern import OPERATORS

PLUGIN = """
from dataclasses import dataclass, field, replace


@dataclass
class Plain:
    name, main, travels, kinds = "plain", "", False, frozenset({"number"})
    base: str = "mine"
    folder: str = ""
    state: dict = field(default_factory=dict)

    def fit(self, dataset): ...
    def apply(self, dataset): return dataset
    def report(self): return {}


class Asking(Plain):
    name = "asking"

    def settle(self, surroundings):
        self.told = surroundings
"""
AROUND = Surroundings("2026-01-02T00:00:00+00:00", Path("here"), Path("keys"))


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "asking_plugin.py").write_text(PLUGIN)
    info = tmp_path / "asking_plugin-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: asking-plugin\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[lingqu.operators]\nplain = asking_plugin:Plain\nasking = asking_plugin:Asking\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    catalog.names.cache_clear()
    yield
    sys.modules.pop("asking_plugin", None)
    catalog.names.cache_clear()


def test_a_third_party_is_told_only_if_it_asks(plugin: None) -> None:
    plain, asking = built([("plain", None), ("asking", None)], AROUND, str)
    assert all(isinstance(operator, Operator) for operator in (plain, asking))
    assert not isinstance(plain, Settled) and (plain.base, plain.folder) == ("mine", "")  # type: ignore[attr-defined]
    assert isinstance(asking, Settled) and asking.told is AROUND  # type: ignore[attr-defined]
    assert not augments(plain)


def test_every_operator_of_ours_knows_where_it_works() -> None:
    for name in OPERATORS:
        options = {"column": "sex"} if name == "reweigh" else None
        (operator,) = built([(name, options)], AROUND, str)
        assert isinstance(operator, Settled)
        assert operator.around is AROUND  # type: ignore[attr-defined]
