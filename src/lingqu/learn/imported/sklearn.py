"""scikit-learn estimators and pipelines: skops files, and pickles only where a channel says so."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar

import joblib
import numpy as np
import polars as pl
import skl2onnx
import skops.io
from numpy.typing import NDArray
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType, StringTensorType
from sklearn.base import BaseEstimator, is_classifier
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.pipeline import Pipeline

from lingqu.core.errors import SpecError, gist
from lingqu.core.nouns import Task
from lingqu.learn.imported.hist_trees import hist_graph, hist_link
from lingqu.learn.imported.model_file import ModelFile
from lingqu.learn.imported.original import Exported, Original, Sample
from lingqu.learn.imported.plain import asked, plain

_HIST = (HistGradientBoostingClassifier, HistGradientBoostingRegressor)
_HARMLESS = ("numpy.dtype",)
"""Types that skops asks about, though making one runs nothing: columns of text have it."""
_NEAR = 1e-6
"""From what difference on float64 is tried in place of float32."""


@dataclass
class SklearnEstimator(ModelFile):
    """An estimator or pipeline as a `skops` file; as a pickle only if its digest is stated.

    A pickle runs code when it is read: `pickle: true` with its `sha256` says that you know who
    wrote this very file.

    Args:
        pickle: Whether a pickle or joblib file may be read.
        trusted: Types beyond those that skops knows which may be made, as ``package.Class``.

    Example:
        >>> SklearnEstimator("model.skops").path
        'model.skops'

    Source: skops, https://skops.readthedocs.io; sklearn-onnx, https://onnx.ai/sklearn-onnx.
    """

    name: ClassVar[str] = "sklearn"
    library: ClassVar[str] = "scikit-learn"

    pickle: bool = field(default=False, kw_only=True)
    trusted: tuple[str, ...] = field(default=(), kw_only=True)

    def read(self, place: Path, folder: Path, task: Task) -> Original:
        """Read the estimator."""
        model = self._loaded(place)
        if not isinstance(model, BaseEstimator) or is_classifier(model) != (task == "classify"):
            raise SpecError("imported.other_estimator", path=self.path, task=task,
                            received=type(model).__name__)  # fmt: skip
        names = tuple(str(n) for n in getattr(model, "feature_names_in_", ()))
        # Steps that name columns need them one by one: some may be text.
        named = any(isinstance(step, ColumnTransformer) for step in _steps(model))
        apart = dict.fromkeys(names) if names and named else None
        scores = hasattr(model, "predict_proba")
        return Original(
            export=lambda sample: self._exported(model, sample, apart),
            columns=names,
            classes=tuple(str(name) for name in getattr(model, "classes_", ())),
            shape=(int(model.n_features_in_),) if apart is None else None,
            apart=apart,
            means="probabilities" if scores else "labels" if task == "classify" else "values",
            gaps=lambda row: _reads(model, _table(model, row, apart)),
            facts={"estimator": " → ".join(type(step).__name__ for step in _steps(model))},
        )

    def _loaded(self, place: Path) -> Any:
        """Return the object in the file."""
        if place.suffix == ".skops":
            return self._from_skops(place)
        data = place.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        if not (self.pickle and self.sha256):
            raise SpecError("imported.pickle", path=self.path, digest=digest)
        if self.sha256.lower() != digest:  # another process has put a file in its place
            raise SpecError("imported.wrong_digest", path=self.path, expected=self.sha256.lower(),
                            received=digest)  # fmt: skip
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of another version: the comparison says more
                return joblib.load(BytesIO(data))  # these very bytes, not the file once more
        except Exception as error:  # a pickle may raise anything
            raise SpecError("imported.not_a_model", path=self.path, what="pickle",
                            problem=gist(error)) from error  # fmt: skip

    def _from_skops(self, place: Path) -> Any:
        try:
            strange = set(skops.io.get_untrusted_types(file=place)) - {*_HARMLESS, *self.trusted}
            if not strange:
                return skops.io.load(place, trusted=[*_HARMLESS, *self.trusted])
        except Exception as error:  # it passes on what zip and JSON raise
            raise SpecError("imported.not_a_model", path=self.path, what="skops",
                            problem=gist(error)) from error  # fmt: skip
        raise SpecError("imported.untrusted", path=self.path, names=", ".join(sorted(strange)))

    def _exported(self, model: Any, sample: Sample, apart: Mapping[str, Any] | None) -> Exported:
        """Return the graph, computed in float64 where float32 is not near enough."""
        table = _table(model, sample.frame if apart is not None else sample.x, apart)
        said = np.asarray(getattr(model, "predict_proba", model.predict)(table))
        if isinstance(model, _HIST):
            return self._boosted(model, said)
        narrow = self._converted(model, sample, apart, FloatTensorType)
        if said.dtype.kind != "f" or self._near(narrow, model, said, sample, apart):
            return Exported(narrow, said)
        wide = self._converted(model, sample, apart, DoubleTensorType)
        better = self._near(wide, model, said, sample, apart)
        return Exported(wide if better else narrow, said)

    def _boosted(self, model: Any, said: NDArray[Any]) -> Exported:
        """Return the graph of a histogram booster, which no converter writes."""
        graph = hist_graph(model)
        if graph is None:
            raise SpecError("imported.no_converter", path=self.path, library="skl2onnx",
                            problem=f"{type(model).__name__} with categories")  # fmt: skip
        return Exported(graph, said[:, 1] if hist_link(model) == "sigmoid" else said)

    def _converted(
        self, model: Any, sample: Sample, apart: Mapping[str, Any] | None, number: Any
    ) -> bytes:
        if apart is None:
            types = [("x", number([None, sample.x.shape[1]]))]
        else:
            kinds = [StringTensorType if d == pl.String else number for d in sample.frame.dtypes]
            types = [(n, kind([None, 1])) for n, kind in zip(apart, kinds, strict=True)]
        wish = {id(model): {"zipmap": False}} if hasattr(model, "predict_proba") else None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what it warns of is its own future
                found = skl2onnx.to_onnx(model, initial_types=types, options=wish)
        except Exception as error:  # it raises classes of several packages
            raise SpecError("imported.no_converter", path=self.path, library="skl2onnx",
                            problem=gist(error)) from error  # fmt: skip
        data: bytes = found.SerializeToString()
        return data

    def _near(
        self, graph: bytes, model: Any, said: NDArray[Any], sample: Sample, apart: Any
    ) -> bool:
        """Tell whether a graph answers as the estimator does, to a tenth of what is asked."""
        task = "classify" if is_classifier(model) else "regress"
        found = asked(plain(graph, self.path, task), self.path, sample, apart is not None)
        difference = np.abs(found.reshape(said.shape) - said).max()
        return bool(difference <= _NEAR * max(1e-12, np.abs(said).max()))


def _steps(model: Any) -> Iterator[Any]:
    """Yield the steps of a pipeline in order, or the estimator itself."""
    if not isinstance(model, Pipeline):
        yield model
        return
    for _, step in model.steps:
        if step is not None and step != "passthrough":
            yield from _steps(step)


def _table(model: Any, rows: Any, apart: Mapping[str, Any] | None) -> Any:
    """Return rows as an estimator was fitted with them: with its names, or as an array."""
    if apart is not None:
        return rows.rename(dict(zip(rows.columns, apart, strict=True)))
    array = rows.to_numpy() if isinstance(rows, pl.DataFrame) else rows
    names = getattr(model, "feature_names_in_", None)
    return array if names is None else pl.DataFrame(array, schema=list(map(str, names)))


def _reads(model: Any, row: Any) -> bool:
    """Tell whether an estimator can answer a row."""
    try:
        return bool(len(model.predict(row)))
    except (ValueError, TypeError):
        return False
