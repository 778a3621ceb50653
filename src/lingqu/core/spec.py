"""`Channel`: the declaration of a whole path, read from `channel.yaml` and validated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from lingqu.core import catalog, digest, yaml
from lingqu.core.errors import SpecError
from lingqu.core.piece import Piece
from lingqu.core.problems import joined, nearest_line, place, translated
from lingqu.core.sections import (
    WORKING,
    AccessSection,
    DataSection,
    Declaration,
    MonitorSection,
    ReleaseSection,
    Response,
    RouteSection,
    TlsSection,
    TrainSection,
)

__all__ = [
    "SECTIONS",
    "WORKING",
    "AccessSection",
    "Channel",
    "DataSection",
    "Declaration",
    "MonitorSection",
    "Piece",
    "ReleaseSection",
    "Response",
    "RouteSection",
    "TlsSection",
    "TrainSection",
]

SECTIONS: tuple[str, ...] = tuple(Declaration.model_fields)
"""The keys of a channel file, in their order."""


@dataclass(frozen=True)
class Channel:
    """A declared path, validated. Two channels are equal when they declare the same.

    Args:
        name: Name of the channel.
        data: Where the rows come from.
        train: What the model must do.
        govern: Operators, or None for those that `plan` chooses.
        release: What a model must show.
        outlets: Where releases are used.
        monitor: How the live model is watched.
        respond: What is done when a rule holds.
        access: Who may call.
        text: The YAML it was read from.
        path: The file it was read from, or None.
        lines: Path → line of the file.

    Example:
        >>> channel = Channel.parse('''
        ... channel: churn
        ... data: churn.csv
        ... train: {task: classify, target: churned, budget: 5 min}
        ... ''')
        >>> channel.train.budget, channel.where("train", "budget")
        (300.0, '`train.budget` (channel.yaml line 4)')
    """

    name: str
    data: DataSection
    train: TrainSection
    govern: tuple[Piece, ...] | None = None
    release: ReleaseSection = field(default_factory=ReleaseSection)
    outlets: tuple[Piece, ...] = ()
    monitor: MonitorSection = field(default_factory=MonitorSection)
    respond: tuple[Response, ...] = ()
    access: AccessSection = field(default_factory=AccessSection)
    text: str = field(default="", compare=False, repr=False)
    path: Path | None = field(default=None, compare=False)
    lines: Mapping[tuple[str | int, ...], int] = field(
        default_factory=dict, compare=False, repr=False
    )

    def __hash__(self) -> int:
        return hash(self.version)

    @classmethod
    def load(cls, path: str | Path) -> Channel:
        """Read a channel file; a folder means the `channel.yaml` in it.

        Raises:
            SpecError: There is no such file, it is not UTF-8 text, or it is wrong.
        """
        path = Path(path)
        try:
            if path.is_dir():
                path = path / "channel.yaml"
            text = path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise SpecError("core.not_utf8", file=str(path), byte=error.start) from error
        except (OSError, ValueError) as error:
            problem = getattr(error, "strerror", None) or str(error)
            raise SpecError("core.no_file", file=str(path), problem=problem) from error
        return cls.parse(text, path)

    @classmethod
    def parse(cls, text: str, path: str | Path | None = None) -> Channel:
        """Read a channel from YAML text.

        Args:
            text: The YAML.
            path: The file it stands in: for errors, and for relative paths of the data.

        Raises:
            SpecError: All that is wrong with it, in one error.
        """
        path = Path(path) if path is not None else None
        document = yaml.load(text, _file(path))
        return cls._checked(document.data, text, path, document.lines)

    @classmethod
    def of(cls, sections: Mapping[str, Any], path: str | Path | None = None) -> Channel:
        """Make a channel from plain data: what the YAML would hold.

        Raises:
            SpecError: All that is wrong with it, in one error.
        """
        path = Path(path) if path is not None else None
        channel = cls._checked(sections, "", path, {})
        object.__setattr__(channel, "text", channel.to_yaml())
        return channel

    @classmethod
    def _checked(
        cls,
        sections: Any,
        text: str,
        path: Path | None,
        lines: Mapping[tuple[str | int, ...], int],
    ) -> Channel:
        if sections is None:
            raise SpecError("core.empty_channel", file=_file(path))
        if not isinstance(sections, Mapping):
            raise SpecError("core.not_a_channel", file=_file(path), received=repr(sections)[:60])
        try:
            whole = Declaration.model_validate(dict(sections))
        except ValidationError as error:
            raise translated(error, _file(path), lines) from None
        parts = {name: getattr(whole, name) for name in SECTIONS if name != "channel"}
        return cls(name=whole.channel, **parts, text=text, path=path, lines=lines)

    @cached_property
    def version(self) -> str:
        """Digest of what is declared: comments, order and format do not matter."""
        return digest.of_json(self.to_plain())

    def to_plain(self) -> dict[str, Any]:
        """Return the shortest plain data that declares the same."""
        parts = {f.name: getattr(self, f.name) for f in fields(self) if f.name in SECTIONS}
        whole = Declaration.model_construct(channel=self.name, **parts).to_plain()
        return {
            name: self.data.to_plain() if name == "data" else whole[name]
            for name in SECTIONS
            if name in whole
        }

    def to_yaml(self) -> str:
        """Return the shortest channel file that declares the same."""
        return yaml.dump(self.to_plain())

    def line(self, *path: str | int) -> int | None:
        """Return the line on which a part stands, or the part around it; None if unknown."""
        return nearest_line(path, self.lines)

    def where(self, *path: str | int) -> str:
        """Say where a part stands, for an error message."""
        return str(place(path, _file(self.path), self.lines))

    def updated(self, section: str | None = None, **changes: Any) -> Channel:
        """Return a derived declaration.

        Args:
            section: Section whose keys `changes` gives, such as ``"train", budget="10 s"``. For
                `govern`, `outlets` and `respond` the one key is ``add``: a piece (or response)
                to put at the end. When omitted, `changes` gives sections: a mapping changes the
                keys it names, anything else takes the place of the section.

        Raises:
            SpecError: The result is not a channel.

        Example:
            >>> one = Channel.of({"channel": "c", "data": "d.csv", "govern": ["dedupe"],
            ...                   "train": {"task": "classify", "target": "y"}})
            >>> [piece.name for piece in one.updated("govern", add="reweigh").govern]
            ['dedupe', 'reweigh']
        """
        plain = self.to_plain()
        if section is not None and "add" in changes:
            changes = {section: [*self._listed(section), changes["add"]]}
        elif section is not None:
            changes = {section: changes}
        for name, change in changes.items():
            before = plain.get(name)
            if name == "data" and isinstance(before, str):
                before = {"source": before}
            if isinstance(change, Mapping) and isinstance(before, Mapping):
                change = {**before, **change}
            plain[name] = change
        return type(self).of(plain, self.path)

    def _listed(self, section: str) -> list[Any]:
        """Return the items of a list section; adding to operators not yet chosen is our bug."""
        items = getattr(self, section, None)
        if not isinstance(items, tuple):
            raise ValueError(f"{section!r} has no list to add to: give the whole section")
        return list(items)

    def pieces(self) -> Iterator[tuple[tuple[str | int, ...], catalog.Family, Piece]]:
        """Yield the place, the family and the piece of every plug-in that is named."""
        for number, piece in enumerate(self.govern or ()):
            yield ("govern", number), "operators", piece
        for number, piece in enumerate(self.train.algorithm):
            yield ("train", "algorithm", number), "algorithms", piece
        if self.train.model is not None:
            yield ("train", "model"), "formats", self.train.model
        for number, piece in enumerate(self.outlets):
            yield ("outlets", number), "drivers", piece
        for number, piece in enumerate(self.monitor.checks):
            yield ("monitor", "checks", number), "checks", piece
        for number, response in enumerate(self.respond):
            yield ("respond", number, "do"), "actions", response.do

    def validate_pieces(self, names_only: bool = False) -> None:
        """Make every named piece once, so that a wrong name or option is found before work.

        Args:
            names_only: Look names up only; imports no plug-in.

        Raises:
            SpecError: All unknown names, unknown options and wrong values, with their lines.
        """
        check = _known if names_only else catalog.build
        errors = list(self._refusals(check))
        if errors:
            raise joined(errors, _file(self.path))

    def _refusals(self, check: Callable[..., Any]) -> Iterator[SpecError]:
        for path, family, piece in self.pieces():
            try:
                check(family, piece.name, piece.options, self.where(*path))
            except SpecError as error:
                yield error


def _known(family: catalog.Family, name: str, options: Any, where: str) -> None:
    known = catalog.names(family)
    if name not in known:
        raise SpecError(
            "core.unknown_piece",
            where=where,
            name=name,
            family=family,
            near=catalog.near(name, known),
        )


def _file(path: Path | None) -> str:
    return path.name if path is not None else "channel.yaml"
