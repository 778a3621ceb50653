"""YAML with positions: plain data, and the line on which every part of it stands.

YAML 1.2: ``yes`` and ``on`` are text. Dates stay text. Anchors, aliases and custom tags are
refused: a channel file says everything where it stands.
"""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lingqu.core.errors import SpecError

Path = tuple[str | int, ...]
_PREFIX = "tag:yaml.org,2002:"


@dataclass(frozen=True)
class Document:
    """What a YAML text holds.

    Args:
        data: Plain dict, list, str, int, float, bool or None.
        lines: Path → line, counted from 1; the line of the key, or of the item of a list.

    Example:
        >>> load("a: 1\\nb: [x, y]\\n").lines[("b", 1)]
        2
    """

    data: Any
    lines: Mapping[Path, int]


def load(text: str, file: str = "channel.yaml") -> Document:
    """Read one YAML document.

    Args:
        text: The YAML.
        file: Its name, for errors.

    Raises:
        SpecError: Not YAML, a tab as indentation, a key written twice, an anchor, a tag, a
            number that is not finite; gives the line.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    yaml = YAML(typ="safe", pure=True)
    try:
        with warnings.catch_warnings():
            # A repeated anchor only warns there; here every anchor is an error just below.
            warnings.simplefilter("ignore")
            root = yaml.compose(text)
        lines: dict[Path, int] = {(): 1}
        return Document(None if root is None else _Reader(file, lines).read(root, ()), lines)
    except MarkedYAMLError as error:
        raise _translated(error, text, file) from error
    except YAMLError as error:
        problem = getattr(error, "reason", None) or type(error).__name__
        raise SpecError(
            "core.bad_yaml", file=file, line=_line_of(error, text), problem=problem
        ) from error
    except RecursionError:
        raise SpecError("core.yaml_deep", file=file) from None


def dump(data: Any) -> str:
    """Write plain data as YAML, keys in the order given.

    Example:
        >>> dump({"channel": "churn", "train": {"target": "churned"}}).splitlines()
        ['channel: churn', 'train:', '  target: churned']
    """
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.width = 100_000
    out = io.StringIO()
    yaml.dump(data, out)
    return out.getvalue()


class _Reader:
    """Turns ruamel's nodes into plain data, noting lines on the way."""

    def __init__(self, file: str, lines: dict[Path, int]) -> None:
        self.file = file
        self.lines = lines

    def read(self, node: Any, path: Path) -> Any:
        from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

        line = node.start_mark.line + 1
        self.lines.setdefault(path, line)
        if node.anchor is not None:
            raise SpecError("core.yaml_anchor", file=self.file, line=line, received=node.anchor)
        kind = str(node.tag).removeprefix(_PREFIX)
        match kind, node:
            case "map", MappingNode():
                return self._mapping(node, path)
            case "seq", SequenceNode():
                return [self.read(item, (*path, n)) for n, item in enumerate(node.value)]
            case _, ScalarNode():
                return self._scalar(kind, node.value, line)
        raise SpecError("core.yaml_tag", file=self.file, line=line, received=kind)

    def _mapping(self, node: Any, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node.value, str) or not key_node.value:
                raise SpecError("core.yaml_key", file=self.file, line=line)
            if key_node.anchor is not None:
                received = key_node.anchor
                raise SpecError("core.yaml_anchor", file=self.file, line=line, received=received)
            key = key_node.value
            if key in found:
                first = self.lines[(*path, key)]
                raise SpecError(
                    "core.yaml_twice", file=self.file, line=line, received=key, first=first
                )
            self.lines[(*path, key)] = line
            found[key] = self.read(value_node, (*path, key))
        return found

    def _scalar(self, kind: str, value: str, line: int) -> Any:
        try:
            match kind:
                case "str" | "timestamp" | "merge" | "value":
                    return value
                case "null":
                    return None
                case "bool":
                    return value.lower() in ("true", "yes", "on", "y")
                case "int":
                    return _integer(value)
                case "float":
                    number = float(value.replace("_", ""))
                    if math.isfinite(number):
                        return number
        except ValueError:
            # Such as .inf, .nan, 1:30 of YAML 1.1 or a number of 5,000 digits.
            raise SpecError(
                "core.yaml_number", file=self.file, line=line, received=value[:40]
            ) from None
        if kind == "float":
            raise SpecError("core.yaml_number", file=self.file, line=line, received=value[:40])
        raise SpecError("core.yaml_tag", file=self.file, line=line, received=kind)


def _integer(text: str) -> int:
    plain = text.replace("_", "").lower()
    sign = -1 if plain.startswith("-") else 1
    digits = plain.lstrip("+-")
    for prefix, radix in (("0x", 16), ("0o", 8), ("0b", 2)):
        if digits.startswith(prefix):
            return sign * int(digits[2:], radix)
    return sign * int(digits)


def _translated(error: Any, text: str, file: str) -> SpecError:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 1
    shown = text.splitlines()[line - 1] if 0 < line <= len(text.splitlines()) else ""
    if "\t" in shown and "'\\t'" in str(error.problem):
        return SpecError("core.yaml_tab", file=file, line=line)
    return SpecError("core.bad_yaml", file=file, line=line, problem=error.problem)


def _line_of(error: Any, text: str) -> int:
    """Return the line of a character that YAML forbids."""
    position = getattr(error, "position", None)
    return text.count("\n", 0, position) + 1 if isinstance(position, int) else 1
