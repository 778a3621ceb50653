"""The control API: the verbs of the workspace over HTTP, documented by OpenAPI at ``/docs``.

It carries control, never predictions: those go through the server outlet, which knows no
framework. Every route needs the workspace's token.
"""

from __future__ import annotations

import hmac
import logging
import threading
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Header, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from lingqu import __version__
from lingqu.core.errors import (
    AccessError,
    DataError,
    GateError,
    LingquError,
    OutletError,
    SpecError,
    StoreError,
    TrainError,
)
from lingqu.core.i18n import text
from lingqu.core.spec import Channel
from lingqu.workspace import Workspace

log = logging.getLogger("lingqu.http")
STATUS: dict[type[LingquError], int] = {
    SpecError: 422,
    DataError: 422,
    TrainError: 422,
    GateError: 409,
    OutletError: 409,
    StoreError: 404,
}


class Body(BaseModel):
    """A request body: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class ChannelText(Body):
    channel: str = Field(description="The text of a channel.yaml.", min_length=1)


class DeployRequest(Body):
    release: str = Field("", description="Digest or unique prefix; the newest approved when empty.")
    canary: float | None = Field(None, gt=0, le=1, description="Share of the traffic, 0–1.")


class KeyRequest(Body):
    name: str = Field(min_length=1, max_length=100)
    channels: list[str] = []
    quota: str = Field("", description="Such as 600/min.")
    expires: str = Field("", description="ISO 8601 time, or a duration such as 30 d.")


class ApproveRequest(Body):
    by: str = Field(min_length=1, description="The person who approves.")


def make_app(workspace: Workspace, token: str) -> FastAPI:
    """Return the ASGI application of a workspace.

    Args:
        workspace: An open workspace; it outlives the application.
        token: What callers send as ``Authorization: Bearer …``.
    """

    def allowed(authorization: Annotated[str, Header()] = "") -> None:
        if not hmac.compare_digest(authorization.encode(), f"Bearer {token}".encode()):
            raise AccessError("http.token", 401)

    app = FastAPI(
        title="Lingqu control API",
        version=__version__,
        summary="Plan, run, release, deploy, watch and prove channels.",
    )
    app.add_exception_handler(LingquError, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _unrouted)
    secured = [Depends(allowed)]
    app.include_router(_health())
    app.include_router(_path(workspace), dependencies=secured, tags=["path"])
    app.include_router(_releases(workspace), dependencies=secured, tags=["release"])
    app.include_router(_use(workspace), dependencies=secured, tags=["use"])
    app.include_router(_trail(workspace), dependencies=secured, tags=["trail"])
    return app


def _problem(request: Request, error: Exception) -> Response:
    """Answer with a problem document (RFC 9457)."""
    status = error.status if isinstance(error, AccessError) else 400
    for kind, code in STATUS.items():
        if isinstance(error, kind):
            status = code
    key = error.key if isinstance(error, LingquError) else "http.invalid"
    return _document(key, status, str(error))


def _invalid(request: Request, error: Exception) -> Response:
    """Answer a request whose body or parameters are of the wrong form."""
    assert isinstance(error, RequestValidationError)
    wrong = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
    return _document("http.invalid", 422, "; ".join(wrong))


def _unrouted(request: Request, error: Exception) -> Response:
    """Answer a request for a path or a method that is not there."""
    assert isinstance(error, HTTPException)
    key = "http.unknown_method" if error.status_code == 405 else "http.unknown_path"
    detail = text(key, method=request.method, path=request.url.path)
    return _document(key, error.status_code, detail, dict(error.headers or {}))


def _document(
    key: str, status: int, detail: str, headers: Mapping[str, str] | None = None
) -> Response:
    body = {"type": f"urn:lingqu:{key}", "title": key, "status": status, "detail": detail}
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def _plain(value: Any) -> Any:
    return jsonable_encoder(value)


def _health() -> APIRouter:
    router = APIRouter()

    @router.get("/health", summary="Whether the API answers")
    def health() -> dict[str, str]:
        return {"status": "ok", "version": __version__}

    return router


def _path(workspace: Workspace) -> APIRouter:
    router = APIRouter(prefix="/v1")

    @router.post("/plans", summary="Plan a channel: defaults chosen and why")
    def plan(body: ChannelText) -> Any:
        return _plain(workspace.plan(Channel.parse(body.channel)).to_json())

    @router.post("/runs", status_code=202, summary="Start a run; ask for it by its id")
    def start(body: ChannelText) -> Any:
        channel = Channel.parse(body.channel)
        channel.validate_pieces()
        run_id = workspace.home.new_id()
        thread = _in_background(lambda: workspace.run(channel, run_id=run_id), run_id)
        while thread.is_alive() and not _known(workspace, run_id):
            thread.join(0.01)
        return {"id": run_id, "channel": channel.name}

    @router.get("/runs", summary="List runs, newest first")
    def runs(channel: str | None = None, limit: int = 50) -> Any:
        return _plain(workspace.runs(channel, min(max(limit, 1), 1000)))

    @router.get("/runs/{run}", summary="Show a run")
    def show(run: str) -> Any:
        return _plain(workspace.show(run))

    @router.get("/runs/{run}/findings", summary="What the checks of a run saw")
    def findings(run: str) -> Any:
        return _plain(workspace.findings(run))

    @router.get("/runs/{run}/report", summary="The HTML report of a run")
    def report(run: str) -> Response:
        page = workspace.report(run).read_bytes()
        return Response(page, media_type="text/html; charset=utf-8")

    @router.get("/compare", summary="The measures of two runs side by side")
    def compare(first: str, second: str) -> Any:
        return workspace.compare(first, second)

    return router


def _known(workspace: Workspace, run_id: str) -> bool:
    """Return whether a run is in the ledger, so that who asks for its id finds it."""
    return any(run.id == run_id for run in workspace.runs(limit=100))


def _in_background(work: Callable[[], object], name: str) -> threading.Thread:
    """Run in a thread; the outcome, also a failure, is in the ledger under the run's id."""

    def quietly() -> None:
        try:
            work()
        except LingquError as error:
            log.warning("run %s: %s", name, error)

    thread = threading.Thread(target=quietly, name=f"run-{name}", daemon=True)
    thread.start()
    return thread


