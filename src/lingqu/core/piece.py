"""A piece: one plug-in named in a channel file, with its options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError


@dataclass(frozen=True)
class Piece:
    """A name of the catalogue and what the channel sets.

    Args:
        name: Catalogue name.
        options: A mapping of options, one bare value for the piece's main option, or None.

    Example:
        >>> Piece.of({"impute": "median"}), Piece.of("dedupe").to_plain()
        (Piece(name='impute', options='median'), 'dedupe')
    """

    name: str
    options: Any = None

    @classmethod
    def of(cls, written: Any) -> Piece:
        """Read ``name``, ``{name: value}`` or ``{name: {option: …}}``.

        Raises:
            PydanticCustomError: None of these.
        """
        if isinstance(written, cls):
            return written
        if isinstance(written, str) and written.strip():
            return cls(written.strip())
        if isinstance(written, Mapping) and len(written) == 1:
            ((name, options),) = written.items()
            if isinstance(name, str) and name.strip():
                bare = isinstance(options, Mapping) and not options
                return cls(name.strip(), None if bare else options)
        raise PydanticCustomError("piece", "not a piece")

    def to_plain(self) -> Any:
        """Return the shortest way to write it."""
        return self.name if self.options is None else {self.name: self.options}


PIECE_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "string", "minLength": 1},
        {"type": "object", "minProperties": 1, "maxProperties": 1},
    ]
}

PieceField = Annotated[
    Piece,
    PlainValidator(Piece.of),
    PlainSerializer(Piece.to_plain, return_type=Any),
    WithJsonSchema(PIECE_SCHEMA),
]
"""The type of a piece in a section of the channel file."""
