"""The manifest of a release: what it is, and the digest of every byte that belongs to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from platform import python_version_tuple

from lingqu.core import digest
from lingqu.core.errors import GateError
from lingqu.core.nouns import Json, Task

FORMAT = 1
MANIFEST = "release.json"
SIGNATURE = "release.sig"
LIBRARIES = ("lingqu", "numpy", "onnxruntime", "polars")
"""What takes part in an answer."""


@dataclass(frozen=True)
class FileEntry:
    """One file of a release.

    Args:
        sha256: Digest of its bytes, hex.
        bytes: Its size.
        identity: Whether it is part of what the release *is*. Files that tell when and how fast
            it was made (card, lineage, measured times) are signed, but leave the digest alone.
    """

    sha256: str
    bytes: int
    identity: bool


@dataclass(frozen=True)
class Manifest:
    """Content of ``release.json``.

    Args:
        name: Name of the channel.
        task: Its task.
        classes: Class names in output order.
        threshold: Two classes: probability of the second from which it is chosen.
        created: UTC time, ISO 8601; not part of the digest.
        channel: Digest of the channel file.
        data: Digest of the governed data.
        seed: Seed of the run.
        files: Every file but the manifest and its signature.
        libraries: Versions that made it.
        digest: Digest of the release.
        coverage: Share of the truth that the interval or set of an answer should hold; None
            where none was asked for.
    """

    name: str
    task: Task
    classes: tuple[str, ...]
    threshold: float
    created: str
    channel: str
    data: str
    seed: int
    files: Mapping[str, FileEntry]
    libraries: Mapping[str, str]
    digest: str = ""
    coverage: float | None = None

    @property
    def size_bytes(self) -> int:
        """Bytes of all files together, without manifest and signature."""
        return sum(entry.bytes for entry in self.files.values())

    def expected_digest(self) -> str:
        """Return the digest of what the release is: the same for the same channel, data and seed.

        When it was made, by whom it was signed and how long things took is left out.
        """
        content = {**self._told(), "format": FORMAT}
        del content["digest"], content["created"]
        content["files"] = {n: e.sha256 for n, e in self.files.items() if e.identity}
        return digest.of_json(content)

    def _told(self) -> dict[str, Json]:
        """Return the fields; without a coverage as before there was any, so digests stay."""
        told = asdict(self)
        return told if self.coverage is not None else {k: told[k] for k in told if k != "coverage"}

    def to_bytes(self) -> bytes:
        """Return the bytes that are stored and signed."""
        content = {"format": FORMAT, **self._told()}
        return (json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()

    @classmethod
    def from_bytes(cls, data: bytes, where: str = MANIFEST) -> Manifest:
        """Read a manifest.

        Raises:
            GateError: It is not one, or of a newer format.
        """
        try:
            content: Json = json.loads(data)
            found = content.pop("format")
            files = {name: FileEntry(**row) for name, row in content.pop("files").items()}
            classes = tuple(content.pop("classes"))
            if isinstance(found, int) and found <= FORMAT:
                return cls(**content, classes=classes, files=files)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            problem = f"{type(error).__name__}: {error}"
            raise GateError("release.not_a_release", folder=where, problem=problem) from error
        raise GateError("release.newer_format", folder=where, received=found, expected=FORMAT)


def library_versions() -> dict[str, str]:
    """Return the versions that take part in an answer, and Python's."""
    python = ".".join(python_version_tuple()[:2])
    return {**{name: version(name) for name in LIBRARIES}, "python": python}
