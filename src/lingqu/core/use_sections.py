"""The sections for a model in use: `release`, `monitor`, `respond` and `access`."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Strict, field_validator

from lingqu.core.errors import SpecError
from lingqu.core.fields import (
    Duration,
    Names,
    QuotaText,
    RuleField,
    Section,
    Size,
    Whole,
    described,
    refusal,
)
from lingqu.core.piece import Piece, PieceField
from lingqu.core.units import Quota, parse_quota, share

_ROUTE = re.compile(r"canary\s+(\S+(?:\s*%)?)")


class ReleaseSection(Section):
    """What a model must show before it may be used."""

    require: tuple[RuleField, ...] = described(
        "Rules that must all hold on the test rows.", "在测试行上必须全部成立的规则。", ()
    )
    approve: Literal["auto", "human"] = described(
        "Who lets a release that passed go live: nobody (`auto`), or a person (`human`).",
        "通过后由谁放行：自动（`auto`）或由人（`human`）。",
        "auto",
    )


class MonitorSection(Section):
    """How the live model is watched."""

    every: Duration = described("Time between two looks.", "两次检查相隔的时间。", 3600.0)
    window: Whole = described("Rows in one look.", "一次检查的行数。", 1000, ge=10, le=10_000_000)
    checks: tuple[PieceField, ...] = described(
        "Checks made on every window.",
        "对每个窗口做的检查。",
        (Piece("data"), Piece("drift"), Piece("performance"), Piece("latency")),
        json_schema_extra={"x-family": "checks"},
    )
    alpha: Annotated[float, Strict()] = described(
        "Chance of a false alarm in one window, over all its tests.",
        "一个窗口内全部检验合计的误报概率。",
        0.01,
        gt=0,
        lt=1,
    )

    @field_validator("every")
    @classmethod
    def _not_never(cls, every: float) -> float:
        if every <= 0:
            raise refusal("core.bad_amount", value=every, expected="> 0 s")
        return every

    @property
    def every_s(self) -> float:
        """Seconds between two looks; the same as `every`."""
        return self.every


class Response(Section):
    """What is done when a rule holds."""

    when: RuleField = described(
        "Rule; it fires when any finding makes it hold.", "规则；任一发现使其成立即触发。"
    )
    do: PieceField = described(
        "Action to take.", "要采取的行动。", json_schema_extra={"x-family": "actions"}
    )


class TlsSection(Section):
    """Files that make the server speak HTTPS."""

    certificate: str = described("Path of the PEM certificate chain.", "PEM 证书链的路径。")
    key: str = described("Path of the PEM private key.", "PEM 私钥的路径。")


class AccessSection(Section):
    """Who may call, how often, and which releases answer."""

    keys: Names = described("Names of the keys that may call.", "可调用的密钥的名字。", ())
    quota: QuotaText | None = described(
        "Calls one key may make, such as `600/min`.", "每个密钥可调用的次数，如 `600/min`。", None
    )
    route: str | None = described(
        "Share of calls a new release gets at first, such as `canary 10%`.",
        "新发布起初分得的调用比例，如 `canary 10%`。",
        None,
    )
    rows: Whole = described(
        "Most rows in one request.", "一次请求最多的行数。", 10_000, ge=1, le=10_000_000
    )
    body: Size = described("Largest request body.", "请求体的最大字节数。", 10_000_000)
    tls: TlsSection | None = described(
        "Certificate and key for HTTPS; plain HTTP when omitted.",
        "HTTPS 的证书和私钥；省略则为 HTTP。",
        None,
    )

    @field_validator("route")
    @classmethod
    def _known_route(cls, route: str | None) -> str | None:
        if route is None:
            return None
        found = _ROUTE.fullmatch(route.strip())
        try:
            part = share(found[1]) if found else 0.0
        except SpecError as error:
            raise refusal("core.bad_route", received=route) from error
        if not 0 < part < 1:
            raise refusal("core.bad_route", received=route)
        return f"canary {part * 100:.12g}%"

    @field_validator("body")
    @classmethod
    def _possible_body(cls, body: int) -> int:
        if body < 1000:
            raise refusal("core.bad_amount", value=body, expected="≥ 1 kB")
        return body

    @property
    def limits(self) -> Quota | None:
        """The quota, parsed."""
        return None if self.quota is None else parse_quota(self.quota)

    @property
    def canary(self) -> float | None:
        """Share of calls that a new release gets at first, or None for all at once."""
        return None if self.route is None else share(self.route.removeprefix("canary "))
