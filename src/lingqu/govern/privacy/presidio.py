"""Presidio as a recogniser of names and places; needs `presidio-analyzer` and a spaCy model.

Run with presidio-analyzer 2.2.366, spaCy 3.8 and its small English model 3.8.0: "Yesterday Ingrid
Haraldsen met the plumber in Oslo" gives a name and a place; without a model of the language, and
without the package, it is refused before a row is read.

Source: Microsoft Presidio, `presidio_analyzer.AnalyzerEngine`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any, Protocol

Place = tuple[str, int, int]
"""Kind, start and end of what was found."""


class Recogniser(Protocol):
    """Finds personal data in texts, as many lists as there are texts."""

    def __call__(self, texts: Sequence[str]) -> Sequence[Sequence[Place]]: ...


KINDS = {"PERSON": "name", "LOCATION": "address"}
"""Presidio's names → ours. What has a form of its own our rules find better; besides, its
recogniser of e-mail asks the network for a list of domains."""


def recogniser(language: str = "en") -> Recogniser:
    """Return Presidio's analyser of a language as a recogniser.

    Args:
        language: As spaCy calls it. The first of its installed models is taken: left to itself,
            Presidio downloads one.

    Raises:
        ImportError: Presidio is not installed, or no model of the language is.
    """
    # The packages are nobody's requirement here: who names them has installed them.
    analyzer: Any = import_module("presidio_analyzer")
    engines: Any = import_module("presidio_analyzer.nlp_engine")
    model = model_of(language, import_module("spacy").util.get_installed_models())
    models = [{"lang_code": language, "model_name": model}]
    provider = engines.NlpEngineProvider(
        nlp_configuration={"nlp_engine_name": "spacy", "models": models}
    )
    engine: Any = analyzer.AnalyzerEngine(
        nlp_engine=provider.create_engine(), supported_languages=[language]
    )
    return over(engine, language)


def model_of(language: str, installed: Iterable[str]) -> str:
    """Return the name of the installed model of a language.

    Example:
        >>> model_of("zh", ["en_core_web_sm", "zh_core_web_sm"])
        'zh_core_web_sm'
    """
    found = sorted(name for name in installed if name.startswith(f"{language}_"))
    if not found:
        raise ImportError(f"no spaCy model of {language!r} is installed: python -m spacy download")
    return found[0]


def over(engine: Any, language: str) -> Recogniser:
    """Return an `AnalyzerEngine` that is there already as a recogniser."""
    # To ask for an entity that an engine does not know is a warning, and will be an error.
    wanted = [name for name in KINDS if name in engine.get_supported_entities(language)]

    def find(texts: Sequence[str]) -> list[list[Place]]:
        return [
            [
                (KINDS[result.entity_type], result.start, result.end)
                for result in engine.analyze(text, language=language, entities=wanted)
            ]
            for text in texts
        ]

    return find
