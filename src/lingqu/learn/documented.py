"""A learner says of itself what its bases say of the options that it inherits from them."""

from __future__ import annotations

import inspect
import re

_OPTION = re.compile(r"^    (\w+):.*(?:\n {8}.*)*", re.M)
_AFTER = "\n\nExample:"


class Documented:
    """A class whose documentation is joined by that of the options it inherits.

    An option is declared, documented and obeyed once. In the signature of a learner, and in what
    `lingqu show` says of it, those that it inherits follow its own.
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.__doc__ = _joined(cls)


def _joined(kind: type) -> str:
    """Return what a class says of itself and its options, then what its bases say of theirs."""
    head, after, rest = inspect.cleandoc(kind.__doc__ or "").partition(_AFTER)
    known = {found[1] for found in _OPTION.finditer(head)}
    inherited = [
        found[0]
        for base in reversed(kind.__bases__)  # as a dataclass orders its fields
        for found in _OPTION.finditer(inspect.cleandoc(base.__doc__ or ""))
        if found[1] not in known
    ]
    if inherited and not known:
        head += "\n\nArgs:"
    return "\n".join([head, *inherited]) + after + rest
