"""Is a release what its manifest says? Every byte, and who signed it."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from lingqu.core import digest
from lingqu.core.errors import GateError
from lingqu.core.i18n import text
from lingqu.release.manifest import MANIFEST, SIGNATURE, FileEntry, Manifest
from lingqu.release.sign import check_signature


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with the bytes of a release.

    Args:
        kind: ``missing``, ``changed``, ``extra``, ``manifest``, ``digest``, ``signature`` or
            ``untrusted``.
        file: Which file.
        detail: What exactly.
    """

    kind: str
    file: str
    detail: str = ""

    def __str__(self) -> str:
        return text(f"release.problem_{self.kind}", file=self.file, detail=self.detail)


def read_manifest(folder: str | os.PathLike[str]) -> Manifest:
    """Read ``release.json``.

    Raises:
        GateError: The folder is not a release, or of a newer format.
    """
    path = Path(folder)
    try:
        data = (path / MANIFEST).read_bytes()
    except OSError as error:
        problem = f"{MANIFEST}: {error.strerror}"
        raise GateError("release.not_a_release", folder=str(path), problem=problem) from error
    return Manifest.from_bytes(data, str(path))


def verify(
    folder: str | os.PathLike[str], trusted: Collection[bytes] | None = None
) -> list[Problem]:
    """Compare every byte of a release with its manifest, and the manifest with its signature.

    Args:
        folder: The release.
        trusted: Raw public keys that may have signed it; any key when omitted.

    Returns:
        What is wrong; empty when the release is intact.

    Raises:
        GateError: The folder holds no manifest, or one of a newer format.
    """
    path = Path(folder)
    manifest = read_manifest(path)
    found = {entry.name: entry for entry in os.scandir(path)}
    looked = [_look_at(path, name, entry) for name, entry in sorted(manifest.files.items())]
    problems = [problem for problem in looked if problem]
    known = {*manifest.files, MANIFEST, SIGNATURE}
    problems += [Problem("extra", name) for name in sorted(found) if name not in known]
    if manifest.digest != manifest.expected_digest():
        problems.append(Problem("digest", MANIFEST, digest.short(manifest.digest)))
    if SIGNATURE not in found:
        problems.append(Problem("missing", SIGNATURE))
    else:
        signed = (path / MANIFEST).read_bytes()
        wrong = check_signature(signed, (path / SIGNATURE).read_bytes(), trusted)
        if wrong:
            problems.append(Problem(wrong[0], SIGNATURE, wrong[1]))
    return problems


def _look_at(path: Path, name: str, entry: FileEntry) -> Problem | None:
    place = path / name
    if os.path.basename(name) != name or not place.exists():
        return Problem("missing", name)
    if place.is_symlink() or not place.is_file():
        return Problem("changed", name, "not a plain file")
    size = place.stat().st_size
    if size != entry.bytes:
        return Problem("changed", name, f"{size} ≠ {entry.bytes}")
    received = digest.of_file(place)
    if received != entry.sha256:
        return Problem("changed", name, f"{digest.short(received)} ≠ {digest.short(entry.sha256)}")
    return None
