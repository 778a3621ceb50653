"""Quasi-identifiers: columns that together may tell people apart though none of them names one."""

from __future__ import annotations

import re

from lingqu.core.column_names import spoken
from lingqu.core.schema import Column, Kind, Schema

KINDS: frozenset[Kind] = frozenset({"number", "category", "boolean", "datetime", "text"})
_NAMED = re.compile(
    r"(?:^|[^a-z])(?:sex|gender|age|birth\w*|dob|zip\w*|post[_ ]?(?:al[_ ]?)?code|postcode|city|"
    r"town|region|"
    r"county|province|district|marital\w*|education|occupation|job|profession|race|ethnic\w*|"
    r"nationality|citizen\w*|religion|native\w*|country|language|household\w*|children|"
    r"employer|height|weight)(?:$|[^a-z])|"
    r"性别|年龄|出生|生日|邮编|邮政编码|城市|地区|省份?$|区县|婚姻|学历|教育|职业|职务|民族|种族|"
    r"国籍|宗教|户籍|籍贯|家庭|身高|体重",
    re.IGNORECASE,
)


def quasi_identifiers(schema: Schema) -> tuple[Column, ...]:
    """Return the columns by which people could be told apart: protected ones, and by their names.

    Example:
        >>> schema = Schema((Column("age", "number"), Column("pages", "number"),
        ...                  Column("origin", "category", "protected")))
        >>> [column.name for column in quasi_identifiers(schema)]
        ['age', 'origin']
    """
    return tuple(
        column
        for column in schema
        if column.kind in KINDS
        and (
            column.role == "protected"
            or (
                column.role in ("feature", "group")
                and column.kind != "text"
                and _NAMED.search(spoken(column.name)) is not None
            )
        )
    )
