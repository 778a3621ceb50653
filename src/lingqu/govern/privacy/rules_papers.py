"""Passports, and permits to travel between the mainland, Hong Kong and Macao.

Source: the forms of the National Immigration Administration (passports, permits), ICAO 9303 (what
passports of other countries look like). Own: the cues.
"""

from __future__ import annotations

import re

from lingqu.govern.privacy.fields import column, field
from lingqu.govern.privacy.rules import AFTER, Rule, before, counts, feared, holds
from lingqu.govern.privacy.rules_mobile import COUNTED
from lingqu.govern.privacy.rules_papers_told import alone
from lingqu.govern.privacy.rules_papers_zh import SERIES, paper

PASSPORT = re.compile(
    r"护照|passport|\bppt\b|\bpp(?= ?(?:no|nr|num|#|:|$))|"
    r"(?:type|kind|doc\w*)[\"']?\s*[:=]\s*[\"']?pp\b|\bP/[A-Z]{3}/$|travel(?:ling)? doc",
    re.IGNORECASE,
)
_REGIONS = r"(?:hong ?kong|hk|mainland|taiwan|china)"
PERMIT = re.compile(
    r"通行证|回乡[证卡]|港澳(?:居民|证)|往来港澳|双程证|单程证|往来证|来往内地|"
    r"home[ _-]?(?:return|visit)|hkmo?\b|hui ?xiang ?zheng|\bmtp\b|\bhrp\b|"
    rf"{_REGIONS}[^a-z0-9]{{0,3}}(?:and |or |& ?)?maca[uo]|"
    rf"maca[uo][^a-z0-9]{{0,3}}(?:and |or |& ?)?{_REGIONS}|"
    r"exit[ /-]{0,3}(?:and[ -])?entry|\beep\b|(?:one|two)[ _-]way permit|"
    r"(?<!vehicle )travel[ _]?permit|individual visit|"
    r"re-?entry permit|mainland[ _]?travel|hk_?mac",
)
_PAPER = re.compile(r"permit|\bpass\b|travel document|document|\bcard\b|证件")
"""What such a paper may also be called, where a place or a border says which is meant."""
_OTHER_PERMIT = re.compile(
    r"(?<![A-Za-z])(?:building|planning|construction|demolition|fishing|hunting|parking|work|import|export|"
    r"learner'?s?|driving|firearms?|gun|liquor|street|event|filming|burn|residence|boarding|"
    r"hall|season|day|bus|ski|lift|vehicle|key|room|sim|gift|loyalty|member(?:ship)?|student|"
    r"library|business|memory|资格|施工|建设|停车|采矿|排污|许可)[ -]?"
    r"(?:permits?|pass|card|证)?\W{0,3}(?:no|number|号)?\W{0,3}$",
    re.IGNORECASE,
)
_BORDER = re.compile(
    r"hong ?kong|\bhk\b|hksar|kowloon|maca[uo]|macan|lo ?wu|luo ?hu|lok ma chau|futian|huanggang|"
    r"gongbei|shenzhen|hzmb|border|checkpoint|crossing|crossed|mainland|endorse|immigration|customs|"
    r"zhuhai|hengqin|ferry|香港|澳门|口岸|出入境|签注",
)
_HAN = re.compile("[\u4e00-\u9fff]")
_STOP = re.compile(r"[.!?](?=\s|$)|\n")
_STAYS = re.compile(
    r"\bguest|hotel|hostel|visitor|reception|overseas|foreign|abroad|bio ?(?:data)? ?page|"
    r"machine[ -]readable|\bmrz\b|residence permit|tourist|embark|departure|arrival|arrived|"
    r"airport|deport|asylum|refugee|expat|nationality|citizenship|identity|identification|"
    r"\bid\b|\bids\b|\bdocs?\b|lost (?:and|&) found|notar|\bmrs?\b|\bms\b|\be-?gates?\b"
)
"""What is said where papers are shown, besides travel."""
_READ = re.compile(
    r"bio ?(?:data)? ?page|machine[ -]readable|\bmrz\b|\bairlines?\b|boarding|border control"
)
_GOODS = re.compile(
    r"scaffold|construct|excavat|\bcrane|demolition|parking|fishing|liquor|cargo|freight|pallet|"
    r"crate|container|warehouse|shipment|stock\b"
)
_NOT_PAPER = re.compile(
    r"(?<![A-Za-z])(?:航班|flight|车次|座位|seat|gate|room|房间|booking|reservation|confirmation|order|"
    r"cargo|manifest|container|crate|ticket|voucher|receipt|invoice|locator|ref(?:erence)?|"
    r"firmware|software|version|reader|scanner|error|tracking|parcel|"
    r"boarding pass|model|drawing|lot|batch|serial|part|sku|shelf|pnr|photo|fee|"
    r"bag(?:gage)? tag|form|page|quota|report|policy|claim|expense|code|locker|application|request|"
    r"appointment|case|phone|tel|mobile|call|ssn|account|iban|library card|pallet|declaration)"
    r"(?: (?:no|nr|number|id|code|ref|order|booking))?[\s.:#(-]{0,3}$",
    re.IGNORECASE,
)
"""What else has such a number, right before it."""
_NATIONS = (
    r"(?:british|irish|french|german|italian|spanish|dutch|swiss|polish|swedish|danish|norwegian|"
    r"finnish|russian|turkish|indian|japanese|korean|thai|filipino|malaysian|singaporean|canadian|"
    r"american|australian|brazilian|mexican|nigerian|egyptian|vietnamese|chinese|kenyan|"
    r"portuguese|greek|austrian|belgian|israeli|indonesian|pakistani|ukrainian),"
)
_FOREIGN = (
    r"\bvisas?\b(?! (?:card|debit|credit|trans|pay|and m|or m|fee|bill))|photo page|manifest|"
    r"landing card|\besta\b|schengen|interpol|embassy|consul|immigra|nationalit|nationals?\b|"
    r"citizen|travell?er|passenger|\bcrew\b|\bapis\b|document (?:no|nr|num|id)|\bpassport|护照|"
    + _NATIONS
)
_ABROAD = re.compile(_FOREIGN)
"""What is said of people in a foreign country: enough for nine digits."""
_TRAVELS = re.compile(
    _FOREIGN + r"|airline|boarding|cruise|\bbooking\b|\btravel|check-?in|\bborder"
)
"""What is said of people who travel."""
_COLUMN = re.compile(r"passport|\bppt\b|travel doc|\bdocument")
_EXPIRES = re.compile(r"\bexp(?:\.|ir|\b)")
_TRAVELS_ON = re.compile(r"\btravel\w* (?:on|with|under) $")
_CELL = re.compile(r"[,;|\t] ?[A-Z]+\d+ ?(?:[,;|\t\n]|$)")
_ROW = re.compile(r"[,;|\t] ?1[3-9]\d{9} ?(?:[,;|\t\n]|$)")
"""A row of a person: the paper in one cell and a mobile in another."""
_PERMITS = re.compile(r"permit|hkmo|\beep\b|home return|hui ?xiang")


