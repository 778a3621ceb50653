"""Routes of releases: look, check, approve, take away."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from fastapi.encoders import jsonable_encoder
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from lingqu.core.nouns import ReleaseRecord
from lingqu.flow.find import find_release
from lingqu.http.forms import ApproveRequest, Problems
from lingqu.workspace import Workspace

_ZIP: dict[int | str, dict[str, Any]] = {
    200: {"description": "A zip file.", "content": {"application/zip": {}}}
}


def release_routes(workspace: Workspace) -> APIRouter:
    """Return the routes of releases."""
    router = APIRouter(prefix="/v1", tags=["release"])

    @router.get("/releases", summary="List releases, newest first")
    def releases(channel: str | None = None) -> list[ReleaseRecord]:
        return workspace.releases(channel)

    @router.get("/releases/{release}", summary="The manifest of a release")
    def release(release: str) -> dict[str, Any]:
        manifest: dict[str, Any] = jsonable_encoder(workspace.release(release).manifest)
        return manifest

    @router.get("/releases/{release}/problems", summary="Check every byte of a release")
    def problems(release: str) -> Problems:
        # By its digest: the verb itself also takes a folder.
        digest = find_release(workspace.home, release).digest
        return Problems(problems=workspace.verify(digest))

    @router.get(
        "/releases/{release}/export",
        summary="Download a release as a zip file",
        response_class=FileResponse,
        responses=_ZIP,
    )
    def export(release: str) -> FileResponse:
        record = find_release(workspace.home, release)
        folder = tempfile.mkdtemp(prefix="lingqu-export-")
        away = BackgroundTask(shutil.rmtree, folder, ignore_errors=True)
        try:
            path = workspace.export(record.digest, Path(folder) / "release.zip")
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        name = f"{record.channel}-{record.digest[:12]}.zip"
        return FileResponse(path, media_type="application/zip", filename=name, background=away)

    @router.post("/releases/{release}/approve", summary="Approve a candidate")
    def approve(release: str, body: ApproveRequest) -> ReleaseRecord:
        return workspace.approve(release, body.by)

    return router
