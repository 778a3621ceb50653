"""The files by which MLflow loads and serves a release: `MLmodel` and what it names.

They are written by hand because MLflow's own writer splits weights into files with random names
and would need MLflow at release time.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.metadata import version
from platform import python_version
from uuid import UUID

from lingqu.core.nouns import Json
from lingqu.release.manifest import LIBRARIES

REQUIREMENTS = "requirements.txt"
PYTHON_ENV = "python_env.yaml"
EXAMPLE = "input_example.json"


def mlflow_files(rows: Sequence[dict[str, Json]]) -> dict[str, bytes]:
    """Return the environment files and an input example made of the golden rows."""
    needed = [f"{name}=={version(name)}" for name in LIBRARIES]
    # MLflow sends pandas frames.
    needed[0] = needed[0].replace("lingqu", "lingqu[pandas]")
    names = list(rows[0])
    example = {"columns": names, "data": [[row[name] for name in names] for row in rows[:2]]}
    environment = f'python: "{python_version()}"\ndependencies:\n- -r {REQUIREMENTS}\n'
    return {
        REQUIREMENTS: ("\n".join(needed) + "\n").encode(),
        PYTHON_ENV: environment.encode(),
        EXAMPLE: json.dumps(example, ensure_ascii=False).encode(),
    }


def mlmodel(release: str, created: str) -> str:
    """Return the ``MLmodel`` file: the flavours ``python_function`` and ``onnx``.

    Args:
        release: Digest of the release; it names the model in MLflow too.
        created: UTC time, ISO 8601.
    """
    return f"""\
flavors:
  onnx:
    code: null
    data: model.onnx
    onnx_version: {version("onnx")}
    providers:
    - CPUExecutionProvider
  python_function:
    data: .
    env:
      virtualenv: {PYTHON_ENV}
    loader_module: lingqu.release.mlflow
    python_version: {python_version()}
model_uuid: {UUID(release[:32]).hex}
saved_input_example_info:
  artifact_path: {EXAMPLE}
  pandas_orient: split
  type: dataframe
utc_time_created: {json.dumps(created)}
"""
