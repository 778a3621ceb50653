"""Resemblyzer: a small net of voices, and how its weights become a folder.

The weights come as a `.pt`, which is a pickle: it is read once, by torch's reader that builds
tensors only and runs nothing, and kept as safetensors.

Source: Wan et al., "Generalized end-to-end loss for speaker verification", 2017,
arXiv:1710.10467; as trained by Jemine, "Resemblyzer", 2019.
"""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor, nn

from lingqu.core.errors import SpecError, gist
from lingqu.learn.deep.attention import mean_of
from lingqu.learn.pretrained.converted import converted
from lingqu.learn.pretrained.spectrum import Bands, Spectrum

KIND, RATE = "resemblyzer", 16_000
_HOP, _FRAMES, _STEP = 160, 160, 77
"""Samples from frame to frame; frames of a part of a recording, and from one part to the next."""
_LEAST = 0.75
"""Share of a part that must lie within the recording; the first part always counts."""
_LOUD = 10 ** (-30 / 20)
"""A recording that is less loud is brought to it: 30 dB below full scale."""


class Voice(nn.Module):
    """Samples → the voice in them, (B, T) → (B, 1, 256): the mean over parts of 1.6 s, of length 1.

    Example:
        >>> heard, there = Voice()(torch.ones(2, 40_000), torch.ones(2, 40_000) > 0)
        >>> heard.shape, there.tolist()
        (torch.Size([2, 1, 256]), [[True], [True]])
    """

    width = 256

    def __init__(self) -> None:
        super().__init__()
        self.spectrum = Spectrum(Bands(40, RATE))
        self.lstm = nn.LSTM(40, self.width, 3, batch_first=True)
        self.linear = nn.Linear(self.width, self.width)

    def forward(self, x: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
        length = there.sum(1, keepdim=True)  # (B, 1)
        loud = (x.square().sum(1, keepdim=True) / length).sqrt().clamp(min=1e-6)
        x = x * (_LOUD / loud).clamp(min=1.0)
        half = self.spectrum.waves.shape[2] // 2
        power = self.spectrum(F.pad(x, (half, half + _FRAMES * _HOP)))  # (B, F, 40)
        # Of the shape as a tensor: the number of parts is free in the graph.
        end: Any = (torch._shape_as_tensor(x)[1] - int(_LEAST * _FRAMES * _HOP) + 1).clamp(min=1)
        starts = torch.arange(0, end, _STEP * _HOP, device=x.device)  # (P,)
        counts = length - starts >= _LEAST * _FRAMES * _HOP  # (B, P)
        counts = counts | (starts == 0)
        places = (starts // _HOP).unsqueeze(1) + torch.arange(_FRAMES, device=x.device)
        parts = power[:, places.flatten()].view(-1, _FRAMES, power.shape[2])  # (B·P, 160, 40)
        heard = torch.relu(self.linear(self.lstm(parts)[0][:, -1]))
        heard = F.normalize(heard, dim=1).view(x.shape[0], -1, self.width)
        return F.normalize(mean_of(heard, counts), dim=1).unsqueeze(1), there[:, :1]


def as_folder(file: Path) -> Path:
    """Return a folder with the weights of such a file as safetensors.

    Raises:
        SpecError: It holds something else than tensors, or those of another net.

    Source: Wan et al., 2017, arXiv:1710.10467.
    """
    return converted(file, KIND, _make)


def _make(file: Path, folder: Path) -> None:
    try:
        read = torch.load(file, map_location="cpu", weights_only=True)["model_state"]
        net = Voice()
        # What compared voices while it learned is left; the spectrum is made, not learned.
        own = {name: tensor for name, tensor in net.state_dict().items() if "spectrum" in name}
        own |= {name: read[name] for name in net.state_dict() if name not in own}
        net.load_state_dict(own)
    except (pickle.UnpicklingError, RuntimeError, KeyError, TypeError, EOFError) as error:
        raise SpecError("pretrained.bad_weights", path=file.parent.name, file=file.name,
                        problem=gist(error)) from error  # fmt: skip
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"model_type": KIND}), encoding="utf-8")
    told = {"sampling_rate": RATE, "do_normalize": False}
    (folder / "preprocessor_config.json").write_text(json.dumps(told), encoding="utf-8")
    save_file(net.state_dict(), folder / "model.safetensors")
