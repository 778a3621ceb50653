"""Arrays as bytes, and back without copying them or running anything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import prod
from mmap import mmap
from typing import Any

import numpy as np
from numpy.typing import NDArray

_TYPES = {"U8": "<u1", "U32": "<u4", "U64": "<u8", "I64": "<i8", "F64": "<f8"}


def packed(arrays: Mapping[str, NDArray[Any]], metadata: Mapping[str, str]) -> bytes:
    """Return arrays as bytes in the layout of safetensors: sizes, names and types, then the data.

    Example:
        >>> arrays, metadata = unpacked(packed({"a": np.array([[1, 2]])}, {"by": "me"}))
        >>> arrays["a"].tolist(), metadata
        ([[1, 2]], {'by': 'me'})

    Source: the safetensors format, version 0.4: github.com/huggingface/safetensors.
    """
    names = {np.dtype(code): name for name, code in _TYPES.items()}
    header: dict[str, Any] = {"__metadata__": dict(metadata)}
    parts, start = [], 0
    for name, array in arrays.items():
        data = np.ascontiguousarray(array)
        ends = [start, start + data.nbytes]
        header[name] = {
            "dtype": names[data.dtype],
            "shape": list(data.shape),
            "data_offsets": ends,
        }
        parts.append(data.data)
        start = ends[1]
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return b"".join([len(text).to_bytes(8, "little"), text, *parts])


def unpacked(block: bytes | mmap) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """Return the arrays, as views of the bytes, and the metadata.

    Raises:
        ValueError: The bytes are not in that layout, or are cut short.
    """
    size = int.from_bytes(block[:8], "little")
    if len(block) < 8 or size > len(block) - 8:
        raise ValueError("the bytes are cut short, or of another kind")
    header = json.loads(block[8 : 8 + size])
    metadata = header.pop("__metadata__", {})
    arrays = {}
    for name, row in header.items():
        count = prod(row["shape"])
        flat = np.frombuffer(block, _TYPES[row["dtype"]], count, 8 + size + row["data_offsets"][0])
        arrays[name] = flat.reshape(row["shape"])
    return arrays, metadata
