"""Schemathesis against our own OpenAPI: what comes back is as it is described."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import CHECKS
from tests.outlets.asking import make_app, opened
from tests.outlets.live import live

from lingqu.outlets.room import Limits
from lingqu.outlets.sight.labels import Labels
from lingqu.store.home import open_home

pytestmark = pytest.mark.slow

NAMED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)


@pytest.fixture(scope="module")
def described(releases: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The document of a live server, read by schemathesis."""
    app = make_app(opened(releases["people"]), limits=Limits(rows=50, body=100_000))
    with closing(open_home(tmp_path_factory.mktemp("home"))) as home, live(app) as address:
        app.labels = Labels(home)
        yield schemathesis.openapi.from_url(f"{address}/openapi.json")


def test_every_operation_keeps_its_description(described: Any):
    checks = [CHECKS.get_one(name) for name in NAMED]
    asked: dict[str, int] = {}
    for found in described.get_all_operations():
        operation = found.ok()

        @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def keeps(case: Any) -> None:
            reply = case.call_and_validate(checks=checks)
            label = f"{case.operation.label} {reply.status_code}"
            asked[label] = asked.get(label, 0) + 1

        keeps()
    told = "\n".join(sorted(asked))
    for wanted in ("POST /c/people 200", "GET /health 200", "GET /metrics 200"):
        assert wanted in told, told
