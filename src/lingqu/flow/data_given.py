"""What a person names when data are to be judged: a channel, with or without `train`, a source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic_core import PydanticCustomError

from lingqu.core import catalog, yaml
from lingqu.core.column_names import listed
from lingqu.core.errors import DataError, SpecError
from lingqu.core.facts import FACTS
from lingqu.core.nouns import Dataset, Task
from lingqu.core.piece import Piece
from lingqu.core.schema import Role, because
from lingqu.core.spec import Channel
from lingqu.data.lazy import SAMPLE, LazyTable, scan
from lingqu.data.resolve import resolve
from lingqu.data.roles import ready
from lingqu.flow.data_stage import source_of, typed
from lingqu.flow.find import find_channel
from lingqu.store.home import Home

SMALL = SAMPLE
"""Rows up to which a table is judged in memory."""
_ENDINGS = (".yaml", ".yml")
_UNUSED = "train: {task: classify, target: unused}"
"""A declaration needs `train`; judging data does not. Nothing reads this."""
_CLASSES = 20
"""A whole number with more different values than this is a quantity."""


@dataclass(frozen=True)
class Given:
    """Data that are to be judged.

    Args:
        name: What the data are called.
        table: The rows, not read yet.
        channel: The declaration, or None for a bare source.
        trains: Whether the declaration says what to train.
        target: Column to predict, for a bare source; ``""`` for none.
        pieces: Declared operators, or None for those that the data ask for.
        folder: Where relative paths of operators start.
    """

    name: str
    table: LazyTable
    channel: Channel | None = None
    trains: bool = False
    target: str = ""
    pieces: tuple[Piece, ...] | None = None
    folder: Path = Path()

    @property
    def small(self) -> bool:
        """Whether the rows may be held in memory; counted in the sample that was read."""
        rows = self.table.rows
        return rows <= SMALL if rows is not None else self.table.sample.height < SAMPLE

    @property
    def labelled(self) -> bool:
        return self.trains or bool(self.target)

    def with_roles(self, dataset: Dataset) -> Dataset:
        """Return rows with the roles that the declaration gives to their columns.

        Raises:
            DataError: A column that was named is absent, or cannot have its role.
        """
        if self.channel is not None and self.trains:
            return typed(self.channel, dataset)
        if self.target:
            # An absent column is refused by `ready`, whatever the task.
            return ready(dataset, target=self.target, task=self.task(dataset))
        return replace(self._roles(dataset), name=self.name)

    def task(self, dataset: Dataset) -> Task:
        """Return what the target asks for: few values are classes, many numbers are amounts."""
        if self.channel is not None and self.trains:
            return self.channel.train.task
        if self.target not in dataset.schema:
            return "classify"
        column, values = dataset.schema[self.target], dataset.frame[self.target]
        amount = column.kind == "number" and values.n_unique() > _CLASSES
        return "regress" if amount else "classify"

    def _roles(self, dataset: Dataset) -> Dataset:
        if self.channel is None:
            return dataset
        data, schema = self.channel.data, dataset.schema
        asked: tuple[tuple[Role, str, Sequence[str]], ...] = (
            ("protected", "protected", data.protected),
            ("time", "time", [data.time] if data.time else ()),
            ("group", "group", data.groups),
            ("weight", "weight", [data.weight] if data.weight else ()),
            ("id", "id", [data.id] if data.id else ()),
            ("ignored", "drop", data.drop),
        )
        for role, option, names in asked:
            for name in names:
                if name not in schema:
                    raise DataError(
                        "data.role_absent",
                        option=option,
                        name=name,
                        near=catalog.near(name, schema.names),
                        received=listed(schema.names, 20),
                    )
                why = because("data.reason_role", option=option)
                schema = schema.updated(name, role=role, **why)
        facts = {name: getattr(data, name) for name in FACTS if getattr(data, name)}
        if data.represent:
            facts["represent"] = {name: dict(shares) for name, shares in data.represent.items()}
        return replace(dataset, schema=schema, facts={**dict(dataset.facts), **facts})


def given(
    home: Home, source: Any, *, govern: str | Path = "", target: str = "", name: str = ""
) -> Given:
    """Return what a person named, without reading more than a sample of it.

    Args:
        home: The workspace, which knows channels by name.
        source: A channel file or folder, the name of a channel, a source of data, or rows
            in memory. A channel file may lack `train`.
        govern: A YAML file with operators in the place of the declared ones.
        target: Column to predict, for a bare source.
        name: What to call the data.

    Raises:
        SpecError: The file is wrong, or a target is given beside a channel.
        DataError: The source is missing, empty or broken.
    """
    channel, trains = _channel(home, source) if isinstance(source, str) else (None, False)
    pieces = channel.govern if channel is not None else None
    folder = channel.path.parent if channel is not None and channel.path is not None else Path()
    if govern:
        pieces, folder = read_operators(Path(govern)), Path(govern).parent
    if channel is None:
        table = scan(resolve(source, {}, base=Path()))
        return Given(name or table.name, table, None, False, target, pieces, folder)
    if target:
        raise SpecError("data_judge.target_twice", channel=channel.name, target=target)
    table = scan(source_of(channel))
    return Given(name or channel.name, table, channel, trains, "", pieces, folder)


def _channel(home: Home, source: str) -> tuple[Channel | None, bool]:
    """Return the channel that is meant, and whether it says what to train."""
    path = Path(source).expanduser()
    if path.is_dir() and (path / "channel.yaml").is_file():
        path = path / "channel.yaml"
    if path.suffix.lower() not in _ENDINGS:
        known = not path.exists() and source in home.ledger.channels.names()
        return (find_channel(home, source), True) if known else (None, False)
    if path.is_file():
        text = path.read_text(encoding="utf-8-sig", errors="replace")
        written = yaml.load(text, path.name).data
        if isinstance(written, dict) and "data" in written and "train" not in written:
            return Channel.parse(f"{text.rstrip()}\n{_UNUSED}\n", path), False
    return Channel.load(path), True


def read_operators(path: Path) -> tuple[Piece, ...]:
    """Return the operators of a YAML file: a list of them, or such a list under ``govern``.

    Raises:
        SpecError: The file cannot be read, or holds something else; an operator is unknown or its
            options are wrong.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, ValueError) as error:
        problem = getattr(error, "strerror", None) or str(error)
        raise SpecError("core.no_file", file=str(path), problem=problem) from error
    written: Any = yaml.load(text, path.name).data
    listed = written.get("govern") if isinstance(written, dict) else written
    if not isinstance(listed, list) or not listed:
        raise SpecError("data_judge.no_operators", path=str(path), received=repr(written)[:60])
    pieces = []
    for index, one in enumerate(listed):
        where = f"`govern[{index}]` ({path.name})"
        try:
            piece = Piece.of(one)
        except PydanticCustomError as error:
            received = repr(one)[:60]
            raise SpecError("data_judge.no_operator", where=where, received=received) from error
        catalog.build("operators", piece.name, piece.options, where)
        pieces.append(piece)
    return tuple(pieces)
