"""What the name of a column gives away, in English and Chinese.

Names only tip the balance where the values leave a choice; they never overrule the values.
Source: Own; the words are those that open data sets use for these things.
"""

from __future__ import annotations

import re

_START = r"(?:^|[_\s\-./])"
_END = r"(?:$|[_\s\-./0-9])"


def _words(english: str, chinese: str, more: str = "") -> re.Pattern[str]:
    camel = "|".join(word.capitalize() for word in english.split("|") if word.isalpha())
    bounded = f"(?i:{_START}(?:{english}){_END})"
    return re.compile(
        "|".join(part for part in (bounded, rf"[a-z](?:{camel})\b", chinese, more) if part)
    )


KEY = _words("id|ids|uuid|guid|key|identifier", "编号|序号|主键|流水号", r"[a-z]I[Dd]$|^ID")
"""Names of keys: customer_id, orderId, 编号."""
ROW_NUMBER = re.compile(r"(?i)^(index|row|rownum|row_?number|unnamed: ?\d+|column_1|序号|行号)$")
"""Names of row counters, such as pandas writes."""
CODE = _words(
    "code|zip|zipcode|zip code|postcode|postal|type|class|category|status|kind|phone|mobile|tel"
    "|fips|sic|isbn|account|card",
    "邮编|代码|编码|类型|类别|状态|电话|手机|卡号|账号|证号",
)
"""Names of codes: digits that are not a quantity."""
COUNT = _words(
    "n|num|number|count|qty|quantity|amount|total|sum|age|years|months|days|hours|rooms|children"
    "|visits|score|rating|size|length|checks|dependents|siblings|calls|orders|purchases|times"
    "|products|claims|tickets|complaints|logins|cars|kids",
    "数量|人数|次数|个数|年龄|年限|天数|金额|评分",
)
"""Names of counts: few different values, yet a quantity."""
DATE = _words(
    "date|day|time|datetime|timestamp|year|month|dob|birthday|created|updated",
    "日期|时间|年份|月份|生日",
)
"""Names of dates and times."""
PROTECTED = _words(
    "sex|gender|age|race|ethnicity|ethnic|religion|nationality|disability|marital|colour|color",
    "性别|年龄|民族|种族|宗教|国籍|残疾|婚姻",
)
"""Attributes that the law of many countries protects."""
PERSONAL = _words(
    "name|first_name|last_name|surname|email|e-mail|phone|mobile|tel|address|ssn|passport"
    "|id_card|iban|ip|birthday|dob",
    "姓名|电话|手机|邮箱|地址|住址|身份证|护照|银行卡|车牌",
)
"""Columns that name a person directly."""
TARGET = _words(
    "target|label|class|outcome|y|response|churn|churned|default|defaulted|fraud|survived"
    "|diagnosis|price|released|result|approved|converted|clicked",
    "标签|目标|结果|是否|违约|流失|类别",
)
"""Names that data sets give to the column to predict."""
