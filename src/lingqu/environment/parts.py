"""What an environment is made from beside its class: files by their names, and held-out parts."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lingqu.core import digest
from lingqu.core.nouns import Json

if TYPE_CHECKING:
    from lingqu.environment.place import Place

PART, TEST = "part", "test"
"""Option of a constructor by which it sets something aside for judging, and its value then."""


def files_of(options: Mapping[str, Json], folder: str) -> dict[str, Path]:
    """Return the options that name a file beside the channel file.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = Path(folder, "sales.csv").write_text("week,pieces")
        ...     sorted(files_of({"sales": "sales.csv", "lead": 2, "part": "train"}, folder))
        ['sales']
    """
    named = {name: Path(folder, text) for name, text in options.items()
             if isinstance(text, str) and text}  # fmt: skip
    return {name: path for name, path in named.items() if path.is_file()}


def located(options: Mapping[str, Json], folder: str) -> dict[str, Json]:
    """Return the options with files by their whole paths, so that any process finds them."""
    found = {name: str(path.resolve()) for name, path in files_of(options, folder).items()}
    return {**options, **found}


def digests(options: Mapping[str, Json], folder: str) -> list[list[str]]:
    """Return the digests of the files that options name."""
    files = files_of(options, folder)
    return [[name, digest.of_file(path)] for name, path in sorted(files.items())]


def held_out(place: Place) -> Place:
    """Return the place in which policies are judged.

    An environment whose constructor takes ``part`` sets something aside: what is learned in is
    made with ``part="train"``, what judges with ``part="test"``. All others are their own judge,
    with other seeds.
    """
    if place.name.startswith("gym:") or PART in place.options:
        return place
    made: Any = place.found()
    known = inspect.signature(made).parameters
    return replace(place, options={**place.options, PART: TEST}) if PART in known else place
