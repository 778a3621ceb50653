"""Secrets that no form proves: what stands where a password, a key or a token is told.

Source: RFC 6750 and 7617 (bearer and basic authorisation), BIP 39 (recovery phrases), the options
of common programs. Own: the cues, and what is no secret behind one.
"""

from __future__ import annotations

import re

from lingqu.govern.privacy.rules import heading, holds, words
from lingqu.govern.privacy.secrets import BLANK, Found, value_end
from lingqu.govern.privacy.secrets_shaped import LOOK, shaped
from lingqu.govern.privacy.secrets_tools import options, settings

_NAMES = (
    r"api[ _-]?key|secret[ _-]?access[ _-]?key|access[ _-]?key(?:[ _-]?(?:id|secret))?|"
    r"(?:secret|private|encryption|signing|account|app|auth|master|license|storage|"
    r"subscription)[ _-]?key|"
    r"secret[ _-]?(?:id|word)|secret|token|passwd|password|passphrase|passcode|pwd|credentials?"
)
"""How secrets are called, in words and in the names of fields."""
_KIND = (
    r"(?:(?:api|access|secret|private|encrypt(?:ion)?|signing|master|auth|app|account|client|"
    r"session|refresh|bearer|bot|deploy|vpn|wifi|wi-fi|db|database|admin|root|user|ssh|ftp|license|"
    r"shared|webhook|storage)[ _-]?)?(?:access[ _-]?)?"
)
_CHINESE = (
    r"(?:登录|登陆|初始|默认|管理员?|数据库|服务器|后台|邮箱|[Ww][Ii]-?[Ff][Ii]|无线|临时|支付|"
    r"交易|取款|账户|用户|开机|解压|原|新|旧)?"
    r"(?:密码|口令|密钥|秘钥|私钥|令牌|暗号|密匙|授权码|访问凭证)"
)
_VALUE = r"(?P<quote>[\"'“`]?)(?P<secret>[^\s\"'“”`<>，。；、（）{}|]{4,256})"
_TOLD = re.compile(
    rf"(?:(?<![A-Za-z])(?:[0-9A-Za-z]+_){{0,3}}?|(?=[\u4e00-\u9fff]))(?P<cue>{_KIND}(?:{_NAMES}|"
    rf"pass|p/?w|wi-?fi (?:code|key))(?![0-9A-Za-z])|{_CHINESE}|(?<![A-Za-z])key(?![0-9A-Za-z]))"
    r"[\"'”\]]?(?P<phrase> (?:for|of|to|on|in|at) [^\s:=,;]+(?: [^\s:=,;]+){0,3}?"
    r"(?= is| was|:| =| - )| ?\([^()\n]{1,30}\)(?= ?[:=]| is| was))?\s*"
    r"(?P<link>(?:=|-)>|[:=：＝]+>?|[(（]|是|为|[改换][为成了]了?|重置[为成]|设[为成]|"
    r"(?:(?:is|was|has been|will be) )?(?:now|still|(?:re)?set to|changed to|updated to)|"
    r"is|was|到|to(?= )|[-–—,](?= )|)"
    rf"\s*[:：]?\s*{_VALUE}",
    re.IGNORECASE,
)
_FIELD = re.compile(
    rf"(?<![0-9A-Za-z_])[0-9A-Za-z_.-]{{1,40}}?(?P<cue>{_NAMES}|(?:[_.-]|(?<=[a-z]))(?-i:"
    rf"Pass|PASS|Pwd|Pw|(?<=[_.-])pass|(?<=[_.-])pw)|passw(?:or)?d\.\w{{1,16}})[\"']?\]?\s*(?P<link>=>|:=|[:=])\s*"
    rf"{_VALUE}",
    re.IGNORECASE,
)
"""A name of a field that ends in one of a secret: ``PGPASSWORD=``, ``dbPassword:``."""
_NAMED = re.compile(
    rf"<[\w.:-]*?(?:{_NAMES})(?:\s[^<>]*)?>(?P<text>[^\s<>]{{6,128}})</|"
    rf"(?:name|key)[\"']?\s*[:=]\s*[\"']?[0-9A-Za-z_.-]*?(?:{_NAMES})[\"']?\s*,?\s*"
    r"[\"']?value[\"']?\s*[:=]\s*[\"']?(?P<value>[^\s\"'<>,]{6,128})",
    re.IGNORECASE,
)
"""An element of XML; a pair of a name and a value, as settings of containers are written."""
_AS = re.compile(
    r"(?<!\S)[\"'“`]?(?P<secret>[^\s\"'“”`，。；、]{6,64})[\"'”`]? (?:is|was|as) "
    r"(?:(?:the|my|your|his|her|our|their|its|an?) )?(?:[a-z-]+ ){0,2}"
    r"(?:password|passphrase|passcode|api key|access key|secret key|token)"
    r"(?=\s*(?:[.,;!?)]|$|for |to |on |of |and |until |now|at ))",
    re.IGNORECASE,
)
_LOG_IN = re.compile(
    r"(?:(?<![A-Za-z])(?:cred(?:ential)?s?|log-?in|logon|sign-?in|user(?:name)?/pass(?:word|wd)?)|"
    r"账号|帐号|登录|用户名?)(?:/密码)?\s*(?:are|is|with|as|为|是|[:：=])?\s*"
    r"(?!user|name|id\b|account)[A-Za-z][0-9A-Za-z_.@+-]{1,63}\s*[/:|]\s*(?P<secret>[^\s\"'，。；、/]{6,64})",
    re.IGNORECASE,
)
"""A name of a user and, behind a sign, what opens the account."""
_CHANGED = re.compile(
    rf"(?:{_NAMES}|密码|口令)\s*(?:(?:was |is |has been )?(?:changed |reset )?from|从|由)\s*[\"']?"
    r"(?P<old>[!-~]{6,64}?)[\"']?\s*(?:to|改[为成]|换成|变[为成])\s*[\"']?(?P<new>[!-~]{6,64})",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"(?:密码|口令|密钥|秘钥|令牌)(?P<gap>[^0-9A-Za-z\n!-/:-@]{1,8})(?P<secret>[!-~]{6,128})"
)
"""A word or two between the cue and the value: 密码还是默认的Harbor10!"""
_AUTHORISED = re.compile(
    r"(?:Authorization|authorization)\s*[:=]\s*[\"']?(?:Bearer|Basic|Token|bearer|basic|token)\s+"
    r"(?P<header>[0-9A-Za-z_\-+/=.~]{8,})|(?<![A-Za-z])Bearer\s+"
    r"(?P<bearer>[0-9A-Za-z_\-+/=.~]{16,})"
)
_PHRASE = re.compile(
    r"pass ?phrase\s*(?:is|was|[:=])\s*(?P<mark>[\"'“`])(?P<quoted>[^\"'”`\n]{8,80})[\"'”`]|"
    r"(?:seed|recovery|mnemonic|backup)(?: phrase| words)?\s*(?:is|was|[:=])?\s*[\"'“]?"
    r"(?P<seed>(?:[a-z]{3,8} ){11,23}[a-z]{3,8})(?![a-z])|"
    r"identified by\s+'(?P<clause>[^'\n]{6,64})'",
    re.IGNORECASE,
)
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
    "key", "secret", "token", "pw", "p/w", "cred", "bearer", "authorization", "wifi", "wi-fi",
    "phrase", "seed", "identified by",
)  # fmt: skip
_CUES_LONG = (
    ("pass", ("passw", "passc", "passph", "pass ", "pass:", "pass=", "_pass", 'pass"', "pass'")),
    ("log", ("login", "log-in", "log in")),
    ("sign", ("sign-in", "sign in")),
)
"""What several cues begin with, and the cues: most texts have not even the first."""
_CUES_ZH = (
    "密码", "口令", "密钥", "秘钥",
    "私钥", "令牌", "密匙", "暗号", "授权码", "凭证", "账号", "帐号", "登录",
)  # fmt: skip
_ASSIGNS = re.compile(
    r"(?:key(?:[ _-]?(?:id|secret))?|secret(?:[ _-]?(?:id|word))?|token|"
    r"passw(?:or)?d(?:\.\w{1,16})?|pass(?:phrase|code)?|pwd?|credentials?)[\"']?\]?\s*(?:=>|:=|[:=])"
)
"""The end of every name that `_FIELD` knows, and what gives it a value."""
_COLUMN = re.compile(
    rf"(?:[0-9A-Za-z]+[ _-])*(?:{_NAMES}|pass|pw)|(?:.*(?:密码|口令|密钥|令牌))", re.IGNORECASE
)


