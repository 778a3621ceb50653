"""How large a model an outlet bears: the choice keeps it, and what came otherwise is refused."""

from __future__ import annotations

from lingqu.core.errors import OutletError
from lingqu.release.release import Release


def refuse_large(release: Release, max_mb: float) -> None:
    """Refuse a release whose graph is larger than an outlet may hold.

    A channel that declares the limit chooses by it (`lingqu.core.model_limits.limits_of`). A
    release that was made before, brought from elsewhere, or of a task without limits comes here.

    Args:
        release: What is to be opened.
        max_mb: Megabytes of its graph at most; 0 for any.

    Raises:
        OutletError: It is larger.
    """
    size_mb = release.size_mb
    if max_mb and size_mb > max_mb:
        raise OutletError(
            "outlets.too_large", digest=release.digest[:12], size_mb=size_mb, max_mb=max_mb
        )
