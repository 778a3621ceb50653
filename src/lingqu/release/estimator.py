"""A release as a fitted estimator of scikit-learn: its tools read it, nothing fits it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.validation import check_array

from lingqu.core.errors import SpecError
from lingqu.core.nouns import CLASSES
from lingqu.release.frames import door, to_polars
from lingqu.release.release import Release

_FLAGS = {"false": False, "true": True}


class _Frozen(BaseEstimator):  # type: ignore[misc]
    """What classifier and regressor share.

    Args:
        release: It.
    """

    def __init__(self, release: Release) -> None:
        self.release = release

    @property
    def n_features_in_(self) -> int:
        """How many columns are asked for."""
        return len(self.feature_names_in_)

    @property
    def feature_names_in_(self) -> NDArray[Any]:
        """The columns that are asked for; an array without names is read in this order."""
        return np.array([column.name for column in self.release.schema.inputs], dtype=object)

    def fit(self, X: Any, y: Any = None, **_: Any) -> _Frozen:
        """Return the estimator as it is: a release never changes."""
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_clone__(self) -> _Frozen:
        return self

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        return tags

    def __getstate__(self) -> dict[str, Any]:
        # A session of the graph cannot go to another process: the folder is opened there.
        return {"folder": str(self.release.folder)}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.release = Release.open(state["folder"])

    def _frame(self, X: Any) -> pl.DataFrame:
        if door(X):
            return to_polars(X)
        read = check_array(X, dtype=None, ensure_all_finite=False)
        if read.shape[1] != self.n_features_in_:
            # In the words that the tools of scikit-learn look for.
            raise ValueError(
                f"X has {read.shape[1]} features, but {type(self).__name__} is expecting "
                f"{self.n_features_in_} features as input."
            )
        names = self.feature_names_in_.tolist()
        columns = {n: read[:, i] for i, n in enumerate(names)}
        if read.dtype == object:
            return to_polars({name: cells.tolist() for name, cells in columns.items()})
        return pl.DataFrame(columns)


class ReleaseClassifier(ClassifierMixin, _Frozen):  # type: ignore[misc]
    """A release that answers with classes, as scikit-learn expects a fitted classifier.

    Classes that are whole numbers or true and false are told as such, and in their order.
    """

    @property
    def classes_(self) -> NDArray[Any]:
        """The classes, sorted."""
        return np.sort(_labels(self.release.classes))

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the class of each row, shape (N,)."""
        said = self.release.answer(self._frame(X))
        found: NDArray[Any] = _labels(self.release.classes)[said.labels.astype(np.int64)]
        return found

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probability of each of `classes_`, shape (N, K)."""
        said = self.release.answer(self._frame(X)).probabilities
        assert said is not None
        return said[:, np.argsort(_labels(self.release.classes))]


class ReleaseRegressor(RegressorMixin, _Frozen):  # type: ignore[misc]
    """A release that answers with values, as scikit-learn expects a fitted regressor."""

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Return the value of each row, shape (N,)."""
        return self.release.answer(self._frame(X)).labels.astype(np.float64)


def estimator_of(release: Release) -> ReleaseClassifier | ReleaseRegressor:
    """Return a release as a fitted estimator.

    Raises:
        SpecError: It answers neither with classes nor with one value a row.
    """
    if release.task in CLASSES - {"verify"}:
        return ReleaseClassifier(release)
    if release.task == "regress":
        return ReleaseRegressor(release)
    raise SpecError("use.no_estimator", task=release.task, name=release.name)


def _labels(classes: tuple[str, ...]) -> NDArray[Any]:
    """Return classes as people have them in `y`: whole numbers, true and false, or texts.

    Example:
        >>> _labels(("0", "10")).tolist(), _labels(("no", "yes")).tolist()
        ([0, 10], ['no', 'yes'])
    """
    if set(classes) == set(_FLAGS):
        return np.array([_FLAGS[name] for name in classes])
    if all(name.lstrip("-").isdecimal() and str(int(name)) == name for name in classes):
        return np.array([int(name) for name in classes])
    return np.array(classes)