_SIGNS = {
    PASSPORT: ("pp", "passport", "护照", "travel", "p/"),
    PERMIT: (
        "hk", "permit", "kong", "maca", "home", "hui", "mtp", "hrp", "eep", "exit", "visit",
        "mainland", "通行证", "回乡", "港澳", "双程", "单程", "往来", "来往",
    ),
}  # fmt: skip
"""One of these stands in whatever a cue knows: to look for them is quick."""


def last(cue: re.Pattern[str], text: str) -> int:
    """Return where a cue stands last in a text of small letters."""
    place = -1
    if cue is not _PAPER and not holds(text, _SIGNS[cue]):
        return place
    for match in cue.finditer(text):
        place = match.start()
    return place


def _not(text: str, start: int) -> bool:
    return _NOT_PAPER.search(before(text, start)) is not None or feared(text, start)


def _chinese(text: str, start: int) -> bool:
    """Say whether what stands around a place is Chinese: signs of it alone are none."""
    return not text.isascii() and _HAN.search(text, max(0, start - 90), start + 90) is not None


def is_passport(text: str, start: int, end: int) -> bool:
    """Say whether a passport is spoken of: near before, over the column, or by who travels."""
    if _chinese(text, start):
        return paper(text, start, end) == "passport"
    head = before(text, start, 90).lower()
    near = last(PASSPORT, head)
    strong = SERIES.fullmatch(text, start, end) is not None
    if near < 0:
        told = _COLUMN.search(column(text, start)) is not None or (
            not _not(text, start) and _of_traveller(text, start, end, strong)
        )
        return told and (strong or last(PERMIT, head) < 0)
    if _not(text, start) or (_STOP.search(head, near) is not None and not alone(text, start)):
        return False
    far = len(head) - near > 12
    if far and text[start:end].isdigit() and COUNTED.match(text, end) is not None:
        return False
    return strong or near > last(PERMIT, head)


