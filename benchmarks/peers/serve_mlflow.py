"""Write a release as MLflow's pyfunc: ``serve_mlflow.py OUT``; `mlflow models serve` serves it.

Cells come as ``inputs``, which spares the server its data frame.
"""

import os
import sys
from typing import Any

import mlflow
from mlflow.models import set_model
from serve_model import Served


class Digits(mlflow.pyfunc.PythonModel):  # type: ignore[misc]
    def load_context(self, context: Any) -> None:
        self.served = Served(context.artifacts["release"])

    def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
        return self.served.kind.told(self.served.found(list(model_input)))


if __name__ == "__main__":
    mlflow.pyfunc.save_model(
        sys.argv[1], python_model=__file__, artifacts={"release": os.environ["RELEASE"]},
        code_paths=["serve_model.py"], pip_requirements=["mlflow"],
    )  # fmt: skip
else:
    set_model(Digits())
