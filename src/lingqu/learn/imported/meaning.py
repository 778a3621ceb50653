"""What the numbers of a model mean, twice: in numpy and as nodes of a graph.

Which class is which output is settled here once: the graph that is released gives probabilities
in the order of the target's classes, whatever order the model was trained with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, ValueInfoProto

from lingqu.core.errors import SpecError
from lingqu.core.i18n import Language, both
from lingqu.learn.imported.feed import PREFIX, Nodes
from lingqu.learn.imported.model_file import ModelFile
from lingqu.learn.imported.original import Original, Output
from lingqu.learn.imported.plain import Plain

Kind = Literal["values", "probabilities", "logits", "labels"]
_NEAR = 1e-3
"""How far rows may be from summing to 1 and still be probabilities."""
_TRUTHS = {"0": "false", "1": "true"}


@dataclass(frozen=True)
class Meaning:
    """How answers of a model become those of a release.

    Args:
        kind: What its numbers are.
        outputs: How many numbers it says of a row; 1 of two classes is the second one's.
        order: Of each class of the target its place among the model's classes, -1 where the
            model does not know it; empty for values.
        labels: The model's classes in their order, where it says nothing but labels.
        notes: What was taken for granted, in both languages.
    """

    kind: Kind
    outputs: int = 1
    order: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()
    notes: tuple[Mapping[Language, str], ...] = ()

    def answers(self, said: NDArray[Any]) -> NDArray[np.float64]:
        """Return what the model says as values (N, 1) or probabilities (N, K)."""
        if self.kind == "values":
            return np.asarray(said, dtype=np.float64).reshape(-1, 1)
        if self.kind == "labels":
            names = np.array([_name(label) for label in said.ravel().tolist()])
            scores = (names[:, None] == np.array(self.labels)).astype(np.float64)
        else:
            scores = _chances(np.asarray(said, np.float64).reshape(-1, self.outputs), self.kind)
        known = np.column_stack([scores, np.zeros(len(scores))])[:, list(self.order)]
        return np.asarray(known / known.sum(1, keepdims=True), dtype=np.float64)

    def nodes(self, output: ValueInfoProto, ml_version: int) -> Nodes:
        """Return the nodes from the output of the model to that of a release.

        Args:
            output: It.
            ml_version: Version of `ai.onnx.ml` in the graph that it belongs to.
        """
        made, x = Nodes("out/"), PREFIX + output.name
        if self.kind == "values":
            x = made.node("Cast", x, to=TensorProto.FLOAT)
            made.node("Reshape", x, made.constant([-1, 1], np.int64), named="values")
            return made
        if self.kind == "labels":
            x = self._labelled(made, x, output.type.tensor_type.elem_type, ml_version)
        else:
            x = self._scored(made, x)
        width = max(2, self.outputs, len(self.labels))
        if -1 in self.order:  # a class that the model does not know
            x = made.node("Pad", x, made.constant([0, 0, 0, 1], np.int64))
        places = [place if place >= 0 else width for place in self.order]
        x = made.node("Gather", x, made.constant(places, np.int64), axis=1)
        whole = made.node("ReduceSum", x, made.constant([1], np.int64), keepdims=1)
        made.node("Div", x, whole, named="probabilities")
        return made

    def _labelled(self, made: Nodes, x: str, kind: int, ml_version: int) -> str:
        """Add nodes from labels (N,) to zeros and ones (N, K)."""
        x = made.node("Reshape", x, made.constant([-1, 1], np.int64))
        if kind == TensorProto.STRING:
            keys: dict[str, Any] = {"classes_strings": list(self.labels)}
            if ml_version > 1:
                places = list(range(len(self.labels)))
                keys = {"keys_strings": list(self.labels), "values_int64s": places}
            x = made.node("LabelEncoder", x, domain="ai.onnx.ml", default_int64=-1, **keys)
            codes = list(range(len(self.labels)))
        else:
            x = made.node("Cast", x, to=TensorProto.INT64)
            codes = [int(label) for label in self.labels]
        x = made.node("Equal", x, made.constant([codes], np.int64))
        return made.node("Cast", x, to=TensorProto.FLOAT)

    def _scored(self, made: Nodes, x: str) -> str:
        """Add nodes from scores to the probabilities of the model's classes, (N, K)."""
        x = made.node("Cast", x, to=TensorProto.FLOAT)
        x = made.node("Reshape", x, made.constant([-1, self.outputs], np.int64))
        if self.outputs > 1:
            return made.node("Softmax", x, axis=1) if self.kind == "logits" else x
        x = made.node("Sigmoid", x) if self.kind == "logits" else x
        other = made.node("Sub", made.constant([1.0], np.float32), x)
        return made.node("Concat", other, x, axis=1)


