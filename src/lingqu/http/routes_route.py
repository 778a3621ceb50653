"""Routes of routing: who answers, promotion, and the queue for people."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.encoders import jsonable_encoder

from lingqu.core.nouns import Route
from lingqu.http.forms import (
    AnswerRequest,
    ExperimentRequest,
    PromoteRequest,
    RouteRequest,
    WhyRequest,
)
from lingqu.http.known import known
from lingqu.workspace import Workspace


def route_routes(workspace: Workspace) -> APIRouter:
    """Return the routes of routing."""
    router = APIRouter(prefix="/v1", tags=["route"])

    @router.get("/channels/{channel}/route", summary="Who answers")
    def route(channel: str) -> Route | None:
        return workspace.route(channel)

    @router.get("/channels/{channel}/route/history", summary="Who answered, now and before")
    def routes(channel: str) -> list[Route]:
        return workspace.routes(channel)

    @router.put("/channels/{channel}/route", summary="Change who answers")
    def switch(channel: str, body: RouteRequest) -> Route:
        return workspace.switch(
            known(workspace, channel).name, body.release, body.canary, body.fallback,
            shadow=body.shadow, when=body.when, reason=body.reason, by=body.by,
        )  # fmt: skip

    @router.put("/channels/{channel}/route/arms", summary="Deal the calls to named arms")
    def experiment(channel: str, body: ExperimentRequest) -> Route:
        arms = {name: (arm.release, arm.share) for name, arm in body.arms.items()}
        return workspace.experiment(known(workspace, channel).name, arms, body.reason, body.by)

    @router.post(
        "/channels/{channel}/route/stop", summary="Let nobody answer, at once and everywhere"
    )
    def stop(channel: str, body: WhyRequest) -> Route:
        return workspace.stop(known(workspace, channel).name, body.reason, body.by)

    @router.post(
        "/channels/{channel}/route/resume", summary="Let those answer again who did before"
    )
    def resume(channel: str, body: WhyRequest) -> Route:
        return workspace.resume(known(workspace, channel).name, body.reason, body.by)

    @router.post("/channels/{channel}/route/undo", summary="Bring back the route before this one")
    def undo_route(channel: str, body: WhyRequest) -> Route:
        return workspace.undo_route(known(workspace, channel).name, body.reason, body.by)

    @router.post("/channels/{channel}/promote", summary="Look at the evidence, or act on it")
    def promote(channel: str, body: PromoteRequest) -> dict[str, Any]:
        found = workspace.promote(known(workspace, channel), step=body.step, by=body.by)
        told: dict[str, Any] = jsonable_encoder({**vars(found), "why": str(found.why)})
        return told

    @router.get("/channels/{channel}/queue", summary="Requests that wait, or waited, for people")
    def questions(channel: str, waiting: bool = False) -> list[dict[str, Any]]:
        name = known(workspace, channel).name
        return [jsonable_encoder(one) for one in workspace.questions(name, waiting)]

    @router.post("/queue/{question}", summary="Answer a question")
    def answer(question: str, body: AnswerRequest) -> dict[str, Any]:
        done: dict[str, Any] = jsonable_encoder(workspace.answer(question, body.answer, body.by))
        return done

    return router
