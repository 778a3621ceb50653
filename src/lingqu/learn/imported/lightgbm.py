"""LightGBM's own text files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import lightgbm
import numpy as np

from lingqu.core.errors import SpecError, gist
from lingqu.core.nouns import Task
from lingqu.learn.imported.boosted import Link, link_graph, meant
from lingqu.learn.imported.model_file import ModelFile, refuse_pickle
from lingqu.learn.imported.original import Exported, Original, Sample
from lingqu.learn.tabular.lightgbm import trees_of

_LINKS: Mapping[str, Link] = {
    "binary": "sigmoid", "cross_entropy": "sigmoid", "multiclass": "softmax",
    "multiclassova": "sigmoids", "poisson": "exp", "gamma": "exp", "tweedie": "exp",
    "regression": "identity", "regression_l1": "identity", "huber": "identity", "fair": "identity",
    "quantile": "identity", "mape": "identity",
}  # fmt: skip


@dataclass
class LightGbmModel(ModelFile):
    """A booster as the text file that `Booster.save_model` writes.

    Example:
        >>> LightGbmModel("booster.txt").path
        'booster.txt'

    Source: Ke et al., "LightGBM", NeurIPS 2017.
    """

    name: ClassVar[str] = "lightgbm"
    library: ClassVar[str] = "lightgbm"

    def read(self, place: Path, folder: Path, task: Task) -> Original:
        """Read the file."""
        refuse_pickle(place, "booster.save_model('booster.txt')")
        try:
            words = place.read_text(encoding="utf-8")
            booster = lightgbm.Booster(model_str=words)
        except (UnicodeDecodeError, lightgbm.basic.LightGBMError) as error:
            raise SpecError("imported.not_a_model", path=self.path, what="LightGBM",
                            problem=gist(error)) from error  # fmt: skip
        head = _head(words)
        form, *rest = head.get("objective", "").split()
        if form not in _LINKS or "is_linear=1" in words or "average_output" in head:
            raise SpecError("imported.other_form", path=self.path, what="LightGBM",
                            received=form or "-", expected=", ".join(_LINKS))  # fmt: skip
        link = "square" if "sqrt" in rest else _LINKS[form]
        slope = next((float(w.partition(":")[2]) for w in rest if w.startswith("sigmoid:")), 1.0)
        outputs = booster.num_model_per_iteration()
        columns = booster.num_feature()

        def export(sample: Sample) -> Exported:
            data = link_graph(trees_of(words), columns, np.zeros(outputs), link, slope)
            said = np.asarray(booster.predict(sample.x.astype(np.float64), num_threads=1))
            # Each against the rest, these do not sum to 1 as probabilities do.
            return Exported(data, said / said.sum(1, keepdims=True) if link == "sigmoids" else said)

        names = booster.feature_name()
        own = () if names == [f"Column_{i}" for i in range(columns)] else tuple(names)
        facts = {"trees": booster.num_trees(), "objective": form}
        return Original(export, own, (), _levels(words, booster, names), (columns,),
                        means=meant(link), gaps=lambda row: True, facts=facts)  # fmt: skip


def _head(words: str) -> dict[str, str]:
    lines = words.partition("\nTree=")[0].splitlines()
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


def _levels(words: str, booster: Any, names: list[str]) -> dict[str, tuple[str, ...]]:
    """Return the levels of categories that pandas told when it was trained."""
    told = words.rpartition("pandas_categorical:")[2].strip().splitlines()
    known = json.loads(told[0]) if told and told[0].startswith("[") else []
    infos = _head(words).get("feature_infos", "").split()
    # A category is described by its codes, `0:1:2`; a number by its range, `[0:2]`.
    asking = [n for n, info in zip(names, infos, strict=False) if info[:1] not in "[n"]
    return {name: tuple(map(str, levels)) for name, levels in zip(asking, known, strict=False)}
