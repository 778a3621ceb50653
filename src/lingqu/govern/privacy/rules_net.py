"""Addresses of mail and machines, which are written alike everywhere.

Source: RFC 5321 (mail), RFC 791 and RFC 4291 (IP addresses), IEEE 802 (MAC). Own: what makes four
numbers a version.
"""

from __future__ import annotations

import ipaddress
import re

from lingqu.govern.privacy.rules import AFTER, BEFORE, Rule, before, cued, holds
from lingqu.govern.privacy.secrets import Found

VERSION = re.compile(
    r"(?:版本?|固件|驱动|补丁|内核|章节?|第|SDK|升级[到至为]?|更新[到至为]?|回滚[到至为]?|"
    r"降级[到至为]?|version|(?<![A-Za-z])ver\.?|"
    r"release|firmware|build|driver|kernel|bios|plugin|runtime|jdk|toolkit|hotfix|"
    r"patch|section|chapter|clause|§|(?:up|down)graded? (?:to|from)|"
    r"updated? (?:to|from)|(?:Chrome|Edge?|OPR|Safari|Firefox|MicroMessenger|Browser)/|\bv)"
    r"[号为是]?[\s:：.]*$",
    re.IGNORECASE,
)
_VERSIONED = re.compile(
    r"[\s(（,]*(?:版本?|节|章|条|款|固件|驱动|release|version|build|firmware|patch|sdk|driver)",
    re.IGNORECASE,
)
_SERIES = re.compile(r"\d+(?:\.\d+)+\s*(?:to|and|or|->|=>|→|,|/|-|至|到|和|或|、)\s*$")
"""Other numbers of a list: what is said of the first is said of all."""
_NETWORK = re.compile(
    r"ip|地址|addr|host|server|client|主机|服务器|网|来自|源|ping|dns|端口|log.?in|登录|network|"
    r"port|ssh|scp|curl|http|connect|subnet|vpn|node|firewall|rout|packet|request|block|banned|udp|"
    r"tcp|access|访问|连接|请求|防火墙|封禁|攻击|@",
    re.IGNORECASE,
)
_SMALL = 39
"""Versions of programs have no greater parts, and few addresses have only such."""


_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"


def ipv6(text: str) -> bool:
    """Check an IPv6 address; unspecified and loopback addresses are nobody's."""
    try:
        found = ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return not (found.is_unspecified or found.is_loopback)


def _ipv4(text: str, start: int, end: int) -> bool:
    """Say whether four numbers are an address and no version, mask or clause."""
    parts = [int(part) for part in text[start:end].split(".")]
    if parts[0] in (0, 127, 255) or (parts[3] == 0 and text[end : end + 1] == "/"):
        return False
    head = _SERIES.sub("", before(text, start, 40))
    if VERSION.search(head) or _VERSIONED.match(text, end):
        return False
    return max(parts) > _SMALL or _NETWORK.search(text) is not None


def mac(text: str) -> bool:
    """Check a MAC address; the broadcast address and the empty one are nobody's.

    Example:
        >>> mac("00:1a:2b:3c:4d:5e"), mac("ff:ff:ff:ff:ff:ff")
        (True, False)
    """
    return len(set(re.sub(r"[^0-9A-Fa-f]", "", text).lower())) > 1


_LOCAL = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._%+-")
_HOST = re.compile(
    r"@(?:[0-9A-Za-z][0-9A-Za-z-]*\.)+"
    r"(?!(?:png|jpe?g|gif|svg|webp|css|js|ts|py|txt|html?)(?![0-9A-Za-z]))[A-Za-z]{2,24}"
    r"(?![0-9A-Za-z])(?!:[~/])(?!:[\w~][\w.~-]*/)"
)


def emails(text: str) -> Found:
    """Return the e-mail addresses of a text, read backwards and forwards from each @.

    Example:
        >>> list(emails("邮箱a.li@example.com，图标icon@2x.png"))
        [('email', 2, 18)]
    """
    place = text.find("@")
    last = 0
    while place >= 0:
        start = place
        while start > last and text[start - 1] in _LOCAL and place - start < 64:
            start -= 1
        while start < place and text[start] in "._%+-" and text[start] != "_":
            start += 1
        host = _HOST.match(text, place) if start < place else None
        if host is not None:
            last = host.end()
            yield "email", start, last
        place = text.find("@", place + 1)


_MAYBE_MAC = re.compile(
    r"[0-9A-Fa-f](?::[0-9A-Fa-f]{0,4}:|[-:][0-9A-Fa-f]{2}[-:][0-9A-Fa-f]{2}[-:]|"
    r"\.[0-9A-Fa-f]{4}\.)|::[0-9A-Fa-f]"
)
_OPEN = (
    r"(?:(?<![0-9A-Za-z:.-])|(?<=[Ii][Pp])|(?<=IPv6)|(?<=ipv6)|(?<=MAC)|(?<=mac)|(?<=mac:)|"
    r"(?<=MAC:)|"
    r"(?<=[g-zG-Z]:)|(?<=[g-zG-Z][a-fA-F]:)|(?<=[g-zG-Z][a-fA-F]{2}:)|(?<=[Vv]6:))"
)
"""The left boundary of what has colons inside; one colon may belong to a name: ``addr:fe80::1``."""
_MAC = re.compile(
    _OPEN + r"(?:[0-9A-Fa-f]{2}(?P<m>[:-])[0-9A-Fa-f]{2}"
    r"(?:(?P=m)[0-9A-Fa-f]{2}){4}|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4})"
    r"(?![0-9A-Za-z]|[:.-][0-9A-Fa-f])"
)
_IPV6 = re.compile(
    _OPEN + r"(?=[0-9A-Fa-f]|::)(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![0-9A-Za-z:])"
)
_MAC_PLAIN = re.compile(BEFORE + r"[0-9A-Fa-f]{12}" + AFTER)
_MAC_CUE = ("MAC", "mac", "网卡", "物理地址")
_MAC_NEAR = cued(re.compile(r"\bmac|MAC|物理地址|网卡|硬件地址"), 16)


_DOTTED = re.compile(r"\.[0-9A-Fa-f]{4}\.")


def separated(text: str) -> bool:
    """Say whether a text has a word or as many signs as an address needs: most have not."""
    if text.count(":") >= 2 or text.count("-") >= 5 or _DOTTED.search(text) is not None:
        return True
    return holds(text, _MAC_CUE)


def hardware(text: str) -> Found:
    """Return MAC and IPv6 addresses: what is written with colons, hyphens or dots between.

    Example:
        >>> list(hardware("mac 00:1a:2b:3c:4d:5e, ip fe80::1, at 12:34:56"))
        [('mac', 4, 21), ('ipv6', 26, 33)]
    """
    if _MAYBE_MAC.search(text):
        for match in _MAC.finditer(text):
            if mac(match[0]):
                yield "mac", match.start(), match.end()
        for match in _IPV6.finditer(text):
            if ipv6(match[0]):
                yield "ipv6", match.start(), match.end()
    if holds(text, _MAC_CUE):
        for match in _MAC_PLAIN.finditer(text):
            if mac(match[0]) and _MAC_NEAR(text, *match.span()):
                yield "mac", match.start(), match.end()


IPV4 = Rule(
    "ipv4",
    rf"(?<!\.)(?:{_OCTET}\.){{3}}{_OCTET}" + r"(?![0-9A-Za-z]|\.\d)",
    "0123456789",
    None,
    _ipv4,
)
