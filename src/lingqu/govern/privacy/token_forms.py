"""Tokens by the form that their issuers publish: a prefix, a length, and letters drawn by chance.

Source: the documents of the issuers that `FORMS` names; RFC 7519 (JWT), age v1 (secret keys). The
proof is Shannon's entropy: an example such as ``hf_xxxxxxxx`` has nearly none.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator

_W = "[0-9A-Za-z_-]"
_N = "[0-9A-Za-z]"
_HEX = "[0-9a-f]"

FORMS = {
    "AWS": "A(?:KIA|SIA|BIA|CCA)[0-9A-Z]{16}",
    "GitHub": f"gh[pousr]_{_N}{{36,}}|github_pat_[0-9A-Za-z_]{{40,}}",
    "GitLab": f"gl(?:pat|dt|rt|cbt|ptt|ft|soat|imt|agent|oas)-{_W}{{20,}}",
    "Bitbucket, Atlassian": f"ATBB{_N}{{32,}}|ATATT3{_W}{{60,}}",
    "Slack": "xox[abeoprs]-[0-9A-Za-z-]{10,}|xapp-[0-9A-Za-z-]{20,}",
    "Google": f"AIza{_W}{{35}}|ya29\\.{_W}{{20,}}|GOCSPX-{_W}{{20,}}",
    "OpenAI, Anthropic and others": f"sk-(?:proj-|ant-|svcacct-|or-v1-|lf-)?{_W}{{20,}}",
    "Hugging Face": f"hf_{_N}{{30,}}|api_org_{_N}{{30,}}",
    "Replicate": f"r8_{_N}{{37,}}",
    "Groq, Perplexity, xAI": f"gsk_{_N}{{40,}}|pplx-{_N}{{40,}}|xai-{_N}{{40,}}",
    "Pinecone, Tavily, LangSmith": (
        f"pcsk_{_W}{{30,}}|tvly-{_W}{{20,}}|lsv2_(?:pt|sk)_{_HEX}{{32}}_{_HEX}{{10}}"
    ),
    "Stripe": f"[srp]k_(?:live|test)_{_N}{{16,}}|whsec_{_N}{{20,}}",
    "Square": f"sq0(?:atp|csp)-{_W}{{22,}}",
    "npm, PyPI, RubyGems, NuGet": (
        f"npm_{_N}{{36}}|pypi-{_W}{{40,}}|rubygems_{_HEX}{{48}}|oy2[a-z0-9]{{43}}"
    ),
    "Docker, crates.io": f"dckr_(?:pat|oat)_{_W}{{20,}}|cio{_N}{{32}}",
    "SendGrid, Brevo, Mailgun": (
        f"SG\\.{_W}{{16,}}\\.{_W}{{16,}}|xkeysib-{_HEX}{{64}}-{_N}{{16}}|key-{_HEX}{{32}}"
    ),
    "Mailchimp, Mandrill": f"{_HEX}{{32}}-us[0-9]{{1,2}}",
    "Twilio": f"SK{_HEX}{{32}}",
    "DigitalOcean": f"do[opr]_v1_{_HEX}{{64}}",
    "Heroku, Fly, Netlify": f"HRKU-{_W}{{36,}}|f[mo]1_{_W}{{40,}}|nfp_{_N}{{36,}}",
    "Supabase, PlanetScale": (
        f"sb[pv]_{_HEX}{{40}}|sb_secret_{_W}{{20,}}|pscale_(?:tkn|pw|oauth)_{_W}{{32,}}"
    ),
    "Shopify": "shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",
    "Postman, Linear, Notion, Figma": (
        f"PMAK-{_HEX}{{24}}-{_HEX}{{34}}|lin_api_{_N}{{40}}|ntn_{_N}{{40,}}|secret_{_N}{{43}}|"
        f"figd_{_W}{{40,}}"
    ),
    "Airtable, Asana": f"pat{_N}{{14}}\\.{_HEX}{{64}}",
    "Databricks, Vault, Terraform, Pulumi": (
        f"dapi{_HEX}{{32}}(?:-[0-9])?|hv[sbr]\\.{_W}{{24,}}|{_N}{{14}}\\.atlasv1\\.{_W}{{60,}}|"
        f"pul-{_HEX}{{40}}"
    ),
    "Grafana, Sentry, New Relic, Dynatrace": (
        f"glsa_{_N}{{32}}_{_HEX}{{8}}|glc_{_W}{{32,}}|sntrys_{_W}{{40,}}|sntryu_{_HEX}{{64}}|"
        f"NRAK-[0-9A-Z]{{27}}|dt0c01\\.[0-9A-Z]{{24}}\\.[0-9A-Z]{{64}}"
    ),
    "Doppler, 1Password": f"dp\\.(?:pt|st|ct|sa|scim|audit)\\.{_W}{{40,}}|ops_eyJ{_W}{{100,}}",
    "Telegram, Discord": (
        f"[0-9]{{8,10}}:AA{_W}{{33}}|[MNO]{_W}{{23,25}}\\.{_W}{{6}}\\.{_W}{{27,38}}"
    ),
    "Alibaba Cloud, Tencent Cloud": f"LTAI{_N}{{12,}}|AKID{_N}{{32,}}",
    "age": "AGE-SECRET-KEY-1[0-9A-Z]{50,}",
    "JWT": f"eyJ{_W}{{10,}}\\.eyJ{_W}{{10,}}\\.{_W}{{10,}}",
}
"""Issuers and the forms of what they issue."""
_KNOWN = re.compile(f"(?<![0-9A-Za-z])(?:{'|'.join(FORMS.values())})(?![0-9A-Za-z])")
RUN = re.compile("[0-9A-Za-z_][0-9A-Za-z_.:-]{15,}")
"""Signs without a blank, as many as every token has."""
_LOOSE = ("sk-", "xox", "xapp", "pypi")
"""Prefixes that words with hyphens have too; their tokens hold a digit."""
_LEAST = 2.5


def tokens(text: str) -> Iterator[tuple[int, int]]:
    """Yield where tokens of known forms stand.

    Example:
        >>> list(tokens("use 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."))
        [(4, 41)]
    """
    for run in RUN.finditer(text):
        for match in _KNOWN.finditer(text, *run.span()):
            if drawn(match[0]):
                yield match.span()


def drawn(token: str) -> bool:
    """Say whether a token of a known form was drawn by chance, and is no example of the form.

    Example:
        >>> drawn("hf_QwErTyUiOpAsDfGhJkLzXcVbNm12"), drawn("hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")
        (True, False)
    """
    if token.startswith(_LOOSE) and not any(char.isdigit() for char in token):
        return False
    return entropy(token) >= _LEAST


def entropy(text: str) -> float:
    """Return the bits per character of a text, from the shares of its characters.

    Example:
        >>> entropy("aabb"), entropy("abcd")
        (1.0, 2.0)
    """
    shares = [count / len(text) for count in Counter(text).values()]
    return -sum(share * math.log2(share) for share in shares)
