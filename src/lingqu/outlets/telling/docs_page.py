"""The documentation of a channel as a page to read, made from its OpenAPI document."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import orjson

from lingqu.core.i18n import Language, both, text
from lingqu.core.nouns import REPLIES, TEXTS, Json
from lingqu.core.schema import Column
from lingqu.outlets.served import Served
from lingqu.outlets.telling.openapi import document

_STYLE = """
:root{color-scheme:light dark;--line:#8884}body{font:16px/1.55 system-ui,sans-serif;margin:0 auto;
max-width:56rem;padding:2rem 1rem}h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.35rem .6rem;
border-bottom:1px solid var(--line);vertical-align:top}pre{overflow:auto;padding:.8rem;
border:1px solid var(--line);border-radius:.4rem}code{font:.9em ui-monospace,monospace}
[lang=zh]{color:#777}
"""


def page(served: Served, channel: str) -> bytes:
    """Return the documentation as one HTML page that loads nothing else."""
    described = document(served, channel)
    example = orjson.dumps(
        described["paths"][f"/c/{channel}"]["post"]["requestBody"]["content"]["application/json"][
            "example"
        ]
    ).decode()
    if len(example) > 1500:
        example = example[:1500] + " …"
    columns = ", ".join(served.reader.names)
    classes = ", ".join(served.release.classes)
    kind = "docs_classes" if classes else "docs_number"
    leads = []
    languages: tuple[Language, ...] = ("en", "zh")
    for to in languages:
        answers = text(f"outlets.{kind}", to, classes=classes)
        if served.release.task == "recommend":
            answers = text("recommend.docs_lists", to, count=len(served.release.classes))
        elif served.release.task in REPLIES:
            key = "docs_text" if served.release.task in TEXTS else "docs"
            answers = text(f"replies.{key}", to)
            if served.release.task == "generate":
                answers = text("generate.docs", to)
        lead = text(
            "outlets.docs_lead",
            to,
            columns=columns,
            answers=answers,
            release=served.digest[:12],
        )
        leads.append(f'<p lang="{to}">{html.escape(lead)}</p>')
    call = (
        f"curl $ADDRESS/c/{channel} \\\n  -H 'Authorization: Bearer lq_…' \\\n"
        f"  -H 'Content-Type: application/json' \\\n  -d '{example}'"
    )
    paths = [
        (method.upper(), path, operation["summary"])
        for path, operations in described["paths"].items()
        for method, operation in operations.items()
    ]
    rows = [(c.name, c.kind, _described(c)) for c in served.reader.schema]
    parts = [
        f"<h1>{_two('docs_title', channel=channel)}</h1>",
        *leads,
        f"<h2>{_two('docs_try')}</h2><pre><code>{html.escape(call)}</code></pre>",
        f"<h2>{_two('docs_columns')}</h2>{_table(rows)}",
        f"<h2>{_two('docs_paths')}</h2>{_table(paths)}",
        f"<h2>OpenAPI</h2><pre><code>{_pretty(described)}</code></pre>",
    ]
    return (
        '<!doctype html><html><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{html.escape(channel)}</title><style>{_STYLE}</style></head>"
        f"<body>{''.join(parts)}</body></html>"
    ).encode()


def _described(column: Column) -> str:
    if column.shape:
        return " × ".join(map(str, column.shape))
    return ", ".join(column.levels[:12]) + (" …" if len(column.levels) > 12 else "")


def _two(key: str, **facts: Any) -> str:
    said = both(f"outlets.{key}", **facts)
    return f'{html.escape(said["en"])} <span lang="zh">{html.escape(said["zh"])}</span>'


def _table(rows: Sequence[tuple[str, str, str]]) -> str:
    cells = (
        f"<tr><td><code>{html.escape(a)}</code></td><td><code>{html.escape(b)}</code></td>"
        f"<td>{html.escape(c)}</td></tr>"
        for a, b, c in rows
    )
    return f"<table>{''.join(cells)}</table>"


def _pretty(value: Json) -> str:
    return html.escape(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())
