"""Classifiers and regressors of Hugging Face, of texts or pictures: a folder, with its head."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import (
    AutoModelForImageClassification,
    AutoModelForSequenceClassification,
    AutoTokenizer,
)

from lingqu.core.errors import SpecError, gist
from lingqu.core.nouns import Dataset, Json, Task
from lingqu.learn.deep.export import exported
from lingqu.learn.imported.model_file import ModelFile
from lingqu.learn.imported.original import Exported, Original, Output, Sample
from lingqu.learn.imported.reading import Reading
from lingqu.learn.pretrained.encoder import given, mask_and_numbers
from lingqu.learn.pretrained.folder import Folder
from lingqu.learn.pretrained.quiet import quiet
from lingqu.learn.pretrained.rows import reading
from lingqu.release.pieces import joined

_HEADS = {"text": "ForSequenceClassification", "image": "ForImageClassification"}
_UNNAMED = "LABEL_"
"""How the library calls classes to which nobody gave a name."""


@dataclass
class HuggingFace(ModelFile):
    """A folder with a trained classifier or regressor of texts or of pictures.

    Its ``id2label`` names the classes. The graph is compared with the library, which cuts the
    texts into pieces by itself. Nothing is downloaded, no code of the folder is run, and answering
    rows needs `tokenizers` and ONNX Runtime only.

    Args:
        context: Most pieces of a text that are read, longer ones are cut; 0 for as many as the
            model reads: then longer texts are refused.

    Example:
        >>> HuggingFace("models/mood").context
        0

    Source: Wolf et al., "Transformers", 2020, arXiv:1910.03771.
    """

    name: ClassVar[str] = "huggingface"
    library: ClassVar[str] = "transformers"

    context: int = field(default=0, kw_only=True)

    def read(self, place: Path, folder: Path, task: Task) -> Original:
        """Read the folder with its head."""
        opened = Folder.opened(place)
        body = _body(opened, self.path)
        labels = _labels(body.config)
        means: Output = "values" if task == "regress" else "logits"
        net = _Answers(body, opened)

        def read(train: Dataset) -> Reading:
            found = reading(self._of_columns(train, opened.reads), opened, self.context)
            net.shape = found.shape
            nothing = np.asarray(np.nan, dtype=np.float32)
            return Reading(found.encoding, found.read, nothing, {}, found.notes)

        def export(sample: Sample) -> Exported:
            x = torch.from_numpy(sample.x)
            if opened.reads == "text":
                texts = joined(sample.frame.get_columns())
                said = _asked(body, opened, texts, self.context or opened.longest)
            else:
                with torch.inference_mode():
                    said = net(x).numpy()
            return Exported(exported(net, x, "x"), said)

        facts: dict[str, Json] = {
            "kind": opened.config["model_type"],
            "parameters": sum(p.numel() for p in body.parameters()),
        }
        classes = labels if task == "classify" else ()
        return Original(export, classes=classes, means=means, facts=facts, reading=read)

    def _of_columns(self, train: Dataset, reads: str) -> Dataset:
        """Return rows with the columns that the model reads alone."""
        features = train.schema.features
        own = [column.name for column in features if column.kind == reads]
        wanted = [str(name) for name in self.columns] or own
        others = [column.name for column in features if column.name not in wanted]
        return Dataset(train.frame, train.schema.without(others), train.name)


class _Answers(nn.Module):
    """The tensor of an encoding → what a classifier says, (B, W) → (B, K)."""

    def __init__(self, body: Any, folder: Folder) -> None:
        super().__init__()
        self.body, self.told = body, folder.preparation
        self.shape: tuple[int, ...] = ()

    def forward(self, x: Tensor) -> Tensor:
        if self.shape:
            out: Tensor = self.body(given(x, self.shape, self.told)).logits
            return out
        ids, there = mask_and_numbers(x, int(self.body.config.pad_token_id or 0))
        said: Tensor = self.body(input_ids=ids, attention_mask=there.to(torch.int64)).logits
        return said


def _body(folder: Folder, path: str) -> Any:
    """Return the model with its head.

    Raises:
        SpecError: The folder holds no head, or other weights.
    """
    if folder.reads == "audio":
        raise SpecError("pretrained.sound_with_head", path=path,
                        received=folder.config["model_type"])  # fmt: skip
    head = _HEADS[folder.reads]
    named = ", ".join(folder.config.get("architectures") or ["-"])
    if not named.endswith(head):
        raise SpecError("pretrained.no_head", path=path, received=named, expected=f"…{head}")
    kinds: dict[str, Callable[..., Any]] = {
        "text": AutoModelForSequenceClassification.from_pretrained,
        "image": AutoModelForImageClassification.from_pretrained,
    }
    try:
        with quiet():
            body, facts = kinds[folder.reads](
                folder.path, local_files_only=True, use_safetensors=True, trust_remote_code=False,
                dtype=torch.float32, attn_implementation="eager", output_loading_info=True,
            )  # fmt: skip
    except (ValueError, KeyError, RuntimeError, OSError) as error:
        raise SpecError("pretrained.other_weights", path=path, problem=gist(error)) from error
    if lost := sorted(facts["missing_keys"]):
        raise SpecError("pretrained.other_weights", path=path, problem=f"- {', '.join(lost[:4])}")
    return body.eval()


def _labels(config: Any) -> tuple[str, ...]:
    """Return the names of the classes in their order, or nothing where they have none."""
    names = tuple(str(config.id2label[place]) for place in range(config.num_labels))
    return () if all(name.startswith(_UNNAMED) for name in names) else names


def _asked(body: Any, folder: Folder, texts: list[str], most: int) -> NDArray[Any]:
    """Return what the library says of texts, each cut into pieces by its own tokeniser."""
    with quiet():
        tokenizer = AutoTokenizer.from_pretrained(folder.path, local_files_only=True)
    parts = []
    for text in texts:
        read = tokenizer(text, truncation=True, max_length=most, return_tensors="pt")
        with torch.inference_mode():
            parts.append(body(**read).logits.numpy())
    return np.concatenate(parts)
