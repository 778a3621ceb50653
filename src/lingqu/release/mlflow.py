"""What MLflow calls to open a release (`loader_module` of its ``MLmodel`` file).

MLflow itself is not imported here: it imports us.
"""

from __future__ import annotations

from typing import Any

from lingqu.release.release import Release


class Answering:
    """A release behind MLflow's two-argument `predict`."""

    def __init__(self, release: Release) -> None:
        self._release = release

    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> Any:
        """Answer rows; `params` is part of MLflow's interface and has no meaning here."""
        return self._release.predict(model_input)


def _load_pyfunc(path: str) -> Answering:
    """Open the release in the folder that MLflow names.

    Raises:
        GateError: It is not what its manifest says.
    """
    return Answering(Release.open(path))
