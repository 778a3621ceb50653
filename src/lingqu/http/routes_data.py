"""Routes of data: versions, cards, and the decisions of people about rows."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response

from lingqu.http.forms import CommitRequest, CommittedRow, Decided, FixRequest, UndoRequest
from lingqu.http.known import data_file, known
from lingqu.workspace import Workspace

_TYPES = {
    "markdown": "text/markdown; charset=utf-8",
    "croissant": "application/ld+json",
    "openlineage": "application/json",
}


def data_routes(workspace: Workspace) -> APIRouter:
    """Return the routes of data."""
    router = APIRouter(prefix="/v1", tags=["data"])

    @router.post("/data/versions", summary="Record what a file or folder holds now")
    def commit(body: CommitRequest) -> CommittedRow:
        source = data_file(workspace, body.source)
        done = workspace.data_commit(source, body.name, body.message, body.facts)
        return CommittedRow(
            version=done.record.version,
            name=done.record.label,
            rows=done.record.rows,
            unchanged=done.unchanged,
            files=done.files,
            read=done.read,
        )

    @router.get("/data/versions", summary="List versions, newest first")
    def log(
        name: str = "", limit: Annotated[int, Query(ge=1, le=1000)] = 50
    ) -> list[dict[str, Any]]:
        return workspace.data_log(name, limit)

    @router.get("/data/versions/{version}", summary="Facts, columns and a few rows")
    def show(version: str) -> dict[str, Any]:
        return workspace.data_show(version)

    @router.get("/data/versions/{version}/card", summary="The card of a version")
    def card(
        version: str, form: Literal["markdown", "croissant", "openlineage"] = "markdown"
    ) -> Response:
        return Response(workspace.data_card(version, form), media_type=_TYPES[form])

    @router.get("/data/diff", summary="What differs between two versions")
    def diff(first: str, second: str) -> dict[str, Any]:
        return workspace.data_diff(first, second)

    @router.get("/channels/{channel}/wanted", summary="What to collect next, and why")
    def wanted(channel: str) -> list[dict[str, Any]]:
        return workspace.data_wanted(known(workspace, channel).name)

    @router.get("/channels/{channel}/suspects", summary="Labels that the last run doubts")
    def suspects(channel: str) -> list[dict[str, Any]]:
        return workspace.data_suspects(known(workspace, channel).name)

    @router.get("/channels/{channel}/removed", summary="Rows that governance removed, and why")
    def removed(channel: str) -> list[dict[str, Any]]:
        return workspace.data_removed(known(workspace, channel).name)

    @router.post("/channels/{channel}/fixes", summary="Accept labels for rows")
    def fix(channel: str, body: FixRequest) -> Decided:
        name = known(workspace, channel).name
        fixes = [{"row": row.row, "to": row.label} for row in body.rows]
        return Decided(rows=workspace.data_fix(name, fixes, body.by, body.note))

    @router.post("/channels/{channel}/undo", summary="Take removals or decisions back")
    def undo(channel: str, body: UndoRequest) -> Decided:
        name = known(workspace, channel).name
        return Decided(rows=workspace.data_undo(name, body.rows, body.operator, body.by))

    return router
