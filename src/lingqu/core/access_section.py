"""The parts of `access` that say who is believed: certificates, identity providers, prices."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict, field_validator

from lingqu.core.fields import Names, QuotaText, Section, described, refusal

Verb = Literal["call", "read", "feedback", "admin"]
Price = Annotated[float, Field(ge=0, lt=1e9, allow_inf_nan=False)]


class TlsSection(Section):
    """Files that make the server speak HTTPS."""

    certificate: str = described("Path of the PEM certificate chain.", "PEM 证书链的路径。")
    key: str = described("Path of the PEM private key.", "PEM 私钥的路径。")
    client_ca: str | None = described(
        "PEM certificates of the authority whose client certificates are asked for; every caller "
        "must then show one.",
        "为客户端证书签名的机构的 PEM 证书；写明后每个调用者都须出示客户端证书。",
        None,
    )


class PriceSection(Section):
    """What use costs, for quotas in money."""

    row: Price = described("For an answered row.", "每回答一行的价格。", 0.0)
    token: Price = described("For a token read or written.", "每读写一个词元的价格。", 0.0)


class ClaimsSection(Section):
    """Which claims of a token say what; a dot goes into a mapping."""

    name: str = described("Who asks.", "调用者。", "sub")
    channels: str | None = described(
        "Channels that may be called, a list or words.", "可调用的渠道，列表或空格分隔。", None
    )
    verbs: str | None = described(
        "What may be done, a list or words.", "可做的事，列表或空格分隔。", None
    )
    role: str | None = described("Role in the workspace.", "在工作区中的角色。", None)


class OidcSection(Section):
    """An identity provider whose tokens (JWT) are taken as keys."""

    issuer: str = described("What `iss` must be.", "`iss` 必须等于的值。")
    audience: Names = described("One of which `aud` must hold.", "`aud` 必须包含其一。")
    jwks: str = described(
        "Its public keys: an `https://` address or a file.", "其公钥：`https://` 地址或文件。"
    )
    claims: ClaimsSection = described(
        "Which claims say what.", "各声明的含义。", ClaimsSection(), validate_default=False
    )
    channels: Names = described(
        "Channels that a token may call where no claim says; those of the server when empty.",
        "没有声明说明时令牌可调用的渠道；留空为该服务器的渠道。",
        (),
    )
    quota: QuotaText | None = described("What each of them may use.", "每个调用者可用的量。", None)
    skew: Annotated[float, Strict()] = described(
        "Seconds that clocks may differ.", "时钟允许相差的秒数。", 60.0, ge=0, le=300
    )

    @field_validator("jwks")
    @classmethod
    def _no_plain_address(cls, jwks: str) -> str:
        local = jwks.startswith(("http://127.0.0.1", "http://localhost", "http://[::1]"))
        if jwks.startswith("http://") and not local:
            raise refusal("core.bad_amount", value=jwks, expected="https://…")
        return jwks
