"""Secrets in text: keys and tokens by the form their issuers publish, passwords by their cue.

Source: the token formats that AWS, GitHub, GitLab, Slack, Google, OpenAI, Anthropic, Hugging Face,
Stripe, npm, PyPI, SendGrid, Telegram, DigitalOcean, Shopify, Alibaba Cloud and Tencent Cloud
document; RFC 7519 (JWT), RFC 7468 (PEM), RFC 3986 (credentials in a URL), RFC 6750 and 7617
(bearer and basic authorisation). Own: the cues and what is no secret behind one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lingqu.govern.privacy.rules import words

Found = Iterator[tuple[str, int, int]]

_URL = re.compile(
    r"(?<![0-9A-Za-z])[A-Za-z][A-Za-z0-9+.-]{1,15}://[^\s/@:\"'<>，。；、（）]{0,64}:"
    r"(?P<password>[^\s/\"'<>，。；、（）]{1,128})@[0-9A-Za-z\[][^\s\"'<>`，"
    r"。；、（）！？】》」”)\]]*"
)
_PREFIXED = re.compile(
    r"(?<![0-9A-Za-z])(?:A[KS]IA[0-9A-Z]{16}|gh[pousr]_[0-9A-Za-z]{36,}|"
    r"github_pat_[0-9A-Za-z_]{40,}|gl(?:pat|dt|rt|cbt|ptt)-[0-9A-Za-z_-]{20,}|"
    r"xox[abeoprs]-[0-9A-Za-z-]{10,}|xapp-[0-9A-Za-z-]{20,}|AIza[0-9A-Za-z_-]{35}|"
    r"ya29\.[0-9A-Za-z_-]{20,}|GOCSPX-[0-9A-Za-z_-]{20,}|"
    r"sk-(?:proj-|ant-|svcacct-|or-v1-)?[0-9A-Za-z_-]{20,}|hf_[0-9A-Za-z]{30,}|"
    r"[srp]k_(?:live|test)_[0-9A-Za-z]{16,}|whsec_[0-9A-Za-z]{20,}|npm_[0-9A-Za-z]{36}|"
    r"pypi-[0-9A-Za-z_-]{40,}|SG\.[0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]{16,}|"
    r"do[opr]_v1_[0-9a-f]{64}|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}|AGE-SECRET-KEY-1[0-9A-Z]{50,}|"
    r"LTAI[0-9A-Za-z]{12,}|AKID[0-9A-Za-z]{32,}|[0-9]{8,10}:AA[0-9A-Za-z_-]{33}|"
    r"eyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{10,})(?![0-9A-Za-z])"
)
_HOOK = re.compile(
    r"https://hooks\.slack\.com/(?:services|workflows)/[0-9A-Za-z/]{20,}|"
    r"https://(?:discord|discordapp)\.com/api/webhooks/[0-9]+/[0-9A-Za-z_-]{40,}"
)
_MARKS = (
    "AKIA", "ASIA", "AKID", "LTAI", "AIza", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat",
    "glpat", "gldt-", "glrt-", "glcbt-", "glptt-", "xox", "xapp-", "sk-", "k_live_", "k_test_",
    "whsec_", "hf_", "npm_", "pypi-", "SG.", "_v1_", "shp", "AGE-SECRET", ":AA", "eyJ", "ya29.",
    "GOCSPX",
)  # fmt: skip
"""One of these stands in every token that `_PREFIXED` knows."""
_PEM = re.compile(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?:[\s\S]*?-----END [A-Z0-9 ]*PRIVATE KEY"
    r"(?: BLOCK)?-----|(?:\\?[\r\n]+(?:[0-9A-Za-z+/=]{8,}|[A-Z][A-Za-z-]+: [^\n]{1,80}))*)"
)
_CUE = (
    r"(?:(?:api|access|secret|private|encrypt(?:ion)?|signing|master|auth|app|account|client|"
    r"session|"
    r"refresh|bearer|bot|deploy|vpn|wifi|wi-fi|db|database|admin|root|user|ssh|ftp|license|shared|"
    r"webhook|storage)[ _-]?)?(?:access[ _-]?)?"
    r"(?:api[ _-]?key|apikey|secret[ _-]?access[ _-]?key|access[ _-]?key(?:[ _-]?(?:id|secret))?|"
    r"secret[ _-]?key|secret[ _-]?id|secret|private[ _-]?key|encryption[ _-]?key|signing[ _-]?key|"
    r"account[ _-]?key|app[ _-]?key|auth[ _-]?key|master[ _-]?key|license[ _-]?key|token|passwd|"
    r"password|passphrase|passcode|pwd|pass|pw|credentials?)(?![0-9A-Za-z])"
    r"|(?:登录|登陆|初始|默认|管理员?|数据库|服务器|后台|邮箱|[Ww][Ii]-?[Ff][Ii]|无线|临时|支付|"
    r"交易|取款|账户|用户|开机|解压|原|新|旧)?"
    r"(?:密码|口令|密钥|秘钥|私钥|令牌|暗号|密匙|授权码|访问凭证)"
)
_AFTER_CUE = re.compile(
    rf"(?:(?<![A-Za-z])(?:[0-9A-Za-z]+_){{0,3}}|(?=[\u4e00-\u9fff]))(?:{_CUE}|"
    rf"(?<![A-Za-z])key(?![0-9A-Za-z]))[\"'”\]]?"
    r"(?P<phrase> (?:for|of|to|on|in|at) [^\s:=,.;]+(?: [^\s:=,.;]+){0,3}?(?= is| was|:| =))?\s*"
    r"(?P<link>[:=：＝]+>?|[(（]|是|为|[改换][为成了]了?|重置[为成]|设[为成]|"
    r"(?:is|was|has been|will be) (?:now|set to|changed to|reset to|still)|"
    r"(?:changed|reset|set) to|is|was|到|)"
    r"\s*[:：]?\s*(?P<quote>[\"'“`]?)(?P<secret>[^\s\"'“”`<>，。；、（）{}|]{4,256})",
    re.IGNORECASE,
)
_TOLD = re.compile(r"(?:密码|口令|密钥|秘钥|令牌)[^0-9A-Za-z\n!-/:-@]{1,8}(?P<secret>[!-~]{6,128})")
"""A word or two between the cue and the value: 密码还是默认的Harbor10!"""
_LOGIN = re.compile(
    r"(?<!\S)-u\s*[\w.@-]+:(?P<secret>[^\s\"']{6,128})|"
    r"(?:mysql\w*|mongo\w*|sshpass)\b[^\n|;]{0,80}?\s-p(?P<bearer>[^\s\"']{6,128})"
)
_AUTHORISED = re.compile(
    r"(?:Authorization|authorization)\s*[:=]\s*[\"']?(?:Bearer|Basic|Token|bearer|basic)\s+"
    r"(?P<secret>[0-9A-Za-z_\-+/=.~]{8,})|(?<![A-Za-z])Bearer\s+(?P<bearer>[0-9A-Za-z_\-+/=.~]{16,}"
    r")"
)
_SET_ENV = re.compile(r"\$\{?\w|\{\{|%\(|\*{2}|x{4}|X{4}|•{2}|\.{3}|…")
_NO_SECRET = frozenset(
    words(
        "required optional string none null true false undefined missing invalid expired "
        "incorrect wrong changed reset empty example placeholder hidden redacted masked changeme "
        "yourpassword your_password password secret token unknown default protected encrypted "
        "correct valid disabled enabled needed necessary mandatory stored hashed shared revoked "
        "rotated"
    )
)
_CUES = (
    "key", "secret", "token", "passw", "passp", "passc", "pwd", "pass", "pw", "credential",
    "bearer", "authorization", "密码", "口令", "密钥", "秘钥", "私钥", "令牌", "密匙", "暗号",
    "授权码", "凭证",
)  # fmt: skip
_TRAILING = ".,;:!?)]}。，；：！？）】》"


def certain(text: str) -> Found:
    """Return URLs with credentials, private keys and tokens of a published form."""
    if "://" in text:
        for match in _URL.finditer(text):
            if not _SET_ENV.match(match["password"]) and "<" not in match["password"]:
                yield "url_credentials", match.start(), _end(text, match.start(), match.end())
        for match in _HOOK.finditer(text):
            yield "secret", match.start(), match.end()
    if "PRIVATE KEY" in text:
        for match in _PEM.finditer(text):
            yield "secret", match.start(), match.end()
    if any(mark in text for mark in _MARKS):
        for match in _PREFIXED.finditer(text):
            yield "secret", match.start(), match.end()


def behind_cue(text: str) -> Found:
    """Return what stands where a password, a key or a token is told."""
    if "-u" in text or " -p" in text:
        for match in _LOGIN.finditer(text):
            group = "secret" if match["secret"] else "bearer"
            yield "secret", match.start(group), match.end(group)
    lower = text.lower()
    if not any(cue in lower for cue in _CUES):
        return
    for match in _AUTHORISED.finditer(text):
        group = "secret" if match["secret"] else "bearer"
        if match[group].lower() not in _NO_SECRET:
            yield "secret", match.start(group), match.end(group)
    for match in _AFTER_CUE.finditer(text):
        start, end = match.span("secret")
        if not match["quote"]:
            end = _end(text, start, end)
            if "/" in text[start:end] and text[match.start() - 1 : match.start()] == "/":
                start = text.index("/", start) + 1  # 账号/密码：admin/…
        if _is_secret(text[start:end], match):
            yield "secret", start, end
    if not text.isascii():
        yield from _untold(text)


def _untold(text: str) -> Found:
    """Return values a few characters behind a Chinese cue that no word looks like."""
    for match in _TOLD.finditer(text):
        start, end = match.span("secret")
        end = _end(text, start, end)
        value = text[start:end]
        mixed = any(c.isdigit() for c in value) and any(c.islower() for c in value)
        signed = any(not c.isalnum() for c in value)
        if len(value) < 6 or _SET_ENV.search(value):
            continue
        if mixed and (signed or _odd(value)):
            yield "secret", start, end


def _end(text: str, start: int, end: int) -> int:
    """Return where a value ends that punctuation of the sentence may follow.

    A single exclamation mark stays: people end passwords with it.
    """
    for place in range(start, end):
        if "\u3000" <= text[place] <= "\u9fff" or text[place] in "，。；：（）":
            end = place
            break
    while end > start + 1 and text[end - 1] in _TRAILING and text[end - 1] != "!":
        end -= 1
    return end


_WORDS = re.compile(r"_*[A-Za-z]+(?:[-_.'/,:@]+[A-Za-z]+)*[_.,!;]*")
_LONG = re.compile(r"[0-9A-Za-z+/=_-]{20,}")


def _is_secret(value: str, match: re.Match[str]) -> bool:
    """Say whether a value behind a cue is a secret and no word about secrets."""
    if len(value) < 6 or _SET_ENV.search(value) or value.lower() in _NO_SECRET:
        return False
    if "(" in value or "://" in value or value[0] in "[#<$":
        return False  # a call in code, a link, what a mask left
    letters = any(char.isalpha() for char in value)
    numbers = any(char.isdigit() for char in value)
    signs = any(not char.isalnum() for char in value[:-1])
    link, cue = match["link"], match[0][: match.start("link") - match.start()].lower()
    if cue.rstrip("\"' ").endswith("key") and _ONLY_KEY.fullmatch(cue):
        return letters and numbers and _LONG.fullmatch(value) is not None and link[:1] in _ASSIGNED
    if not link and match.string[max(0, match.start() - 2) : match.start()] != "--":
        # Nothing says that a value follows: only what no word looks like.
        chinese = not cue.isascii()
        if not chinese and not match.string[match.start("secret") - 1].isspace():
            return False
        if chinese and value.isdigit():
            return len(value) <= 8 and _PASSWORD.search(cue) is not None
        return letters and numbers and (chinese or (len(value) >= 8 and _odd(value)))
    if letters and numbers:
        return True
    if letters and signs and not _WORDS.fullmatch(value):
        return True
    if numbers and not letters:
        # Digits alone: a code only where somebody tells a password.
        return _PASSWORD.search(cue) is not None and len(value) <= 12 and value.isdigit()
    assigned = "=" in link or (link[:1] in _ASSIGNED and bool(match["quote"]))
    return assigned and letters and value.isalpha() and len(value) >= 8


_ONLY_KEY = re.compile(
    r"(?!.*(?:api|secret|access|auth|app|private|sign|encrypt|master|licen|account))"
    r"(?:[0-9a-z]+_){0,3}key[\"'\]]?\s*"
)
_PASSWORD = re.compile(r"密码|口令|passw|pwd|pass")
_ASSIGNED = (":", "=", "：", "＝")


def _odd(value: str) -> bool:
    """Say whether a value mixes cases, digits and signs as words and names do not."""
    if re.fullmatch(r"[0-9a-f]{32,}", value):
        return True
    upper = any(char.isupper() for char in value[1:])
    sign = any(not char.isalnum() and char not in "-./:" for char in value)
    return sign or (upper and any(char.islower() for char in value)) or len(value) >= 24
