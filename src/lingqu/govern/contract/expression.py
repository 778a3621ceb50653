"""A small language for rules over the cells of a row; parsed by hand, never run as code.

whole    = both { "or" both }
both     = one { "and" one }
one      = "not" one | sum [ (<= | >= | == | != | < | >) sum
                           | "is" ["not"] "null" | ["not"] "in" "(" sum { "," sum } ")" ]
sum      = product { (+ | -) product }
product  = sign { (* | / | %) sign }
sign     = "-" sign | atom
atom     = number | 'text' | true | false | column | `column` | call | "(" whole ")"
call     = (abs | round | length | lower | trim | year | month | day) "(" whole ")"
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any, NoReturn

import polars as pl

from lingqu.core.errors import SpecError
from lingqu.core.tokens import Token, Tokens
from lingqu.govern.contract.forms import COMPARISONS

LONGEST = 2000
DEEPEST = 40
"""Limits on characters and on nesting, so that no text can exhaust the stack."""

_TOKEN = re.compile(
    r"""(?P<number>[0-9]+\.?[0-9]*(?:[eE][+-]?[0-9]+)?|\.[0-9]+)
      | (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
      | (?P<quoted>`[^`]+`)
      | (?P<name>[^\W\d]\w*(?:\.\w+)*)
      | (?P<sign><=|>=|==|!=|<|>|[-+*/%(),])""",
    re.VERBOSE,
)
_WORDS = ("and", "or", "not", "is", "in", "null", "true", "false")
_SIGNS: dict[str, Callable[[Any, Any], pl.Expr]] = {
    **COMPARISONS,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
}
FUNCTIONS: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "abs": lambda value: value.abs(),
    "round": lambda value: value.round(),
    "length": lambda value: value.str.len_chars(),
    "lower": lambda value: value.str.to_lowercase(),
    "trim": lambda value: value.str.strip_chars(),
    "year": lambda value: value.dt.year(),
    "month": lambda value: value.dt.month(),
    "day": lambda value: value.dt.day(),
}
"""What an expression may call, each on one value."""


class _Parser(Tokens):
    pattern = _TOKEN

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.columns: dict[str, None] = {}

    def read(self) -> pl.Expr:
        found = self._whole()
        if (rest := self.peek()).kind != "end":
            self._refuse(rest, "and, or, + - * / %")
        return found

    def _whole(self) -> pl.Expr:
        self.depth += 1
        if self.depth > DEEPEST:
            self._refuse(self.peek(), f"≤ {DEEPEST} × (")
        found = self._both()
        while self._word("or"):
            found = found | self._both()
        self.depth -= 1
        return found

    def _both(self) -> pl.Expr:
        found = self._one()
        while self._word("and"):
            found = found & self._one()
        return found

    def _one(self) -> pl.Expr:
        turned = False
        while self._word("not"):
            turned = not turned
        found = self._related(self._sum())
        return ~found if turned else found

    def _related(self, left: pl.Expr) -> pl.Expr:
        token = self.peek()
        if token.text in COMPARISONS:
            self.take()
            return _SIGNS[token.text](left, self._sum())
        if self._word("is"):
            absent = self._word("not")
            if not self._word("null"):
                self._refuse(self.peek(), "null, not null")
            return left.is_not_null() if absent else left.is_null()
        turned = self._word("not")
        if self._word("in"):
            found = self._among(left)
            return ~found if turned else found
        if turned:
            self._refuse(self.peek(), "in (…)")
        return left

    def _among(self, left: pl.Expr) -> pl.Expr:
        self._expect("(")
        found = left == self._sum()
        while self._mark(","):
            found = found | (left == self._sum())
        self._expect(")")
        return found

    def _sum(self) -> pl.Expr:
        return self._chain(("+", "-"), lambda: self._chain(("*", "/", "%"), self._signed))

    def _chain(self, signs: tuple[str, ...], part: Callable[[], pl.Expr]) -> pl.Expr:
        found = part()
        while self.peek().text in signs and self.peek().kind == "sign":
            sign = self.take().text
            found = _SIGNS[sign](found, part())
        return found

    def _signed(self) -> pl.Expr:
        negative = False
        while self._mark("-"):
            negative = not negative
        found = self._atom()
        return -found if negative else found

    def _atom(self) -> pl.Expr:
        token = self.take()
        word = token.text.lower()
        if token.kind == "number":
            return pl.lit(float(word) if re.search("[.e]", word) else int(word))
        if token.kind == "text":
            return pl.lit(re.sub(r"\\(.)", r"\1", token.text[1:-1]))
        if token.kind == "quoted":
            return self._column(token.text[1:-1])
        if token.kind == "name" and word in ("true", "false"):
            return pl.lit(word == "true")
        if token.kind == "name" and word not in _WORDS:
            if self.peek().text != "(":
                return self._column(token.text)
            if word not in FUNCTIONS:
                self._refuse(token, ", ".join(FUNCTIONS))
        elif token.text != "(":
            self._refuse(token, "a column, a number, 'text', (")
        if token.kind == "name":
            self._expect("(")
        found = self._whole()
        self._expect(")")
        return FUNCTIONS[word](found) if token.kind == "name" else found

    def _column(self, name: str) -> pl.Expr:
        self.columns[name] = None
        return pl.col(name)

    def _word(self, word: str) -> bool:
        token = self.peek()
        same = token.kind == "name" and token.text.lower() == word
        if same:
            self.take()
        return same

    def _mark(self, mark: str) -> bool:
        token = self.peek()
        same = token.kind == "sign" and token.text == mark
        if same:
            self.take()
        return same

    def _expect(self, mark: str) -> None:
        if not self._mark(mark):
            self._refuse(self.peek(), mark)

    def _refuse(self, token: Token, wanted: str) -> NoReturn:
        raise SpecError(
            "contract.bad_expression",
            text=self.text[:200],
            place=token.column,
            expected=wanted,
            received=token.text,
        )


def parse_expression(text: str) -> tuple[pl.Expr, tuple[str, ...]]:
    """Return the expression that a text means, and the columns that it reads.

    Why: promises such as ``total == price * quantity`` are many, and a file that a stranger may
    send must never be run as code.

    Args:
        text: In the language at the top of this file. Names that are no plain words stand in
            backticks: ```unit price` > 0``.

    Raises:
        SpecError: The text is not such an expression; gives the place, counted from 1.

    Example:
        >>> test, names = parse_expression("total == price * quantity or status in ('void')")
        >>> names
        ('total', 'price', 'quantity', 'status')
        >>> pl.select(price=2, quantity=3, total=6, status=pl.lit("")).select(test).item()
        True

    Source: Own; recursive descent as in Aho et al., Compilers (2006), section 4.4.
    """
    parser = _Parser(text)
    if len(text) > LONGEST or not text.strip():
        raise SpecError(
            "contract.bad_expression",
            text=text[:200],
            place=1,
            expected=f"1 … {LONGEST} characters",
            received=len(text),
        )
    found = parser.read()
    if not parser.columns:
        raise SpecError(
            "contract.bad_expression", text=text[:200], place=1, expected="a column", received=text
        )
    return found, tuple(parser.columns)


def columns(text: str) -> tuple[str, ...]:
    """Return the columns that an expression reads, in order."""
    return parse_expression(text)[1]
