"""Tensors as bytes: the binary tensor extension of the Open Inference Protocol, both ways.

A request or reply is JSON followed by the bytes of some tensors, in their order; a header says
where the JSON ends. The same bytes are the raw contents of gRPC.

Source: Open Inference Protocol V2, "Binary tensor data extension" (kserve/open-inference-protocol).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from lingqu.core.errors import DataError
from lingqu.core.nouns import Json

TYPES: Mapping[str, str] = {
    "BOOL": "?", "FP16": "<f2", "FP32": "<f4", "FP64": "<f8",
    **{f"INT{8 * size}": f"<i{size}" for size in (1, 2, 4, 8)},
    **{f"UINT{8 * size}": f"<u{size}" for size in (1, 2, 4, 8)},
}  # fmt: skip
"""Datatype of the protocol → of numpy; ``BYTES`` is read by itself."""


def split(body: bytes | bytearray, header: str) -> tuple[bytes, bytes]:
    """Return the JSON of a body, and the bytes behind it.

    Args:
        body: As it was sent.
        header: ``Inference-Header-Content-Length``; "" where all is JSON.

    Raises:
        DataError: The header is no length of this body.

    Example:
        >>> split(b"{}abc", "2"), split(b"{}", "")
        ((b'{}', b'abc'), (b'{}', b''))
    """
    if not header:
        return bytes(body), b""
    if not (header.isascii() and header.isdigit() and int(header) <= len(body)):
        expected = f"inference-header-content-length ≤ {len(body)}"
        raise DataError("outlets.bad_form", problem=header[:40], expected=expected)
    length = int(header)
    return bytes(body[:length]), bytes(body[length:])


def filled(given: Json, raw: bytes, files: frozenset[str]) -> Json:
    """Return a request with the values of its binary tensors in their places.

    Args:
        given: The JSON of the request.
        raw: The bytes behind it.
        files: Columns whose cells are files, not texts.

    Raises:
        DataError: A size is no number, or the sizes are not those of the bytes.
    """
    inputs = given.get("inputs") if isinstance(given, dict) else None
    if not isinstance(inputs, list):
        return given
    place, made = 0, []
    for part in inputs:
        size = _size(part)
        if size is None:
            made.append(part)
            continue
        name, shape = str(part.get("name"))[:60], part.get("shape")
        if size > len(raw) - place:
            raise _bad(name, f"{len(raw) - place} bytes", f"{size} bytes")
        data = raw[place : place + size]
        place += size
        made.append({**part, "data": unpacked(name, part.get("datatype"), shape, data, files)})
    if place != len(raw):
        raise _bad("—", f"{len(raw)} bytes", f"{place} bytes")
    return {**given, "inputs": made}


def unpacked(
    name: str, datatype: Json, shape: Json, raw: bytes, files: frozenset[str]
) -> list[Json]:
    """Return the values of one tensor, nested as its shape says.

    Raises:
        DataError: The bytes are not those of such a tensor.

    Example:
        >>> unpacked("x", "INT16", [2, 1], b"\\x01\\x00\\x02\\x00", frozenset())
        [[1], [2]]
        >>> unpacked("t", "BYTES", [1], b"\\x02\\x00\\x00\\x00hi", frozenset())
        ['hi']
    """
    if not (isinstance(shape, list) and shape and all(type(n) is int and n > 0 for n in shape)):
        raise _bad(name, f"shape {str(shape)[:40]}", "[n, …]")
    count = prod(shape)
    if datatype == "BYTES":
        cells = [_cell(name, cell, name in files) for cell in _strings(name, raw, count)]
        return _folded(cells, shape)
    kind = TYPES.get(str(datatype))
    if kind is None:
        raise _bad(name, f"datatype {str(datatype)[:40]!r}", ", ".join([*TYPES, "BYTES"]))
    if len(raw) != count * np.dtype(kind).itemsize:
        expected = f"{count * np.dtype(kind).itemsize} bytes"
        raise _bad(name, f"{len(raw)} bytes", expected)
    values: list[Json] = np.frombuffer(raw, kind).reshape(shape).tolist()
    return values


def packed(datatype: str, data: Any) -> bytes:
    """Return the bytes of a tensor; its values in a flat list.

    Example:
        >>> packed("BYTES", ["hi"]), packed("FP32", [1.0])
        (b'\\x02\\x00\\x00\\x00hi', b'\\x00\\x00\\x80?')
    """
    if datatype == "BYTES":
        cells = [cell if isinstance(cell, bytes) else str(cell).encode() for cell in data]
        return b"".join(len(cell).to_bytes(4, "little") + cell for cell in cells)
    array: NDArray[Any] = np.asarray(data, dtype=TYPES[datatype])
    return array.tobytes()


def reply(given: Json, told: dict[str, Json]) -> tuple[bytes, int | None]:
    """Return the body of a reply, and where its JSON ends; None where all is JSON.

    Args:
        given: The request: it says which outputs it wants as bytes.
        told: The reply, its data in flat lists.
    """
    wanted = _wanted(given, [output["name"] for output in told["outputs"]])
    option = orjson.OPT_SERIALIZE_NUMPY
    if not wanted:
        return orjson.dumps(told, option=option), None
    outputs, raws = [], []
    for output in told["outputs"]:
        if output["name"] not in wanted:
            outputs.append(output)
            continue
        raw = packed(output["datatype"], output["data"])
        kept = {name: value for name, value in output.items() if name != "data"}
        outputs.append({**kept, "parameters": {"binary_data_size": len(raw)}})
        raws.append(raw)
    head = orjson.dumps({**told, "outputs": outputs}, option=option)
    return b"".join([head, *raws]), len(head)


def _wanted(given: Json, names: Sequence[str]) -> set[str]:
    """Return the outputs that are wanted as bytes."""
    told = given.get("parameters")
    all_of_them = isinstance(told, dict) and told.get("binary_data_output") is True
    wanted = set(names) if all_of_them else set()
    for output in given.get("outputs") or ():
        options = output.get("parameters") if isinstance(output, dict) else None
        if isinstance(options, dict) and isinstance(options.get("binary_data"), bool):
            change = wanted.add if options["binary_data"] else wanted.discard
            change(output.get("name"))
    return wanted & set(names)


def _size(part: Json) -> int | None:
    told = part.get("parameters") if isinstance(part, dict) else None
    size = told.get("binary_data_size") if isinstance(told, dict) else None
    if size is None:
        return None
    if type(size) is not int or size < 0:
        raise _bad(str(part.get("name"))[:60], str(size)[:40], "binary_data_size ≥ 0")
    return size


def _strings(name: str, raw: bytes, count: int) -> list[bytes]:
    cells: list[bytes] = []
    place = 0
    while place < len(raw) and len(cells) <= count:
        size = int.from_bytes(raw[place : place + 4], "little")
        if place + 4 + size > len(raw):
            break
        cells.append(raw[place + 4 : place + 4 + size])
        place += 4 + size
    if place != len(raw) or len(cells) != count:
        raise _bad(name, f"{len(cells)} values", str(count))
    return cells


def _cell(name: str, cell: bytes, is_file: bool) -> str:
    if is_file:
        return "data:;base64," + base64.b64encode(cell).decode()
    try:
        return cell.decode()
    except UnicodeDecodeError as error:
        raise _bad(name, str(error)[:80], "UTF-8") from error


def _folded(cells: list[Json], shape: Sequence[int]) -> list[Json]:
    for size in reversed(shape[1:]):
        cells = [cells[start : start + size] for start in range(0, len(cells), size)]
    return cells


def _bad(name: str, problem: str, expected: str) -> DataError:
    return DataError("protocols.bad_binary", name=name, problem=problem, expected=expected)
