"""Words of getting in: what stands around a password that nobody calls one.

Source: Own.
"""

from __future__ import annotations

import re

from lingqu.govern.privacy.rules import holds, words

_GET_IN = (
    r"(?:log(?:s|ged|ging)?[ -]?(?:me |you |us )?(?:in|on)(?:to)?|sign(?:s|ed|ing)?[ -]?(?:in|on)"
    r"(?:to)?|get(?:s|ting)?(?: \w+)? in(?:to)?|got in(?:to)?|open(?:s|ed|ing)?|bind|bound|"
    r"unlock(?:s|ed|ing)?|auth\w*|access(?:ed|es|ing)?|connect(?:s|ed|ing)?|"
    r"decrypt(?:s|ed)?|protected|locked|encrypted|secured|lets? (?:you|me|us|them) in|"
    r"set(?: up)?|reset|chang\w+|pass\w*|p/?wd?|credentials?|creds?|code|pin|secret|wi-?fi)"
)
_MARK = r"[\"'“‘`*(]*"
LEADS = re.compile(
    rf"(?:\b{_GET_IN}(?![A-Za-z])[^.\n]{{0,48}}?(?:\b(?:with|using|by|via|as|is|was|were|remains?|"
    r"stays?|called|from|tried|typed|it|say|says|just|now|e\.g\.|like|for|on)|[:=>?,-])|"
    rf"\b{_GET_IN}[^.\n]{{0,40}}[:,(-] ?[\w.@-]{{2,40}} ?[,/|:]|"
    rf"\b{_GET_IN}[^\n]{{0,60}}\?\s*\n[\w ]{{0,20}}[:>]|"
    r"\b(?:set|reset|changed?)\b[^.\n]{0,30} to|"
    r"\b(?:say|says|said|try|tried|use|uses|used|using|paste|pasted|give|gave|given|with|just|then|"
    r"wrote|writes|written|scribbled|reads|send|sent|mailed|texted|told|asks for|wants|needs|"
    r"expects|it's|it is|its|is|was|whether|if|that|now|still)|:|->|=>|"
    r"\b(?:user|login) ?[,/|-]|(?:laptop|door|pc|router|server|nas|wi-?fi|account|desktop|printer|"
    rf"camera)\W{{1,4}}[\w.-]{{2,20}} ?/|[是为用填试输敲：]|[改换设][成为]|输入|填写|试试|"
    rf"就是|还是|(?:[密暗][码号语]|口令)[^0-9A-Za-z\n。]{{0,8}}|"
    rf"[\u4e00-\u9fff] ?(?:admin|root) )\s*{_MARK}$",
    re.IGNORECASE,
)
"""Words that lead to a password."""
NAMES = re.compile(
    r"\b(?:users?|user ?names?|logins?|hosts?|hostname|groups?|account(?: name| id)?|nick(?:name)?|"
    r"handle|machine|login (?:user|name)|logged in as|log in as|log in to|login to|roles?)"
    rf"(?:\s*[:=]|\s(?:is|was|as|to))?\s*{_MARK}$",
    re.IGNORECASE,
)
"""Words that lead to the name of an account, which is no secret."""
TYPED = re.compile(
    r"(?:\b(?:type|types|typed|typing|enter|entered|entering)(?: in)?|[\w.]{2,}@[\w.]+ ?[,/|:-]|"
    rf"\b(?:root|admin|administrator|guest|demo) ?[/|:,])\s*{_MARK}$",
    re.IGNORECASE,
)
"""Words that lead to one where nothing says what one gets into."""
BEHIND = re.compile(
    r"[\"'”’`*)]*,?\s+(?:(?:(?:and|which|that|who) )?"
    r"(?:(?:said|says|told me|swore|claimed) (?:that )?)?(?:(?:it|this|that) )?"
    r"(?:still |also |always )?(?:opens|unlocks|gets (?:you|me|us|them|one)|"
    r"lets (?:you|me|us|them)|logs (?:you|me|us)|works (?:for|on|as)|does the trick)|"
    r"to (?:unlock|log|open|get in|sign|access|decrypt|enter|connect|join)|"
    r"(?:is|was|as) (?:the|my|your|our|his|her|their|a|what) |(?:for|on|at) the (?:router|wi-?fi|"
    r"door|safe|alarm|login|prompt|laptop|pc|guest|admin|vpn|portal|panel|network))",
    re.IGNORECASE,
)
"""Words that say what a password before them is for."""
PLACE = re.compile(
    r"\blog(?:s|ged|ging)?[ -]?(?:in|on)|\bsign(?:s|ed|ing)?[ -]?(?:in|on)|unlock|"
    r"\bget(?:s|ting)?(?: \w+)? in(?:to)?\b|\blets? \w+ in\b|\badmin|\broot\b|prompt|router|"
    r"wi-?fi|wlan|\bvpn\b|\bnas\b|\bssh\b|\bftp\b|\brdp\b|portal|panel|passw|passc|passph|\bpass\b|"
    r"\bp/?wd?\b|credential|\bcreds?\b|encrypt|decrypt|protect|\blaptop|guest net|account|keystore|"
    r"intranet|door|console|\balarm|\bsafe\b|\bopens?\b|\bopened\b|access|mailbox|username|"
    r"\buser\b|\bdatabase|server|\bbios\b|\bdisk\b|camera|\bpin\b|hacked|\bauth|\bldap\b|\bbind\b|"
    r"staging|\bwiki\b|shared drive|\bzip\b|archive|\bnetwork\b|keyboard|screen|locked|\bsecret\b|"
    r"密码|口令|登[录陆入]|账[号户]|帐号|解锁|开机|机房|服务器|后台|路由器|无线|门禁|保险[箱柜]|数据库|"
    r"堡垒机|解压|网盘|管理员|控制台|监控|摄像头|打印机|投影|凭[据证]",
)
"""What one gets into; read in lower case, as several long lists here are, for speed."""
_PLAIN = tuple(
    words(
        "unlock prompt router wi-fi wifi wlan portal panel passw passc passph credential encrypt "
        "decrypt protect account keystore intranet console access mailbox username server camera "
        "hacked staging locked screen keyboard archive"
    )
)


