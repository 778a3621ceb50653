"""Presidio as a recogniser of names and places; needs `presidio-analyzer` and a spaCy model.

Source: Microsoft Presidio, `presidio_analyzer.AnalyzerEngine`.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from lingqu.govern.privacy.ner import Place, Recogniser

AnalyzerEngine: Any = import_module("presidio_analyzer").AnalyzerEngine
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
    engine = AnalyzerEngine(supported_languages=[language])

    def find(texts: Sequence[str]) -> list[list[Place]]:
        return [
            [
                (KINDS[result.entity_type], result.start, result.end)
                for result in engine.analyze(text, language=language, entities=list(KINDS))
            ]
            for text in texts
        ]

    return find
