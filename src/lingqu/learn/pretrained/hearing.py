"""A pre-trained encoder of recordings as a net: samples → one vector a recording.

Everything from the samples on lies in the graph: their scale, the spectrum where a kind wants one,
and which places lie within a recording, so that its answer does not depend on its neighbours.

Source: Baevski et al., "wav2vec 2.0", 2020, arXiv:2006.11477; Hsu et al., "HuBERT", 2021,
arXiv:2106.07447; Chen et al., "WavLM", 2021, arXiv:2110.13900; Gong, Chung and Glass, "AST", 2021,
arXiv:2104.01778; Radford et al., "Whisper", 2022, arXiv:2212.04356.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lingqu.learn.deep.attention import mean_of
from lingqu.learn.pretrained.encoder import Pooling
from lingqu.learn.pretrained.spectrum import Bands, Spectrum
from lingqu.learn.pretrained.voice import Voice

SAMPLES = 320
"""Samples of a place, of the kinds that are usual."""
_FLAT = 1e-7
"""Added to the variance of a recording: nothing of silence is blown up."""
_QUIET = 1.192092955078125e-07
"""Least power of a band whose logarithm AST takes."""


class Hearer(nn.Module):
    """Recordings of any length → vectors, (B, T) → (B, C); 0 lies behind the end of one.

    Args:
        body: Hears samples at places; says which of them lie within a recording.
        width: Numbers of a place.
        pooling: How one vector is made of those of all places.
    """

    def __init__(self, body: nn.Module, width: int, pooling: Pooling) -> None:
        super().__init__()
        self.body, self.width, self.pooling = body, width, pooling

    def forward(self, x: Tensor) -> Tensor:
        found, there = self.body(x, x != 0)  # (B, P, C), (B, P)
        if self.pooling == "first":
            first: Tensor = found[:, 0]
            return first
        return mean_of(found, there)


class Samples(nn.Module):
    """Encoders that hear samples as they are: wav2vec 2.0, HuBERT, WavLM and their kin.

    Their library reads a recording that stands alone; so is every one heard here, however long
    its neighbours are. The first layers, which turn samples into places, are never learned.

    Args:
        body: Of the library.
        scaled: Whether each recording is brought to mean 0 and variance 1.
    """

    def __init__(self, body: Any, scaled: bool) -> None:
        super().__init__()
        self.body, self.scaled = body, scaled
        body.config.layerdrop = 0.0  # a layer that is left out would leave no gradient
        body.feature_extractor.requires_grad_(False)

    def forward(self, x: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
        if self.scaled:
            x = scaled(x, there)
        x, length = x.unsqueeze(1), there.sum(1)  # (B, 1, T), (B,)
        for layer in self.body.feature_extractor.conv_layers:
            kernel, stride = layer.conv.kernel_size[0], layer.conv.stride[0]
            length = torch.div(length - kernel, stride, rounding_mode="floor") + 1
            x = _step(layer, x, length)
        there = _first(x.shape[2], length)  # (B, P)
        found = self.body.feature_projection(x.transpose(1, 2))  # (B, P, C)
        found = found[0] if isinstance(found, tuple) else found
        found = found * there.unsqueeze(2)
        with warnings.catch_warnings():  # WavLM mixes masks of two types, and torch says so
            warnings.simplefilter("ignore")
            return self.body.encoder(found, attention_mask=there).last_hidden_state, there


class Patches(nn.Module):
    """AST: 1024 frames of a spectrum, cut into patches like a picture.

    Place 0 is the mean of the two that stand for the whole, as its classifier takes it.
    """

    def __init__(self, body: Any, told: Mapping[str, Any]) -> None:
        super().__init__()
        self.body, config = body, body.config
        self.frames = int(config.max_length)
        rate = int(told.get("sampling_rate", 16_000))
        bands = Bands(int(config.num_mel_bins), rate, size=512, style="kaldi")
        self.spectrum, self.window = Spectrum(bands), bands.window
        normal = told.get("do_normalize", True)
        self.mean = float(told.get("mean", -4.2677393)) if normal else 0.0
        self.scale = 2 * float(told.get("std", 4.5689974)) if normal else 1.0

    def forward(self, x: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
        length = torch.div(there.sum(1) - self.window, self.spectrum.hop, rounding_mode="floor") + 1
        x = _filled(x, self.window + (self.frames - 1) * self.spectrum.hop)
        seen = self.spectrum(x).clamp(min=_QUIET).log()  # (B, F, M)
        seen = seen * _first(self.frames, length).unsqueeze(2)
        out = self.body((seen - self.mean) / self.scale).last_hidden_state  # (B, 2 + P, C)
        whole = out[:, :2].mean(1, keepdim=True)
        found = torch.cat([whole, out[:, 2:]], 1)
        return found, torch.ones_like(found[:, :, 0]) > 0


class Speech(nn.Module):
    """The encoder of Whisper: thirty seconds, of which places within the recording count."""

    def __init__(self, body: Any, told: Mapping[str, Any]) -> None:
        super().__init__()
        self.body, config = body, body.config
        body.layerdrop = 0.0
        rate, size = int(told.get("sampling_rate", 16_000)), int(told.get("n_fft", 400))
        hop = int(told.get("hop_length", 160))
        bands = Bands(int(config.num_mel_bins), rate, size, window=size, hop=hop)
        self.spectrum, self.edge = Spectrum(bands), bands.size // 2
        self.places, self.samples = int(config.max_source_positions), 2 * bands.hop

    def forward(self, x: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
        length = torch.div(there.sum(1) - 1, self.samples, rounding_mode="floor") + 1
        x = _filled(x, self.places * self.samples).unsqueeze(1)
        x = F.pad(x, (self.edge, self.edge), mode="reflect").squeeze(1)
        seen = self.spectrum(x)[:, : 2 * self.places].clamp(min=1e-10).log10()  # (B, F, M)
        loudest = seen.flatten(1).max(1).values.view(-1, 1, 1)
        seen = (torch.maximum(seen, loudest - 8.0) + 4.0) / 4.0
        found = self.body(seen.transpose(1, 2)).last_hidden_state  # (B, P, C)
        return found, _first(self.places, length)


def heard_by(body: Any, kind: str, told: Mapping[str, Any], pooling: Pooling) -> Hearer:
    """Return the encoder of recordings that a body of the library, or our own, is part of.

    Args:
        body: With its weights.
        kind: What the folder calls it.
        told: What the folder says of recordings.
        pooling: How one vector is made of many.
    """
    if isinstance(body, Voice):
        return Hearer(body, body.width, pooling)
    if kind == "audio-spectrogram-transformer":
        return Hearer(Patches(body, told), int(body.config.hidden_size), pooling)
    if kind == "whisper":
        own = body.get_encoder()
        return Hearer(Speech(own, told), int(own.config.d_model), pooling)
    ear = Samples(body, bool(told.get("do_normalize", True)))
    return Hearer(ear, int(body.config.hidden_size), pooling)


def scaled(x: Tensor, there: Tensor) -> Tensor:
    """Return samples with mean 0 and variance 1 within each recording, and 0 behind it, (B, T).

    Example:
        >>> samples = torch.tensor([[1.0, 3.0, 0.0]])
        >>> [abs(sample) for sample in scaled(samples, samples != 0).round()[0].tolist()]
        [1.0, 1.0, 0.0]
    """
    count = there.sum(1, keepdim=True)
    apart = (x - x.sum(1, keepdim=True) / count) * there
    return apart / (apart.square().sum(1, keepdim=True) / count + _FLAT).sqrt()


def _step(layer: Any, x: Tensor, length: Tensor) -> Tensor:
    """Return what one layer makes of samples; what it measures over time ends with a recording."""
    norm = getattr(layer, "layer_norm", None)
    if not isinstance(norm, nn.GroupNorm):
        out: Tensor = layer(x)
        return out
    x = layer.conv(x)  # (B, C, P)
    there = _first(x.shape[2], length).unsqueeze(1)
    count = length.view(-1, 1, 1)
    apart = x - (x * there).sum(2, keepdim=True) / count
    spread = (apart * there).square().sum(2, keepdim=True) / count
    x = apart / (spread + norm.eps).sqrt()
    made: Tensor = layer.activation(x * norm.weight.view(-1, 1) + norm.bias.view(-1, 1))
    return made


def _first(count: Any, length: Tensor) -> Tensor:
    """Return which of so many places lie before the end of each row, (B, count)."""
    return torch.arange(count, device=length.device) < length.unsqueeze(1)


def _filled(x: Tensor, count: int) -> Tensor:
    """Return rows of so many samples: filled up with silence, or cut."""
    return torch.cat([x, x.new_zeros(x.shape[0], count)], 1)[:, :count]
