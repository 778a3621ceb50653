"""Streams that were cut off anywhere keep their whole batches."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.store.arrow_stream import message_ends, read_stream

FRAME = pl.DataFrame({"a": range(30), "b": [f"word {n}" for n in range(30)]})


def stream(batches: int = 3) -> bytes:
    """Return a stream of several batches, put together as the prediction log does it."""
    sink = io.BytesIO()
    FRAME.write_ipc_stream(sink, compat_level=pl.CompatLevel.oldest())
    data = sink.getvalue()
    schema, end = list(message_ends(data))
    return data[:schema] + data[schema:end] * batches


WHOLE = stream()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(WHOLE)))
def test_a_torn_batch_is_left_out(length: int) -> None:
    import tempfile

    whole = sum(end <= length for end in list(message_ends(WHOLE))[1:])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "torn.arrow"
        path.write_bytes(WHOLE[:length])
        frame = read_stream(path)
    assert (0 if frame is None else frame.height) == 30 * whole


def test_every_row_is_read(tmp_path: Path) -> None:
    path = tmp_path / "whole.arrow"
    path.write_bytes(WHOLE)
    frame = read_stream(path)
    assert frame is not None and frame.equals(pl.concat([FRAME] * 3))


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        read_stream(tmp_path / "none.arrow")
