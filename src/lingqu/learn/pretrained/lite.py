"""EfficientNet-Lite0: a small net of pictures, and how its weights become a folder.

The weights come as a `.pth`, which is a pickle: it is read once, by torch's reader that builds
tensors only and runs nothing, and kept as safetensors.

Source: Tan and Le, "EfficientNet", 2019, arXiv:1905.11946; without squeezing and with ReLU6 for
small machines: Liu, "EfficientNet-Lite", Google, 2020.
"""

from __future__ import annotations

import json
import math
import pickle
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor, nn

from lingqu.core.errors import SpecError, gist
from lingqu.learn.pretrained.converted import converted

KIND = "efficientnet-lite0"
SIDE = 224
_BLOCKS = (
    (1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192), (1, 3, 1, 6, 320),
)  # fmt: skip
"""Repeats, kernel, stride of the first, widening, channels of each stage."""
_FIRST, _LAST = 32, 1280


class Same(nn.Conv2d):
    """A convolution whose answer has as many pixels as the stride leaves of a picture.

    Where an odd number of pixels is added, there is one more on the right and below.
    """

    def __init__(
        self, inner: int, outer: int, kernel: int, stride: int, side: int, groups: int = 1
    ):
        super().__init__(inner, outer, kernel, stride, groups=groups, bias=False)
        more = max((math.ceil(side / stride) - 1) * stride + kernel - side, 0)
        self.edges = [more // 2, more - more // 2] * 2

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.pad(x, self.edges) if any(self.edges) else x)


class Block(nn.Module):
    """Widen, look at each channel, narrow again; add what came in, where it has the same shape."""

    def __init__(
        self, inner: int, outer: int, kernel: int, stride: int, wide: int, side: int
    ) -> None:
        super().__init__()
        middle, self.adds = inner * wide, stride == 1 and inner == outer
        self.widens = wide > 1
        if self.widens:
            self.expand_conv, self.bn0 = Same(inner, middle, 1, 1, side), _norm(middle)
        self.depthwise_conv = Same(middle, middle, kernel, stride, side, groups=middle)
        self.bn1 = _norm(middle)
        self.project_conv, self.bn2 = Same(middle, outer, 1, 1, side), _norm(outer)

    def forward(self, x: Tensor) -> Tensor:
        wide = F.relu6(self.bn0(self.expand_conv(x))) if self.widens else x
        seen = F.relu6(self.bn1(self.depthwise_conv(wide)))
        out: Tensor = self.bn2(self.project_conv(seen))
        return x + out if self.adds else out


class Lite0(nn.Module):
    """Pictures → what is seen at 7 × 7 places, (B, 3, 224, 224) → (B, 1280, 7, 7).

    Example:
        >>> sum(weight.numel() for weight in Lite0().parameters())
        3371008
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv_stem, self.bn0 = Same(3, _FIRST, 3, 2, SIDE), _norm(_FIRST)
        blocks, inner, side = [], _FIRST, SIDE // 2
        for repeats, kernel, stride, wide, outer in _BLOCKS:
            for turn in range(repeats):
                step = stride if turn == 0 else 1
                blocks.append(Block(inner, outer, kernel, step, wide, side))
                inner, side = outer, side // step
        self.blocks = nn.ModuleList(blocks)
        self.conv_head, self.bn1 = Same(inner, _LAST, 1, 1, side), _norm(_LAST)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu6(self.bn0(self.conv_stem(x)))  # (B, 32, 112, 112)
        for block in self.blocks:
            x = block(x)
        return F.relu6(self.bn1(self.conv_head(x)))


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


def as_folder(file: Path) -> Path:
    """Return a folder with the weights of such a file as safetensors.

    Raises:
        SpecError: It holds something else than tensors, or those of another net.

    Source: Tan and Le, 2019, arXiv:1905.11946.
    """
    return converted(file, KIND, _make)


def _make(file: Path, folder: Path) -> None:
    try:
        read = torch.load(file, map_location="cpu", weights_only=True)
        # Every name begins with a line there; what named the thousand classes is left.
        named = {name.replace("._", ".").lstrip("_"): tensor for name, tensor in read.items()}
        weights = {name: tensor for name, tensor in named.items() if not name.startswith("fc.")}
        net = Lite0()
        net.load_state_dict(weights)
    except (pickle.UnpicklingError, RuntimeError, AttributeError, EOFError) as error:
        raise SpecError("pretrained.bad_weights", path=file.parent.name, file=file.name,
                        problem=gist(error)) from error  # fmt: skip
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"model_type": KIND}), encoding="utf-8")
    pictures = {"size": SIDE, "image_mean": [127 / 255] * 3, "image_std": [128 / 255] * 3}
    (folder / "preprocessor_config.json").write_text(json.dumps(pictures), encoding="utf-8")
    save_file(net.state_dict(), folder / "model.safetensors")
