"""Write the reference pages from the schema and the catalogue: ``python -m lingqu.cli.reference``.

What the pages say stands once, in the code: fields of `channel.yaml` describe themselves, plug-ins
are dataclasses, and the one-liners lie in `core/messages/catalogue`.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from lingqu.check.measures import MEASURES
from lingqu.core import catalog
from lingqu.core.i18n import Language, text
from lingqu.core.jsonschema import channel_schema
from lingqu.core.metric_table import NAMES, metric_of
from lingqu.core.nouns import Task

FILLED = frozenset({"channel", "workspace", "outlet"})
"""Fields of a driver that the walk fills, so that no channel file sets them."""


def write(folder: str | Path) -> list[Path]:
    """Write the pages of both languages and return their paths.

    Args:
        folder: The folder that holds ``en/`` and ``zh/``.
    """
    written = []
    for language in get_args(Language):
        for name, page in pages(language).items():
            path = Path(folder) / language / "reference" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(page, encoding="utf-8")
            written.append(path)
    return written


def pages(to: Language) -> dict[str, str]:
    """Return file name → content of the reference pages in one language.

    Example:
        >>> sorted(pages("en"))
        ['catalogue.md', 'channel-yaml.md', 'measures.md']
    """
    return {
        "channel-yaml.md": _channel_page(to),
        "catalogue.md": _catalogue_page(to),
        "measures.md": _measures_page(to),
    }


def _page(to: Language, name: str, *parts: str) -> str:
    head = [f"# {_say('title', to, name)}", _say("intro", to, name)]
    mark = f"<!-- {text('catalogue.generated', to)} -->"
    return "\n\n".join([mark, *head, *parts]) + "\n"


def _say(part: str, to: Language, name: str) -> str:
    return text(f"catalogue.{name}_{part}", to)


def _table(to: Language, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    titles = [text(f"catalogue.head_{head}", to) for head in heads]
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join("| " + " | ".join(cell or " " for cell in line) + " |" for line in lines)


# channel.yaml


def _channel_page(to: Language) -> str:
    schema = channel_schema()
    parts = [text("catalogue.pieces", to)]
    top: Mapping[str, Any] = schema["properties"]
    rows = [(f"`{name}`", _described(field, to)) for name, field in top.items()]
    parts.append(_table(to, ("key", "meaning"), rows))
    for name, field in top.items():
        section = _section(field, schema["$defs"])
        if section is not None:
            parts.append(f"## `{name}`")
            parts.append(_fields(section, schema["$defs"], to))
        elif name != "channel":
            kind = _value(field, schema["$defs"], to)
            about = _described(field, to)
            line = text("catalogue.written", to, about=about, value=kind)
            parts += [f"## `{name}`", line]
    for path, part in (
        ("tls", "Tls"),
        ("price", "Price"),
        ("oidc", "Oidc"),
        ("oidc.claims", "Claims"),
    ):
        section = schema["$defs"][f"{part}Section"]
        parts += [f"## `access.{path}`", _fields(section, schema["$defs"], to)]
    route = schema["$defs"]["RouteSection"]["anyOf"][1]
    parts += ["## `access.route`", _fields(route, schema["$defs"], to)]
    return _page(to, "channel", *parts)


def _described(field: Mapping[str, Any], to: Language) -> str:
    found: str = field["x-zh"] if to == "zh" else field["description"]
    return found.replace("|", r"\|")


def _fields(section: Mapping[str, Any], parts: Mapping[str, Any], to: Language) -> str:
    needed = section.get("required", ())
    rows = []
    for name, field in section["properties"].items():
        default = text("catalogue.required", to) if name in needed else _default(field)
        rows.append((f"`{name}`", _described(field, to), _value(field, parts, to), default))
    return _table(to, ("key", "meaning", "type", "default"), rows)


def _default(field: Mapping[str, Any]) -> str:
    default = field.get("default")
    return "" if default in (None, [], {}, "") else f"`{_plain(default)}`"


def _plain(value: Any) -> str:
    """Return a value as YAML would have it."""
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_plain(item) for item in value) + "]"
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return str(value) if value != "" else '""'


def _section(field: Mapping[str, Any], parts: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the object behind a field: itself, a reference, a list of it, or one of a choice."""
    if "properties" in field and len(field["properties"]) and "maxProperties" not in field:
        return field
    if "$ref" in field:
        return _section(parts[field["$ref"].rpartition("/")[2]], parts)
    for branch in [*field.get("anyOf", ()), *([field["items"]] if "items" in field else ())]:
        found = _section(branch, parts)
        if found is not None:
            return found
    return None


