"""A typed TypeScript client of a channel, written from its OpenAPI document.

One file without dependencies: types of what is sent and answered, a method for each operation on
`fetch`, and streams as asynchronous generators. It runs where `fetch` does: browsers, Node.js 18.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from lingqu.core.nouns import Json

_NAME = re.compile(r"[A-Za-z_$][\w$]*", re.ASCII)
_PLAIN = {"string": "string", "number": "number", "integer": "number", "boolean": "boolean",
          "null": "null"}  # fmt: skip
_EVENTS = "text/event-stream"
_HEAD = """\
// Client of channel {title}, release {version}. Made by `lingqu client`; make it anew, do not edit.

export class Refusal extends Error {{
  constructor(readonly status: number, readonly body: unknown, message: string) {{
    super(message);
    this.name = "Refusal";
  }}
}}

export interface Options {{
  /** Secret of a key: `lq_…`. */
  key?: string;
  /** Milliseconds to wait for a reply. */
  timeoutMs?: number;
  /** Times that a request is sent again where the server says that it did not take it. */
  retries?: number;
  headers?: Record<string, string>;
}}
"""
_CLASS = """\
export class Client {
  constructor(readonly address: string, private readonly options: Options = {}) {}

  private async send(method: string, path: string, body?: unknown): Promise<Response> {
    const headers: Record<string, string> = { ...this.options.headers };
    if (this.options.key) headers["authorization"] = `Bearer ${this.options.key}`;
    if (body !== undefined) headers["content-type"] = "application/json";
    const sent = body === undefined ? undefined : JSON.stringify(body);
    for (let attempt = 0; ; attempt++) {
      const signal = AbortSignal.timeout(this.options.timeoutMs ?? 30_000);
      const reply = await fetch(this.address + path, { method, headers, body: sent, signal });
      if (reply.ok) return reply;
      const again = reply.status === 429 || reply.status === 503;
      if (again && attempt < (this.options.retries ?? 0)) {
        await reply.arrayBuffer();
        const seconds = Number(reply.headers.get("retry-after") ?? 1);
        await new Promise((done) => setTimeout(done, seconds * 1000));
        continue;
      }
      const told = await reply.text();
      let parsed: unknown = told;
      try { parsed = JSON.parse(told); } catch { /* not JSON: the text says it */ }
      const known = parsed as { detail?: string; error?: { message?: string } };
      throw new Refusal(reply.status, parsed, known?.detail ?? known?.error?.message ?? told);
    }
  }

  private async json<T>(method: string, path: string, body?: unknown): Promise<T> {
    return (await (await this.send(method, path, body)).json()) as T;
  }

  private async *events<T>(path: string, body: unknown): AsyncGenerator<T> {
    const reply = await this.send("POST", path, body);
    const reader = reply.body!.getReader();
    const decoder = new TextDecoder();
    let kept = "";
    try {
      for (;;) {
        const { done, value } = await reader.read();
        kept += decoder.decode(value, { stream: !done });
        const lines = kept.split("\\n");
        kept = lines.pop() ?? "";
        for (const line of lines) {
          if (!line.startsWith("data:")) continue;
          const data = line.slice(5).trim();
          if (data === "[DONE]") return;
          yield JSON.parse(data) as T;
        }
        if (done) return;
      }
    } finally {
      await reader.cancel();
    }
  }
"""


def client(document: Mapping[str, Json]) -> str:
    """Return the source of a client.

    Args:
        document: The OpenAPI document of a channel.

    Example:
        >>> body = {"content": {"application/json": {"schema": {"type": "object", "required": ["a"],
        ...         "properties": {"a": {"type": "integer"}}}}}}
        >>> told = {"info": {"title": "c", "version": "1"}, "components": {"schemas": {}},
        ...         "paths": {"/x": {"post": {"operationId": "go", "summary": "Go.",
        ...                                   "requestBody": body, "responses": {}}}}}
        >>> [line for line in client(told).splitlines() if line.startswith("export type")]
        ['export type GoBody = { a: number };', 'export type GoReply = unknown;']
    """
    info = document["info"]
    parts = [_HEAD.format(title=json.dumps(info["title"]), version=info["version"])]
    schemas: Mapping[str, Json] = document["components"]["schemas"]
    parts += [f"export type {name} = {of(schema)};\n" for name, schema in schemas.items()]
    types, methods = [], []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if "operationId" in operation:
                types += list(_types(operation))
                methods += list(_methods(path, method, operation))
    parts += types
    return "\n".join(parts) + "\n" + _CLASS + "\n" + "\n".join(methods) + "}\n"


def of(schema: Json) -> str:
    """Return a JSON Schema as a type of TypeScript.