Searched = tuple[tuple[tuple[str, ...], re.Pattern[str]], ...]
_WHOLE: Searched = (
    (("bearer", "authoriz"), _AUTHORISED),
    (("</", "value"), _NAMED),
    (("phrase", "seed", "recovery", "mnemonic", "identified by"), _PHRASE),
)
_LIKELY: Searched = (
    ((" is ", " was ", " as "), _AS),
    (("/", ":", "|"), _LOG_IN),
    (("from", "从", "由"), _CHANGED),
)
"""Signs that must stand in a text, and what is then looked for."""


def behind_cue(text: str) -> Found:
    """Return what stands where a password, a key or a token is told; some of it more than once.

    Example:
        >>> text = "the VPN password is Harbor10! and the token has expired"
        >>> {text[a:b] for _, a, b in behind_cue(text)}
        {'Harbor10!'}
    """
    lower = text.lower()
    if " -" in text or "-u" in text[:2] or "echo" in lower or "/user:" in lower:
        yield from options(text)
    if _cued(lower):
        yield from _by_cue(text, lower)
    if LOOK.search(text) is not None:
        yield from settings(text, lower)
        yield from shaped(text)


def _cued(lower: str) -> bool:
    """Say whether a text has a word of secrets at all."""
    if holds(lower, _CUES):
        return True
    for head, cues in _CUES_LONG:
        if head in lower and holds(lower, cues):
            return True
    return not lower.isascii() and holds(lower, _CUES_ZH)


