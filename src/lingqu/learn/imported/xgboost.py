"""XGBoost's own files: JSON and UBJSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import xgboost
from numpy.typing import NDArray

from lingqu.core.errors import SpecError, gist
from lingqu.core.nouns import Task
from lingqu.learn.imported.boosted import Link, link_graph, meant
from lingqu.learn.imported.model_file import ModelFile, refuse_pickle
from lingqu.learn.imported.original import Exported, Original, Sample
from lingqu.learn.tabular.xgboost import trees_of

_LINKS: Mapping[str, Link] = {
    "binary:logistic": "sigmoid", "reg:logistic": "sigmoid",
    "multi:softprob": "softmax", "multi:softmax": "softmax", "reg:squarederror": "identity",
    "reg:absoluteerror": "identity", "reg:pseudohubererror": "identity",
    "reg:quantileerror": "identity", "count:poisson": "exp", "reg:gamma": "exp",
    "reg:tweedie": "exp",
}  # fmt: skip


@dataclass
class XgBoostModel(ModelFile):
    """A booster as the JSON or UBJSON file that `save_model` writes.

    Example:
        >>> XgBoostModel("booster.json").path
        'booster.json'

    Source: Chen and Guestrin, "XGBoost", KDD 2016, doi:10.1145/2939672.2939785.
    """

    name: ClassVar[str] = "xgboost"
    library: ClassVar[str] = "xgboost"

    def read(self, place: Path, folder: Path, task: Task) -> Original:
        """Read the file."""
        refuse_pickle(place, "model.save_model('booster.json')")
        booster = xgboost.Booster({"nthread": 1})
        try:
            booster.load_model(bytearray(place.read_bytes()))
        except (xgboost.core.XGBoostError, ValueError) as error:
            raise SpecError("imported.not_a_model", path=self.path, what="XGBoost",
                            problem=gist(error)) from error  # fmt: skip
        raw = bytes(booster.save_raw("json"))
        learner = json.loads(raw)["learner"]
        form, kind = learner["objective"]["name"], learner["gradient_booster"]["name"]
        if form not in _LINKS or kind != "gbtree":
            raise SpecError("imported.other_form", path=self.path, what="XGBoost",
                            received=f"{kind} {form}", expected=", ".join(_LINKS))  # fmt: skip
        link = _LINKS[form]
        start = _start(learner["learner_model_param"], link)
        columns = booster.num_features()

        def export(sample: Sample) -> Exported:
            data = link_graph(trees_of(raw), columns, start, link)
            table = xgboost.DMatrix(sample.x, missing=np.nan, feature_names=booster.feature_names,
                                    feature_types=booster.feature_types)  # fmt: skip
            sums = booster.predict(table, output_margin=True)
            return Exported(data, _linked(np.asarray(sums, np.float64), link))

        facts = {"trees": booster.num_boosted_rounds(), "objective": form}
        return Original(export, tuple(booster.feature_names or ()), shape=(columns,),
                        means=meant(link), gaps=lambda row: True, facts=facts)  # fmt: skip


def _start(told: Mapping[str, Any], link: Link) -> NDArray[np.float64]:
    """Return what the sums start from, (K,): the base score before its link."""
    word = str(told["base_score"]).strip("[]")
    base = np.array([float(part) for part in word.split(",")], dtype=np.float64)
    outputs = max(1, int(told.get("num_class", 0)))
    if link == "sigmoid":
        base = np.log(base / (1 - base))
    elif link == "exp":
        base = np.log(base)
    return np.zeros(outputs) + base


def _linked(sums: NDArray[np.float64], link: Link) -> NDArray[np.float64]:
    """Return answers of margins: what `predict` says, also where it says labels alone."""
    if link == "sigmoid":
        return np.asarray(1 / (1 + np.exp(-sums)))
    if link == "exp":
        return np.asarray(np.exp(sums))
    if link == "softmax":
        powers = np.exp(sums - sums.max(1, keepdims=True))
        return np.asarray(powers / powers.sum(1, keepdims=True))
    return sums
