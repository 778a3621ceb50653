"""Presidio as a recogniser of names and places; needs `presidio-analyzer` and a spaCy model.

Source: Microsoft Presidio, `presidio_analyzer.AnalyzerEngine`.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any, Protocol

Place = tuple[str, int, int]
"""Kind, start and end of what was found."""


class Recogniser(Protocol):
    """Finds personal data in texts, as many lists as there are texts."""

    def __call__(self, texts: Sequence[str]) -> Sequence[Sequence[Place]]: ...


KINDS = {
    "PERSON": "name",
    "LOCATION": "address",
    "EMAIL_ADDRESS": "email",
    "PHONE_NUMBER": "phone",
    "CREDIT_CARD": "bank_card",
    "IBAN_CODE": "iban",
    "IP_ADDRESS": "ipv4",
    "US_SSN": "ssn",
    "US_PASSPORT": "passport",
}
"""Presidio's names → ours; other entities are left out."""


def recogniser(language: str = "en") -> Recogniser:
    """Return Presidio's analyser of a language as a recogniser."""
    # The package is nobody's requirement here: who names it has installed it.
    engine: Any = import_module("presidio_analyzer").AnalyzerEngine(supported_languages=[language])

    def find(texts: Sequence[str]) -> list[list[Place]]:
        return [
            [
                (KINDS[result.entity_type], result.start, result.end)
                for result in engine.analyze(text, language=language, entities=list(KINDS))
            ]
            for text in texts
        ]

    return find
