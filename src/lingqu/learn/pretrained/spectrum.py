"""Samples → bands of pitch over time, inside the graph: what an encoder's own preparation does.

Taking the mean off a frame, lifting its high tones, the window and the Fourier transform are all
linear, so they are one convolution; its answers are squared and summed by bands.

Source: Davis and Mermelstein, 1980, doi:10.1109/TASSP.1980.1163420; filters as in Slaney,
"Auditory toolbox", 1998, or as in Kaldi (Povey et al., 2011).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers.audio_utils import mel_filter_bank, window_function


@dataclass(frozen=True)
class Bands:
    """How a spectrum is taken.

    Args:
        count: Bands.
        rate: Samples per second.
        size: Length of the Fourier transform.
        style: ``slaney``: whole frames and a periodic window; ``kaldi``: frames without their
            mean, high tones lifted, and a symmetric window.
        window: Samples of a frame.
        hop: Samples from one frame to the next.
    """

    count: int
    rate: int
    size: int = 400
    style: Literal["slaney", "kaldi"] = "slaney"
    window: int = 400
    hop: int = 160


class Spectrum(nn.Module):
    """Power by band and frame, (B, T) → (B, F, M); frames lie wholly within the samples.

    Example:
        >>> Spectrum(Bands(40, 16000))(torch.zeros(2, 720)).shape
        torch.Size([2, 3, 40])
    """

    waves: Tensor
    filters: Tensor

    def __init__(self, bands: Bands) -> None:
        super().__init__()
        self.hop = bands.hop
        self.register_buffer("waves", _waves(bands).unsqueeze(1))  # (2K, 1, window)
        self.register_buffer("filters", _filters(bands))  # (K, M)

    def forward(self, x: Tensor) -> Tensor:
        seen = F.conv1d(x.unsqueeze(1), self.waves, stride=self.hop).transpose(1, 2)  # (B, F, 2K)
        cosines, sines = seen.chunk(2, 2)
        power: Tensor = cosines.square() + sines.square()  # (B, F, K)
        return power @ self.filters


def _waves(bands: Bands) -> Tensor:
    """Return the cosines, then the sines, that a frame is compared with, (2K, window)."""
    kaldi, size = bands.style == "kaldi", bands.window
    window = window_function(size, "hann", periodic=not kaldi)
    turns = np.outer(np.arange(bands.size // 2 + 1), np.arange(size)) / bands.size
    waves = np.concatenate([np.cos(2 * np.pi * turns), -np.sin(2 * np.pi * turns)]) * window
    if kaldi:
        lifted = np.eye(size) - 0.97 * np.eye(size, k=-1)
        lifted[0, 0] = 1 - 0.97
        waves = waves @ lifted @ (np.eye(size) - 1 / size)
    return torch.tensor(waves, dtype=torch.float32)


def _filters(bands: Bands) -> Tensor:
    """Return how much each pitch counts in each band, (K, M)."""
    kaldi = bands.style == "kaldi"
    filters = mel_filter_bank(
        num_frequency_bins=bands.size // 2 + 1, num_mel_filters=bands.count,
        min_frequency=20.0 if kaldi else 0.0, max_frequency=bands.rate / 2,
        sampling_rate=bands.rate, norm=None if kaldi else "slaney",
        mel_scale="kaldi" if kaldi else "slaney", triangularize_in_mel_space=kaldi,
    )  # fmt: skip
    return torch.tensor(filters, dtype=torch.float32)
