"""What the control API is sent and what it answers, where the nouns of the house do not say it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lingqu.core.i18n import text


class Body(BaseModel):
    """A request body: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class WhichChannel(Body):
    channel: str = Field("", description="The text of a channel.yaml.")
    name: str = Field("", description="Or the name of a channel that this workspace knows.")

    @model_validator(mode="after")
    def _one_of_them(self) -> WhichChannel:
        if bool(self.channel) == bool(self.name):
            raise ValueError(text("http.which_channel"))
        return self


class DraftRequest(Body):
    source: str = Field(min_length=1, description="A data file in the folder of the workspace.")
    predict: str | None = Field(None, description="Column to predict; the likeliest when omitted.")


class DeployRequest(Body):
    release: str = Field("", description="Digest or unique prefix; the newest approved when empty.")
    canary: float | None = Field(None, gt=0, le=1, description="Share of the traffic, 0-1.")


class RouteRequest(Body):
    release: str = Field(min_length=1, description="Digest or unique prefix of who answers.")
    canary: float | None = Field(None, gt=0, le=1, description="Share of the traffic, 0-1.")
    fallback: str | None = Field(None, description="Release to go back to; the one before.")
    shadow: float | None = Field(None, gt=0, le=1, description="Part of the calls it copies.")
    when: str = Field("", max_length=1000, description="Only calls for which this holds.")
    reason: str = Field("by hand", max_length=1000)
    by: str = Field("", max_length=100)


class ArmRequest(Body):
    release: str = Field(min_length=1, description="Digest or unique prefix.")
    share: float = Field(gt=0, lt=1)


class ExperimentRequest(Body):
    arms: dict[str, ArmRequest] = Field(min_length=2, max_length=20)
    reason: str = Field("by hand", max_length=1000)
    by: str = Field("", max_length=100)


class WhyRequest(Body):
    reason: str = Field("by hand", max_length=1000)
    by: str = Field("", max_length=100)


class PromoteRequest(Body):
    step: bool = Field(False, description="Do what the evidence allows.")
    by: str = Field("", max_length=100, description="Who lets it.")


class AnswerRequest(Body):
    answer: Any = Field(description="One value, or a list with one for each row.")
    by: str = Field("", max_length=100)


class CallRequest(Body):
    rows: list[dict[str, Any]] = Field(min_length=1, max_length=10_000)
    key: str = Field("", description="Secret of a key: the open server is asked with it.")
    options: dict[str, Any] | None = Field(
        None, description="How texts shall be written, such as temperature and max_tokens."
    )


class ActRequest(Body):
    action: str = Field(min_length=1, description="Such as block, fallback, rollback, retrain.")
    options: dict[str, Any] | None = None


class KeyRequest(Body):
    name: str = Field(min_length=1, max_length=100)
    channels: list[str] = []
    quota: str = Field("", description="Such as 600/min, 20000 rows/day.")
    expires: str = Field("", description="ISO 8601 time, or a duration such as 30 d.")
    verbs: list[Literal["call", "read", "feedback", "admin"]] = Field(
        [], description="What it may do; all but admin when empty."
    )
    networks: list[str] = Field([], description="Where it may be used from, such as 10.0.0.0/8.")
    certificate: str = Field("", description="sha256:… or subject:… of a client certificate.")


class RotateRequest(Body):
    overlap: str = Field("24 h", description="How long the old secret still holds.")


class PersonRequest(Body):
    name: str = Field(min_length=1, max_length=100)
    role: str = Field(description="viewer, builder, operator, risk-officer, auditor or admin.")
    channels: list[str] = []
    expires: str = Field("", description="ISO 8601 time, or a duration such as 30 d.")


class ApproveRequest(Body):
    by: str = Field(min_length=1, description="The person who approves.")


class PruneRequest(Body):
    keep_days: float = Field(30.0, ge=0, le=36_500)
    keep_last: int = Field(3, ge=0, le=1_000_000, description="Newest runs of a channel kept.")
    dry_run: bool = Field(True, description="Only say what would be removed.")


class EraseRequest(Body):
    column: str = Field(min_length=1, description="Column that names the person.")
    value: str = Field(min_length=1, description="Who.")


class CommitRequest(Body):
    source: str = Field(min_length=1, description="A file or folder beside the workspace.")
    name: str = Field("", description="What to call it; its own name when empty.")
    message: str = ""
    facts: dict[str, str] = Field({}, description="Such as license, consent, origin.")


class CommittedRow(BaseModel):
    version: str
    name: str
    rows: int
    unchanged: bool = Field(description="Whether the newest version of the name holds the same.")
    files: int = Field(description="Files of a folder; 0 for a table.")
    read: int = Field(description="Files that were read because they may have changed.")


class LabelFix(Body):
    row: str = Field(min_length=1, description="Digest of the row, or its first characters.")
    label: str = Field(min_length=1, description="The label it shall have.")


class FixRequest(Body):
    rows: list[LabelFix] = Field(min_length=1, max_length=10_000)
    by: str = Field(min_length=1, description="The person who accepts.")
    note: str = ""


class UndoRequest(Body):
    rows: list[str] = Field([], max_length=10_000, description="Digests of rows.")
    operator: str = Field("", description="Or every row that this operator removed.")
    by: str = Field(min_length=1, description="The person who decides.")

    @model_validator(mode="after")
    def _one_of_them(self) -> UndoRequest:
        if bool(self.rows) == bool(self.operator):
            raise ValueError(text("http.which_rows"))
        return self


class Decided(BaseModel):
    rows: int = Field(description="How many rows were decided on.")


class Problem(BaseModel):
    """A problem document (RFC 9457)."""

    type: str = Field(description="urn:lingqu: and the key of the message.")
    title: str
    status: int
    detail: str


class Draft(BaseModel):
    channel: str = Field(description="The text of a channel.yaml.")


class Started(BaseModel):
    id: str = Field(description="Ask for it at /v1/runs/{run}.")
    channel: str


class Responding(BaseModel):
    channel: str
    actions: list[str] = Field(description="Ids of the actions under way; see /v1/actions.")


class RunRow(BaseModel):
    """A run in one line."""

    id: str
    channel: str
    state: Literal["running", "done", "failed", "refused"]
    started: str
    ended: str
    release: str
    metric: str
    score: float | None = Field(description="On validation rows; null until there is one.")


class KeyRow(BaseModel):
    """A key without its hash."""

    id: str
    name: str
    channels: list[str]
    quota: str
    expires: str
    disabled: bool
    created: str
    verbs: list[str]
    networks: list[str]
    role: str
    certificate: str
    account: str
    replaces: str
    made_by: str


class KeyMade(BaseModel):
    id: str
    name: str
    secret: str = Field(description="Shown this once.")
    expires: str


class KeyDisabled(BaseModel):
    id: str
    disabled: bool


class Closed(BaseModel):
    closed: list[str] = Field(description="Ids of outlets.")


class Problems(BaseModel):
    problems: list[str] = Field(description="What is wrong with the bytes; none when right.")
