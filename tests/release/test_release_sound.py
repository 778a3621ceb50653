"""A recording is read whole or not at all."""

from __future__ import annotations

import base64
from io import BytesIO
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import soundfile

from lingqu.core.errors import DataError, problem_of
from lingqu.core.i18n import text
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema
from lingqu.govern.audio.log_mel import LogMel
from lingqu.release.column_profile.sounds import opened
from lingqu.release.sound import decode


def recorded(form: str, subtype: str = "PCM_16", seconds: float = 2.0) -> bytes:
    file = BytesIO()
    noise = 0.1 * np.random.default_rng(0).normal(size=int(8000 * seconds))
    soundfile.write(file, noise, 8000, format=form, subtype=subtype)
    return file.getvalue()


def with_new_head(data: bytes) -> bytes:
    """Return a cut WAV file whose head was corrected, while its samples were not."""
    return data[:4] + (len(data) - 8).to_bytes(4, "little") + data[8:]


WAV, AIFF, FLAC, OGG = (
    recorded(form, kind)
    for form, kind in (("WAV", "PCM_16"), ("AIFF", "PCM_16"), ("FLAC", "PCM_16"), ("OGG", "VORBIS"))
)
CUT = {
    "wav": WAV[: len(WAV) // 2],
    "wav by three bytes": WAV[:-3],
    "wav with a new head": with_new_head(WAV[: len(WAV) // 2]),
    "aiff": AIFF[: len(AIFF) // 2],
    "flac": FLAC[: len(FLAC) // 2],
    "ogg": OGG[: len(OGG) // 2],
    "ogg between two pages": OGG[: OGG.rindex(b"OggS")],
    "empty": b"",
    "no samples": recorded("WAV", seconds=0),
}


@pytest.mark.parametrize("name", CUT)
def test_a_recording_cut_short_is_refused_wherever_it_is_read(name: str, tmp_path: Path) -> None:
    data = CUT[name]
    with pytest.raises(OSError):
        decode(data)
    with pytest.raises(OSError):
        decode(base64.b64encode(data).decode(), paths=False)
    path = tmp_path / "one.wav"
    path.write_bytes(data)
    with pytest.raises(OSError):
        decode(str(path))
    rows = Dataset(pl.DataFrame({"a": [WAV, data]}), Schema((Column("a", "audio"),)))
    with pytest.raises(DataError) as caught:
        LogMel(rate=8000).fit(rows)
    assert caught.value.facts["row"] == 2


@pytest.mark.parametrize("data", [WAV, AIFF, FLAC, OGG], ids=["wav", "aiff", "flac", "ogg"])
def test_a_whole_recording_is_read(data: bytes) -> None:
    assert len(decode(data).samples) == 16_000


def test_what_lies_behind_a_recording_does_no_harm() -> None:
    assert len(decode(WAV + b"LIST").samples) == 16_000


def test_a_size_that_was_never_filled_in_says_nothing() -> None:
    for unknown in (b"\xff\xff\xff\xff", b"\0\0\0\0"):
        data = WAV[:4] + unknown + WAV[8:]
        assert len(decode(data).samples) == 16_000


def test_a_profile_counts_cut_recordings_as_broken() -> None:
    with pytest.raises(OSError):
        opened(CUT["wav"])


def test_what_is_wrong_is_said_in_the_language_of_the_reader() -> None:
    with pytest.raises(OSError) as caught:
        decode(CUT["wav"])
    facts = {"column": "a", "row": 1, "received": "", "problem": problem_of(caught.value)}
    assert "录音不完整" in text("audio.unreadable", "zh", **facts)
    assert "cut short" in text("audio.unreadable", "en", **facts)
