"""A fitted model ↔ bytes: one JSON header and the raw graphs of its members. No pickle.

Layout: ``LQMODEL1`` · length of the header (8 bytes, little-endian) · header (JSON) · the graphs,
one after the other, in the order and with the sizes and digests that the header names.
"""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

from lingqu.core import digest
from lingqu.core.errors import GateError
from lingqu.core.nouns import Json, Member, Model, Region

MAGIC = b"LQMODEL1"
HEADER = "model.json"


def to_bytes(model: Model) -> bytes:
    """Return the model as bytes; the same model gives the same bytes.

    Example:
        >>> model = Model("regress", (), (Member("a", "constant", 1.0, {}, b"graph"),))
        >>> from_bytes(to_bytes(model)) == model
        True
    """
    header = json.dumps(_header(model), ensure_ascii=False, sort_keys=True).encode()
    graphs = b"".join(member.graph for member in _all(model))
    return MAGIC + len(header).to_bytes(8, "little") + header + graphs


def from_bytes(data: bytes) -> Model:
    """Return the model that `to_bytes` wrote.

    Raises:
        GateError: These are other bytes, or not all of them, or they were changed.
    """
    if data[: len(MAGIC)] != MAGIC:
        raise _refused("it does not begin as one")
    start = len(MAGIC) + 8
    end = start + int.from_bytes(data[len(MAGIC) : start], "little")
    header = _parsed(data[start:end])
    sizes = [int(row["bytes"]) for row in _rows(header)]
    if end + sum(sizes) != len(data):
        raise _refused(f"{len(data)} bytes instead of {end + sum(sizes)}")
    graphs = []
    for size in sizes:
        graphs.append(data[end : end + size])
        end += size
    return _model(header, graphs)


def save(model: Model, folder: Path) -> None:
    """Write the model as a folder: ``model.json`` and one ONNX file per member."""
    folder.mkdir(parents=True, exist_ok=True)
    header = json.dumps(_header(model), ensure_ascii=False, sort_keys=True, indent=1)
    (folder / HEADER).write_text(header + "\n", encoding="utf-8")
    for index, member in enumerate(_all(model)):
        (folder / f"{index}.onnx").write_bytes(member.graph)


def load(folder: Path) -> Model:
    """Return the model that `save` wrote.

    Raises:
        GateError: A file is missing or was changed.
    """
    try:
        header = _parsed((folder / HEADER).read_bytes())
        names = [f"{index}.onnx" for index in range(len(_rows(header)))]
        return _model(header, [(folder / name).read_bytes() for name in names])
    except OSError as error:
        raise _refused(f"{error.filename}: {error.strerror}") from error


def _all(model: Model) -> tuple[Member, ...]:
    """Return every learner of a model: its members, then what tells the size of their errors."""
    scale = model.region.scale if model.region else None
    return model.members if scale is None else (*model.members, scale)


def _header(model: Model) -> dict[str, Json]:
    header: dict[str, Json] = {
        "task": model.task,
        "classes": list(model.classes),
        "temperature": model.temperature,
        "threshold": model.threshold,
        "members": [_row(member) for member in model.members],
    }
    if model.region is not None:
        names = [field.name for field in fields(Region) if field.name != "scale"]
        header["region"] = {name: getattr(model.region, name) for name in names}
        if model.region.scale is not None:
            header["region"]["scale"] = _row(model.region.scale)
    return header


def _row(member: Member) -> dict[str, Json]:
    return {
        "name": member.name,
        "algorithm": member.algorithm,
        "weight": member.weight,
        "encoding": dict(member.encoding),
        "notes": dict(member.notes),
        "bytes": len(member.graph),
        "sha256": digest.of_bytes(member.graph),
    }


def _rows(header: dict[str, Json]) -> list[dict[str, Json]]:
    """Return the lines of all graphs in the order in which they lie."""
    scale = (header.get("region") or {}).get("scale")
    return [*header["members"], *([scale] if scale else [])]


def _parsed(data: bytes) -> dict[str, Json]:
    try:
        header = json.loads(data)
    except ValueError as error:
        raise _refused("its header is not JSON") from error
    if not isinstance(header, dict) or not isinstance(header.get("members"), list):
        raise _refused("its header names no members")
    return header


def _model(header: dict[str, Json], graphs: list[bytes]) -> Model:
    members = []
    for row, graph in zip(_rows(header), graphs, strict=True):
        if digest.of_bytes(graph) != row["sha256"]:
            raise _refused(f"the graph of {row['name']!r} was changed")
        told = (row["name"], row["algorithm"], row["weight"], row["encoding"])
        members.append(Member(*told, graph, row["notes"]))
    region = header.get("region")
    scale = members.pop() if region and region.get("scale") else None
    return Model(
        header["task"],
        tuple(header["classes"]),
        tuple(members),
        header["temperature"],
        header["threshold"],
        None if region is None else _region(region, scale),
    )


def _region(told: dict[str, Json], scale: Member | None) -> Region:
    knots = tuple((float(at), float(size)) for at, size in told["knots"])
    return Region(**{**told, "scale": scale, "knots": knots, "least": tuple(told["least"])})


def _refused(problem: str) -> GateError:
    return GateError("release.bad_model", problem=problem, expected=MAGIC.decode())
