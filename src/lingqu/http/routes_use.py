"""Routes of use: outlets, who answers, watching and acting."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.encoders import jsonable_encoder

from lingqu.core.nouns import Action, OutletRecord
from lingqu.http.background import Background
from lingqu.http.forms import (
    ActRequest,
    CallRequest,
    Closed,
    DeployRequest,
    Responding,
)
from lingqu.http.known import known
from lingqu.workspace import Workspace


def use_routes(workspace: Workspace, background: Background) -> APIRouter:
    """Return the routes of use."""
    router = APIRouter(prefix="/v1", tags=["use"])

    @router.get("/outlets", summary="List outlets")
    def outlets(channel: str | None = None) -> list[OutletRecord]:
        return workspace.outlets(channel)

    @router.post("/channels/{channel}/deploy", summary="Open the outlets of a known channel")
    def deploy(channel: str, body: DeployRequest) -> Any:
        opened = workspace.deploy(known(workspace, channel), body.release, body.canary)
        return jsonable_encoder(opened)

    @router.post("/channels/{channel}/undeploy", summary="Close the outlets of a channel")
    def undeploy(channel: str) -> Closed:
        return Closed(closed=workspace.undeploy(channel))

    @router.post("/channels/{channel}/call", summary="Ask a channel, to try it")
    def call(channel: str, body: CallRequest) -> list[dict[str, Any]]:
        answers = workspace.call(known(workspace, channel).name, body.rows, body.key, body.options)
        return [dict(answer) for answer in answers]

    @router.post("/channels/{channel}/watch", summary="Look at closed windows; rules act")
    def watch(channel: str, partial: bool = False) -> list[dict[str, Any]]:
        windows = workspace.watch(known(workspace, channel), partial)
        return [jsonable_encoder(window.to_json()) for window in windows]

    @router.get("/actions", summary="What was done and what is asked for")
    def actions(channel: str | None = None, state: str | None = None) -> list[Action]:
        return workspace.actions(channel, state)

    @router.post("/channels/{channel}/act", summary="Do one action by hand")
    def act(channel: str, body: ActRequest) -> Action:
        return workspace.act(known(workspace, channel).name, body.action, body.options)

    @router.post(
        "/channels/{channel}/respond", status_code=202, summary="Carry out what is asked for"
    )
    def respond(channel: str) -> Responding:
        declared = known(workspace, channel)
        asked = [action.id for action in workspace.actions(declared.name, "requested")]
        background.start(f"respond {declared.name}", lambda: workspace.respond(declared))
        return Responding(channel=declared.name, actions=asked)

    return router
