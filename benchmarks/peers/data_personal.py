"""Personal data by Presidio: ``data_personal.py en|zh DOCUMENTS.jsonl``.

With its small English model where that is installed (PyPI has none), else with patterns alone; on
Chinese with the blank Chinese pipeline, as its documents tell for a language without a model. It
is kept from asking the network for the list of public suffixes.
"""

import sys

import spacy
import tldextract
from data_measure import answer, texts, timed
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import SpacyNlpEngine

MODEL = "en_core_web_sm"
SCORE = 0.3


class Loaded(SpacyNlpEngine):
    """An engine around a pipeline that is loaded already."""

    def __init__(self, language: str, pipeline: spacy.language.Language) -> None:
        super().__init__()
        self.nlp = {language: pipeline}


def main() -> None:
    language, path = sys.argv[1:3]
    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=())
    with_model = language == "en" and spacy.util.is_package(MODEL)
    pipeline = spacy.load(MODEL) if with_model else spacy.blank(language)
    registry = RecognizerRegistry(supported_languages=[language])
    registry.load_predefined_recognizers(languages=[language])
    engine = AnalyzerEngine(
        nlp_engine=Loaded(language, pipeline),
        registry=registry,
        supported_languages=[language],
    )
    engine.analyze("warm", language=language)
    held = texts(path)
    found, cpu_s = timed(
        lambda: [
            [
                (one.entity_type, one.start, one.end)
                for one in engine.analyze(text, language=language, score_threshold=SCORE)
            ]
            for text in held
        ]
    )
    how = f"with {MODEL}" if with_model else "patterns only, no model"
    answer("presidio-analyzer", cpu_s=cpu_s, documents=len(held), found=found, how=how)


if __name__ == "__main__":
    main()
