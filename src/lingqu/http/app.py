"""The control API: the verbs of the workspace over HTTP, documented by OpenAPI at ``/docs``.

It carries control; predictions in earnest go through the server outlet, which knows no
framework. Every route but ``/health`` and the documentation needs the workspace's token.
"""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi.responses import Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool

from lingqu import __version__
from lingqu.core.errors import AccessError
from lingqu.flow.roles import identify
from lingqu.http.background import Background
from lingqu.http.docs import page, policy
from lingqu.http.forms import Problem
from lingqu.http.problems import RESPONSES, add_problems
from lingqu.http.routes_data import data_routes
from lingqu.http.routes_house import house_routes
from lingqu.http.routes_path import path_routes
from lingqu.http.routes_release import release_routes
from lingqu.http.routes_route import route_routes
from lingqu.http.routes_use import use_routes
from lingqu.store.actor import acting_as
from lingqu.workspace import Workspace

_BEARER = HTTPBearer(
    auto_error=False,
    description="The token in api.token of the workspace, or that of a person.",
    scheme_name="token",
)


class Documented(FastAPI):
    """An application whose document also describes its problem documents."""

    def openapi(self) -> dict[str, Any]:
        document = super().openapi()
        document["components"]["schemas"]["Problem"] = Problem.model_json_schema()
        return document


def make_app(workspace: Workspace, token: str) -> FastAPI:
    """Return the ASGI application of a workspace.

    Args:
        workspace: An open workspace; it outlives the application.
        token: What callers send as ``Authorization: Bearer …``.
    """

    async def allowed(
        sent: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
    ) -> AsyncIterator[None]:
        given = sent.credentials if sent is not None else ""
        if hmac.compare_digest(given.encode(), token.encode()):
            yield  # the workspace's own token: its owner
            return
        try:
            actor = await run_in_threadpool(identify, workspace.home, given)
        except AccessError:
            raise AccessError("http.token", 401) from None
        with acting_as(actor):
            yield

    app = Documented(
        title="Lingqu control API",
        version=__version__,
        summary="Plan, run, release, deploy, watch and prove channels.",
        docs_url=None,
        redoc_url=None,
    )
    add_problems(app)
    background = Background()
    app.include_router(_open(app))
    for router in (
        path_routes(workspace, background),
        data_routes(workspace),
        release_routes(workspace),
        use_routes(workspace, background),
        route_routes(workspace),
        house_routes(workspace),
    ):
        app.include_router(router, dependencies=[Depends(allowed)], responses=RESPONSES)
    return app


def _open(app: FastAPI) -> APIRouter:
    router = APIRouter()

    @router.get("/health", summary="Whether the API answers")
    def health() -> dict[str, str]:
        return {"status": "ok", "version": __version__}

    @router.get("/docs", include_in_schema=False)
    def docs() -> Response:
        headers = {"content-security-policy": policy()}
        return Response(page(app.openapi()), 200, headers, "text/html; charset=utf-8")

    return router
