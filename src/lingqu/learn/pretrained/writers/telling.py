"""What all pre-trained models that write have in common while they learn.

Source: the loss on the answer alone: Raffel et al., 2019, arXiv:1910.10683, section 3.2.4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers.cache_utils import DynamicCache, DynamicLayer
from transformers.pytorch_utils import Conv1D

from lingqu.core.errors import SpecError, gist
from lingqu.core.nouns import Json
from lingqu.learn import device
from lingqu.learn.loop import Batch, Task
from lingqu.learn.pretrained.quiet import quiet
from lingqu.learn.pretrained.writers.folder import WriterFolder

LEFT_OUT = -100
"""Truth of the places that tell no token of an answer."""
HIDDEN = -1e9
"""Not −∞: a place before a text sees nothing, and its softmax would be NaN."""


class Writer(Protocol):
    """A net that writes: how it learns, how it goes on, and as what it is released."""

    @property
    def folder(self) -> WriterFolder:
        """Where it lies."""

    @property
    def reads(self) -> tuple[str, ...]:
        """Names of the rows' tensors that the net is called with."""

    @property
    def net(self) -> nn.Module:
        """The net with its weights."""

    @property
    def goes_on(self) -> bool:
        """Whether it was taught no sign that ends an answer, and goes on with the next line."""

    def rows(self, asked: Sequence[str], wanted: Sequence[str]) -> tuple[dict[str, Tensor], int]:
        """Return rows to learn from, and how many of them were cut short."""

    def read(self, *rows: Tensor) -> Tensor:
        """Go through the net once, as `device.work` counts it."""

    def told(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return scores and truth of the places that tell an answer, (A, V) and (A,)."""

    def step(self) -> nn.Module:
        """Return the net as a step from what it computed before."""

    def graph(self, bits: int, threads: int) -> bytes:
        """Return the step as a graph with weights of so many bits.

        Raises:
            TrainError: It cannot be written, or answers otherwise than the step.
        """

    def block(self, columns: Sequence[str]) -> dict[str, Json]:
        """Return what travels beside the graph."""


class Telling(Task):
    """A net that learns the answers, and of what was asked nothing.

    Of its weights only those that learn are kept from epoch to epoch: the others lie in a folder.

    Args:
        writer: The net.
    """

    def __init__(self, writer: Writer) -> None:
        super().__init__()
        self.net, self._writer = writer.net, writer

    def forward(self, *ids: Tensor) -> Any:
        return self._writer.read(*ids)

    def groups(self) -> dict[str, Sequence[nn.Parameter]]:
        return {"main": [each for each in self.parameters() if each.requires_grad]}

    def loss(self, batch: Batch) -> Tensor:
        scores, truth = self._writer.told(batch)
        return F.cross_entropy(scores, truth)

    def state_dict(self, *args: Any, **options: Any) -> Any:
        learnt = {name for name, each in self.named_parameters() if each.requires_grad}
        state = super().state_dict(*args, **options)
        return {name: value for name, value in state.items() if name in learnt}

    def load_state_dict(self, state_dict: Mapping[str, Any], *args: Any, **_: Any) -> Any:
        return super().load_state_dict(state_dict, strict=False)

    def judged(self, held: Sequence[Mapping[str, Tensor]]) -> dict[str, float]:
        """Measure on held-out rows: nats a token of the answers, and how many are told first."""
        where, loss, right, seen = device.place(self), 0.0, 0, 0
        with torch.inference_mode():
            for part in held:
                batch = {name: tensor.to(where) for name, tensor in part.items()}
                scores, truth = self._writer.told(batch)
                loss += float(F.cross_entropy(scores, truth, reduction="sum"))
                right += int((scores.argmax(1) == truth).sum())
                seen += len(truth)
        return {"valid_loss": loss / max(1, seen), "valid_score": right / max(1, seen)}


def loaded(folder: WriterFolder, kind: Any) -> Any:
    """Return the model of a folder with its weights in float32; no code of it is run.

    Args:
        folder: Where it lies.
        kind: Class of transformers that opens it.

    Raises:
        SpecError: The weights are not those of the configuration.
    """
    try:
        with quiet():
            model, facts = kind.from_pretrained(
                folder.path, local_files_only=True, use_safetensors=True, trust_remote_code=False,
                dtype=torch.float32, attn_implementation="eager", output_loading_info=True,
            )  # fmt: skip
    except (ValueError, KeyError, RuntimeError, OSError) as error:
        raise SpecError("pretrained.other_weights", path=folder.path.name,
                        problem=gist(error)) from error  # fmt: skip
    wrong = [str(each[0]) for each in facts.get("mismatched_keys", ())]
    lost = sorted(facts["missing_keys"])
    if lost or wrong:
        names = ", ".join([*(f"- {n}" for n in lost[:3]), *(f"≠ {n}" for n in wrong[:3])])
        raise SpecError("pretrained.other_weights", path=folder.path.name, problem=names)
    return with_linear(model).eval()


def with_linear(net: nn.Module) -> nn.Module:
    """Replace layers that GPT-2 keeps turned round by plain ones: adapters lie beside those."""
    for name, module in list(net.named_modules()):
        if isinstance(module, Conv1D):
            deep, wide = module.weight.shape
            plain = nn.Linear(deep, wide)
            plain.weight = nn.Parameter(module.weight.detach().T.contiguous())
            plain.bias = nn.Parameter(module.bias.detach())
            owner, _, own = name.rpartition(".")
            setattr(net.get_submodule(owner), own, plain)
    return net


def remembered(keys: Tensor, values: Tensor) -> DynamicCache:
    """Return what was computed before, (L, B, nh, P, hs) each, as the library wants it."""
    cache = DynamicCache()
    cache.layers = []
    for key, value in zip(keys.unbind(0), values.unbind(0), strict=True):
        layer = DynamicLayer()
        layer.keys, layer.values, layer.is_initialized = key, value, True
        layer.dtype, layer.device = key.dtype, key.device
        cache.layers.append(layer)
    return cache


def kept(cache: DynamicCache) -> tuple[Tensor, Tensor]:
    """Return keys and values of all layers, (L, B, nh, P, hs) each."""
    layers: Any = cache.layers
    return torch.stack([each.keys for each in layers]), torch.stack(
        [each.values for each in layers]
    )


def asks(step: nn.Module) -> Any:
    """Return what asks a step as a release asks its graph: names of outputs, tensors → arrays."""
    places = {name: place for place, name in enumerate(step.told)}  # type: ignore[arg-type]

    def run(names: Sequence[str], feeds: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
        with torch.inference_mode():
            found = step(*(torch.from_numpy(feeds[name]) for name in step.given))  # type: ignore[union-attr]
        return [found[places[name]].numpy().copy() for name in names]

    return run
