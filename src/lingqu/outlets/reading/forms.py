"""The forms of a request: our own, the Open Inference Protocol V2, and MLflow's `/invocations`.

Each takes decoded JSON to `Columns`, and an `Answer` to the JSON of its reply.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import prod
from typing import Any

import msgspec
import orjson

from lingqu.core.errors import AccessError, DataError
from lingqu.core.nouns import REPLIES, Json
from lingqu.core.predictions import in_numbers
from lingqu.outlets.reading.columns import Columns
from lingqu.outlets.reading.depth import refuse_deep
from lingqu.outlets.served import Answer, Served
from lingqu.release.replies.writing import SCHEMA as WRITING
from lingqu.release.replies.writing import Writing

_EXPECTED = '{"rows": [{column: value}, …]}'
_TENSORS = '{"inputs": [{"name", "shape", "datatype", "data"}, …]}'
_FRAMES = "dataframe_split, dataframe_records, instances or inputs"
DATATYPES = frozenset(
    {"BOOL", "BYTES", "FP16", "FP32", "FP64"}
    | {f"{sign}INT{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64)}
)
"""Of the Open Inference Protocol."""
_decode = msgspec.json.Decoder().decode


def decoded(body: bytes | bytearray) -> Json:
    """Return the JSON of a body.

    Raises:
        DataError: It is not JSON, or nests too deep (400).
    """
    refuse_deep(body)
    try:
        return _decode(body)
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors
        raise DataError("outlets.bad_json", problem=str(error)[:200]) from error


def rows_in(served: Served, given: Json, most: int) -> Columns:
    """Read ``{"rows": […]}``, ``{"columns": {…}}``, a bare list, or one bare row."""
    if isinstance(given, dict):
        rows = given.get("rows")
        if isinstance(rows, list):
            columns = served.reader.rows(_few(rows, most))
            return _written(served, columns, given.get("options"))
        table = given.get("columns")
        if isinstance(table, dict):
            columns = served.reader.table(_few_values(table, most))
            return _written(served, columns, given.get("options"))
        return served.reader.rows([given])
    if isinstance(given, list):
        return served.reader.rows(_few(given, most))
    raise _bad(type(given).__name__, _EXPECTED)


def rows_out(
    served: Served, columns: Columns, answer: Answer, ids: list[str], probabilities: bool
) -> dict[str, Json]:
    """Return the reply to `rows_in`."""
    reply: dict[str, Json] = {"predictions": answer.predictions}
    if answer.confidence is not None:
        reply["confidence"] = answer.confidence
        if probabilities:
            reply["classes"] = served.release.classes
            reply["probabilities"] = answer.probabilities
    if answer.low is not None:
        reply |= {"low": answer.low, "high": answer.high}
    if answer.quantiles is not None:
        reply |= {"levels": list(served.levels), "quantiles": answer.quantiles}
    if answer.sets is not None:
        reply["sets"] = answer.sets
    if answer.fallback is not None:
        reply["fallback"] = answer.fallback
    if answer.out_of_range is not None:
        reply["out_of_range"] = answer.out_of_range
    if answer.reasons is not None:
        reply["reasons"] = answer.reasons
    if answer.lists is not None:
        reply |= answer.lists
    if answer.beside is not None:
        beside = dict(answer.beside)
        if "confidence" in beside:
            reply["confidence"] = beside.pop("confidence")
        reply |= {"beside": beside} if beside else {}
    reply["release"] = served.digest
    reply["prediction_ids"] = ids
    if columns.unseen:
        reply["warnings"] = columns.warnings()
    return reply


def tensors_in(served: Served, given: Json, most: int) -> Columns:
    """Read an inference request of the Open Inference Protocol: one tensor a column."""
    inputs = given.get("inputs") if isinstance(given, dict) else None
    if not isinstance(inputs, list):
        raise _bad(type(given).__name__, _TENSORS)
    columns = served.reader.table(_few_values(dict(_tensor(part) for part in inputs), most))
    told = given.get("parameters")
    # The protocol lets others put words of theirs there.
    known = told.keys() & WRITING["properties"].keys() if isinstance(told, dict) else set()
    return _written(served, columns, {name: told[name] for name in known} or None)


def _tensor(part: Json) -> tuple[str, list[Json]]:
    if not isinstance(part, dict):
        raise _bad(str(part)[:60], _TENSORS)
    name, shape, data = part.get("name"), part.get("shape"), part.get("data")
    whole = isinstance(shape, list) and all(type(n) is int and 0 < n < 2**31 for n in shape)
    if not (isinstance(name, str) and whole and shape and isinstance(data, list)):
        raise _bad(str({k: part.get(k) for k in ("name", "shape")})[:80], _TENSORS)
    if part.get("datatype") not in DATATYPES:
        raise _bad(f"datatype {str(part.get('datatype'))[:40]!r}", ", ".join(sorted(DATATYPES)))
    if len(data) == shape[0] and (len(shape) == 1 or all(isinstance(d, list) for d in data)):
        if len(shape) == 2 and shape[1] == 1 and all(len(d) == 1 for d in data):
            data = [d[0] for d in data]  # a column of shape (N, 1) is a column
        return name, data
    if prod(shape) != len(data) or any(isinstance(item, list) for item in data):
        raise _bad(f"{name[:60]!r}: {len(data)} values", f"shape {shape}")
    if len(shape) == 1 or prod(shape[1:]) == 1:
        return name, data
    return name, _nested(data, shape)


def _nested(data: list[Json], shape: list[int]) -> list[Json]:
    """Fold flat data, row by row, into nested lists."""
    for size in reversed(shape[1:]):
        data = [data[i : i + size] for i in range(0, len(data), size)]
    return data


def tensors_out(served: Served, given: Json, columns: Columns, answer: Answer) -> dict[str, Json]:
    """Return the reply to `tensors_in`; a parameter of the protocol is one value, not a list."""
    n = len(answer.predictions)
    if answer.lists is not None:
        return _with_parts(served, given, columns, _list_outputs(answer))
    if answer.beside is not None:
        return _with_parts(served, given, columns, _reply_outputs(answer))
    kind = "FP64" if answer.confidence is None else "BYTES"
    outputs = [_output("prediction", kind, [n], answer.predictions)]
    if answer.confidence is not None and answer.probabilities is not None:
        outputs.append(_output("confidence", "FP64", [n], answer.confidence))
        shape = [n, len(served.release.classes)]
        outputs.append(_output("probabilities", "FP64", shape, answer.probabilities.ravel()))
    if answer.low is not None:
        outputs += [_output("low", "FP64", [n], answer.low)]
        outputs += [_output("high", "FP64", [n], answer.high)]
    if answer.quantiles is not None:
        shape = [n, len(served.levels)]
        outputs.append(_output("quantiles", "FP64", shape, answer.quantiles.ravel()))
    if answer.sets is not None:
        inside = [name in found for found in answer.sets for name in served.release.classes]
        outputs.append(_output("sets", "BOOL", [n, len(served.release.classes)], inside))
    for name, flags in (("fallback", answer.fallback), ("out_of_range", answer.out_of_range)):
        if flags is not None:
            outputs.append(_output(name, "BOOL", [n], flags))
    return _with_parts(served, given, columns, outputs)


def _list_outputs(answer: Answer) -> list[dict[str, Json]]:
    """Return lists as tensors; a shorter one is filled up with empty names."""
    assert answer.lists is not None
    size = max((len(row) for row in answer.predictions), default=0)
    shape = [len(answer.predictions), size]
    items = [cell for row in answer.predictions for cell in (*row, *[""] * (size - len(row)))]
    scores = [cell for row in answer.lists["scores"] for cell in (*row, *[0.0] * (size - len(row)))]
    based = answer.lists["based_on"]
    return [
        _output("prediction", "BYTES", shape, items), _output("scores", "FP64", shape, scores),
        _output("based_on", "BYTES", [len(based)], based),
    ]  # fmt: skip


def _reply_outputs(answer: Answer) -> list[dict[str, Json]]:
    """Return texts as they are, and tags, vectors and boxes as JSON: rows are not of one size."""
    told = {"prediction": answer.predictions, **(answer.beside or {})}
    made = []
    for name, cells in told.items():
        numbers = name == "confidence"
        texts = cells if numbers else [c if isinstance(c, str) else _json(c) for c in cells]
        made.append(_output(name, "FP64" if numbers else "BYTES", [len(cells)], texts))
    return made


def _json(value: Json) -> str:
    return orjson.dumps(value).decode()


def _with_parts(
    served: Served, given: Json, columns: Columns, outputs: list[dict[str, Json]]
) -> dict[str, Json]:
    wanted = given.get("outputs")
    if isinstance(wanted, list) and wanted:
        names = {part.get("name") for part in wanted if isinstance(part, dict)}
        outputs = [output for output in outputs if output["name"] in names] or outputs
    reply: dict[str, Json] = {
        "model_name": served.release.name,
        "model_version": served.digest,
        "outputs": outputs,
    }
    if columns.unseen:
        reply["parameters"] = {"warnings": "; ".join(columns.warnings())}
    return {"id": given["id"], **reply} if isinstance(given.get("id"), str) else reply


def _output(name: str, datatype: str, shape: list[int], data: Any) -> dict[str, Json]:
    return {"name": name, "datatype": datatype, "shape": shape, "data": data}


def metadata(served: Served, versions: list[str]) -> dict[str, Json]:
    """Return the model metadata of the Open Inference Protocol."""
    inputs = [
        {
            "name": column.name,
            "datatype": _DATATYPES.get(column.kind, "BYTES"),
            "shape": [-1, *column.shape],
        }
        for column in served.reader.schema
    ]
    regress = in_numbers(served.release.task, served.release.classes)
    outputs: list[dict[str, Json]] = [
        {"name": "prediction", "datatype": "FP64" if regress else "BYTES", "shape": [-1]}
    ]
    if "low" in served.answered:
        outputs += [{"name": end, "datatype": "FP64", "shape": [-1]} for end in ("low", "high")]
    if served.levels:
        outputs.append({"name": "quantiles", "datatype": "FP64", "shape": [-1, len(served.levels)]})
    if served.release.task == "recommend":
        outputs = [
            {"name": "prediction", "datatype": "BYTES", "shape": [-1, -1]},
            {"name": "scores", "datatype": "FP64", "shape": [-1, -1]},
            {"name": "based_on", "datatype": "BYTES", "shape": [-1]},
        ]
    elif served.release.task in REPLIES:
        outputs = [
            {"name": name, "datatype": "FP64" if name == "confidence" else "BYTES", "shape": [-1]}
            for name in served.golden_names
        ]
    elif not regress:
        outputs.append({"name": "confidence", "datatype": "FP64", "shape": [-1]})
        width = len(served.release.classes)
        outputs.append({"name": "probabilities", "datatype": "FP64", "shape": [-1, width]})
        if "set" in served.answered:
            outputs.append({"name": "sets", "datatype": "BOOL", "shape": [-1, width]})
    for name in ("fallback", "out_of_range"):
        if name in served.answered:
            outputs.append({"name": name, "datatype": "BOOL", "shape": [-1]})
    return {
        "name": served.release.name,
        "versions": versions,
        "platform": "onnx",
        "inputs": inputs,
        "outputs": outputs,
    }


_DATATYPES = {"number": "FP64", "boolean": "BOOL", "image": "FP32", "vector": "FP32"}


def invocations_in(served: Served, given: Json, most: int) -> Columns:
    """Read a request of MLflow's scoring protocol."""
    if not isinstance(given, dict):
        raise _bad(type(given).__name__, _FRAMES)
    split = given.get("dataframe_split")
    if isinstance(split, dict):
        names, data = split.get("columns"), split.get("data")
        if not (
            isinstance(names, list)
            and isinstance(data, list)
            and all(isinstance(row, list) and len(row) == len(names) for row in data)
        ):
            raise _bad("dataframe_split", '{"columns": […], "data": [[…], …]}')
        named = [dict(zip(map(str, names), row, strict=True)) for row in _few(data, most)]
        return _written(served, served.reader.rows(named), given.get("params"))
    for form in ("dataframe_records", "instances", "inputs"):
        rows = given.get(form)
        if isinstance(rows, list):
            columns = served.reader.rows(_few(rows, most))
            return _written(served, columns, given.get("params"))
        if isinstance(rows, dict) and form == "inputs":
            columns = served.reader.table(_few_values(rows, most))
            return _written(served, columns, given.get("params"))
    raise _bad(", ".join(list(given)[:8])[:120] or "{}", _FRAMES)


def _written(served: Served, columns: Columns, given: Json) -> Columns:
    """Return rows with how their answers shall be written, if the request says so.

    Raises:
        DataError: It asks for what cannot be, or answers are not written here.
    """
    if given is None:
        return columns
    writing = Writing.of(given)
    served.refuse_writing(writing)
    return replace(columns, writing=writing)


def _few(rows: list[Json], most: int) -> list[Json]:
    if len(rows) > most:
        raise AccessError("outlets.too_many_rows", 413, received=len(rows), limit=most)
    return rows


def _few_values(table: Mapping[str, Json], most: int) -> Mapping[str, Json]:
    for values in table.values():
        if isinstance(values, list):
            _few(values, most)
    return table


def _bad(problem: str, expected: str) -> DataError:
    return DataError("outlets.bad_form", problem=problem, expected=expected)
