"""ONNX files: the form in which every framework can hand a model over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from onnx import TensorProto

from lingqu.core.errors import SpecError
from lingqu.core.nouns import Task
from lingqu.learn.imported.model_file import ModelFile, refuse_pickle
from lingqu.learn.imported.original import Exported, Original, Sample
from lingqu.learn.imported.plain import Plain, asked, plain, row_shape


@dataclass
class OnnxFile(ModelFile):
    """A model as an ONNX file: one tensor of all columns, or one input per column.

    Example:
        >>> OnnxFile("model.onnx", columns=("age", "town=Guilin")).path
        'model.onnx'

    Source: ONNX, https://onnx.ai; the graph is run by ONNX Runtime as it is.
    """

    name: ClassVar[str] = "onnx"
    library: ClassVar[str] = "onnxruntime"

    def read(self, place: Path, folder: Path, task: Task) -> Original:
        """Read the file."""
        refuse_pickle(place, "torch.onnx.export(model, sample, 'model.onnx')")
        found = plain(place.read_bytes(), self.path, task, self.output)
        return original_of(found, self.path, {"opset": _version(found)})


def original_of(found: Plain, path: str, facts: Mapping[str, Any]) -> Original:
    """Return a graph that was brought as the model that it is."""
    inputs = found.inputs
    kinds = [value.type.tensor_type.elem_type for value in inputs]
    apart: dict[str, bool | None] | None = None
    if len(inputs) > 1 or kinds == [TensorProto.STRING]:
        apart = {v.name: k == TensorProto.STRING for v, k in zip(inputs, kinds, strict=True)}
        wide = [v.name for v in inputs if row_shape(v) not in ((), (0,), (1,))]
        if wide:
            raise SpecError("imported.many_inputs", path=path, names=", ".join(wide))
    shaped = apart is None and inputs[0].type.tensor_type.HasField("shape")
    return Original(
        export=partial(_exported, found, path, apart is not None),
        classes=found.classes,
        shape=row_shape(inputs[0]) if shaped else None,
        apart=apart,
        gaps=lambda row: found.gaps,
        facts=facts,
    )


def _exported(found: Plain, path: str, apart: bool, sample: Sample) -> Exported:
    """Return the graph, and what ONNX Runtime says with it as it was brought."""
    return Exported(found.proto.SerializeToString(), asked(found, path, sample, apart))


def _version(found: Plain) -> int:
    return next((o.version for o in found.proto.opset_import if not o.domain), 1)
