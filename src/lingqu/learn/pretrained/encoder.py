"""A pre-trained encoder as a net: what the columns of an encoding hold → one vector a row.

Source: Devlin et al., "BERT", 2018, arXiv:1810.04805; Dosovitskiy et al., "An image is worth 16x16
words", 2020, arXiv:2010.11929; the mean of all places as the vector of a text: Reimers and
Gurevych, "Sentence-BERT", 2019, arXiv:1908.10084.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import AutoModel

from lingqu.core.errors import SpecError, gist
from lingqu.learn.deep.attention import mean_of
from lingqu.learn.pretrained import lite, voice
from lingqu.learn.pretrained.coded import with_codes
from lingqu.learn.pretrained.folder import Folder
from lingqu.learn.pretrained.quiet import quiet

Pooling = Literal["mean", "first"]
_OWN: Mapping[str, type[nn.Module]] = {lite.KIND: lite.Lite0, voice.KIND: voice.Voice}
_UNUSED = re.compile(r"pooler|masked_spec_embed|^decoder\.")
"""Weights that may be missing: nobody asks for what they make."""


class Reader(nn.Module):
    """Pieces of texts → vectors, (B, T) → (B, C).

    Args:
        body: Reads numbers of pieces.
        pooling: How one vector is made of those of all pieces.
    """

    def __init__(self, body: nn.Module, pooling: Pooling) -> None:
        super().__init__()
        self.body, self.pooling = body, pooling
        config: Any = body.config
        self.width = int(getattr(config, "hidden_size", 0) or config.dim)
        self.nothing = int(config.pad_token_id or 0)

    def forward(self, x: Tensor) -> Tensor:
        ids, there = mask_and_numbers(x, self.nothing)
        found = self.body(input_ids=ids, attention_mask=there.to(torch.int64)).last_hidden_state
        if self.pooling == "first":
            first: Tensor = found[:, 0]
            return first
        return mean_of(found, there)


class Viewer(nn.Module):
    """Pictures of any size → vectors, (B, C·H·W) of 0 to 1 → (B, D).

    Args:
        body: Sees pictures of one size.
        shape: Of the pictures, (C, H, W).
        told: What the folder says of pictures: size, mean, deviation.
        pooling: How one vector is made of those of all patches.
    """

    def __init__(
        self, body: nn.Module, shape: tuple[int, ...], told: Mapping[str, Any], pooling: Pooling
    ) -> None:
        super().__init__()
        self.body, self.shape, self.told, self.pooling = body, shape, told, pooling
        with torch.inference_mode():
            self.width = int(self(torch.zeros(1, shape[0] * shape[1] * shape[2])).shape[1])

    def forward(self, x: Tensor) -> Tensor:
        out = self.body(given(x, self.shape, self.told))
        found: Tensor = out if isinstance(out, Tensor) else out.last_hidden_state
        if found.dim() == 4:  # (B, C, h, w)
            return found.mean((2, 3))
        if found.dim() == 2:
            return found
        return found[:, 0] if self.pooling == "first" else found.mean(1)


def mask_and_numbers(x: Tensor, nothing: int) -> tuple[Tensor, Tensor]:
    """Return the numbers of pieces as a model has them, and where there are any, (B, T) each.

    Args:
        x: As the tensor holds them: counted from 1, since 0 is no piece.
        nothing: What stands behind the end of a text.

    Example:
        >>> mask_and_numbers(torch.tensor([[4.0, 1.0, 0.0]]), 9)[0].tolist()
        [[3, 0, 9]]
    """
    ids = x.to(torch.int64) - 1
    there = ids >= 0
    return torch.where(there, ids, torch.full_like(ids, nothing)), there


def given(x: Tensor, shape: tuple[int, ...], told: Mapping[str, Any]) -> Tensor:
    """Return pictures in the size, colours and scale in which a model sees them, (B, 3, H, W).

    Args:
        x: Of 0 to 1, (B, C·H·W).
        shape: Of the pictures, (C, H, W).
        told: What the folder says of pictures.
    """
    x, size = x.view(-1, *shape), sides(told)
    mean, deviation = (
        torch.tensor(told.get(key) or [0.5] * 3, device=x.device).view(1, -1, 1, 1)
        for key in ("image_mean", "image_std")
    )
    if shape[0] != mean.shape[1]:  # grey pictures: the same in every colour
        x = x[:, :1].expand(-1, mean.shape[1], -1, -1)
    if shape[1:] != size:
        x = F.interpolate(x, size=size, mode="bilinear", align_corners=False)
    return (x - mean) / deviation


def sides(told: Mapping[str, Any]) -> tuple[int, int]:
    """Return the height and width that a folder says its pictures have.

    Example:
        >>> sides({"size": {"height": 32, "width": 24}}), sides({"size": {"shortest_edge": 64}})
        ((32, 24), (64, 64))
    """
    size = told.get("crop_size") or told.get("size") or 224
    if isinstance(size, int):
        return size, size
    edge = size.get("shortest_edge", 224)
    return int(size.get("height", edge)), int(size.get("width", edge))


def body_of(folder: Folder) -> nn.Module:
    """Return the model of a folder with its weights in float32; no code of it is run.

    Raises:
        SpecError: The weights are not those of the configuration.
    """
    kind = folder.config["model_type"]
    if kind in _OWN:
        net = _OWN[kind]()
        net.load_state_dict(load_file(folder.weights[0]))
        return net.eval()
    try:
        with quiet():
            body, facts = AutoModel.from_pretrained(
                folder.path, local_files_only=True, use_safetensors=True, trust_remote_code=False,
                dtype=torch.float32, attn_implementation="eager", output_loading_info=True,
            )  # fmt: skip
    except (ValueError, KeyError, RuntimeError, OSError) as error:
        raise SpecError("pretrained.other_weights", path=folder.path.name,
                        problem=gist(error)) from error  # fmt: skip
    lost = sorted(name for name in facts["missing_keys"] if not _UNUSED.search(name))
    wrong = [str(each[0]) for each in facts.get("mismatched_keys", ())]
    if lost or wrong:
        names = ", ".join([*(f"- {n}" for n in lost[:3]), *(f"≠ {n}" for n in wrong[:3])])
        raise SpecError("pretrained.other_weights", path=folder.path.name, problem=names)
    pooler = getattr(body, "pooler", None)
    if pooler is not None and any(True for _ in pooler.parameters()):
        body.pooler = None  # nobody asks it, and it may not even have been trained
    return with_codes(body).eval()
