"""Conditions on one row, by which a route sends a request to a release.

whole    = both { "or" both }
both     = one { "and" one }
one      = "not" one | "(" whole ")" | name related
related  = (== | != | <= | >= | < | >) value | ["not"] "in" "(" value { "," value } ")"
         | "is" ["not"] "null"
value    = number | 'text' | true | false

A name is a column of the row; `key`, `region` and `session` are what the request came with, and a
column that is called so stands in backticks. Parsed by hand, never run as code. What cannot be
compared, as a missing value or a text with a number, makes a comparison false.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from lingqu.core.errors import SpecError
from lingqu.core.tokens import Token, Tokens

LONGEST = 1000
DEEPEST = 40
REQUEST = ("key", "region", "session")
"""What a request is known by without reading its rows."""
Look = Callable[[str, bool], Any]
"""Name, and whether it is a column → value; None where there is none."""

_TOKEN = re.compile(
    r"""(?P<number>-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      | (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
      | (?P<quoted>`[^`]+`)
      | (?P<name>[^\W\d]\w*(?:[.-]\w+)*)
      | (?P<sign><=|>=|==|!=|<|>|[(),])""",
    re.VERBOSE,
)
_SIGNS: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}


@dataclass(frozen=True)
class RowCondition:
    """A parsed condition.

    Args:
        text: As it was written.
        columns: Columns that it reads; none where the request alone decides.

    Example:
        >>> condition = parse_condition("country == 'CN' and not key in ('a', 'b')")
        >>> condition.columns, condition.holds({"country": "CN"}, {"key": "c"})
        (('country',), True)
    """

    text: str
    columns: tuple[str, ...] = ()
    _test: Callable[[Look], bool] = field(default=lambda look: True, compare=False, repr=False)

    def holds(self, row: Mapping[str, Any], request: Mapping[str, str]) -> bool:
        """Tell whether it holds for a row and for what its request came with."""
        return self._test(
            lambda name, column: row.get(name) if column else request.get(name) or None
        )


def parse_condition(text: str) -> RowCondition:
    """Parse a condition.

    Raises:
        SpecError: Not one; gives the column of the text and what was expected there.
    """
    if not isinstance(text, str) or len(text) > LONGEST:
        raise SpecError("route.condition_not_text", received=str(text)[:40], longest=LONGEST)
    return _Parser(text).read()


class _Parser(Tokens):
    pattern = _TOKEN

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.columns: dict[str, None] = {}

    def read(self) -> RowCondition:
        test = self._whole()
        if (rest := self.peek()).kind != "end":
            self._refuse(rest, "and, or")
        return RowCondition(self.text.strip(), tuple(self.columns), test)

    def _whole(self) -> Callable[[Look], bool]:
        self.depth += 1
        if self.depth > DEEPEST:
            self._refuse(self.peek(), f"≤ {DEEPEST} × (")
        parts = [self._both()]
        while self._word("or"):
            parts.append(self._both())
        self.depth -= 1
        return parts[0] if len(parts) == 1 else lambda look: any(part(look) for part in parts)

    def _both(self) -> Callable[[Look], bool]:
        parts = [self._one()]
        while self._word("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else lambda look: all(part(look) for part in parts)

    def _one(self) -> Callable[[Look], bool]:
        turned = False
        while self._word("not"):
            turned = not turned
        if self.peek().text == "(":
            self.take()
            found = self._whole()
            self._expect(")")
        else:
            found = self._related()
        return (lambda look: not found(look)) if turned else found

    def _related(self) -> Callable[[Look], bool]:
        token = self.take()
        if token.kind not in ("name", "quoted"):
            self._refuse(token, "column, key, region, session, (, not")
        column = token.kind == "quoted" or token.text not in REQUEST
        name = token.text.strip("`")
        if column:
            self.columns[name] = None
        sign = self.peek()
        if sign.text in _SIGNS:
            self.take()
            return _compared(name, column, sign.text, self._value())
        if self._word("is"):
            absent = not self._word("not")
            if not self._word("null"):
                self._refuse(self.peek(), "null, not null")
            return lambda look: (look(name, column) is None) is absent
        turned = self._word("not")
        if not self._word("in"):
            self._refuse(self.peek(), "== != <= >= < > in is")
        among = self._among()
        return lambda look: (look(name, column) in among) is not turned

    def _among(self) -> tuple[Any, ...]:
        self._expect("(")
        found = [self._value()]
        while self.peek().text == ",":
            self.take()
            found.append(self._value())
        self._expect(")")
        return tuple(found)

    def _value(self) -> Any:
        token = self.take()
        if token.kind == "number":
            return float(token.text)
        if token.kind == "text":
            return re.sub(r"\\(.)", r"\1", token.text[1:-1], flags=re.DOTALL)
        if token.text in ("true", "false"):
            return token.text == "true"
        self._refuse(token, "0.5, 'text', true, false")

    def _word(self, word: str) -> bool:
        if self.peek().kind == "name" and self.peek().text.lower() == word:
            self.take()
            return True
        return False

    def _expect(self, sign: str) -> None:
        token = self.take()
        if token.text != sign:
            self._refuse(token, sign)

    def _refuse(self, token: Token, expected: str) -> NoReturn:
        raise SpecError(
            "route.bad_condition",
            rule=self.text.strip(),
            column=token.column,
            expected=expected,
            received=token.text,
        )


def _compared(name: str, column: bool, sign: str, value: Any) -> Callable[[Look], bool]:
    compare = _SIGNS[sign]

    def test(look: Look) -> bool:
        seen = look(name, column)
        if seen is None:
            return False
        try:
            return bool(compare(seen, value))
        except TypeError:
            return False

    return test
