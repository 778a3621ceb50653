"""The template of a chat as a model brings it → what stands before and behind each message.

A template in Jinja is a small program. It is run here, in a sandbox, on messages of our own; what
it writes around them is read off, and what was read off must then write the same for other
conversations. A release holds no program, only these few texts.

Source: own; Jinja's sandbox: jinja.palletsprojects.com/en/stable/sandbox.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from jinja2 import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from lingqu.core.errors import SpecError, gist
from lingqu.release.replies.template import parts_of

_LETTERS = "abcdefg"
Said = tuple[str, str]


@dataclass(frozen=True)
class Chat:
    """How a model reads a conversation.

    Args:
        template: Role → what stands before and behind a message.
        lead: What stands before all where no message of the system does.

    Example:
        >>> source = "{% for m in messages %}<{{ m.role }}>{{ m.content }}</s>{% endfor %}"
        >>> asks = "{% if add_generation_prompt %}<assistant>{% endif %}"
        >>> Chat.of(source + asks).template["user"]
        ['<user>', '</s>']
    """

    template: dict[str, list[str]]
    lead: str = ""

    @classmethod
    def of(cls, source: str, begin: str = "", end: str = "", name: str = "-") -> Chat:
        """Read a template.

        Args:
            source: Jinja.
            begin: The sign that begins a text.
            end: The sign that ends one.
            name: Of the folder, for errors.

        Raises:
            SpecError: It cannot be run, or what it writes cannot be said so simply.
        """
        written = _Written(source, begin, end, name)
        try:
            found = cls._read(written)
        except ValueError as error:
            raise _refused(name, gist(error)) from error
        for said in _conversations(found.template):
            if found.written(said) != written(said):
                raise _refused(name, f"a conversation of {len(said)} messages")
        return found

    @classmethod
    def plain(cls, begin: str) -> Chat:
        """Return the template of a model that was taught none: a line each."""
        return cls({role: ["", "\n"] for role in ("system", "user", "assistant")}, begin)

    def written(self, said: Sequence[Said]) -> str:
        """Return a conversation as the text that the model goes on."""
        messages = [{"role": role, "content": content} for role, content in said]
        return "".join(text for text, _ in parts_of(messages, self.template, self.lead))

    @classmethod
    def _read(cls, written: _Written) -> Chat:
        """Read the template off three conversations.

        Raises:
            ValueError: A message is not found where it should be.
        """
        one, two, three = (f"«{letter * 5}»" for letter in _LETTERS[:3])
        front, behind = _around(written([("user", one)]), one)
        asked = written([("user", one)], ask=False).partition(one)[2]
        answers = _without(behind, asked)
        turns = [("user", one), ("assistant", two)]
        after = written(turns, ask=False).partition(two)[2]
        between = written([*turns, ("user", three)]).partition(two)[2].partition(three)[0]
        asks = _without(between, after)
        template = {"user": [asks, asked], "assistant": [answers, after]}
        if not front.endswith(asks):
            raise ValueError("what stands before the first question is unlike the others")
        lead = front[: len(front) - len(asks)]
        told = written.or_none([("system", three), ("user", one)])
        if told is not None and three in told:
            before, behind = _around(told, three)
            middle = behind.partition(one)[0]
            if middle.endswith(asks):
                template["system"] = [before, middle[: len(middle) - len(asks)]]
        return cls(template, lead)


class _Written:
    """Runs a template."""

    def __init__(self, source: str, begin: str, end: str, name: str) -> None:
        house = ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
        )
        house.globals["raise_exception"] = _raise
        self._signs: Mapping[str, Any] = {"bos_token": begin, "eos_token": end}
        self._name = name
        try:
            self._template = house.from_string(source)
        except TemplateError as error:
            raise _refused(name, gist(error)) from error

    def __call__(self, said: Sequence[Said], ask: bool = True) -> str:
        messages = [{"role": role, "content": content} for role, content in said]
        try:
            return self._template.render(
                messages=messages, add_generation_prompt=ask, tools=None, **self._signs
            )
        except (TemplateError, TypeError, ValueError, LookupError, ArithmeticError) as error:
            raise _refused(self._name, gist(error)) from error

    def or_none(self, said: Sequence[Said]) -> str | None:
        """Return what is written of a conversation, or None where it is refused."""
        try:
            return self(said)
        except SpecError:
            return None


def _raise(message: str) -> NoReturn:
    raise TemplateError(message)


def _around(text: str, part: str) -> Said:
    front, found, behind = text.partition(part)
    if not found:
        raise ValueError(f"{part} is not in {text[:60]!r}")
    return front, behind


def _without(text: str, start: str) -> str:
    if not text.startswith(start):
        raise ValueError(f"{text[:40]!r} does not begin with {start[:40]!r}")
    return text[len(start) :]


def _conversations(template: Mapping[str, Sequence[str]]) -> list[list[Said]]:
    """Return conversations on which two templates are compared."""
    turns = [("user", "Who built 灵渠?"), ("assistant", "Shi Lu. In 214 BC!"), ("user", "Why"),
             ("assistant", "For grain"), ("user", "And {{ now }}?")]  # fmt: skip
    found = [turns[:1], turns[:3], turns]
    if "system" in template:
        found += [[("system", "Be brief."), *turns[:length]] for length in (1, 3, 5)]
    return found


def _refused(name: str, problem: str) -> SpecError:
    return SpecError("pretrained.template_unstated", path=name, problem=problem)
