"""The sockets: how small they are, and that implementations are told from other things."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest

from lingqu.core import ports
from lingqu.core.nouns import Dataset, Finding, Subject
from lingqu.core.schema import Kind

PROTOCOLS = [
    ports.Source,
    ports.Operator,
    ports.Algorithm,
    ports.Check,
    ports.Driver,
    ports.Engine,
    ports.Blobs,
]


@pytest.mark.parametrize("port", PROTOCOLS, ids=lambda port: port.__name__)
def test_a_port_has_at_most_four_methods_each_explained(port: type) -> None:
    methods = [
        getattr(port, name)
        for name, value in vars(port).items()
        if not name.startswith("_") and (callable(value) or isinstance(value, classmethod))
    ]
    assert 1 <= len(methods) <= 4
    assert all(method.__doc__ for method in methods)


@dataclass
class Keep:
    name: ClassVar[str] = "keep"
    main: ClassVar[str] = ""
    travels: ClassVar[bool] = False
    kinds: ClassVar[frozenset[Kind]] = frozenset()
    state: dict[str, Any] = field(default_factory=dict)

    def fit(self, dataset: Dataset) -> None:
        self.state = {"rows": len(dataset)}

    def apply(self, dataset: Dataset) -> Dataset:
        return dataset

    def report(self) -> Mapping[str, Any]:
        return {}


@dataclass
class Look:
    name: ClassVar[str] = "look"
    stages: ClassVar[frozenset[str]] = frozenset({"data"})

    def look(self, subject: Subject) -> list[Finding]:
        return []


def test_implementations_are_told_apart() -> None:
    assert isinstance(Keep(), ports.Operator)
    assert not isinstance(Keep(), ports.Check)
    assert isinstance(Look(), ports.Check)
    assert not isinstance(Look(), ports.Operator)


def test_outcomes_and_jobs_have_quiet_defaults() -> None:
    assert ports.Job("payload") == ports.Job("payload", "", None, None)
    assert ports.Outcome(0, "done").reason == ""
    assert ports.Budget(5.0).threads == ports.Resources().workers == 1
    assert ports.KEEP != ports.REASON
