"""Names of people in Chinese text, by surname, characters of given names and what stands around.

A name has no form of its own: 方正 is a typeface, 高峰 a peak, 成都 a city. So three things are
weighed: what stands before (a role such as 患者, a word such as 我叫, or nothing at all), what the
given name is made of, and what follows.

Source: Own lists and rules. The surnames are the most frequent of the census of 2020 (Ministry of
Public Security, report on names); the rest was written down from general knowledge of the language.
"""

from __future__ import annotations

import re

from lingqu.govern.privacy.lists_names_zh import (
    COMPOUND,
    NAME_CUES,
    NAMELY,
    NO_NAME,
    NOT_GIVEN,
    ROLE_CUES,
    STOP,
    SURNAMES,
    TYPICAL,
    WEAK_CUES,
    WORD_BEGINNINGS,
    WORDY,
    WORDY_PAIRS,
)
from lingqu.govern.privacy.lists_zh import CITIES
from lingqu.govern.privacy.secrets import Found

_FOLLOW = re.compile(
    r"(?:先生|女士|小姐|同学|老师|教授|医生|大夫|护士|经理|主任|主管|总监|师傅|律师|警官|法官|博士|"
    r"同志|阿姨|叔叔|大爷|奶奶|爷爷|老人|"
    r"院长|校长|处长|科长|局长|书记|队长|班长|组长|董事长|总裁|总经理|教练|导师|学长|学姐|妈妈|"
    r"爸爸|家长|家属|本人|等人|一行|"
    r"身份|证件|手机|电话|号码|地址|住址|邮箱|微信|性别|年龄|出生|生日|籍贯|民族|学历|毕业|现住|"
    r"户籍|名下|账户|账号|卡号|护照|车牌|"
    r"男|女|要求|申请|反映|表示|来电|致电|咨询|投诉|举报|报案|报警|预约|购买|付款|退款|转账|汇款|"
    r"存入|取款|登录|注册|签收|签字|签名|"
    r"入院|出院|入职|离职|请假|加班|调岗|转正|参加|负责|担任|介绍|推荐|提交|填写|上传|下载|发送|"
    r"回复|确认|核实|同意|拒绝|授权|委托|"
    r"陪同|驾驶|乘坐|遗失|丢失|捡到|失联|走失|死亡|受伤|确诊|主诉|自述|陈述|供述|承认|否认|诉|获|"
    r"任|今|昨|日前|其|之|这边|那边|"
    r"明天|明日|今天|今日|昨天|昨日|昨晚|上午|下午|晚上|有限|要|代|暂|均|共|无|即|须|应|需|未|也|"
    r"又|还|仍|正|刚|曾|能|会)"
)
_TITLES = re.compile(
    r"(?:先生|女士|小姐|同学|老师|教授|医生|大夫|护士|经理|主任|主管|总监|师傅|律师|警官|法官|博士|"
    r"同志|阿姨|大爷|奶奶|爷爷|队长|院长|校长|"
    r"处长|科长|局长|董事长|总经理|教练)"
)
_SURE = frozenset(NAME_CUES)
_ROLES = frozenset(ROLE_CUES)
_WEAK = frozenset(WEAK_CUES)
_LAST = "".join(sorted({cue[-1] for cue in (*NAME_CUES, *ROLE_CUES, *WEAK_CUES)}))
_GAP = " \t:：=＝,，、/|｜（([【“\"'『「-—"
_LABEL = re.compile(
    r"(?:name|contact|holder|owner|user|customer|patient|sender|receiver|recipient|consignee|dear|"
    r"attn|actor|staff|employee)[\"']?$",
    re.IGNORECASE,
)
_BRANDS = re.compile(
    r"(?:张裕|周大福|周大生|周六福|金立|马应龙|张小泉|陈克明|江小白|王致和|金利来|方太|康师傅|高德|"
    r"顾家|温哥华|马德里|罗马|华盛顿|金边|万象|高雄|"
    r"胡庆余|鲁花|全聚德|马来西亚|马尔代夫|马鞍山|石嘴山|张掖|金庸|康熙|黄鹤楼|白云山|向日葵|"
    r"常春藤|欧莱雅|欧元|古驰|郎酒|宋河|苏泊尔|"
    r"左岸|辛普森|关公|孔明|曹操|诸葛亮|司马迁|包青天|雷锋|贾宝玉|武松|程咬金)"
)
_CANDIDATE = re.compile(
    rf"(?=[{SURNAMES}{''.join(sorted({c[0] for c in COMPOUND.split('|')}))}])"
    rf"(?:(?<![\u4e00-\u9fff])|(?<=[{_LAST}]))"
    rf"(?P<surname>{COMPOUND}|[{SURNAMES}])(?P<given>[\u4e00-\u9fff]{{1,2}})"
)
_DOT = re.compile(r"(?<=[\u4e00-\u9fff])[·•‧](?=[\u4e00-\u9fff]{2})")
_HAN = re.compile(r"[\u4e00-\u9fff]{2,6}(?:[·•‧][\u4e00-\u9fff]{1,6})?")
WHOLE_NAME = re.compile(rf"(?:{COMPOUND}|[{SURNAMES}])(?:·)?[\u4e00-\u9fff]{{1,2}}")
"""A cell that holds nothing but a name."""
_BESIDE = re.compile(
    r"[ \t]?[\"”'）)]?[ \t]?[|｜,，:：;；/\t（(]?[ \t]?[\"“]?[+＋(]?(?:[0-9]|[A-Za-z][\w.+-]*@|"
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z])"
)
"""A number or an address right behind: names stand beside what reaches people."""


