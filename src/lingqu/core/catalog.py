"""Names → plug-ins.

Built-in plug-ins are literal tables *name → dotted path* in each room's ``__init__.py``, so
listing and validating names imports nothing heavy; the class is imported when it is used. Third
parties add entry points in the groups ``lingqu.sources``, ``lingqu.operators``,
``lingqu.algorithms``, ``lingqu.formats``, ``lingqu.checks``, ``lingqu.drivers`` and
``lingqu.actions``.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import Any, Literal, cast

from lingqu.core.column_names import listed
from lingqu.core.errors import SpecError
from lingqu.core.phrases import Phrase, expected

Family = Literal["sources", "operators", "algorithms", "formats", "checks", "drivers", "actions"]

TABLES: dict[Family, tuple[str, str]] = {
    "sources": ("lingqu.data", "SOURCES"),
    "operators": ("lingqu.govern", "OPERATORS"),
    "algorithms": ("lingqu.learn", "ALGORITHMS"),
    "formats": ("lingqu.learn.imported", "FORMATS"),
    "checks": ("lingqu.check", "CHECKS"),
    "drivers": ("lingqu.outlets", "DRIVERS"),
    "actions": ("lingqu.respond", "ACTIONS"),
}

EXTRAS: dict[str, str] = {
    "torch": "deep",
    "safetensors": "deep",
    "psycopg": "postgres",
    "s3fs": "s3",
    "optuna": "search",
    "pandas": "pandas",
    "pyarrow": "arrow",
    "fastexcel": "excel",
    "rjieba": "text",
    "stopwordsiso": "text",
    "py3langid": "text",
    "opencc": "text",
    "soundfile": "audio",
    "imblearn": "imbalance",
    "pydicom": "dicom",
    "pandera": "pandera",
    "catboost": "catboost",
    "xgboost": "xgboost",
    "interpret": "ebm",
    "fracast": "forecast",
    "textblob": "text",
    "implicit": "recommend",
    "skops": "sklearn",
    "skl2onnx": "sklearn",
    "keras": "keras",
    "tensorflow": "tensorflow",
    "tf2onnx": "tensorflow",
    "matplotlib": "plots",
    "tokenizers": "pieces",
    "transformers": "pretrained",
    "accelerate": "gguf",
    "gguf": "gguf",
    "gymnasium": "rl",
    "stable_baselines3": "rl-zoo",
}
"""Python package → the extra that brings it."""


@cache
def names(family: Family) -> Mapping[str, str]:
    """Return every name of a family with its dotted path ``module:attribute``."""
    module, table = TABLES[family]
    built_in: Mapping[str, str] = getattr(import_module(module), table)
    plugged = {point.name: point.value for point in entry_points(group=f"lingqu.{family}")}
    return {**plugged, **built_in}


def near(name: str, known: Any, count: int = 3) -> str:
    """Return the known names that look like `name`, joined, for an error message.

    Example:
        >>> near("mskx", ["mask", "mix", "dedupe"])
        'mask, mix'
    """
    wanted = name.lower()
    found = get_close_matches(wanted, list(known), n=count, cutoff=0.5)
    names = found or sorted(known)[:8]
    return listed(names) if names else ""


def load(family: Family, name: str, where: str = "") -> Any:
    """Import and return the class or function behind a name.

    Raises:
        SpecError: The name is unknown, or a package that it needs is not installed.
    """
    known = names(family)
    if name not in known:
        raise SpecError(
            "core.unknown_piece",
            where=where or f"`{family}`",
            name=name,
            family=family,
            near=near(name, known),
        )
    module, _, attribute = known[name].partition(":")
    try:
        return getattr(import_module(module), attribute)
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package in ("", "lingqu"):
            raise
        raise _missing(package, name) from error


def require(package: str, name: str) -> None:
    """Refuse a plug-in whose package another process will import, if it is not installed.

    Args:
        package: Name of the package, as it is imported.
        name: Name of the plug-in, for the message.

    Raises:
        SpecError: The package is not installed.
    """
    if find_spec(package) is None:
        raise _missing(package, name)


def _missing(package: str, name: str) -> SpecError:
    extra = EXTRAS.get(package, "all")
    return SpecError("core.missing_extra", name=name, package=package, extra=extra)


def options_of(kind: Any) -> list[dataclasses.Field[Any]]:
    """Return the options of a plug-in: its own as they are declared, then those it inherits."""
    own = inspect.get_annotations(kind)
    found = [field for field in dataclasses.fields(kind) if field.init]
    return sorted(found, key=lambda field: field.name not in own)


def build(family: Family, name: str, options: Any = None, where: str = "") -> Any:
    """Make a plug-in from the options a channel gives it.

    Args:
        family: Which socket.
        name: Catalogue name.
        options: A mapping of options, one bare value (it sets the plug-in's `main` option), or
            None.
        where: Place in the channel file, for errors: ``"`govern[2]` (channel.yaml line 7)"``.

    Returns:
        An instance of the plug-in, its options checked against the types of its fields.

    Raises:
        SpecError: Unknown name or option, or a value of the wrong type.
    """
    kind = load(family, name, where)
    where = where or f"`{family}`"
    main = getattr(kind, "main", "")
    if options is None:
        options = {}
    elif not isinstance(options, Mapping):
        if not main:
            raise SpecError(
                "core.bad_option",
                where=where,
                family=family,
                name=name,
                option=options,
                problem=Phrase("core.option_bare"),
                expected="{option: value}",
                received=options,
            )
        options = {main: options}
    allowed = [field.name for field in options_of(kind)]
    for option in options:
        if option not in allowed:
            raise SpecError(
                "core.bad_option",
                where=where,
                family=family,
                name=name,
                option=option,
                problem=Phrase("core.option_unknown"),
                expected=near(str(option), allowed)
                if allowed
                else Phrase("core.expects_no_options"),
                received=option,
            )
    return _validated(kind, family, name, cast(Mapping[str, Any], options), where)


def _validated(kind: Any, family: Family, name: str, options: Mapping[str, Any], where: str) -> Any:
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(kind).validate_python(dict(options))
    except ValidationError as error:
        first = error.errors()[0]
        raise SpecError(
            "core.bad_option",
            where=where,
            family=family,
            name=name,
            option=".".join(str(part) for part in first["loc"]),
            problem=Phrase("core.option_wrong"),
            expected=expected(first),
            received=first.get("input"),
        ) from error
