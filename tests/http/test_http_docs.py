"""The document and the page that shows it."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

import httpx
import pytest
from openapi_spec_validator import validate

from lingqu.http.docs import page, policy


@pytest.fixture(scope="module")
def document(client: httpx.Client) -> Any:
    return client.get("/openapi.json").json()


def test_the_document_is_valid(document: Any) -> None:
    validate(document)


def test_every_secured_operation_names_the_token_and_its_refusals(document: Any) -> None:
    (scheme,) = document["components"]["securitySchemes"]
    assert document["components"]["securitySchemes"][scheme]["scheme"] == "bearer"
    for path, verbs in document["paths"].items():
        for method, operation in verbs.items():
            if path == "/health":
                assert "security" not in operation
                continue
            assert operation["security"] == [{scheme: []}], (method, path)
            assert "application/problem+json" in operation["responses"]["4XX"]["content"]
            assert "422" not in operation["responses"]


@pytest.mark.parametrize(
    ("method", "path", "status", "fields"),
    [
        ("post", "/v1/runs", "202", {"id", "channel"}),
        ("get", "/v1/runs/{run}", "200", {"id", "state", "stages", "summary", "release"}),
        ("put", "/v1/channels/{channel}/route", "200", {"channel", "backends", "fallback"}),
        ("post", "/v1/keys", "201", {"id", "name", "secret", "expires"}),
        ("post", "/v1/releases/{release}/approve", "200", {"digest", "state", "channel"}),
        ("post", "/v1/channels/{channel}/act", "200", {"id", "name", "rule", "state"}),
        ("post", "/v1/channels/{channel}/respond", "202", {"channel", "actions"}),
    ],
)
def test_the_main_answers_are_described(
    document: Any, method: str, path: str, status: str, fields: set[str]
) -> None:
    said = document["paths"][path][method]["responses"][status]["content"]["application/json"]
    name = said["schema"]["$ref"].rpartition("/")[2]
    assert fields <= set(document["components"]["schemas"][name]["properties"])


def test_the_page_needs_nothing_from_elsewhere(client: httpx.Client, document: Any) -> None:
    reply = httpx.get(client.base_url.join("/docs"), trust_env=False)
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert "//" not in re.sub(r"<(script|style)>.*?</\1>", "", reply.text, flags=re.S)
    assert not re.findall(
        r"""(?:src|href)=["'](?!openapi\.json)|url\(|@import|https?:""", reply.text
    )
    for path, verbs in document["paths"].items():
        for method in verbs:
            assert f'data-method="{method.upper()}" data-path="{path}"' in reply.text
    for gone in ("/redoc", "/docs/oauth2-redirect"):
        assert client.get(gone).status_code == 404


def test_the_policy_lets_its_own_script_and_style_run_only(client: httpx.Client) -> None:
    reply = client.get("/docs")
    allowed = reply.headers["content-security-policy"]
    assert allowed == policy() and "default-src 'none'" in allowed
    for tag in ("script", "style"):
        (body,) = re.findall(f"<{tag}>(.*?)</{tag}>", reply.text, re.S)
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in allowed


def test_what_a_document_says_cannot_become_markup() -> None:
    operation = {"summary": "<img src=x>", "tags": ["<b>"]}
    shown = page({"info": {"title": "<i>", "version": "1"}, "paths": {"/<u>": {"get": operation}}})
    for markup in (b"<img", b"<b>", b"<i>", b"<u>"):
        assert markup not in shown.replace(b"<b>GET", b"")
