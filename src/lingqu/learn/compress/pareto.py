"""The forms of a model side by side: how right, how fast, how large; and which of them is chosen.

Size and score are the same on every machine and decide; time is measured, and may only forbid: a
form that is surely slower is not taken for its size, and one of the same size must surely be
faster.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace

from lingqu.core.nouns import Json

ORIGINAL = "original"
INT8, PRUNED, PROJECTED, SPARSE, STUDENT = "int8", "pruned", "projected", "sparse", "student"
FORMS = (INT8, PRUNED, f"{PRUNED}+{INT8}", PROJECTED, f"{PROJECTED}+{INT8}", STUDENT,
         f"{STUDENT}+{INT8}", SPARSE)  # fmt: skip
"""In the order in which they are tried; what follows a plus is done to what stands before it."""
_SMALLER = 0.9
_SLOWER_ROW, _SLOWER, _FASTER = 1.5, 1.25, 0.8
"""Ratios of CPU time of one row, and of many, beyond which a difference counts: what a call costs
without regard to its rows is a matter of microseconds."""
_ALIKE = 1.1


@dataclass(frozen=True)
class Form:
    """One form of a whole model, by its answers to held-out rows.

    Args:
        name: Such as ``int8`` or ``pruned+int8``; ``original`` for the model as it was fitted.
        score: On the held-out rows that all forms have answered; greater is better.
        error: Its standard error; gap: its score less the original's; gap_error: of this.
        lost: What is lost: of the score, or as a share of an error.
        rows: The held-out rows.
        size_mb: Megabytes of all graphs.
        row_ms: CPU milliseconds of one row; many_s: CPU seconds of 10,000 rows.
        front: Whether no other form is at least as good in all three and better in one.
        state: ``chosen``, ``kept`` (within what may be lost), ``lost`` (more was lost),
            ``no_gain`` (neither smaller nor faster), ``barred`` (breaks a limit).
        reason: Which limit it breaks, in English; reason_zh: in Chinese.
    """

    name: str
    score: float
    error: float | None
    gap: float | None
    gap_error: float | None
    lost: float
    rows: int
    size_mb: float
    row_ms: float
    many_s: float
    front: bool = False
    state: str = "kept"
    reason: str = ""
    reason_zh: str = ""

    def to_json(self) -> dict[str, Json]:
        """Return it as the report of a run holds it."""
        return asdict(self)


def gains(form: Form, original: Form) -> bool:
    """Say whether a form is smaller and not slower, or faster and not larger.

    Example:
        >>> plain = Form("original", 0.9, None, None, None, 0.0, 100, 1.0, 1.0, 1.0)
        >>> gains(replace(plain, size_mb=0.3), plain), gains(replace(plain, row_ms=0.9), plain)
        (True, False)
        >>> gains(replace(plain, size_mb=0.3, many_s=1.4), plain)
        False
    """
    row, many = form.row_ms / original.row_ms, form.many_s / original.many_s
    slower = row > _SLOWER_ROW or many > _SLOWER
    faster = min(row, many) < _FASTER
    size = form.size_mb / original.size_mb
    return not slower and (size <= _SMALLER or (faster and size <= 1.0))


def sorted_out(forms: Sequence[Form], gate: float, limited: bool) -> list[Form]:
    """Return the forms with their states, the original first, and who is on the front.

    Args:
        forms: The original first.
        gate: What may be lost.
        limited: Whether limits decide: then a form need not gain anything by itself.
    """
    original, found = forms[0], []
    for form in forms:
        state = "kept"
        if form.lost > gate:
            state = "lost"
        elif form is not original and not limited and not gains(form, original):
            state = "no_gain"
        front = not any(_dominates(other, form) for other in forms)
        found.append(replace(form, state=state, front=front))
    return found


def in_order(forms: Iterable[Form], limited: bool) -> list[Form]:
    """Return the forms that may be chosen, the first choice first.

    With limits the most accurate one that keeps them is wanted; without, the smallest.
    """
    able = [form for form in forms if form.state == "kept"]
    if limited:
        return sorted(able, key=lambda form: (form.lost, form.size_mb, form.name))
    return sorted(able, key=lambda form: (form.size_mb, form.lost, form.name))


def _dominates(one: Form, other: Form) -> bool:
    """Say whether a form is as good in all and better in one; times that are alike are the same."""
    good = one.lost <= other.lost and one.size_mb <= other.size_mb
    better = one.lost < other.lost or one.size_mb < other.size_mb
    quick = one.row_ms <= _ALIKE * other.row_ms
    return good and quick and (better or _ALIKE * one.row_ms < other.row_ms)
