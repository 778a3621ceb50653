"""Any recogniser of names beside the rules: a function of texts, named in the options.

A language model finds names that no cue gives away. It is the user's: nothing is downloaded here.

Source: Own protocol; the Presidio adapter follows `presidio_analyzer.AnalyzerEngine.analyze`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from lingqu.core.errors import DataError, SpecError
from lingqu.govern.privacy import presidio
from lingqu.govern.privacy.presidio import Recogniser
from lingqu.govern.privacy.recognise import Span


def load(name: str) -> Recogniser:
    """Return the recogniser that an option names.

    Args:
        name: ``package.module:function``, or ``presidio`` and ``presidio:LANGUAGE``.

    Raises:
        SpecError: It cannot be imported, or is no function.
    """
    if name == "presidio" or name.startswith("presidio:"):
        language = name.partition(":")[2]
        try:
            made: Recogniser = presidio.recogniser(language or "en")
        except ImportError as error:
            raise SpecError("privacy.bad_ner", name=name, problem=str(error)) from error
        return made
    return _called(name, name)


def _called(path: str, shown: str) -> Callable[..., Any]:
    module, _, attribute = path.partition(":")
    if not module or not attribute:
        raise SpecError("privacy.bad_ner", name=shown, problem="no `:` in it")
    try:
        found = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise SpecError("privacy.bad_ner", name=shown, problem=str(error)) from error
    if not callable(found):
        raise SpecError("privacy.bad_ner", name=shown, problem=f"it is a {type(found).__name__}")
    called: Callable[..., Any] = found
    return called


def found_by(recogniser: Recogniser, name: str, texts: Sequence[str]) -> list[list[Span]]:
    """Return the spans of a recogniser, checked.

    Raises:
        DataError: It returned something else than places inside the texts.
    """
    answer = recogniser(texts)
    if not isinstance(answer, Sequence) or len(answer) != len(texts):
        raise DataError("privacy.ner_spans", name=name, row=1, received=str(answer)[:80], length=0)
    return [
        [_span(place, text, row, name) for place in places]
        for row, (text, places) in enumerate(zip(texts, answer, strict=True), start=1)
    ]


def _span(place: Any, text: str, row: int, name: str) -> Span:
    try:
        kind, start, end = place
        if not (isinstance(kind, str) and 0 <= int(start) < int(end) <= len(text)):
            raise ValueError(place)
    except (TypeError, ValueError) as error:
        received, length = str(place)[:80], len(text)
        raise DataError(
            "privacy.ner_spans", name=name, row=row, received=received, length=length
        ) from error
    return Span(kind, int(start), int(end), text[int(start) : int(end)])


def joined(rules: Sequence[Span], more: Sequence[Span]) -> list[Span]:
    """Return the spans of the rules and those of a recogniser that overlap none of them.

    Example:
        >>> held = [Span("name", 0, 2, "张三")]
        >>> more = [Span("name", 1, 3, "三在"), Span("name", 4, 6, "李四")]
        >>> [span.value for span in joined(held, more)]
        ['张三', '李四']
    """
    held = list(rules)
    for span in sorted(more, key=lambda s: (s.start, s.start - s.end)):
        if all(span.end <= other.start or other.end <= span.start for other in held):
            held.append(span)
    return sorted(held, key=lambda span: span.start)
