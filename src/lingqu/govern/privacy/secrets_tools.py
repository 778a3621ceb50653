"""Secrets in the commands and the settings of common programs, by the place where they are given.

Source: the manuals of the programs named in the patterns (curl, mysql, redis-cli, openssl, keytool,
net use, htpasswd, chpasswd, wpa_supplicant, Cisco IOS, SNMP, netrc).
"""

from __future__ import annotations

import re

from lingqu.govern.privacy.rules import holds
from lingqu.govern.privacy.secrets import BLANK, Found

_V = r"[^\s\"'|;,<>`]{5,128}"
_OPTION = re.compile(
    rf"(?<!\S)-u\s*[\w.@-]+:(?P<user>[^\s\"']{{6,128}})|"
    rf"(?:mysql\w*|mongo\w*|mariadb\w*)\b[^\n|;]{{0,80}}?\s-p(?P<glued>[^\s\"']{{6,128}})|"
    rf"(?:sshpass|docker login|podman login|az login|helm registry login|mosquitto_\w+|mongo\w*|"
    rf"oc login|skopeo login|rabbitmqadmin|influx|cqlsh|sqlcmd|bcp|isql|openssl)\b[^\n|;]{{0,80}}?"
    rf"\s-[pPkK] ?[\"']?(?P<apart>{_V})|"
    rf"(?:un)?zip\b[^\n|;]{{0,60}}?\s-P ?[\"']?(?P<zipped>{_V})|"
    rf"7z\w?\b[^\n|;]{{0,60}}?\s-p(?P<seven>{_V})|"
    rf"(?:redis-cli\b[^\n|;]{{0,60}}?\s-a|ldap\w+\b[^\n|;]{{0,80}}?\s-w|"
    rf"smbclient\b[^\n|;]{{0,60}}?-U ?[\w.\\]+%|rdesktop\b[^\n|;]{{0,60}}?-p|"
    rf"xfreerdp\b[^\n|;]{{0,80}}?/p:)[ \"']*(?P<other>{_V})|"
    rf"(?<!\S)-(?:storepass|keypass|passin|passout)\s+[\"']?(?:pass:)?(?P<store>{_V})|"
    rf"htpasswd\s+-\w*b\w*\s+\S+\s+\S+\s+[\"']?(?P<web>{_V})|"
    rf"net use\b[^\n]{{0,80}}?/user:\S+\s+[\"']?(?P<share>{_V})"
)
_PIPED = re.compile(
    rf"echo\s+(?:-n\s+)?[\"']?(?:[\w.-]+:)?(?P<secret>{_V})[\"']?\s*\|\s*(?:sudo\b[^\n|]*?-S|"
    r"(?:sudo )?chpasswd|passwd\b|docker login|openssl|cryptsetup|su\b|gpg\b)"
)
_SETTING = re.compile(
    rf"(?<![\w.-])(?:requirepass|masterauth|psk|wep_key\d?|wpa_passphrase|"
    rf"snmp-server community|(?:rw|ro)community|community-string|"
    rf"(?:enable|username \S+(?: privilege \d+)?)\s+(?:secret|password)(?:\s+[0-9])?|"
    rf"pragma (?:re)?key|(?:vault|heroku|gh|npm|doctl) (?:auth )?login(?: --token)?|"
    rf"(?:ftp|sftp|open)\b[^\n]{{0,40}}?\buser \S+(?! password))"
    rf"\s*[=:]?\s*[\"']?(?P<secret>{_V})",
    re.IGNORECASE,
)
_DRAWN = re.compile(r"[A-Za-z].*\d|\d.*[A-Za-z]|[a-z][A-Z].*[!#$%&^?]|[A-Za-z][!#$%&^?][A-Za-z]")
"""What no plain word has."""
_SIGNS = (
    "requirepass", "pragma", "masterauth", "psk", "wpa_", "wep_key", "community", "enable ",
    "username ", "login", "user ",
)  # fmt: skip


def options(text: str) -> Found:
    """Return what programs are given as a password on their command line.

    Example:
        >>> text = "keytool -storepass Harbor10! -list"
        >>> [text[a:b] for _, a, b in options(text)]
        ['Harbor10!']
    """
    for match in _OPTION.finditer(text):
        group = match.lastgroup or 0
        if not BLANK.search(match[group]) and match[group][0] not in "$-<":
            yield "secret", *match.span(group)
    for match in _PIPED.finditer(text) if "|" in text else ():
        if not BLANK.search(match["secret"]) and match["secret"][0] != "$":
            yield "secret", *match.span("secret")


def settings(text: str, lower: str) -> Found:
    """Return what the settings of programs hold as a password or a key.

    Example:
        >>> text = "requirepass harbor#91"
        >>> [text[a:b] for _, a, b in settings(text, text)]
        ['harbor#91']
    """
    if not holds(lower, _SIGNS):
        return
    for match in _SETTING.finditer(text):
        value = match["secret"]
        if _DRAWN.search(value) is not None and not BLANK.search(value) and value[0] not in "$<-":
            yield "secret", *match.span("secret")
