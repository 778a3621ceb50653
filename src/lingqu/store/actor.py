"""Who acts: the person or service whose token was shown, in this thread or for this workspace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """Somebody with a role.

    Args:
        name: What events call him.
        role: One of `lingqu.core.roles.ROLES`.
        channels: What he may do it to; everything when empty.
    """

    name: str
    role: str
    channels: tuple[str, ...] = ()


OWNER = Actor("owner", "admin")
"""Who owns the folder: whoever can read its signing key can do anything."""
_acting: ContextVar[Actor | None] = ContextVar("lingqu_acting", default=None)


def acting() -> Actor | None:
    """Return who acts in this context; None where nobody was told apart."""
    return _acting.get()


@contextmanager
def acting_as(actor: Actor) -> Iterator[None]:
    """Let somebody act in this context, as doors do that serve several at once.

    Example:
        >>> with acting_as(Actor("ann", "viewer")):
        ...     print(acting().name)
        ann
    """
    before = _acting.set(actor)
    try:
        yield
    finally:
        _acting.reset(before)
