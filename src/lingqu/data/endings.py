"""What the name of a file tells: table, archive, picture, recording, text; and what a folder is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from lingqu.core.errors import DataError
from lingqu.data.texts import AUDIO, IMAGES

TABLES: dict[str, str] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".psv": "csv",
    ".txt": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".xlsb": "excel",
    ".xls": "excel",
    ".ods": "excel",
    ".arrow": "arrow",
    ".arrows": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
}
"""Extension → source."""
PACKED = (".gz", ".bz2", ".xz", ".zst", ".zip")
"""Endings that one table may have behind its own."""
ARCHIVES = (
    ".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".tzst",
)  # fmt: skip
TEXTS = (".txt", ".text", ".md")
LABELS = re.compile(r"(?i)^(labels?|metadata|annotations?|标签|标注)\.[a-z.0-9]+$")
"""Tables that are taken for the labels of the folder they lie in."""
HIDDEN = ("__MACOSX", "Thumbs.db", "desktop.ini")


def table(name: str) -> str:
    """Return the source that reads a table of this name, or ``""``.

    Example:
        >>> table("a/loans.CSV.gz"), table("b.feather"), table("c.docx")
        ('csv', 'arrow', '')
    """
    return TABLES.get(table_ending(name), "")


def table_ending(name: str) -> str:
    """Return the ending of a table without that of its compression, or ``""``."""
    lower = name.lower()
    packed = next((ending for ending in PACKED if lower.endswith(ending)), "")
    bare = lower.removesuffix(packed)
    fitting = [ending for ending in TABLES if bare.endswith(ending)]
    return max(fitting, key=len, default="")


def archive(name: str) -> bool:
    """Tell whether a name is that of an archive; ``.csv.zip`` is a table.

    Example:
        >>> archive("pets.tar.gz"), archive("loans.csv.zip")
        (True, False)
    """
    return name.lower().endswith(ARCHIVES) and not table(name)


def hidden(name: str) -> bool:
    """Tell files that systems leave behind: hidden ones, thumbnails, resource forks."""
    return any(part.startswith(".") or part in HIDDEN for part in name.split("/"))


def choose(names: Iterable[str], where: str, empty: str = "images") -> str:
    """Return the source that suits the files of a folder or an archive.

    Pictures, then recordings, then texts (two or more, or no table beside), then tables.

    Args:
        names: Their names.
        where: The folder, for errors.
        empty: What to say of a folder that holds none of these.

    Raises:
        DataError: It holds pictures and recordings, or tables of several formats.

    Example:
        >>> choose(["cat/1.png", "labels.csv"], "pets"), choose(["a.txt", "b.txt"], "notes")
        ('images', 'texts')
    """
    shown = [name.lower() for name in names if not hidden(name)]
    counts = {
        "images": sum(name.endswith(IMAGES) for name in shown),
        "audio": sum(name.endswith(AUDIO) for name in shown),
    }
    media = [kind for kind, count in counts.items() if count]
    if len(media) > 1:
        raise _mixed(where, counts)
    if media:
        return media[0]
    texts = sum(name.endswith(TEXTS) for name in shown)
    named = [name for name in shown if table(name) and not name.endswith(TEXTS)]
    tables = Counter(table(name) for name in named if not (texts and LABELS.match(name)))
    if texts > 1 or (texts and not tables):
        return "texts"
    if len(tables) > 1:
        raise _mixed(where, tables)
    return next(iter(tables), empty)


def _mixed(where: str, counts: dict[str, int]) -> DataError:
    seen = ", ".join(f"{count} × {kind}" for kind, count in counts.items())
    first = max(counts, key=lambda kind: counts[kind])
    return DataError("collect.folder_mixed", path=where, received=seen, first=first)
