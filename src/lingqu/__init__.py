"""Lingqu 灵渠: one short file carries a model from raw data to real use, and keeps it safe there.

>>> import lingqu
>>> channel = lingqu.Channel.parse('''
... channel: churn
... data: churn.csv
... train: {task: classify, target: churned}
... ''')
>>> channel.name
'churn'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lingqu.core.errors import LingquError as LingquError
    from lingqu.core.spec import Channel as Channel
    from lingqu.release.release import Release as Release
    from lingqu.workspace import Workspace as Workspace
    from lingqu.workspace import open as open

__version__ = "0.1.0"
__all__ = ["Channel", "LingquError", "Release", "Workspace", "open"]

_HOMES = {
    "Channel": "lingqu.core.spec",
    "LingquError": "lingqu.core.errors",
    "Release": "lingqu.release.release",
    "Workspace": "lingqu.workspace",
    "open": "lingqu.workspace",
}


def __getattr__(name: str) -> Any:
    """Import the five public names when they are first used, so that `import lingqu` is light."""
    if name not in _HOMES:
        raise AttributeError(f"module 'lingqu' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
