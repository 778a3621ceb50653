"""Whether eleven digits are a mobile number of mainland China.

Source: the numbering plan of MIIT (ranges of mobile numbers). Own: what speaks for a telephone
and what against it.
"""

from __future__ import annotations

import re

from lingqu.govern.privacy.fields import column, field
from lingqu.govern.privacy.rules import Rule, before, digits, in_row, nobody

_REACHED = re.compile(
    r"(?:phone|call|tel|telephone|mobile|cell|sms|text|ring|dial|reach|contact|whatsapp|wechat|"
    r"电话|手机|手机号|致电|拨打|联系|微信|短信)\W{0,3}(?:(?:is|on|at|to|me|her|him|us|number|no|号码|"
    r"是|为)\W{1,3}){0,2}$|电话.{0,4}$|手机.{0,4}$",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"(?:^|[^A-Za-z])(?!(?:tel|phone|mobile|cell)-$)[A-Za-z]{1,10}[-_]$", re.IGNORECASE
)
"""The head of a code such as SO-13812345678."""
COUNTED = re.compile(
    r" (?:of|per|won|yen|yuan|baht|feet|people|bricks?|bacteria|data)(?![A-Za-z])| (?!(?:is|was|"
    r"has|does|goes|keeps|calls|rings|texts|belongs|asks|needs|wants|works|says|sends|replies|"
    r"answers|comes|gets|tries|uses|shows|appears|remains|looks|plus|as|this|thanks|always|times|"
    r"perhaps|besides|sometimes|whatsapp|across|reaches|wakes|pls|gives|hangs|picks|serves|"
    r"reports|complains|claims|refuses|speaks|knows|lives|stays|lets|sells|pretends|opens|helps|"
    r"yes|unless|its|his|hers|ours|stops|starts|rejects|bounces|fails|previous|anonymous|whereas)"
    r"(?![A-Za-z]))[a-z]{1,20}[a-rtv-z]s(?<!is)(?![A-Za-z'’@_-]|[.][A-Za-z])"
)
"""A noun that is counted, behind a number: any plural that is no verb."""
_TELEPHONE = re.compile(
    r"phone|mobile|\bcell\b|\btel\b|\bsms\b|msisdn|whats ?app|wechat|weixin|alipay|contact|\bcall|"
    r"\bdial|\bring\b|recipient|receiver|\bto\b|\bfrom\b|sender|\buser ?name|\bother\b|"
    r"\baccount\b|log ?in|notify|on ?call|\bnumbers?\b|\bmob\b|\botp\b|\bsim\b|subscriber|"
    r"owner|emergency|driver|courier|hotline|buyer|seller|consignee|guardian|kin\b"
)
"""Names of fields and columns that hold telephones."""
_NO_COLUMN = re.compile(
    r"\bid\b|\bno\b|stock|qty|quant|amount|size|count|total|price|sku|order|\bref|code|serial|"
    r"\bean|views|sales|revenue|balance|sum|bytes|time|epoch|population|units|value|score|tax|"
    r"invoice|ticket|tracking|parcel|hash|seed|offset|version|build|batch|budget|cost|volume"
)
_THING = re.compile(
    r"(?<![a-z])(?:shipments?|deliver(?:y|ies)|consignment|cargo|manifest|contract|agreement|"
    r"licen[cs]e|permit|policy|certificate|project|process|thread|frame|packet|block|node|record|"
    r"row|entry|tweet|post|comment|video|photo|article|pixel|byte|seed|offset|address|memory|key|value|figure|result|answer|prime|integer|digits?|"
    r"checksum|crc|signature|id|identifier|guid|pid|jobs?|tasks?|asset|machine|engine|chassis|vin|"
    r"vehicle|device|sensor|router|model|lot|bar ?code|ean|plu|isbn|isrc|grant|bond|stock|share|"
    r"isin|cusip|account balance|balance|revenue|turnover|sales|profit|loss|debt|deficit|budget|"
    r"cost|price|fee|fine|worth|value|volume|capacity|distance|altitude|depth|length|height|mass|"
    r"weight|area|energy|frequency|population|users|subscribers|customers|visitors|people|units|"
    r"views|hits|rows|records|orders|requests|events|bytes|downloads|votes|steps|followers|"
    r"visits|sessions|transactions|payments|messages|installs|impressions|clicks|count|reached|"
    r"exceeded|hit|totalled|(?:grew|rose|fell|climbed|dropped|jumped|increased|decreased) (?:by|to)"
    r"|(?:more|less|fewer|greater|higher|lower) than|at least|at most|up to|out of|a total of|"
    r"factors?(?: of)?|squares?|cubes?|product|sum|mean|median|prime|"
    r"(?:modulo|mod|plus|minus|times|divided by|multiplied by))"
    r"(?: (?:number|no\.?|nr\.?|id|code|ref|reference|value|index|tag))?"
    r"(?:[\s:#\"'(]{0,3}|"
    r"(?:\s(?:is|was|has|of|at|with|the|number|as|are|were|stands?|stood)){1,3} )$",
)
"""What is numbered or counted, right before a number."""
_TOLD = re.compile(
    r"phone|\bcall|\btel\b|mobile|\bcell\b|\bsms\b|\btext(?:ed)?\b|\bring\b|\bdial|\breach (?:me|"
    r"him|her|us|them|out)|\bcontact\b|whatsapp|wechat|voicemail|\+86",
    re.IGNORECASE,
)
_BY_TELEPHONE = re.compile(
    r"电话|手机|[来回致去]电|拨|联系|短信|微信|打给|呼叫|phone|mobile|\bcell|\btel\b|\bsms\b|\bcall|\bdial|contact|whatsapp|wechat",
    re.IGNORECASE,
)
"""What speaks for a telephone so surely that a range not yet given to a network will do."""
_PLAN = re.compile(r"1(?:3\d|4[014-9]|5[0-35-9]|6[2567]|7[0-8]|8\d|9[0-35-9])")
"""Ranges that have been given to a network."""


