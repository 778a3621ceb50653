"""What every format has in common: a file that is what it was, and how its numbers are meant."""

from __future__ import annotations

import hashlib
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal

from lingqu.core.errors import SpecError
from lingqu.core.nouns import Task
from lingqu.learn.imported.original import Original, Output

Layout = Literal["auto", "channels_first", "channels_last", "flat"]
Scalar = str | int | float | bool
_PICKLES = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")


@dataclass
class ModelFile(ABC):
    """A model file and what has to be said about it.

    Args:
        path: File or folder of the model, beside the channel file.
        sha256: Digest that the file must have; any when empty.
        columns: Columns in the order in which the model reads them. A level of a category stands
            as ``column=level`` and is read as 0 or 1. What the file says when omitted, else the
            features in their order.
        classes: Classes in the order of the model's outputs. What the file says when omitted,
            else those of the target in their order.
        output: What the model's numbers mean; seen from them when omitted.
        levels: Categories that are read as codes from 0 on: their levels in that order; sorted
            when omitted.
        one_hot: Categories that are read as one column of 0 and 1 for each level.
        mean: Taken from the numbers before the model reads them; one for all or one for each.
        scale: By what they are then divided.
        missing: Number that stands for a missing one. When omitted, the median of the training
            rows where the model cannot read what is missing.
        layout: How the model reads a picture: `channels_first`, `channels_last` or `flat`.
    """

    name: ClassVar[str] = ""
    main: ClassVar[str] = "path"
    library: ClassVar[str] = ""

    path: str
    sha256: str = ""
    columns: tuple[Scalar, ...] = ()
    classes: tuple[Scalar, ...] = ()
    output: Output = "auto"
    levels: Mapping[str, tuple[Scalar, ...]] = field(default_factory=dict)
    one_hot: tuple[str, ...] = ()
    mean: float | tuple[float, ...] = 0.0
    scale: float | tuple[float, ...] = 1.0
    missing: float | None = None
    layout: Layout = "auto"

    @abstractmethod
    def read(self, place: Path, folder: Path, task: Task) -> Original:
        """Read the model.

        Args:
            place: The file, which is there and has the digest that was asked for.
            folder: That of the channel file.
            task: ``classify`` or ``regress``.

        Raises:
            SpecError: It is no such model, or one that cannot be carried over.
        """

    def opened(self, folder: Path, task: Task) -> Original:
        """Return the model, after the file was found to be the one that is meant."""
        self.fingerprint(folder)
        return self.read(folder / self.path, folder, task)

    def fingerprint(self, folder: Path) -> str:
        """Return the SHA-256 digest of the file, or of all files of a folder.

        Raises:
            SpecError: There is no such file, or it has another digest than was asked for.
        """
        place = folder / self.path
        found = tree_digest(place)
        if not found:
            raise SpecError("imported.no_file", path=self.path, folder=str(folder.resolve()))
        if self.sha256 and self.sha256.lower() != found:
            raise SpecError("imported.wrong_digest", path=self.path, expected=self.sha256.lower(),
                            received=found)  # fmt: skip
        return found

    def sources(self, folder: Path) -> str:
        """Return the digest of everything that decides what the model answers."""
        return self.fingerprint(folder)


def tree_digest(place: Path) -> str:
    """Return the SHA-256 digest of a file, or of all files of a folder; ``""`` if there is none."""
    if place.is_file():
        return _digest(place)
    files = sorted(p for p in place.rglob("*") if p.is_file())
    parts = [f"{p.relative_to(place).as_posix()}\0{_digest(p)}" for p in files]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest() if parts else ""


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_pickle(place: Path) -> bool:
    """Tell whether a file is a pickle, or an archive with one inside: reading it runs code.

    Example:
        >>> import pickle, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     place = Path(folder) / "model"
        ...     _ = place.write_bytes(pickle.dumps([1]))
        ...     is_pickle(place)
        True
    """
    with place.open("rb") as file:
        if file.read(2) in _PICKLES:
            return True
    if not zipfile.is_zipfile(place):
        return False
    with zipfile.ZipFile(place) as archive:
        return any(name.endswith((".pkl", ".pickle")) for name in archive.namelist())


def refuse_pickle(place: Path, instead: str) -> None:
    """Refuse a file that runs code when it is read.

    Args:
        place: The file.
        instead: How to write it without a pickle.

    Raises:
        SpecError: It is a pickle, or an archive with one inside.
    """
    if is_pickle(place):
        raise SpecError("imported.pickle_inside", path=place.name, instead=instead)