def getting_in(text: str) -> bool:
    """Say whether a text speaks of what one gets into; the plain words first, for speed.

    Example:
        >>> getting_in("the Router upstairs"), getting_in("the garden")
        (True, False)
    """
    lower = text.lower()
    return holds(lower, _PLAIN) or PLACE.search(lower) is not None


OFFER = re.compile(
    r"promo|coupon|voucher|discount|checkout|\bsale\b|% off|hashtag|level|score|achievement",
    re.IGNORECASE,
)
"""Where a word with digits and a sign is a cry."""
TECHNICAL = frozenset(
    words(
        "python java node ubuntu debian windows office version release build chapter section page "
        "level phase floor room gate platform line track unit building block suite apt lane "
        "server host worker client node db web app api mail dev prod test stage staging cluster "
        "rack port vlan eth wlan disk drive user guest student employee team group class table "
        "column row field item order ticket case issue task step form figure appendix article "
        "covid iphone galaxy pixel model type series mark int uint float utf base sha md aes rsa "
        "http https oauth tls ssl ipv win amd intel core area zone district route highway bus "
        "flight seat locker lab printer scanner camera sensor device laptop desktop password "
        "example foobar agent bot job sprint week day year"
    )
)
"""Words that a number follows without making a password."""
KEYED = re.compile(
    r"(?:api|licen[cs]e|secret|access|auth|signing|private|encryption|service|subscription|account|"
    r"bearer|session|refresh|deploy|app|client|webhook|storage)[ _-]?(?:key|token|secret)s?\b|"
    r"\btokens?\b|\bsecret\b|credential",
    re.IGNORECASE,
)
"""Keys and tokens that let programs in."""
KEPT = re.compile(
    r"\bvault\b|rotat|revok|leak|expos|\bAPI\b|secret|compromis|hard-?coded|pasted|plain ?text|"
    r"public repo|still live|still works",
    re.IGNORECASE,
)
"""What is done with a key that must stay unknown."""
SUMMED = re.compile(
    r"hash|digest|sha-?\d|md5|checksum|commit(?!t)|etag|fingerprint|revision|\bid\b|cache|uuid|trace|"
    r"span|idempoten|correlation|public key|primary|foreign|partition|object|image|layer|blob|"
    r"torrent|revision|block|tree|branch|merge|release|build|pixel|colou?r|wallet|transaction",
    re.IGNORECASE,
)
"""What else is written as such a row of letters and digits."""
