"""Keras 3 models, and TensorFlow's SavedModel."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from lingqu.core import catalog
from lingqu.core.errors import SpecError
from lingqu.core.nouns import Task
from lingqu.learn.imported.model_file import ModelFile, refuse_pickle
from lingqu.learn.imported.original import Exported, Original, Sample

GRAPH, ROWS, SAID = "graph.onnx", "rows.npy", "said.npy"
"""Files through which the process that has Keras is told and tells."""
WIDTH = "width "
"""How it begins to say that a model reads another number of columns."""
_WAIT_S = 600.0


@dataclass
class KerasModel(ModelFile):
    """A Keras 3 model as a `.keras` file, or the folder of a TensorFlow SavedModel.

    The library is asked in a process of its own: what it imports does not stay in the run. Keras
    computes with torch there. Code inside the file (`Lambda` layers) is not run.

    Example:
        >>> KerasModel("digits.keras").path
        'digits.keras'

    Source: Keras 3, https://keras.io; tf2onnx, https://github.com/onnx/tensorflow-onnx.
    """

    name: ClassVar[str] = "keras"
    library: ClassVar[str] = "keras"

    def __post_init__(self) -> None:
        if Path(self.path).suffix.lower() in (".h5", ".hdf5"):
            raise SpecError("imported.legacy_keras", path=self.path)
        for package in ("keras", "torch") if self._own else ("tensorflow", "tf2onnx"):
            catalog.require(package, self.name)

    @property
    def _own(self) -> bool:
        """Whether Keras itself reads it; else TensorFlow does."""
        return Path(self.path).suffix.lower() == ".keras"

    def read(self, place: Path, folder: Path, task: Task) -> Original:
        """Read what the file says of its input; the process is started when it is asked."""
        shape = None
        if self._own:
            refuse_pickle(place, "model.save('model.keras')")
            shape = self._shape(place)
        return Original(lambda sample: self._exported(place, sample), shape=shape)

    def _shape(self, place: Path) -> tuple[int, ...] | None:
        """Return the shape of one row, 0 where free; None where the file does not say."""
        if not zipfile.is_zipfile(place):
            raise SpecError("imported.not_a_model", path=self.path, what="Keras",
                            problem="no zip archive")  # fmt: skip
        with zipfile.ZipFile(place) as archive:
            if "config.json" not in archive.namelist():
                raise SpecError("imported.not_a_model", path=self.path, what="Keras",
                                problem="no config.json")  # fmt: skip
            told: Any = json.loads(archive.read("config.json"))
        sides = (told.get("build_config") or {}).get("input_shape")
        if not isinstance(sides, list):
            return None
        if any(isinstance(side, list) for side in sides):
            raise SpecError("imported.many_inputs", path=self.path, names=str(sides))
        return tuple(int(side or 0) for side in sides[1:])

    def _exported(self, place: Path, sample: Sample) -> Exported:
        """Let a process of its own answer the sample and write the graph."""
        with tempfile.TemporaryDirectory(prefix="lingqu-") as name:
            room = Path(name)
            np.save(room / ROWS, sample.x)
            # Threads would only get in each other's way on so few rows.
            quiet = {"KERAS_BACKEND": "torch", "TF_CPP_MIN_LOG_LEVEL": "3", "OMP_NUM_THREADS": "1"}
            command = [sys.executable, "-m", "lingqu.learn.imported.keras_process"]
            command += ["keras" if self._own else "tensorflow", str(place.resolve()), name]
            try:
                done = subprocess.run(command, env={**os.environ, **quiet}, capture_output=True,
                                      text=True, timeout=_WAIT_S, check=False)  # fmt: skip
            except subprocess.TimeoutExpired as error:
                raise self._failed(f"{_WAIT_S:g} s") from error
            said = (done.stderr.strip().splitlines() or ["-"])[-1]
            if said.startswith(WIDTH):
                raise SpecError("imported.width", path=self.path, expected=said[len(WIDTH) :],
                                received=sample.x[0].size,
                                names=", ".join(sample.frame.columns[:8]))  # fmt: skip
            if done.returncode or not (room / SAID).is_file():
                raise self._failed(said[:300])
            graph = (room / GRAPH).read_bytes()
            return Exported(graph, np.load(room / SAID, allow_pickle=False))

    def _failed(self, problem: str) -> SpecError:
        library = "keras" if self._own else "tf2onnx"
        return SpecError("imported.no_converter", path=self.path, library=library, problem=problem)
