"""The documentation of the control API: one page that loads nothing, and can send requests."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Iterator
from typing import Any

from lingqu.core.i18n import both
from lingqu.core.nouns import Json

_STYLE = """
:root{color-scheme:light dark;--line:#8884}body{font:16px/1.55 system-ui,sans-serif;margin:0 auto;
max-width:60rem;padding:2rem 1rem}h1{font-size:1.6rem}h2{font-size:1.1rem;margin-top:2rem}
details{border-bottom:1px solid var(--line);padding:.35rem 0}summary{cursor:pointer}
label{display:block;margin:.4rem 0}input,textarea{font:.9em ui-monospace,monospace;width:100%;
box-sizing:border-box;padding:.3rem}button{font:inherit;padding:.2rem .9rem;margin:.3rem 0}
pre{overflow:auto;max-height:24rem;padding:.8rem;border:1px solid var(--line);border-radius:.4rem}
code,b{font:.9em ui-monospace,monospace}b{display:inline-block;width:4.5rem;font-weight:700}
[lang=zh],small{color:#777}pre:empty{display:none}
"""
_SCRIPT = """
for (const form of document.forms) form.addEventListener('submit', async event => {
  event.preventDefault();
  let path = form.dataset.path; const query = new URLSearchParams();
  for (const field of form.querySelectorAll('input')) {
    if (field.dataset.in === 'path')
      path = path.replace('{' + field.name + '}', encodeURIComponent(field.value));
    else if (field.value) query.set(field.name, field.value);
  }
  const body = form.querySelector('textarea'), out = form.querySelector('pre');
  const token = document.getElementById('token').value;
  const headers = {'Authorization': 'Bearer ' + token};
  if (body) headers['Content-Type'] = 'application/json';
  try {
    const reply = await fetch(path + (query.size ? '?' + query : ''),
      {method: form.dataset.method, headers, body: body ? body.value : undefined});
    const type = reply.headers.get('content-type') || '';
    let said = /json|html|text/.test(type) ? await reply.text() : type;
    if (type.includes('json')) said = JSON.stringify(JSON.parse(said), null, 2);
    out.textContent = reply.status + '\\n' + said;
  } catch (error) { out.textContent = String(error); }
});
"""


def policy() -> str:
    """Return the Content-Security-Policy of the page: its own script and style, this API only."""
    script, style = (
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for text in (_SCRIPT, _STYLE)
    )
    return (
        f"default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{style}'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def page(document: dict[str, Json]) -> bytes:
    """Return an OpenAPI document as one HTML page.

    Args:
        document: OpenAPI 3.1; its operations are shown by their first tag.
    """
    groups: dict[str, list[str]] = {}
    for path, verbs in document["paths"].items():
        for method, operation in verbs.items():
            tag = operation.get("tags", [""])[0]
            groups.setdefault(tag, []).append(_operation(document, path, method, operation))
    title = html.escape(f"{document['info']['title']} {document['info']['version']}")
    parts = [
        f"<h1>{title}</h1><p>{html.escape(document['info'].get('summary', ''))} "
        '<a href="openapi.json">openapi.json</a></p>',
        f"<label>{_two('docs_token')} <small>{_two('docs_where')}</small>"
        '<input id="token" type="password" autocomplete="off" spellcheck="false"></label>',
        *(f"<h2>{html.escape(tag)}</h2>{''.join(shown)}" for tag, shown in groups.items()),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head>"
        f"<body>{''.join(parts)}<script>{_SCRIPT}</script></body></html>"
    ).encode()


def _operation(
    document: dict[str, Json], path: str, method: str, operation: dict[str, Json]
) -> str:
    fields = [_field(parameter) for parameter in operation.get("parameters", ())]
    if "requestBody" in operation:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        fields += [f"<small>{line}</small><br>" for line in _described(schema)]
        example = json.dumps(_example(schema), indent=1, ensure_ascii=False)
        fields.append(f'<textarea rows="5" aria-label="body">{html.escape(example)}</textarea>')
    verb = html.escape(method.upper())
    return (
        f"<details><summary><b>{verb}</b><code>{html.escape(path)}</code> "
        f"{html.escape(operation['summary'])}</summary>"
        f'<form data-method="{verb}" data-path="{html.escape(path)}">{"".join(fields)}'
        f"<button>{_two('docs_send')}</button><pre></pre></form></details>"
    )


def _field(parameter: dict[str, Json]) -> str:
    name, where = html.escape(parameter["name"]), html.escape(parameter["in"])
    needed = " required" if parameter.get("required") else ""
    return f'<label>{name}<input name="{name}" data-in="{where}"{needed}></label>'


def _described(schema: dict[str, Json]) -> Iterator[str]:
    for name, field in schema["properties"].items():
        if "description" in field:
            yield f"<code>{html.escape(name)}</code> {html.escape(field['description'])}"


def _example(schema: dict[str, Json]) -> dict[str, Any]:
    """Return a body to start from: what is required, and every default."""
    empty = {"string": "", "array": [], "object": {}, "number": 0, "integer": 0}
    return {
        name: field["default"] if "default" in field else empty.get(field.get("type"))
        for name, field in schema["properties"].items()
    }


def _two(key: str) -> str:
    said = both(f"http.{key}")
    return f'{html.escape(said["en"])} <span lang="zh">{html.escape(said["zh"])}</span>'