    Example:
        >>> of({"type": ["string", "null"]}), of({"type": "array", "items": {"enum": ["a", 1]}})
        ('string | null', '("a" | 1)[]')
    """
    if not isinstance(schema, Mapping) or not schema:
        return "unknown"
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "const" in schema:
        return json.dumps(schema["const"], ensure_ascii=False)
    if "enum" in schema:
        return " | ".join(json.dumps(one, ensure_ascii=False) for one in schema["enum"])
    for word in ("anyOf", "oneOf"):
        if word in schema and "properties" not in schema:
            return " | ".join(dict.fromkeys(map(of, schema[word])))
    kinds = schema.get("type", "object" if "properties" in schema else None)
    kinds = [kinds] if isinstance(kinds, str) else kinds or ()
    return " | ".join(dict.fromkeys(_kind(kind, schema) for kind in kinds)) or "unknown"


def _kind(kind: str, schema: Mapping[str, Json]) -> str:
    if kind == "array":
        inner = of(schema.get("items"))
        return f"({inner})[]" if " | " in inner else f"{inner}[]"
    if kind != "object":
        return _PLAIN[kind]
    required = set(schema.get("required", ()))
    fields = [
        f"{_key(name)}{'' if name in required else '?'}: {of(inner)}"
        for name, inner in schema.get("properties", {}).items()
    ]
    if not fields:
        return "Record<string, unknown>"
    return "{ " + "; ".join(fields) + " }"


def _types(operation: Mapping[str, Json]) -> Iterator[str]:
    name = _words(operation["operationId"], first=True)
    body = _content(operation.get("requestBody", {}))
    if body is not None:
        yield f"export type {name}Body = {of(body)};\n"
    reply = _content(operation["responses"].get("200", {}))
    yield f"export type {name}Reply = {of(reply)};\n"


def _methods(path: str, method: str, operation: Mapping[str, Json]) -> Iterator[str]:
    name, kind = _words(operation["operationId"]), _words(operation["operationId"], first=True)
    takes = _content(operation.get("requestBody", {})) is not None
    streams = _EVENTS in operation["responses"].get("200", {}).get("content", {})
    only = streams and _content(operation["responses"]["200"]) is None
    target = json.dumps(path, ensure_ascii=False)
    about = f"  /** {operation['summary']} */\n"
    query = [p["name"] for p in operation.get("parameters", ()) if p["in"] == "query"]
    if streams:
        sent = "body" if only else "{ ...body, stream: true }"
        yield (
            f"{about}  {name if only else name + 'Stream'}(body: {kind}Body): "
            "AsyncGenerator<Record<string, any>> {\n"
            f"    return this.events({target}, {sent});\n  }}\n"
        )
    if only:
        return
    arguments = [f"body: {kind}Body"] if takes else []
    if query:
        fields = "; ".join(f"{_key(one)}?: string | number" for one in query)
        arguments.append(f"query: {{ {fields} }} = {{}}")
        made = "new URLSearchParams(Object.entries(query).map(([n, v]) => [n, String(v)]))"
        target = f'{target} + "?" + {made}'
    sent = ", body" if takes else ""
    yield (
        f"{about}  {name}({', '.join(arguments)}): Promise<{kind}Reply> {{\n"
        f"    return this.json({json.dumps(method.upper())}, {target}{sent});\n  }}\n"
    )


def _content(part: Mapping[str, Json]) -> Json:
    told = part.get("content", {}).get("application/json")
    return None if told is None else told.get("schema", {})


def _key(name: str) -> str:
    return name if _NAME.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def _words(name: str, first: bool = False) -> str:
    """Return a name as TypeScript writes it.

    Example:
        >>> _words("generate_stream"), _words("chat", first=True)
        ('generateStream', 'Chat')
    """
    head, *rest = name.split("_")
    return "".join([head.capitalize() if first else head, *(word.capitalize() for word in rest)])
