"""Data files that lie inside an installed Python package."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset
from lingqu.core.ports import Source

DISTRIBUTIONS = {"sklego": "scikit-lego", "sklearn": "scikit-learn", "skimage": "scikit-image"}
"""Packages that are installed under another name than they are imported by."""


@dataclass
class PackageFile:
    """A file of a package, found without importing the package.

    Args:
        file: ``<package>/<file inside it>``, such as ``sklego/data/arrests.zip``.
        options: Options of the source that reads this kind of file.
    """

    main: ClassVar[str] = "file"
    file: str
    options: dict[str, Any] = field(default_factory=dict)

    def read(self) -> Dataset:
        """Read the file with the source that suits its extension.

        Raises:
            DataError: The package is not installed (with the command that installs it), or has
                no such file.
        """
        dataset = self._source().read()
        facts = {**dict(dataset.facts), "source": f"package:{self.file}"}
        return Dataset(dataset.frame, dataset.schema, dataset.name, dataset.digest, facts)

    def fingerprint(self) -> str:
        """Return the fingerprint of the file."""
        return self._source().fingerprint()

    def _source(self) -> Source:
        from lingqu.data.resolve import resolve

        return resolve(str(locate(self.file)), self.options)


def locate(file: str) -> Path:
    """Return the path of a package's file.

    Example:
        >>> locate("lingqu/data/package.py").name
        'package.py'
    """
    parts = PurePosixPath(file).parts
    if len(parts) < 2 or ".." in parts or parts[0] == "/" or not parts[0].isidentifier():
        raise DataError("data.package_path", source=f"package:{file}")
    # Only a top-level name is looked up: a dotted one would import its parent.
    spec = find_spec(parts[0])
    if spec is None or not spec.submodule_search_locations:
        known = packages_distributions().get(parts[0], [parts[0]])
        raise DataError(
            "data.package_absent",
            source=f"package:{file}",
            package=parts[0],
            distribution=DISTRIBUTIONS.get(parts[0], known[0]),
        )
    return Path(spec.submodule_search_locations[0]).joinpath(*parts[1:])
