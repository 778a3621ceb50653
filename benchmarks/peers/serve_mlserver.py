"""A runtime of MLServer: the Open Inference Protocol in and out."""

from typing import Any

import numpy as np
from mlserver import MLModel
from mlserver.codecs import NumpyCodec, StringCodec
from mlserver.types import InferenceRequest, InferenceResponse
from serve_model import Served


class Runtime(MLModel):  # type: ignore[misc]
    async def load(self) -> bool:
        self.served = Served()
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        given = payload.inputs[0]
        if given.datatype == "BYTES":
            cells: Any = StringCodec.decode_input(given)
        else:
            cells = NumpyCodec.decode_input(given)
        told = self.served.kind.told(self.served.found(cells))
        outputs = [_output(name, values) for name, values in told.items()]
        return InferenceResponse(model_name=self.name, outputs=outputs)


def _output(name: str, values: list[Any]) -> Any:
    if isinstance(values[0], str):
        return StringCodec.encode_output(name, values)
    return NumpyCodec.encode_output(name, np.array(values))
