"""Which environment, by name: what a channel declares, and what opens it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lingqu.core import digest
from lingqu.core.catalog import require
from lingqu.core.errors import DataError, SpecError, gist
from lingqu.core.nouns import Json
from lingqu.environment.parts import digests, located

if TYPE_CHECKING:
    from collections.abc import Iterator

GYM = "gym:"
"""What the name of an environment of Gymnasium begins with."""
LIMIT = 1000
"""Steps after which an episode ends, where neither the channel nor the environment says."""


@dataclass(frozen=True)
class Place:
    """An environment that can be opened in any process.

    Args:
        name: ``gym:<id>`` of Gymnasium, or ``module:Class``, importable beside the channel file.
        options: What its constructor is given.
        folder: Folder of the channel file.
        limit: Steps after which an episode ends; 0 for the environment's own, or `LIMIT`.
        fallback: What a release answers to an observation unlike all that were seen in training,
            as `lingqu.environment.fallback` reads it, or None.

    Example:
        >>> Place.of(Place("gym:CartPole-v1").to_json()).name
        'gym:CartPole-v1'
    """

    name: str
    options: Mapping[str, Json] = field(default_factory=dict)
    folder: str = ""
    limit: int = 0
    fallback: Json = None

    @classmethod
    def of(cls, told: Mapping[str, Json]) -> Place:
        """Return the place that `to_json` told."""
        return cls(**told)

    def to_json(self) -> dict[str, Json]:
        return {
            "name": self.name, "options": dict(self.options), "folder": self.folder,
            "limit": self.limit, "fallback": self.fallback,
        }  # fmt: skip

    def make(self, **more: Any) -> Any:
        """Return a fresh environment with the interface of Gymnasium.

        Args:
            more: Further options, such as ``render_mode``.

        Raises:
            SpecError: Gymnasium is not installed, or there is no such environment.
            DataError: It cannot be made: its own words say why.
        """
        require("gymnasium", self.name)
        options = {**located(self.options, self.folder), **more}
        if self.name.startswith(GYM):
            return self._of_gymnasium(options)
        made = self.found()
        try:
            return made(**options)
        except Exception as error:
            raise DataError("control.cannot_open", name=self.name, why=_said(error)) from error

    def _of_gymnasium(self, options: dict[str, Any]) -> Any:
        import gymnasium

        name = self.name.removeprefix(GYM)
        try:
            return gymnasium.make(name, disable_env_checker=True, **options)
        except gymnasium.error.UnregisteredEnv as error:
            raise SpecError("control.unknown", name=self.name, why=gist(error)) from error
        except Exception as error:
            raise DataError("control.cannot_open", name=self.name, why=_said(error)) from error

    def found(self, name: str = "") -> Any:
        """Return what a dotted path ``module:Class`` names; this environment's own if empty.

        Raises:
            SpecError: The path has another form, or nothing can be imported from there.
        """
        module, colon, attribute = (name or self.name).partition(":")
        if not colon or not module or not attribute:
            raise SpecError("control.bad_name", name=name or self.name)
        try:
            with importable(self.folder):
                return getattr(import_module(module), attribute)
        except Exception as error:  # a module of the user's may raise anything while it is imported
            raise SpecError(
                "control.cannot_import", name=name or self.name, folder=self.folder or ".",
                why=_said(error),
            ) from error  # fmt: skip

    def fingerprint(self) -> Json:
        """Return what changes when the environment does: versions, or the text of its module."""
        if self.name.startswith(GYM):
            known = find_spec("gymnasium") is not None
            return ["gymnasium", version("gymnasium") if known else ""]
        module = digest_of_module(self.name, self.folder)
        return [module, digests(self.options, self.folder)]


def digest_of_module(name: str, folder: str) -> str:
    """Return the digest of the file behind ``module:attribute``; without it, of its name."""
    module = name.partition(":")[0]
    try:
        with importable(folder):
            spec = find_spec(module)
    except (ImportError, ValueError):
        spec = None
    origin = spec.origin if spec is not None else None
    if origin is None or not Path(origin).is_file():
        return digest.of_json(name)
    return digest.of_file(Path(origin))


@contextmanager
def importable(folder: str) -> Iterator[None]:
    """Let modules beside the channel file be imported, for a while."""
    path = str(Path(folder).resolve()) if folder else ""
    if path:
        sys.path.insert(0, path)
    try:
        yield
    finally:
        if path and path in sys.path:
            sys.path.remove(path)


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {gist(error)}"