def names(text: str) -> Found:
    """Return the names of people in a Chinese text.

    Example:
        >>> text = "患者张伟，家属李秀英；方正字体已到期"
        >>> [text[a:b] for _, a, b in names(text)]
        ['张伟', '李秀英']
    """
    dotted = _dotted(text)
    for begin, end in dotted:
        yield "name", begin, end
    place = 0
    while (match := _CANDIDATE.search(text, place)) is not None:
        start = match.start()
        if any(begin <= start < end for begin, end in dotted):
            place = start + 1
            continue
        length = _length(text, match)
        place = start + 1
        if length:
            place = match.end("surname") + length
            yield "name", start, place


def _dotted(text: str) -> list[tuple[int, int]]:
    """Return names of two parts with a dot between, as many peoples of China write them."""
    found: list[tuple[int, int]] = []
    for dot in _DOT.finditer(text):
        if found and dot.start() < found[-1][1]:
            continue
        first = dot.start()
        while first > max(0, dot.start() - 9) and "\u4e00" <= text[first - 1] <= "\u9fff":
            first -= 1
        cut = [n for n in range(first, dot.start() - 1) if n > first and _ends_cue(text, first, n)]
        begin = max(cut, default=first)
        tail = _HAN.match(text, dot.end())
        if tail is None or not 2 <= dot.start() - begin <= 5 or text[begin] == "第":
            continue
        ends = [n for n in range(dot.end() + 2, tail.end() + 1) if _told(text, n)]
        # 买买提 ends in a character that also begins a verb: whole words count first.
        clear = [n for n in ends if n == tail.end() or text[n] not in STOP]
        found.append((begin, min(clear or ends, default=tail.end())))
    return found


def _ends_cue(text: str, first: int, place: int) -> bool:
    return any(
        text[place - n : place] in _SURE or text[place - n : place] in _ROLES
        for n in range(1, min(7, place - first + 1))
    )


def _told(text: str, place: int) -> bool:
    """Say whether a name may end here."""
    following = text[place : place + 1]
    return (
        not "\u4e00" <= following <= "\u9fff"
        or following in STOP
        or _FOLLOW.match(text, place) is not None
    )


def _length(text: str, match: re.Match[str]) -> int:
    """Return how many characters the given name has, 0 where there is no name."""
    surname, given = match["surname"], match["given"]
    start, after = match.start(), match.end("surname")
    if given[0] in NOT_GIVEN or _BRANDS.match(text, start):
        return 0
    trust = _trust(text, start)
    if not trust:
        return 0
    word = given[0] in WORD_BEGINNINGS.get(surname, "") or text[start : start + 2] in CITIES
    word = (word and trust < 4) or text[start : start + 3] in CITIES
    for length in (2, 1):
        if length <= len(given):
            part = given[:length]
            if word and not (length == 2 and _stands(part, trust)):
                continue
            if part[-1] not in NOT_GIVEN and _good(text, surname, part, after + length, trust):
                return length
    if trust >= 3 and not word and len(given) == 2 and all(char in NAMELY for char in given):
        return 2
    return 0


def _stands(given: str, trust: int) -> bool:
    """Say whether a given name of two makes a name of what begins like a word: 夏天佑."""
    if given[1] not in NAMELY:
        return False
    return given[0] in NAMELY or (trust >= 3 and given[0] in TYPICAL)


def _trust(text: str, start: int) -> int:
    """Return how much speaks for a name in front: 4 a cue, 3 a role, 2 a weak word, 1 nothing.

    0 means that the candidate stands inside a word.
    """
    place = start
    while place and start - place < 4 and text[place - 1] in _GAP:
        place -= 1
    glued = place == start
    for length in (4, 3, 2, 5, 1, 6):
        cue = text[place - length : place] if place >= length else ""
        if cue in _SURE:
            return 4
        if cue in _ROLES:
            return 3 if glued or not set(text[place:start]) & set("、,，/-—") else 2
        if cue in _WEAK and glued:
            return 2
    if glued and place and "\u4e00" <= text[place - 1] <= "\u9fff":
        return 0
    return 3 if place and _LABEL.search(text[max(0, place - 12) : place]) else 1


def _good(text: str, surname: str, given: str, end: int, trust: int) -> bool:
    """Say whether given name and right side fit what stands in front."""
    following = text[end : end + 1]
    bounded = not "\u4e00" <= following <= "\u9fff"
    if not _told(text, end):
        return False
    plausible = all(char in TYPICAL for char in given)
    namely = sum(char in NAMELY for char in given)
    plain = surname not in WORDY and surname not in WORDY_PAIRS
    if _TITLES.match(text, end) and (plausible or plain):
        return True
    if trust == 4:
        return True
    if surname in NO_NAME:
        return namely == len(given) and (trust == 3 or _BESIDE.match(text, end) is not None)
    if trust == 3:
        return plain or (plausible and namely >= 1)
    if not plausible:
        return False
    if trust == 2:
        return namely == 2 or (namely == 1 and plain) or (plain and len(given) == 2)
    if bounded:
        if _BESIDE.match(text, end):
            return plain or namely >= 1
        return (namely >= 1 and plain) or (len(given) == 2 and namely == 2)
    return namely == len(given) and (plain or len(given) == 2)
