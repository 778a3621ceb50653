"""What all figures share: their paper, their colours, their words, pictures out of addresses."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import cache
from io import BytesIO
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import get_font_names
from numpy.typing import NDArray
from PIL import Image

from lingqu.core.i18n import Language, language, text

ACCENT, WRONG, QUIET = "#0b6570", "#9c3a1d", "#55646a"
HUES = (
    "#4e79a7", "#f28e2b", "#59a14f", "#b07aa1", "#76b7b2", "#d4b13a", "#9c755f", "#ff9da7",
    "#e15759", "#6b6ecf",
)  # fmt: skip
_CHINESE = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Source Han Sans SC", "PingFang SC", "Hiragino Sans GB",
    "Microsoft YaHei", "SimHei", "WenQuanYi Zen Hei",
)  # fmt: skip


def paper(wide: float, tall: float) -> Figure:
    """Return an empty figure that no window and no `pyplot` knows; show it or save it as you like.

    Example:
        >>> paper(4, 3).get_size_inches().tolist()
        [4.0, 3.0]
    """
    figure = Figure(figsize=(wide, tall), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


@cache
def families() -> tuple[str, ...]:
    """Return the fonts that words are set in: the usual one, and a Chinese one if there is any."""
    known = set(get_font_names())
    return ("DejaVu Sans", *[name for name in _CHINESE if name in known][:1])


def say(key: str, **facts: Any) -> str:
    """Return words in the user's language; in English where no font has Chinese letters."""
    to: Language = language() if len(families()) > 1 else "en"
    return text(key, to, **facts)


def readable() -> AbstractContextManager[None]:
    """Return a context in which words are set in fonts that have their letters."""
    return rc_context({"font.family": list(families())})


def bare(axes: Axes) -> Axes:
    """Return axes without ticks and frame, for a picture."""
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_visible(False)
    return axes


def pixels(picture: Mapping[str, Any]) -> NDArray[np.uint8]:
    """Return the pixels of a kept picture, (H, W) or (H, W, C)."""
    data = b64decode(str(picture["uri"]).partition(",")[2])
    with Image.open(BytesIO(data)) as image:
        return np.asarray(image)


def said(row: Mapping[str, Any]) -> str:
    """Return what was said of a row, beside the truth."""
    facts = {"said": _short(row["said"]), "truth": _short(row["truth"])}
    if row.get("sure") is None:
        return say("see.said_value", **facts)
    key = "see.said_right" if row.get("right") else "see.said_true"
    return say(key, sure=f"{row['sure']:.0%}", **facts)


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
