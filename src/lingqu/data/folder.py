"""A folder or an archive, read by what is found in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

from lingqu.core import catalog, digest
from lingqu.core.nouns import Dataset
from lingqu.data import endings, entries
from lingqu.data.archives import Limits
from lingqu.data.media import MediaFolder
from lingqu.data.tables import TableFile


@dataclass
class Folder:
    """A folder or an archive behind a URL: what it holds is known only when it is read.

    Args:
        path: ``s3://bucket/pets/``, ``https://host/pets.zip`` or a local folder or archive.
        options: Options of the source that suits what is found.
        max_mb: Megabytes that may be read in all.
        storage: Options of the file system behind a URL.
    """

    main: ClassVar[str] = "path"
    path: str
    options: dict[str, Any] = field(default_factory=dict)
    max_mb: float = 4096
    storage: dict[str, Any] = field(default_factory=dict)

    def read(self) -> Dataset:
        """Read all files once, and give them to the source that suits them.

        Raises:
            DataError: Nothing there can be read, or what is there is mixed, broken or unsafe.
        """
        found = entries.find(self.path, self.storage, lambda name: True, Limits(self.max_mb))
        kind = endings.choose((entry.name for entry in found), self.path)
        options = {"max_mb": self.max_mb, "storage": self.storage, **self.options}
        source = catalog.build("sources", kind, {"path": self.path, **options})
        return cast(MediaFolder | TableFile, source).assemble(found)

    def fingerprint(self) -> str:
        """Return a digest of names and contents."""
        parts = entries.fingerprint(self.path, self.storage, lambda name: True)
        return digest.of_json({"files": parts, "options": self.options})