def _chances(scores: NDArray[np.float64], kind: Kind) -> NDArray[np.float64]:
    """Return probabilities (N, K) of scores (N, K), or (N, 1) of the second of two classes."""
    if scores.shape[1] == 1:
        second = 1 / (1 + np.exp(-scores)) if kind == "logits" else scores
        return np.column_stack([1 - second, second])
    if kind == "probabilities":
        return scores
    powers = np.exp(scores - scores.max(1, keepdims=True))
    return np.asarray(powers / powers.sum(1, keepdims=True), dtype=np.float64)


def value_meaning(file: ModelFile, said: NDArray[Any]) -> Meaning:
    """Return what the answers of a regression mean.

    Raises:
        SpecError: They are not one number a row.
    """
    if file.output not in ("auto", "values"):
        raise SpecError("imported.output_task", path=file.path, output=file.output, task="regress",
                        expected="values")  # fmt: skip
    if said.size != len(said) or said.dtype.kind not in "fiu":
        raise SpecError("imported.many_values", path=file.path, received=said.size // len(said))
    return Meaning("values")


def class_meaning(
    file: ModelFile, original: Original, found: Plain, said: NDArray[Any], classes: Sequence[str]
) -> Meaning:
    """Return what the answers of a classification mean.

    Args:
        file: What the channel says.
        original: What the model says of itself.
        found: Its graph, which may name its classes too.
        said: Its answers to some rows, (N,) or (N, K).
        classes: Classes of the target.

    Raises:
        SpecError: The answers may mean several things, or are of other classes.
    """
    if file.output == "values":
        raise SpecError("imported.output_task", path=file.path, output="values", task="classify",
                        expected="probabilities, logits, labels")  # fmt: skip
    outputs = max(1, said.size // len(said))
    told = [_name(name) for name in (file.classes or original.classes or found.classes)]
    if found.labels or file.output == "labels":
        told = told or list(dict.fromkeys(_name(label) for label in said.ravel().tolist()))
        order, notes = _order(file, told, classes)
        return Meaning("labels", 1, order, tuple(told), notes)
    kind, said_so = _scores_are(file, original.means, said.reshape(len(said), outputs))
    known = max(2, outputs)
    if not told:
        if known != len(classes):
            raise SpecError("imported.class_count", path=file.path, received=known,
                            expected=len(classes), names=", ".join(classes[:20]))  # fmt: skip
        told = list(classes)
        said_so = [*said_so, both("imported.note_classes", names=", ".join(classes[:20]))]
    if len(told) != known:
        raise SpecError("imported.class_count", path=file.path, received=known,
                        expected=len(told), names=", ".join(told[:20]))  # fmt: skip
    order, notes = _order(file, told, classes)
    return Meaning(kind, outputs, order, (), (*said_so, *notes))


def _scores_are(
    file: ModelFile, means: Output, scores: NDArray[Any]
) -> tuple[Kind, list[Mapping[Language, str]]]:
    """Return whether scores are probabilities or logits, and a note where that was seen."""
    means = means if file.output == "auto" else file.output
    if means in ("probabilities", "logits"):
        return cast(Kind, means), []
    inside = bool((scores >= -_NEAR).all() and (scores <= 1 + _NEAR).all())
    if scores.shape[1] == 1 and inside:
        return "probabilities", [both("imported.note_second")]
    if scores.shape[1] > 1 and inside and np.abs(scores.sum(1) - 1).max() < _NEAR:
        return "probabilities", []
    if inside:
        low, high = scores.sum(1).min(), scores.sum(1).max()
        raise SpecError("imported.which_meaning", path=file.path, low=float(low), high=float(high))
    low, high = float(scores.min()), float(scores.max())
    return "logits", [both("imported.note_logits", low=low, high=high)]


def _order(
    file: ModelFile, told: Sequence[str], classes: Sequence[str]
) -> tuple[tuple[int, ...], tuple[Mapping[Language, str], ...]]:
    """Return the place of each class of the target among those of the model, and notes."""
    truths = set(classes) == set(_TRUTHS.values())
    meant = [_TRUTHS.get(name, name.lower()) if truths else name for name in told]
    own = [_name(name) for name in classes]
    strange = [name for name in meant if name not in own]
    if strange or len(set(meant)) < len(meant):
        raise SpecError("imported.other_classes", path=file.path, received=", ".join(told[:20]),
                        expected=", ".join(classes[:20]))  # fmt: skip
    order = tuple(meant.index(name) if name in meant else -1 for name in own)
    lost = [name for name, place in zip(classes, order, strict=True) if place < 0]
    return order, ((both("imported.note_unknown", names=", ".join(lost)),) if lost else ())


def _name(label: Any) -> str:
    """Return a class as text, alike for 1, 1.0 and "1".

    Example:
        >>> _name(1.0), _name("spam"), _name(True)
        ('1', 'spam', 'true')
    """
    if isinstance(label, bool):
        return str(label).lower()
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    return str(label)
