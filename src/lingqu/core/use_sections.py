"""The sections for a model in use: `release`, `monitor`, `respond` and `access`."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Any, Literal

from pydantic import Strict, field_serializer, field_validator

from lingqu.core.access_section import OidcSection, PriceSection, TlsSection, Verb
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
from lingqu.core.route_section import RouteSection
from lingqu.core.units import Quota, parse_quotas


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


class AccessSection(Section):
    """Who may call, how often, and which releases answer."""

    keys: Names = described("Names of the keys that may call.", "可调用的密钥的名字。", ())
    quota: QuotaText | None = described(
        "What one key may use, such as `600/min, 20000 rows/day`.",
        "每个密钥可用的量，如 `600/min, 20000 rows/day`。",
        None,
    )
    route: RouteSection | None = described(
        "How a new release comes into use, such as `canary 10%` or `shadow`.",
        "新发布如何投入使用，如 `canary 10%` 或 `shadow`。",
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

    verbs: tuple[Verb, ...] = described(
        "What those keys may do: `call`, `read`, `feedback`, `admin`; all but `admin` when empty.",
        "这些密钥可做的事：`call`、`read`、`feedback`、`admin`；留空为除 `admin` 外的全部。",
        (),
    )
    networks: Names = described(
        "Where those keys may be used from, such as `10.0.0.0/8`; anywhere when empty.",
        "这些密钥可使用的来源网络，如 `10.0.0.0/8`；留空为不限。",
        (),
    )
    price: PriceSection | None = described(
        "What use costs, counted towards quotas such as `50 EUR/month`.",
        "使用的价格，计入 `50 EUR/month` 这样的配额。",
        None,
    )
    proxies: Names = described(
        "Networks of proxies whose `X-Forwarded-For` is believed.",
        "其 `X-Forwarded-For` 可信的代理所在的网络。",
        (),
    )
    away: Duration = described(
        "How long keys hold while the ledger cannot be reached; then 503.",
        "账本失联后密钥仍然有效的时长；此后返回 503。",
        300.0,
    )
    oidc: OidcSection | None = described(
        "An identity provider whose tokens are taken as keys.",
        "身份提供方，其令牌可作密钥使用。",
        None,
    )

    @field_validator("networks", "proxies")
    @classmethod
    def _real_networks(cls, networks: tuple[str, ...]) -> tuple[str, ...]:
        for one in networks:
            try:
                ipaddress.ip_network(one)
            except ValueError as error:
                raise refusal("access.bad_network", received=one, problem=str(error)) from error
        return networks

    @field_validator("body")
    @classmethod
    def _possible_body(cls, body: int) -> int:
        if body < 1000:
            raise refusal("core.bad_amount", value=body, expected="≥ 1 kB")
        return body

    @property
    def limits(self) -> tuple[Quota, ...]:
        """The quota, parsed."""
        return () if self.quota is None else parse_quotas(self.quota)

    @property
    def canary(self) -> float | None:
        """Share of calls that a new release gets at first, or None for all at once."""
        return self.routing.canary

    @property
    def routing(self) -> RouteSection:
        """How a new release comes into use, with its defaults where nothing is declared."""
        return self.route or RouteSection()

    @field_serializer("route")
    def _route_plain(self, route: RouteSection | None) -> Any:
        return None if route is None else route.to_plain()