def _by_cue(text: str, lower: str) -> Found:
    if "\n" in text:
        yield from _in_columns(text)
    for signs, pattern in _WHOLE:
        for match in pattern.finditer(text) if holds(lower, signs) else ():
            group = match.lastgroup or 0
            if match[group].lower() not in _NO_SECRET and not BLANK.search(match[group]):
                yield "secret", *match.span(group)
    for signs, pattern in _LIKELY:
        for match in pattern.finditer(text) if holds(lower, signs) else ():
            for place in range(1, pattern.groups + 1):
                start, end = match.span(place)
                end = value_end(text, start, end)
                if _likely(text[start:end], True):
                    yield "secret", start, end
    assigned = _ASSIGNS.search(lower) is not None
    for pattern in (_TOLD, _FIELD) if assigned else (_TOLD,):
        for match in pattern.finditer(text):
            start, end = match.span("secret")
            if not match["quote"]:
                end = value_end(text, start, end)
                if "/" in text[start:end] and text[match.start() - 1 : match.start()] == "/":
                    start = text.index("/", start) + 1  # 账号/密码：admin/…
            if _is_secret(text[start:end], match):
                yield "secret", start, end
    if not text.isascii():
        yield from _untold(text)


def _untold(text: str) -> Found:
    """Return values a few characters behind a Chinese cue that no word looks like."""
    for match in _AFTER.finditer(text):
        start, end = match.span("secret")
        end = value_end(text, start, end)
        value = text[start:end]
        mixed = any(c.isdigit() for c in value) and any(c.islower() for c in value)
        signed = any(not c.isalnum() for c in value)
        if len(value) < 6 or BLANK.search(value):
            continue
        told = match["gap"][-1] in "是为成到叫：:" and _likely(value, True)
        if mixed and (signed or told or _odd(value)):
            yield "secret", start, end


_CELL = re.compile(r"[^\s\"'|;,\t]{6,128}")


def _in_columns(text: str) -> Found:
    """Return the cells of a table under a heading that names a secret."""
    first = text.index("\n")
    if not _cued(text[:first].lower()):
        return
    for match in _CELL.finditer(text, first):
        value = match[0]
        if any(c.isalpha() for c in value) and any(c.isdigit() for c in value):
            over = heading(text, match.start())
            if over and _COLUMN.fullmatch(over) and not BLANK.search(value):
                yield "secret", match.start(), match.end()


