"""The parser of rules: one function per line of the grammar.

condition   = conjunction { "or" conjunction }
conjunction = term { "and" term }
term        = "(" condition ")" | comparison
comparison  = measure [ "(" argument ")" ] op number [ "%" | unit ]
"""

from __future__ import annotations

import math
import re
from typing import Literal, NoReturn

from lingqu.core.conditions import OPERATORS, Comparison, Condition, Joined
from lingqu.core.errors import SpecError
from lingqu.core.tokens import Token, Tokens
from lingqu.core.units import BYTES, SECONDS

LONGEST = 4000
DEEPEST = 40
"""Limits on characters and on nested parentheses, so that no text can exhaust the stack."""
NUMBER = "number (0.05, 5%, 10 ms, 20 MB)"

_TOKEN = re.compile(
    r"""(?P<number>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      | (?P<name>[^\W\d]\w*(?:\.\w+)*(?:@[0-9]+)?)
      | (?P<op>>=|<=|==|!=|>|<)
      | (?P<mark>[()%])""",
    re.VERBOSE,
)
_QUOTED = re.compile(r"""\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')\s*\)""", re.DOTALL)
_BARE = re.compile(r"""[^()"'\\\n\r]*\)""")

_SIZES = {unit.lower(): float(factor) for unit, factor in BYTES.items()}
_FAMILIES: tuple[dict[str, float], ...] = (dict(SECONDS), _SIZES)
_SUFFIXES = {
    **{f"_{unit}": (0, factor) for unit, factor in SECONDS.items()},
    **{f"_{unit}": (1, factor) for unit, factor in _SIZES.items() if unit != "b"},
    "_bytes": (1, 1.0),
}
"""End of a measure's name → (family of units, factor)."""


class Parser(Tokens):
    """Reads one rule from left to right; `column` counts from 1.

    Example:
        >>> Parser("size_mb <= 20 MB").condition()
        Comparison(measure='size_mb', argument='', op='<=', value=20.0)
    """

    pattern = _TOKEN

    def __init__(self, text: str) -> None:
        super().__init__(text)
        if not isinstance(text, str) or len(text) > LONGEST:
            received = text[:40] if isinstance(text, str) else text
            raise SpecError("core.rule_not_text", received=received, longest=LONGEST)

    def condition(self) -> Condition:
        """Read the whole text as one condition."""
        found = self._chain("or")
        rest = self.peek()
        if rest.kind != "end":
            self._refuse(rest, "and, or" + (", )" if self.depth else ""))
        return found

    def _chain(self, word: Literal["and", "or"]) -> Condition:
        parts: list[Condition] = []
        while True:
            part = self._chain("and") if word == "or" else self._term()
            parts.extend(part.parts if isinstance(part, Joined) and part.word == word else (part,))
            following = self.peek()
            if following.kind != "name" or following.text.lower() != word:
                return parts[0] if len(parts) == 1 else Joined(word, tuple(parts))
            self.take()

    def _term(self) -> Condition:
        first = self.peek()
        if first.text != "(":
            return self._comparison()
        self.take()
        self.depth += 1
        if self.depth > DEEPEST:
            self._refuse(first, f"≤ {DEEPEST} × (")
        found = self._chain("or")
        closing = self.take()
        if closing.text != ")":
            self._refuse(closing, "), and, or")
        self.depth -= 1
        return found

    def _comparison(self) -> Comparison:
        name = self.take()
        if name.kind != "name" or name.text.lower() in ("and", "or"):
            self._refuse(name, "measure, (")
        argument = self._argument() if self.peek().text == "(" else ""
        op = self.take()
        if op.kind != "op":
            self._refuse(op, " ".join(OPERATORS) + ("" if argument else " ("))
        number = self.take()
        if number.kind != "number" or not math.isfinite(float(number.text)):
            self._refuse(number, NUMBER)
        return Comparison(name.text, argument, op.text, self._value(name, number))

    def _argument(self) -> str:
        opening = self.take()
        if quoted := _QUOTED.match(self.text, self.at):
            self.at = quoted.end()
            inner = quoted[1] if quoted[1] is not None else quoted[2]
            found = re.sub(r"\\(.)", r"\1", inner, flags=re.DOTALL)
        elif bare := _BARE.match(self.text, self.at):
            self.at = bare.end()
            found = bare[0][:-1].strip()
        else:
            self._refuse(Token("", self.text[self.at : self.at + 20], self.at + 1), "column )")
        if not found:
            self._refuse(Token("", "()", opening.column), "(column)")
        return found

    def _value(self, name: Token, number: Token) -> float:
        """Return the number in the unit that the measure's name ends in."""
        value = float(number.text)
        ending = next((_SUFFIXES[s] for s in _SUFFIXES if _ends(name.text, s)), None)
        unit = self.peek()
        if unit.text == "%":
            self.take()
            if ending is not None:
                self._refuse(unit, _units(ending[0]))
            return value / 100
        if unit.kind != "name" or unit.text.lower() in ("and", "or"):
            return value
        self.take()
        if ending is None:
            if not (unit.text in SECONDS or unit.text.lower() in _SIZES):
                self._refuse(unit, "and, or")
            raise SpecError(
                "core.rule_unit",
                rule=self.text.strip(),
                column=unit.column,
                unit=unit.text,
                measure=name.text,
            )
        family, factor = ending
        size = _FAMILIES[family].get(unit.text.lower() if family else unit.text)
        if size is None:
            self._refuse(unit, _units(family))
        # Division by the factor itself keeps `20 MB` for `_mb` exactly 20.
        converted = value if size == factor else value * size / factor
        if not math.isfinite(converted):
            self._refuse(number, NUMBER)
        return converted

    def _refuse(self, token: Token, expected: str) -> NoReturn:
        raise SpecError(
            "core.bad_rule" if token.text else "core.rule_ends",
            rule=self.text.strip(),
            column=token.column,
            expected=expected,
            received=token.text,
        )


def _ends(measure: str, suffix: str) -> bool:
    return any(part.lower().endswith(suffix) for part in measure.split("."))


def _units(family: int) -> str:
    return ", ".join(BYTES if family else SECONDS)