def _value(field: Mapping[str, Any], parts: Mapping[str, Any], to: Language) -> str:
    """Return in a few words what may be written for a field."""
    if "$ref" in field:
        return text("catalogue.value_mapping", to)
    if "examples" in field:
        return text("catalogue.value_rule", to)
    family = _family(field)
    if family is not None and "items" not in field:
        return text("catalogue.piece_of", to, family=f"[{family}](catalogue.md#{family})")
    if "enum" in field:
        return ", ".join(f"`{name}`" for name in field["enum"])
    if "items" in field:
        return text("catalogue.list_of", to, what=_value(field["items"], parts, to))
    branches = [b for b in field.get("anyOf", ()) if b.get("type") != "null"]
    if [b.get("type") for b in branches] == ["number", "string"]:
        return text("catalogue.value_quantity", to)
    lists = [b for b in branches if "items" in b]
    if lists or branches:
        return _value((lists or branches)[0], parts, to)
    kind = field.get("type")
    if isinstance(kind, list):
        return text("catalogue.value_name", to)
    return text(f"catalogue.value_{'mapping' if kind == 'object' else kind}", to)


def _family(field: Mapping[str, Any]) -> str | None:
    for branch in field.get("anyOf", ()):
        for family in catalog.TABLES:
            if set(catalog.names(family)) == set(branch.get("enum", ())) - {"auto"}:
                return family
    return None


# Catalogue


def _catalogue_page(to: Language) -> str:
    parts = []
    for family in catalog.TABLES:
        parts.append(f'<a id="{family}"></a>\n\n## {text(f"catalogue.family_{family}", to)}')
        rows = [_entry(family, name, to) for name in _built_in(family)]
        parts.append(_table(to, ("name", "about", "where", "options", "source"), rows))
        if family == "operators":
            parts.append(text("catalogue.order", to))
    parts += [f"## {_say('title', to, 'contract')}", _say("intro", to, "contract"), _rules(to)]
    return _page(to, "catalogue", *parts)


def _built_in(family: catalog.Family) -> list[str]:
    """Return our own names: the pages must not depend on what else is installed here."""
    return [name for name, path in catalog.names(family).items() if path.startswith("lingqu.")]


def _entry(family: catalog.Family, name: str, to: Language) -> tuple[str, ...]:
    kind: Any = catalog.load(family, name)
    about = text(f"catalogue.{family}_{name}", to)
    return f"`{name}`", about, _where(kind, to), _options(kind), _source(kind)


def _where(kind: Any, to: Language) -> str:
    stages = getattr(kind, "stages", None)
    if stages is not None:
        known = [stage for stage in ("data", "gate", "live") if stage in stages]
        return ", ".join(text(f"catalogue.stage_{stage}", to) for stage in known)
    if hasattr(kind, "travels"):
        return text("catalogue.travels" if kind.travels else "catalogue.trains", to)
    return ", ".join(sorted(getattr(kind, "tasks", ())))


def _options(kind: Any) -> str:
    shown = []
    for field in catalog.options_of(kind):
        if field.name in FILLED:
            continue
        default = field.default
        if default is dataclasses.MISSING and field.default_factory is not dataclasses.MISSING:
            default = field.default_factory()
        if default is dataclasses.MISSING:
            shown.append(f"`{field.name}`")
        else:
            shown.append(f"`{field.name}={_plain(default)}`")
    return ", ".join(shown)


def _source(kind: Any) -> str:
    """Return the source that the documentation of a plug-in gives, as one line."""
    found = re.search(r"^Source: (.+?)(?:\n\n|\Z)", inspect.getdoc(kind) or "", re.M | re.S)
    if found is None:
        return ""
    line = re.sub(r"-\n\s*(?=[a-z])", "", found[1])
    return re.sub(r"\s+", " ", line).replace("|", r"\|")


def _rules(to: Language) -> str:
    from lingqu.govern.contract.rules import FORMS

    rows = []
    for name, form in FORMS.items():
        options = ", ".join(f"`{option}`" for option in form.options)
        rows.append((f"`{name}`", text(f"catalogue.{form.shape}", to), options))
    return _table(to, ("name", "subject", "options_of"), rows)


# Measures


def _measures_page(to: Language) -> str:
    rows = []
    for check, measures in MEASURES.items():
        for measure in measures:
            key = measure.partition("(")[0].replace(".", "_")
            rows.append((f"`{measure}`", text(f"catalogue.measure_{key}", to), f"`{check}`"))
    head = f"## {_say('title', to, 'scores')}"
    parts = (_table(to, ("measure", "about", "check"), rows), head, _say("intro", to, "scores"))
    return _page(to, "measures", *parts, _scores(to))


def _scores(to: Language) -> str:
    """Return the table of the metrics: tasks, direction and range."""
    rows = []
    for measure in MEASURES["metrics"]:
        base = measure.partition("(")[0]
        if base not in NAMES:
            continue
        found = metric_of(f"{base}(1)" if base == "fbeta" else base)
        tasks = [task for task in get_args(Task) if found.fits(task) and task != "recommend"]
        way = text(f"catalogue.{'lower' if found.smaller else 'higher'}", to)
        about = text(f"catalogue.measure_{base}", to)
        ends = " – ".join(_end(value) for value in (found.low, found.high))
        rows.append((f"`{measure}`", about, ", ".join(tasks), way, ends))
    return _table(to, ("name", "about", "tasks", "better", "range"), rows)


def _end(value: float) -> str:
    return f"{value:g}".replace("-", "−").replace("inf", "∞")


if __name__ == "__main__":
    write(sys.argv[1] if len(sys.argv) > 1 else "docs")