_WORDS = re.compile(r"_*[A-Za-z]+(?:[-_.'/,:@]+[A-Za-z]+)*[_.,!;]*")
_LONG = re.compile(r"[0-9A-Za-z+/=_-]{20,}")
_HASH = re.compile(r"[0-9a-f]{32,}")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_TERM = re.compile(
    r"(?:sha|md|aes|rsa|ecdsa|ed|base|utf|argon|pbkdf|hs|rs|es|oauth|tls|ssl|ipv|https?|win|windows|"
    r"office|page|step|level|phase|section|chapter|appendix|table|figure|fig|form|field|line|item|"
    r"type|version|ver|v|rev|q|fy|rfc|iso|iec|pci|nist|fips|soc|totp|fido)"
    r"-?\d{1,4}[a-z]{0,3}(?:[-_./:][a-z0-9]{1,12}){0,2}",
    re.IGNORECASE,
)
"""Words of the trade with a number: sha256, base64-encoded, v2, page12."""
_CODE = re.compile(
    r"(?:self|this|process|os|sys|config|cfg|settings|env|req|request|response|ctx|app|options|"
    r"opts|args|params|secrets|vars?|local|data|module|steps|inputs|user|account|session|props|"
    r"state|event|body|form|conf|credentials|auth)\.[A-Za-z_][\w.]*\[?"
)
_PATH = re.compile(r"[~.]{0,2}/[\w.-]+/")
_WEAK = ("", "to", ",", "-", "–", "—")
"""Links that say nothing of a value: then the value itself must look like a secret."""
_WORD_BEFORE = re.compile(
    r"(?<!\bmy)(?<!\bthe)(?<!\byour)(?<!\bhis)(?<!\bher)(?<!\bour)(?<!\btheir)(?<!\band)"
    r"(?<=[A-Za-z]) $"
)


def _is_secret(value: str, match: re.Match[str]) -> bool:
    """Say whether a value behind a cue is a secret and no word about secrets."""
    if len(value) < 6 or BLANK.search(value) or value.lower() in _NO_SECRET:
        return False
    if (
        "(" in value
        or "://" in value
        or _PATH.match(value)
        or value[0] in "[#<$"
        or value[-1] == "["
    ):
        return False  # a call in code, a link, what a mask left
    if _TERM.fullmatch(value) or (not match["quote"] and _CODE.fullmatch(value)):
        return False
    letters = any(char.isalpha() for char in value)
    numbers = any(char.isdigit() for char in value)
    signs = any(not char.isalnum() for char in value[:-1])
    link, cue, text = match["link"].strip(), match["cue"].lower(), match.string
    password = _PASSWORD.search(cue) is not None
    if cue == "key" and match.re is _TOLD:
        if _LONG.fullmatch(value) is None or _HASH.fullmatch(value) or _UUID.fullmatch(value):
            return False
        return letters and numbers and link[:1] in _ASSIGNED
    if cue == "pass" and _WORD_BEFORE.search(text[max(0, match.start() - 8) : match.start()]):
        return _likely(value, True)  # and not a boarding pass
    if link in _WEAK and text[max(0, match.start() - 2) : match.start()] != "--":
        chinese = not cue.isascii()
        gap = text[match.end("cue") : match.start("secret")]
        if not chinese and not any(char.isspace() for char in gap):
            return False
        if chinese and value.isdigit():
            return len(value) <= 8 and password
        if match["quote"]:
            return letters and (numbers or (signs and not _WORDS.fullmatch(value)))
        return _likely(value, password) or (chinese and letters and numbers)
    if letters and numbers:
        return True
    if letters and signs and not _WORDS.fullmatch(value):
        return True
    if numbers and not letters:
        # Digits alone: a code only where somebody tells a password.
        return password and cue != "pass" and len(value) <= 12 and value.isdigit()
    assigned = "=" in link or (link[:1] in _ASSIGNED and bool(match["quote"]))
    return assigned and letters and value.isalpha() and len(value) >= 8


_PASSWORD = re.compile(r"密码|口令|passw|passp|passc|pwd|pass|pw|wi-?fi")
_ASSIGNED = (":", "=", "：", "＝")
_DRAWN = re.compile(r"(?=.*[a-z][A-Z])(?=.*[!#$%^&*+=?])[!-~]{10,}")
"""No digit, but cases and signs mixed as only a draw mixes them."""
_WORD_NUMBER = re.compile(r"[A-Za-z]{3,}\d{2,6}[!$#@*]?")


def _likely(value: str, password: bool) -> bool:
    """Say whether a value looks like a secret where only its place may say so."""
    if _TERM.fullmatch(value) or BLANK.search(value) or "(" in value or "://" in value:
        return False
    if _DRAWN.fullmatch(value) is not None:
        return True
    numbers = any(char.isdigit() for char in value) and any(char.isalpha() for char in value)
    return numbers and (
        (len(value) >= 8 and _odd(value))
        or (password and _WORD_NUMBER.fullmatch(value) is not None)
    )


def _odd(value: str) -> bool:
    """Say whether a value mixes cases, digits and signs as words and names do not."""
    if _HASH.fullmatch(value):
        return True
    upper = any(char.isupper() for char in value[1:])
    sign = any(not char.isalnum() and char not in "-./:" for char in value)
    return sign or (upper and any(char.islower() for char in value)) or len(value) >= 24
