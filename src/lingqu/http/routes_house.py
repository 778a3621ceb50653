"""Routes of the house: keys, the trail, retention, the state of this installation."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Query
from fastapi.encoders import jsonable_encoder

from lingqu.core.catalog import Family
from lingqu.core.nouns import Event, Key
from lingqu.http.forms import (
    EraseRequest,
    KeyDisabled,
    KeyMade,
    KeyRequest,
    KeyRow,
    PersonRequest,
    PruneRequest,
    RotateRequest,
)
from lingqu.store.erase import EraseReport
from lingqu.store.prune import PruneReport
from lingqu.workspace import Workspace


def house_routes(workspace: Workspace) -> APIRouter:
    """Return the routes of access, proof and house-keeping."""
    router = APIRouter(prefix="/v1", tags=["house"])

    @router.get("/keys", summary="List keys; secrets are not kept")
    def keys() -> list[KeyRow]:
        known = workspace.keys()
        return [KeyRow.model_validate(key, from_attributes=True) for key in known]

    @router.post("/keys", status_code=201, summary="Make a key; its secret is shown once")
    def make_key(body: KeyRequest) -> KeyMade:
        return _made(*workspace.make_key(**body.model_dump()))

    @router.post("/keys/{key}/rotate", summary="Another secret for a key; both hold for a while")
    def rotate_key(key: str, body: RotateRequest) -> KeyMade:
        return _made(*workspace.rotate_key(key, body.overlap))

    @router.delete("/keys/{key}", summary="Disable a key at once")
    def disable_key(key: str) -> KeyDisabled:
        disabled = workspace.disable_key(key)
        return KeyDisabled(id=disabled.id, disabled=disabled.disabled)

    @router.get("/people", summary="Who has which role")
    def people() -> list[KeyRow]:
        known = workspace.people()
        return [KeyRow.model_validate(key, from_attributes=True) for key in known]

    @router.post("/people", status_code=201, summary="Give a role; the token is shown once")
    def add_person(body: PersonRequest) -> KeyMade:
        return _made(*workspace.add_person(body.name, body.role, body.channels, body.expires))

    @router.delete("/people/{person}", summary="Take a role away at once")
    def remove_person(person: str) -> KeyDisabled:
        disabled = workspace.disable_key(person)
        return KeyDisabled(id=disabled.id, disabled=disabled.disabled)

    @router.get("/usage", summary="What keys used, in sums")
    def usage(
        by: str = Query("key,channel", description="Of key, channel, release, month, day, hour."),
        since: str = Query("", description="ISO 8601 time, or a duration back such as 30 d."),
        channel: str = "",
    ) -> list[dict[str, Any]]:
        return workspace.usage([one.strip() for one in by.split(",")], since, channel)

    @router.get("/events", summary="The newest events")
    def events(kind: str | None = None, subject: str | None = None, limit: int = 50) -> list[Event]:
        return workspace.events(kind, subject, min(max(limit, 1), 1000))

    @router.get("/audit", summary="Verify the whole trail")
    def audit() -> dict[str, Any]:
        verdict: dict[str, Any] = jsonable_encoder(workspace.audit())
        return verdict

    @router.post("/prune", summary="Remove what retention no longer asks for; a dry run first")
    def prune(body: PruneRequest) -> PruneReport:
        report: PruneReport = workspace.prune(body.keep_days, body.keep_last, body.dry_run)
        return report

    @router.post("/erase", summary="Erase the rows of a person")
    def erase(body: EraseRequest) -> EraseReport:
        report: EraseReport = workspace.erase(body.column, body.value)
        return report

    @router.get("/doctor", summary="How this installation is")
    def doctor() -> list[dict[str, Any]]:
        return workspace.doctor()

    @router.get("/catalogue/{family}", summary="The plug-ins of a family, a line each")
    def catalogue(family: Family) -> dict[str, str]:
        return dict(workspace.catalogue(family))

    return router


def _made(key: Key, secret: str) -> KeyMade:
    return KeyMade(id=key.id, name=key.name, secret=secret, expires=key.expires)