def _of_traveller(text: str, start: int, end: int, strong: bool) -> bool:
    """Say whether a number without a passport before it is one by the rest of the text."""
    plain = text[start:end].isdigit()
    name = field(text, start)
    if name is not None and _COLUMN.search(name) is not None:
        return True
    lower = text.lower()
    if _OTHER_PERMIT.search(before(lower, start)) is not None:
        return False
    if last(PASSPORT, lower) >= 0:
        return (not plain and alone(text, start)) or _behind(text, lower, start, end)
    if strong and _ROW.search(text) is not None and _CELL.match(text, start - 1) is not None:
        return True
    if strong and _EXPIRES.search(lower, end, end + 24) is not None:
        return alone(text, start)
    if not plain:
        told = name is None and alone(text, start)
        return told and (_TRAVELS.search(lower) or _STAYS.search(lower)) is not None
    if not alone(text, start) or counts(text, start, end):
        return False
    if _ABROAD.search(lower, max(0, start - 60), end + 48) is not None:
        return True
    if _EXPIRES.search(lower, end, end + 24) is not None and _TRAVELS.search(lower) is not None:
        return True
    on = _TRAVELS_ON.search(lower, max(0, start - 24), start) is not None
    return on or _READ.search(lower) is not None


def _behind(text: str, lower: str, start: int, end: int) -> bool:
    """Say whether a passport is spoken of right behind, or in the sentence of a lone number."""
    if PASSPORT.search(lower[end : end + 12]) is not None:
        return True
    stop = _STOP.search(text, end)
    rest = lower[end : min(stop.start() if stop else len(text), end + 72)]
    return last(PASSPORT, rest) >= 0 and alone(text, start)


def is_permit(text: str, start: int, end: int) -> bool:
    """Say whether a permit to travel is spoken of, by one of its names or by a border."""
    if _chinese(text, start):
        return paper(text, start, end) == "travel_permit"
    lower = text.lower()
    if _not(text, start) or (text[start] in "TL" and "taiwan" not in lower):
        return False
    head = before(lower, start, 60)
    if _OTHER_PERMIT.search(head):
        return False
    over = column(text, start)
    near = max(last(PERMIT, head), last(_PAPER, head))
    if near < last(PASSPORT, head) or (near < 0 and PASSPORT.search(over)):
        return False
    told = last(PERMIT, lower) >= 0
    if near >= 0:
        return told or _crosses(lower) or _PERMITS.search(over) is not None
    if told and (over or _PAPER.search(lower) is not None or alone(text, start)):
        return True
    return _PERMITS.search(over) is not None or (_crosses(lower) and alone(text, start))


def _crosses(lower: str) -> bool:
    """Say whether a border is spoken of, and no goods that cross it."""
    return _BORDER.search(lower) is not None and _GOODS.search(lower) is None


def _taiwan(text: str, start: int, end: int) -> bool:
    """Say whether eight digits are the permit of a resident of Taiwan."""
    return "台" in text and paper(text, start, end) == "travel_permit"


def _mixed(text: str) -> bool:
    """Check that a passport number of letters and digits has a digit at all."""
    return any(char.isdigit() for char in text)


PAPERS = (
    Rule(
        "travel_permit",
        r"(?:[HM]\d{8}(?:\d{2})?|C[A-HJ-NP-Z]\d{7}|[CWTL]\d{8})" + AFTER,
        "HMCWTL",
        None,
        is_permit,
    ),
    Rule(
        "passport",
        r"(?:[A-Z]{1,2}\d{6,8}|\d{9})" + AFTER,
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        None,
        is_passport,
    ),
    Rule(
        "passport",
        r"[CFGHJKLMNPRTVWXYZ][0-9CFGHJKLMNPRTVWXYZ]{8}" + AFTER,
        "CFGHJKLMNPRTVWXYZ",
        _mixed,
        is_passport,
    ),
    Rule("travel_permit", r"\d{8}" + AFTER, "0123456789", None, _taiwan),
)
