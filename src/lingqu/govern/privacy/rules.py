"""What a recogniser of personal data is: a pattern, a proof and the context it needs or fears."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

BEFORE = r"(?<![0-9A-Za-z])"
AFTER = r"(?![0-9A-Za-z])"
"""Word boundaries that also exist between 号 and 1, where ``\\b`` does not."""

NEAR = 24
"""Characters before a match in which a cue or a fear is looked for."""


def words(text: str) -> list[str]:
    """Return the words of a text: how lists of them are written here."""
    return text.split()


def holds(text: str, signs: tuple[str, ...]) -> bool:
    """Say whether one of some signs stands in a text; quicker than `any` over a generator."""
    for sign in signs:  # noqa: SIM110 (asked five times of every text)
        if sign in text:
            return True
    return False


Proof = Callable[[str], bool]
Context = Callable[[str, int, int], bool]


@dataclass(frozen=True)
class Rule:
    """One kind of direct personal data.

    Args:
        kind: What it is: ``id_card``, ``mobile``, ``email`` …
        pattern: Regular expression; of two rules that match at one place the earlier in the table
            wins. The boundary in front, `BEFORE`, is no part of it.
        first: Characters that it may begin with.
        proof: Says whether the matched text is real (checksum, calendar); None needs none.
        context: Says of ``(text, start, end)`` whether what stands around allows it.
    """

    kind: str
    pattern: str
    first: str = ""
    proof: Proof | None = None
    context: Context | None = None

    def holds(self, text: str, start: int, end: int) -> bool:
        """Say whether a match of the pattern is what the rule means."""
        if self.proof is not None and not self.proof(text[start:end]):
            return False
        return self.context is None or self.context(text, start, end)


_SEPARATORS = " \t:：=＝#\"'.-_为是"
_SUFFIXES = (
    "编号码", "编号", "号码", "代码", "编码", "号", "码", "id", "no", "number", "num", "code", "nr",
)  # fmt: skip
_SUFFIX_ENDS = frozenset(suffix[-1] for suffix in _SUFFIXES)
_ORDERS = frozenset(
    words(
        "订单 运单 流水 批次 构建 版本 发票 序列 追踪 快递单 工单 票 券 条形 条 货 型 图 时间戳 "
        "哈希 哈希值 校验和 专利 书 刊 邮 邮编 qq uid sn imei isbn issn doi upc ean order invoice "
        "tracking parcel shipment waybill build version serial sku trace batch lot ticket docket "
        "patent voucher coupon barcode timestamp epoch hash commit uuid ts case conf asset tag "
        "stock catalog catalogue meter row checksum part item model product receipt job article "
        "sample container ref reference rma asin nhs ein vat"
    )
)
"""Words before a number that is no number of a person, with or without 号 behind them."""
_THINGS = frozenset(
    words(
        "单 快递 物流 交易 批 合同 设备 申请 受理 案 会议 房间 任务 请求 商品 产品 文件 档案 资产 "
        "收据 保单 提货 取件 样本 试剂 图纸 项目 作业 消息 日志 航班 车厢 案件 事件 电表 水表 仪表 "
        "request req transaction txn confirmation booking task message msg event span session "
        "object page file meeting chip group flight room policy member customer client employee "
        "staff student badge"
    )
)
"""The same, only with 号, no or id behind them."""
_BARE = frozenset(
    words("时间戳 哈希 哈希值 校验和 邮编 批次 流水 订单 运单 工单 发票 序列 任务 作业")
)
_AMOUNTS = frozenset(
    words(
        "累计 总计 合计 共计 超过 突破 高达 达到 数量 总数 总额 计数 人口 粉丝 粉丝数 金额 余额 "
        "积分 得票 消耗 市值 营收 产值 样本数 大小 n total count about roughly approximately "
        "nearly than views downloads population budget amount sum offset size length balance "
        "produced counted processed copied generated worth exceeds exceeded exceeding totals "
        "totalled totaled over least usd eur gbp cny rmb jpy krw inr vnd idr twd hkd aud cad chf"
    )
)
"""Words before a quantity."""
_UNITS = re.compile(
    r"(?:人次|人[,，。;；\s]|元|[万亿][元人次件个,，。;；\s]|件(?!人)|个|次(?!日)|台(?![州湾北胞])|"
    r"辆|吨|票(?!据)|美元|欧元|日元|"
    r"港元|卢布|条|份|平?米|公里|千米|光年|度(?!假)|千瓦|字节|毫秒|微秒|秒|股(?!东)|%|多[个次人元]|"
    r"余[个次人元]|颗|粒|枚|韩元|日圆|泰铢|克(?![里拉])|千克|公斤|毫升|立方|公顷|亩|赫兹|焦耳|比特|"
    r"(?:[Rr]ows?|[Vv]iews?|bytes?|items?|users?|people|records?|steps?|km|kg|ms|seconds?|usd|USD|"
    r"eur|EUR|"
    r"dollars?|euros?|yuan|downloads?|likes?|requests?|packets?|tokens?|cells?|units?|pixels?|"
    r"parameters?|samples?|lines?|hits?|events?|times|years?|cycles?|ns|[MmGgTt][Bb]|visits?|"
    r"clicks?|"
    r"tonnes?|tons?|shares|copies|molecules)(?![A-Za-z]))"
)
"""What follows a quantity."""
_UNIT_HEADS = frozenset(
    "人元万亿件个次台辆吨票美欧日港卢条份平米公千光度字毫微秒股%多余颗粒枚韩泰克立亩赫焦比"
    "RrVvbiuprsKkMmUuEedylnTtGghcz"
)


def before(text: str, start: int, window: int = NEAR) -> str:
    """Return what stands before a match."""
    return text[start - window : start] if start > window else text[:start]


def stem(text: str, start: int) -> str:
    """Return what stands before a match in lower case, without the signs that lead to a value."""
    head = before(text, start).rstrip(_SEPARATORS).lower()
    for word in (" is", " was"):
        if head.endswith(word):
            head = head[: -len(word)].rstrip(_SEPARATORS)
    return head


def ends_in(head: str, words: frozenset[str]) -> bool:
    """Say whether a text ends in one of some words: Chinese ones of up to four characters.

    Example:
        >>> ends_in("请查收订单", frozenset({"订单"})), ends_in("reorder", frozenset({"order"}))
        (True, False)
    """
    place = len(head)
    while place and "a" <= head[place - 1] <= "z":
        place -= 1
    if place < len(head):
        return head[place:] in words
    return head[-2:] in words or head[-1:] in words or head[-3:] in words or head[-4:] in words


def feared(text: str, start: int) -> bool:
    """Say whether an order, a version or the like stands right before a number."""
    head = stem(text, start)
    if not head:
        return False
    for suffix in _SUFFIXES if head[-1] in _SUFFIX_ENDS else ():
        if head.endswith(suffix):
            bare = head[: -len(suffix)].rstrip(" _-")
            if suffix in ("编号", "编号码") and bare[-1:] not in ("证", "照", "件", "卡"):
                return True
            if ends_in(bare, _ORDERS) or ends_in(bare, _THINGS):
                return True
    if "a" <= head[-1] <= "z":
        return ends_in(head, _ORDERS)
    return ends_in(head, _BARE) or (head[-2:] in _ORDERS and text[start - 1] in ":：=#为是 ")


def counts(text: str, start: int, end: int) -> bool:
    """Say whether a number is a quantity: by the unit behind it or the word in front."""
    follow = end + 1 if text[end : end + 1] in (" ", "\t") else end
    if text[follow : follow + 1] in _UNIT_HEADS and _UNITS.match(text, follow):
        return True
    head = stem(text, start).rstrip("有了≈~")
    if not head:
        return False
    last = head[-1]
    if last in "量$€£¥￥" and head[-2:] != "质量":
        return True
    if last == "约":
        return head[-2:-1] not in "预签邀相特违节解赴" or len(head) == 1
    return ends_in(head, _AMOUNTS)


def nobody(text: str, start: int, end: int) -> bool:
    """Say whether what stands around makes a number an order, a version or a quantity."""
    return counts(text, start, end) or feared(text, start)


def somebody(text: str, start: int, end: int) -> bool:
    """Say whether nothing around speaks against a number of a person."""
    return not nobody(text, start, end)


def cued(cue: re.Pattern[str], window: int = NEAR, *, behind: int = 0) -> Context:
    """Return a context that needs a cue near before a match, or up to `behind` after it."""

    def context(text: str, start: int, end: int) -> bool:
        if cue.search(before(text, start, window)) is None and (
            not behind or cue.search(text[end : end + behind]) is None
        ):
            return False
        return not feared(text, start)

    return context


_FOUR_BEFORE = re.compile(r"(?<![0-9])[0-9]{4}([ -])(?=[0-9]{4}\1)")
_FOUR_BEHIND = re.compile(r"(?<=([ -])[0-9]{4})\1[0-9]{4}(?![0-9])")


def in_row(text: str, start: int, end: int) -> bool:
    """Say whether a number is cut out of a longer row of groups of four digits.

    Example:
        >>> in_row("5254 0855 6458 6059", 5, 19), in_row("tel 0855 6458 6059", 4, 18)
        (True, False)
    """
    return (start >= 5 and _FOUR_BEFORE.match(text, start - 5) is not None) or (
        _FOUR_BEHIND.match(text, end) is not None
    )


def heading(text: str, start: int) -> str:
    """Return the cell of the first line that stands over a place, where the lines are rows.

    Example:
        >>> text = "name,passport\\nAnn,C01X00T47"
        >>> heading(text, text.index("C01"))
        'passport'
    """
    line = text.rfind("\n", 0, start) + 1
    if not line:
        return ""
    first = text[: text.index("\n")]
    end = text.find("\n", start)
    for sign in "\t|;,":
        signs = first.count(sign)
        if signs and text.count(sign, line, end if end >= 0 else len(text)) == signs:
            return first.split(sign)[text.count(sign, line, start)].strip("\"' ")
    return ""


def digits(text: str) -> str:
    """Return only the digits."""
    return "".join(filter(str.isdigit, text))


_DOUBLED = {str(digit): digit * 2 - 9 * (digit > 4) for digit in range(10)}


def luhn(text: str) -> bool:
    """Check a card number: ISO/IEC 7812-1, annex B.

    Example:
        >>> luhn("4111 1111 1111 1111"), luhn("4111 1111 1111 1112")
        (True, False)
    """
    number = digits(text)
    total = sum(map(int, number[::-2])) + sum(map(_DOUBLED.__getitem__, number[-2::-2]))
    return total % 10 == 0


_ISSUERS = {
    13: re.compile(r"4"),
    14: re.compile(r"3[068]"),
    15: re.compile(r"3[47]|2131|1800"),
    16: re.compile(r"4|5[0-8]|6|35|9[4-9]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"),
    17: re.compile(r"6|5[0-8]"),
    18: re.compile(r"6|5[0-8]"),
    19: re.compile(r"6|4|5[0-8]|9[4-9]"),
}
"""Length of a card number → the prefixes that are in use at this length."""


def card(text: str) -> bool:
    """Check a bank card: a prefix in use at its length, Luhn, not one digit repeated.

    Example:
        >>> card("6222 0200 0000 0000 001"), card("1234567890128")
        (False, False)
    """
    number = digits(text)
    issuer = _ISSUERS.get(len(number))
    return (
        issuer is not None
        and issuer.match(number) is not None
        and len(set(number)) > 1
        and luhn(number)
    )