def plan(text: str) -> bool:
    """Check that a number lies in a range of the numbering plan.

    Example:
        >>> plan("+86 139-1234-5678"), plan("15412345678")
        (True, False)
    """
    return _PLAN.match(digits(text)[-11:]) is not None


def mobile(text: str, start: int, end: int) -> bool:
    """Say whether eleven digits are a telephone: 14600000000 yen and 13912345678 bolts are none."""
    if nobody(text, start, end) or in_row(text, start, end):
        return False
    if not plan(text[start:end]) and not _BY_TELEPHONE.search(before(text, start, 16)):
        return False
    if not text[start:end].isdigit() or end - start != 11:
        return True
    if _CODE.search(text, max(0, start - 12), start):
        return False
    if text.endswith("00000000", start, end) or COUNTED.match(text, end) is not None:
        return _REACHED.search(before(text, start, 60)) is not None
    return not text.isascii() or _in_english(text, start)


def _in_english(text: str, start: int) -> bool:
    """Say whether nothing names the number otherwise, where no Chinese word stands around.

    A number of the plan that stands alone, in a list or in a sentence of people is taken for a
    telephone: what is missed is published, what is masked in vain is not lost.
    """
    name = field(text, start)
    if name is not None:
        return _TELEPHONE.search(name) is not None or _written(text, start, name)
    over = column(text, start)
    if over:
        return _TELEPHONE.search(over) is not None or _NO_COLUMN.search(over) is None
    head = before(text, start, 48)
    return _THING.search(head.lower()) is None


def _written(text: str, start: int, name: str) -> bool:
    """Say whether a field without a telling name is spoken of as a telephone in its line."""
    line = text.rfind("\n", 0, start) + 1
    return _NO_COLUMN.search(name) is None and _TOLD.search(text, line, start) is not None


MOBILE = Rule(
    "mobile",
    r"(?:\((?:\+|00)?86\)[- ]?|(?:\+|00)?86[- ]?)?1(?<!\+1)(?<!\d\.1)[3-9]\d"
    r"(?:\d{8}|[-. ]\d{4}[-. ]\d{4}|\d{4}[- ]\d{4})(?![0-9A-Za-z]|\.\d)",
    "+(081",
    None,
    mobile,
)
