"""Recordings in a folder or an archive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import polars as pl
import soundfile

from lingqu.core.errors import DataError
from lingqu.core.i18n import Phrase
from lingqu.core.schema import Column, because
from lingqu.data.entries import Entry
from lingqu.data.media import MediaFolder, cells
from lingqu.data.texts import AUDIO
from lingqu.release.sound import refuse_cut, refuse_lacking

BLOCK = 65_536
"""Samples decoded at a time."""


@dataclass
class AudioFolder(MediaFolder):
    """Recordings as ``<folder>/<class>/<recording>`` or with a table: ``audio`` and ``label``.

    WAV, FLAC, OGG and whatever else libsndfile reads. A local recording is kept as its path; one
    from an archive or a URL as its bytes. The facts say how long they are and at which rates.

    Args:
        path: A folder or an archive, local or behind a URL.
        label: Name of the label column.
        labels: ``auto``, ``folder``, ``none`` or the path of a table; see `MediaFolder`.
        file: Column of that table that names the files.
        names: Whether to keep the names of the files.
        skip_unreadable: Leave out recordings that cannot be decoded, and list them in the facts,
            instead of refusing the folder.
        skip_unlabelled: Leave out recordings that the table does not name.
        max_mb: Megabytes that may come out of an archive or a URL.
        storage: Options of the file system behind a URL.
        kinds: Kinds of columns that are known.
    """

    column: ClassVar[str] = "audio"
    suffixes: ClassVar[tuple[str, ...]] = AUDIO

    def look(self, entry: Entry) -> tuple[int, int, int]:
        """Return ``(samples, rate, channels)`` of one recording, decoded whole."""
        return listen(entry)

    def cells(self, kept: Sequence[Entry], seen: Sequence[Any]) -> tuple[Column, pl.Series]:
        """Return the column ``audio``."""
        column = Column("audio", "audio", **because("collect.reason_recordings"))
        return column, cells("audio", kept)

    def facts(self, seen: Sequence[Any]) -> dict[str, Any]:
        """Return seconds in all, and how many recordings have which rate and channels."""
        rates = Counter(str(rate) for _, rate, _ in seen)
        channels = Counter(str(count) for _, _, count in seen)
        seconds = sum(samples / rate for samples, rate, _ in seen)
        return {
            "seconds": round(seconds, 3),
            "rates": dict(sorted(rates.items())),
            "channels": dict(sorted(channels.items())),
        }

    def refused(self, count: int, names: str, problem: str) -> DataError:
        """Word that recordings cannot be decoded."""
        return DataError(
            "collect.recordings_unreadable",
            count=count,
            path=self.path,
            files=names,
            problem=problem,
        )


def listen(entry: Entry) -> tuple[int, int, int]:
    """Decode a recording to its end.

    Returns:
        ``(samples, rate, channels)``.

    Raises:
        OSError: It is empty, cut short or broken, or holds values that are no numbers.
    """
    refuse_cut(entry.file)
    try:
        with soundfile.SoundFile(entry.file) as sound:
            read = 0
            for block in sound.blocks(BLOCK, dtype="float32"):
                read += len(block)
                if not np.isfinite(block).all():
                    raise OSError(Phrase("audio.not_numbers"))
            refuse_lacking(read, sound.frames)
            return read, int(sound.samplerate), int(sound.channels)
    except (soundfile.SoundFileError, RuntimeError) as error:
        raise OSError(str(error).rpartition(">: ")[2]) from error
