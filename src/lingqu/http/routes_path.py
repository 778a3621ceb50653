"""Routes from data to a release: drafts, plans and runs."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.encoders import jsonable_encoder
from fastapi.responses import HTMLResponse, Response

from lingqu.core.nouns import Finding, Run
from lingqu.http.background import Background
from lingqu.http.forms import Draft, DraftRequest, RunRow, Started, WhichChannel
from lingqu.http.known import channel_of, data_file
from lingqu.workspace import Workspace


def path_routes(workspace: Workspace, background: Background) -> APIRouter:
    """Return the routes of declaring and walking."""
    router = APIRouter(prefix="/v1", tags=["path"])

    @router.post("/drafts", summary="Draft a channel.yaml for a data file")
    def draft(body: DraftRequest) -> Draft:
        source = data_file(workspace, body.source)
        return Draft(channel=workspace.init(source, body.predict))

    @router.post("/plans", summary="Plan a channel: defaults chosen and why")
    def plan(body: WhichChannel) -> Any:
        return jsonable_encoder(workspace.plan(channel_of(workspace, body)).to_json())

    @router.post("/runs", status_code=202, summary="Start a run; ask for it by its id")
    def start(body: WhichChannel) -> Started:
        channel = channel_of(workspace, body)
        channel.validate_pieces()
        run_id = workspace.home.new_id()
        thread = background.start(f"run {run_id}", lambda: workspace.run(channel, run_id=run_id))
        while thread.is_alive() and not _recorded(workspace, run_id):
            thread.join(0.01)
        return Started(id=run_id, channel=channel.name)

    @router.get("/runs", summary="List runs, newest first, each in a line")
    def runs(channel: str | None = None, limit: int = 50) -> list[RunRow]:
        return [_row(run) for run in workspace.runs(channel, min(max(limit, 1), 1000))]

    @router.get("/runs/{run}", summary="Show a run with its stages")
    def show(run: str) -> Run:
        return workspace.show(run)

    @router.get("/runs/{run}/findings", summary="What the checks of a run saw")
    def findings(run: str) -> list[Finding]:
        return workspace.findings(run)

    @router.get(
        "/runs/{run}/report", summary="The HTML report of a run", response_class=HTMLResponse
    )
    def report(run: str) -> Response:
        page = workspace.report(run).read_bytes()
        return Response(page, media_type="text/html; charset=utf-8")

    @router.get("/compare", summary="The measures of two runs side by side")
    def compare(first: str, second: str) -> list[dict[str, Any]]:
        return workspace.compare(first, second)

    return router


def _row(run: Run) -> RunRow:
    return RunRow(
        id=run.id,
        channel=run.channel,
        state=run.state,
        started=run.started,
        ended=run.ended,
        release=run.release,
        metric=run.summary.get("metric", ""),
        score=run.summary.get("validation_score"),
    )


def _recorded(workspace: Workspace, run_id: str) -> bool:
    """Return whether a run is in the ledger, so that who asks for its id finds it."""
    return any(run.id == run_id for run in workspace.runs(limit=100))
