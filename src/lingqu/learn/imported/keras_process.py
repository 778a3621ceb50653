"""The process that has Keras or TensorFlow: it answers rows and writes the graph, and ends.

Run as ``python -m lingqu.learn.imported.keras_process keras model.keras FOLDER``.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.learn.imported.keras import GRAPH, ROWS, SAID, WIDTH


def by_keras(model: str, x: NDArray[np.float32]) -> tuple[bytes, NDArray[Any]]:
    """Return the graph of a Keras model and its answers to rows; code in the file is not run."""
    import keras
    import torch

    from lingqu.learn.deep.export import exported

    net: Any = keras.saving.load_model(model, compile=False, safe_mode=True)
    rows = torch.from_numpy(x)
    with torch.no_grad():
        said = net(rows, training=False)
    return exported(net.eval(), rows, "x"), said.numpy()


def by_tensorflow(model: str, x: NDArray[np.float32]) -> tuple[bytes, NDArray[Any]]:
    """Return the graph of a SavedModel and its answers to rows."""
    import tensorflow
    import tf2onnx

    net = tensorflow.saved_model.load(model)  # its variables live as long as it does
    serve = net.signatures["serving_default"]
    ((name, told),) = serve.structured_input_signature[1].items()
    sides = list(told.shape)[1:]
    fits = (side in (None, given) for side, given in zip(sides, x.shape[1:], strict=False))
    if len(sides) != x.ndim - 1 or not all(fits):
        raise SystemExit(f"{WIDTH}{math.prod(side or 1 for side in sides)}")
    (said,) = serve(**{name: tensorflow.constant(x)}).values()
    kind = tensorflow.TensorSpec((None, *x.shape[1:]), tensorflow.float32, name)
    graph, _ = tf2onnx.convert.from_function(
        tensorflow.function(lambda rows: serve(**{name: rows})), input_signature=[kind], opset=18
    )
    return graph.SerializeToString(), said.numpy()


if __name__ == "__main__":
    library, place, room = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    rows = np.load(room / ROWS, allow_pickle=False)
    data, answers = (by_keras if library == "keras" else by_tensorflow)(place, rows)
    (room / GRAPH).write_bytes(data)
    np.save(room / SAID, answers)
