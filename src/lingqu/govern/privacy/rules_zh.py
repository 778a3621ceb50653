"""Direct personal data in Chinese text.

Source: GB 11643-1999 (resident identity number), GB 32100-2015 (unified social credit code),
GA 36-2018 (plates), the mobile ranges of MIIT's numbering plan. Own: the cues, and the surnames,
which are the most frequent of the 2020 census.
"""

from __future__ import annotations

import re
from datetime import date

from lingqu.govern.privacy.rules import AFTER, BEFORE, CARD_PATTERN, Rule, card

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_PROVINCES = frozenset(
    f"{code}"
    for start, end in (
        (11, 16),
        (21, 24),
        (31, 38),
        (41, 47),
        (50, 55),
        (61, 66),
        (71, 72),
        (81, 84),
    )
    for code in range(start, end)
)
_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_PLATES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使"

NOT_PERSONAL = re.compile(
    r"(?:订单|单|流水|运单|快递|交易|批次|批|构建|版本|合同|发票|序列|设备|追踪|编)(?:编?号|码)?"
    r"(?:码)?[为是:：\s#]*$|编号[为是:：\s]*$|(?:order|invoice|build|version|serial|sku|trace|batch)"
    r"(?:\s*(?:no|number|id))?[.:#\s]*$",
    re.IGNORECASE,
)
COUNTED = re.compile(
    r"\s*(?:人次|人|元|万|亿|件|个|次|台|辆|吨|美元|条|本|份|位|株|米|公里|千米|平方米|度|千瓦|字节|"
    r"毫秒|秒|股|%)"
)
"""What follows an amount, never a number of somebody."""


def id_card(text: str) -> bool:
    """Check a resident identity number: province, calendar date, ISO 7064 MOD 11-2.

    Example:
        >>> id_card("11010519491231002X"), id_card("110105194912310021")
        (True, False)
    """
    total = sum(int(char) * weight for char, weight in zip(text[:17], _WEIGHTS, strict=True))
    if "10X98765432"[total % 11] != text[17].upper() or text[:2] not in _PROVINCES:
        return False
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    return True


def id_card_15(text: str) -> bool:
    """Check the identity number of before 1999: province and a date of the 20th century."""
    try:
        date(1900 + int(text[6:8]), int(text[8:10]), int(text[10:12]))
    except ValueError:
        return False
    return text[:2] in _PROVINCES


def credit_code(text: str) -> bool:
    """Check a unified social credit code: 31-character alphabet, weights 3^i mod 31.

    Example:
        >>> credit_code("91350100M000100Y43"), credit_code("91350100M000100Y44")
        (True, False)
    """
    if any(char not in _CREDIT for char in text):
        return False
    total = sum(_CREDIT.index(char) * pow(3, i, 31) for i, char in enumerate(text[:17]))
    return _CREDIT[(31 - total % 31) % 31] == text[17]


SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金"
    "石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁"
    "岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟"
    "艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄"
    "丛仲虞敖巩明佘池查麻苑迟邝萧傅蔺奚豆"
)
COMPOUND = "欧阳|上官|司马|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|宇文|长孙|南宫|端木|轩辕"
# A given name ends before these: verbs, particles and nouns that follow a name in a sentence.
_STOP = (
    "的已在是于与及报处先女您你他她我把被说请电手身称从对等因为将要也就，。；、：证号地住联邮办登提反投申现并给让使"
    "属购买做写收打接签"
)
_END = rf"(?=[^\u4e00-\u9fff]|[{_STOP}]|明天|明日|今天|今日|昨天|昨日|昨晚|有限|到|去|来|和|$)"
_GIVEN = rf"(?:(?![{_STOP}])[\u4e00-\u9fff])"
_WORDS = "和向时应单项成车路常万安关于方高金白黄温水文平明"
"""Surnames that more often begin a word: trusted only behind a colon or 我叫."""
_LIKELY = "".join(char for char in SURNAMES if char not in _WORDS)
_TITLED = (
    r"姓名|名字|收货人|收件人|寄件人|联系人|紧急联系人|经办人|负责人|法定代表人|户名|持卡人|开户人|客户|患者|病人|车主|用户|"
    r"业主|学生|员工|申请人|投保人|被保险人|借款人|当事人|原告|被告|家属"
)
NAME_AFTER_CUE = re.compile(
    rf"(?:(?:{_TITLED})(?:姓名)?\s*(?:[:：]|是|为)|我叫|名叫|叫做|户名|姓名|本人)\s*"
    rf"(?P<sure>(?:{COMPOUND}|[{SURNAMES}]){_GIVEN}{_GIVEN}?{_END})"
    rf"|(?:{_TITLED}|请联系|请找|联系|通知|我是)\s*"
    rf"(?P<likely>(?:{COMPOUND}|[{_LIKELY}]){_GIVEN}{_GIVEN}?{_END})"
)
NOT_NAMES = re.compile(
    r"(?:任[何务意]|马[上路]|程[序度]|严[重格]|余额|段[落时]|陆续|史[上料]|毛[利病]|莫[名非]|曾经|曲线|包[括裹含装]|景[点区]|费[用率]|"
    r"席位|连[接续锁]|简[介单历]|全[部体额]|房[屋产间]|支付|管理|游[戏客]|盛[大况]|凌晨|左右|古[代典]|宁愿|顾[客问]|代[表码理]|"
    r"米[饭粉]|麦克|党[员派]|齐全|施工|华[为夏]|汤[类品]|范围|江[南北]|许[可多]|周[围期边]|孙子|张[家贴]|林[业区])"
)
"""Words that begin like a name."""
NAME_BEFORE_TITLE = re.compile(
    rf"(?<![\u4e00-\u9fff])(?P<name>(?:{COMPOUND}|[{SURNAMES}])[\u4e00-\u9fff]{{1,2}}?)"
    r"(?=先生|女士|小姐|同学|老师|经理|医生|主任)"
)
WHOLE_NAME = re.compile(rf"(?:{COMPOUND}|[{SURNAMES}])(?:·)?[\u4e00-\u9fff]{{1,2}}")
"""A cell that holds nothing but a name."""

RULES: tuple[Rule, ...] = (
    Rule("id_card", BEFORE + r"[1-9]\d{5}(?:18|19|20)\d{9}[\dXx]" + AFTER, id_card),
    Rule(
        "id_card",
        BEFORE + r"[1-8]\d{7}[01]\d[0-3]\d{4}" + AFTER,
        id_card_15,
        cue=re.compile(r"身份证|证件号"),
    ),
    Rule(
        "credit_code",
        BEFORE + r"[0-9ANY][0-9]\d{6}[0-9A-HJ-NPQRTUWXY]{9}[0-9A-HJ-NPQRTUWXY]" + AFTER,
        credit_code,
    ),
    Rule(
        "mobile",
        BEFORE + r"(?:(?:\+|00)?86[- ]?)?1[3-9]\d(?:\d{8}|[- ]\d{4}[- ]\d{4})" + AFTER,
        fear=NOT_PERSONAL,
        unless=COUNTED,
    ),
    Rule("bank_card", CARD_PATTERN, card, fear=NOT_PERSONAL, unless=COUNTED),
    Rule(
        "plate",
        rf"[{_PLATES}][A-HJ-Z][·\- ]?(?:[DF][A-HJ-NP-Z0-9]\d{{4}}|\d{{5}}[DF]|"
        r"(?=[A-Z]*\d)[A-HJ-NP-Z0-9]{5}|[A-HJ-NP-Z0-9]{4}[学警港澳挂])" + AFTER,
    ),
    Rule(
        "passport",
        BEFORE + r"(?:[EGDSPH]\d{8}|E[A-HJ-NP-Z]\d{7}|[HM]\d{8}(?:\d{2})?)" + AFTER,
        cue=re.compile(r"护照|通行证|passport", re.IGNORECASE),
    ),
    Rule(
        "landline",
        BEFORE
        + r"(?:\(0\d{2,3}\)|（0\d{2,3}）|0\d{2,3}[- ])[ ]?[2-8]\d{6,7}(?:[-转]\d{1,5})?"
        + AFTER,
        unless=COUNTED,
    ),
    Rule(
        "landline",
        BEFORE + r"0(?:10|2\d|[3-9]\d{2})[2-8]\d{6,7}" + AFTER,
        cue=re.compile(r"电话|座机|传真|热线|致电"),
        unless=COUNTED,
    ),
)