def _releases(workspace: Workspace) -> APIRouter:
    router = APIRouter(prefix="/v1")

    @router.get("/releases", summary="List releases, newest first")
    def releases(channel: str | None = None) -> Any:
        return _plain(workspace.releases(channel))

    @router.get("/releases/{release}", summary="The manifest of a release")
    def release(release: str) -> Any:
        return _plain(workspace.release(release).manifest)

    @router.get("/releases/{release}/problems", summary="Check every byte of a release")
    def problems(release: str) -> Any:
        return {"problems": workspace.verify(release)}

    @router.post("/releases/{release}/approve", summary="Approve a candidate")
    def approve(release: str, body: ApproveRequest) -> Any:
        return _plain(workspace.approve(release, body.by))

    return router


def _use(workspace: Workspace) -> APIRouter:
    router = APIRouter(prefix="/v1")

    @router.get("/outlets", summary="List outlets")
    def outlets(channel: str | None = None) -> Any:
        return _plain(workspace.outlets(channel))

    @router.post("/channels/{channel}/deploy", summary="Open the outlets of a known channel")
    def deploy(channel: str, body: DeployRequest) -> Any:
        return _plain(workspace.deploy(channel, body.release, body.canary))

    @router.post("/channels/{channel}/undeploy", summary="Close the outlets of a channel")
    def undeploy(channel: str) -> Any:
        return {"closed": workspace.undeploy(channel)}

    @router.get("/channels/{channel}/route", summary="Who answers")
    def route(channel: str) -> Any:
        return _plain(workspace.route(channel))

    @router.post("/channels/{channel}/watch", summary="Look at closed windows; rules act")
    def watch(channel: str, partial: bool = False) -> Any:
        return [_plain(window.to_json()) for window in workspace.watch(channel, partial)]

    @router.get("/actions", summary="What was done and what is asked for")
    def actions(channel: str | None = None, state: str | None = None) -> Any:
        return _plain(workspace.actions(channel, state))

    @router.get("/keys", summary="List keys; secrets are not kept")
    def keys() -> Any:
        known = workspace.keys()
        return [{k: v for k, v in _plain(key).items() if k != "hash"} for key in known]

    @router.post("/keys", status_code=201, summary="Make a key; its secret is shown once")
    def make_key(body: KeyRequest) -> Any:
        key, secret = workspace.make_key(body.name, body.channels, body.quota, body.expires)
        return {"id": key.id, "name": key.name, "secret": secret, "expires": key.expires}

    @router.delete("/keys/{key}", summary="Disable a key at once")
    def disable_key(key: str) -> Any:
        disabled = workspace.disable_key(key)
        return {"id": disabled.id, "disabled": disabled.disabled}

    return router


def _trail(workspace: Workspace) -> APIRouter:
    router = APIRouter(prefix="/v1")

    @router.get("/events", summary="The newest events")
    def events(kind: str | None = None, subject: str | None = None, limit: int = 50) -> Any:
        return _plain(workspace.events(kind, subject, min(max(limit, 1), 1000)))

    @router.get("/audit", summary="Verify the whole trail")
    def audit() -> Any:
        return _plain(workspace.audit())

    return router
