"""CatBoost's own files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import catboost
import numpy as np

from lingqu.core.errors import SpecError, gist
from lingqu.core.nouns import Task
from lingqu.learn.imported.boosted import Link, link_graph, meant
from lingqu.learn.imported.model_file import ModelFile, refuse_pickle
from lingqu.learn.imported.original import Exported, Original, Sample
from lingqu.learn.tabular.catboost import symmetric_trees

_LINKS: Mapping[str, Link] = {
    "Logloss": "sigmoid", "CrossEntropy": "sigmoid", "MultiClass": "softmax", "RMSE": "identity",
    "MAE": "identity", "Quantile": "identity", "Huber": "identity", "Poisson": "exp",
    "Tweedie": "exp",
}  # fmt: skip


@dataclass
class CatBoostModel(ModelFile):
    """A model of symmetric trees on numbers as the `.cbm` file that `save_model` writes.

    Example:
        >>> CatBoostModel("model.cbm").path
        'model.cbm'

    Source: Prokhorenkova et al., "CatBoost", NeurIPS 2018, arXiv:1706.09516.
    """

    name: ClassVar[str] = "catboost"
    library: ClassVar[str] = "catboost"

    def read(self, place: Path, folder: Path, task: Task) -> Original:
        """Read the file."""
        refuse_pickle(place, "model.save_model('model.cbm')")
        learner = catboost.CatBoost()
        try:
            learner.load_model(str(place), format="json" if place.suffix == ".json" else "cbm")
        except catboost.CatBoostError as error:
            raise SpecError("imported.not_a_model", path=self.path, what="CatBoost",
                            problem=gist(error)) from error  # fmt: skip
        form = str(learner.get_all_params().get("loss_function", "-"))
        policy = learner.get_all_params().get("grow_policy", "SymmetricTree")
        link = _LINKS.get(form.partition(":")[0])
        if link is None or policy != "SymmetricTree" or learner.get_cat_feature_indices():
            received = "categories" if learner.get_cat_feature_indices() else f"{policy} {form}"
            raise SpecError("imported.other_form", path=self.path, what="CatBoost",
                            received=received, expected=", ".join(_LINKS))  # fmt: skip
        names = learner.feature_names_
        classes = tuple(str(name) for name in learner.classes_)
        outputs = len(classes) if link == "softmax" else 1

        def export(sample: Sample) -> Exported:
            trees, start, _ = symmetric_trees(learner, outputs)
            graph = link_graph(trees, len(names), start, link)
            return Exported(graph, _said(learner, sample, link))

        facts = {"trees": int(learner.tree_count_), "loss": form}
        own = () if names == [str(i) for i in range(len(names))] else tuple(names)
        return Original(export, own, classes, shape=(len(names),), means=meant(link),
                        gaps=lambda row: True, facts=facts)  # fmt: skip


def _said(learner: Any, sample: Sample, link: Link) -> Any:
    forms = {"sigmoid": "Probability", "softmax": "Probability", "exp": "Exponent"}
    form = forms.get(link, "RawFormulaVal")
    said = np.asarray(learner.predict(sample.x, prediction_type=form, thread_count=1))
    return said[:, 1] if link == "sigmoid" else said
