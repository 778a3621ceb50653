"""Scores by which a learner of rows or pictures is chosen: of the whole of what it makes."""

from __future__ import annotations

OF_TABLES, OF_PICTURES = ("c2st", "tstr"), ("fid", "c2st", "tstr")
"""Scores that may decide, the usual one first; ``tstr`` needs a target."""
MADE: dict[str, bool] = {"c2st": False, "fid": False, "tstr": True}
"""Score → whether a greater one is better."""
