"""Scores of texts, beside sacreBLEU; and of tags."""

from __future__ import annotations

import numpy as np
import pytest
import sacrebleu
from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.core import tag_metrics, text_metrics
from lingqu.core.metrics import intervals, metric, names, score
from lingqu.core.predictions import Predictions, Replies
from lingqu.core.reply_metrics import truth_of, truths

WANTED = ["the cat sat on the mat", "灵渠 是 古老的 运河，建于 秦代", "hello there", "a"]
SAID = ["the cat on mat sat", "灵渠是运河，建于 秦代", "bye", "a"]
TEXTS = st.lists(
    st.tuples(*[st.text("ab 灵渠,.1", min_size=1, max_size=24).filter(str.strip)] * 2),
    min_size=1,
    max_size=5,
)


def spaced(texts: list[str]) -> list[str]:
    return [" ".join(text_metrics.words(text)) for text in texts]


class TestTexts:
    @settings(max_examples=60, deadline=None)
    @given(TEXTS)
    def test_bleu_and_chrf_are_those_of_sacrebleu(self, pairs: list[tuple[str, str]]) -> None:
        wanted, said = [list(side) for side in zip(*pairs, strict=True)]
        ours = text_metrics.chrf(text_metrics.chrf_counts(wanted, said).sum(0, keepdims=True))
        theirs = sacrebleu.CHRF().corpus_score(said, [wanted]).score
        assert 100 * ours[0] == pytest.approx(theirs, abs=1e-9)
        ours = text_metrics.bleu(text_metrics.bleu_counts(wanted, said).sum(0, keepdims=True))
        bleu = sacrebleu.BLEU(tokenize="none", force=True)
        theirs = bleu.corpus_score(spaced(said), [spaced(wanted)]).score
        assert 100 * ours[0] == pytest.approx(theirs, abs=1e-9)

    def test_texts_are_compared_but_for_blanks_and_capitals(self) -> None:
        assert text_metrics.exact_match(["The  canal", "x"], ["the canal ", "y"]).tolist() == [1, 0]
        assert text_metrics.answer_f1(["", "", "a"], ["", "a", ""]).tolist() == [1, 0, 0]

    def test_scores_come_with_intervals_of_the_rows(self) -> None:
        said = Predictions(np.ones(4), replies=Replies(tuple(SAID)))
        y = truths(WANTED, "translate")
        assert names("translate") == ("chrf", "bleu", "exact_match")
        value = score("chrf", y, said)
        low, high = intervals(["chrf"], y, said, 200)["chrf"]
        assert low < value < high <= 1 and score("exact_match", y, said) == 0.25


class TestTags:
    Y = (["B-PER", "I-PER", "O"], ["O", "B-LOC"])
    SAID = (["B-PER", "O", "O"], ["O", "B-LOC"])

    def test_tokens(self) -> None:
        _, counts = tag_metrics.token_counts(self.Y, self.SAID)
        total = counts.sum(0, keepdims=True)
        assert tag_metrics.token_accuracy(total)[0] == 0.8
        # B-LOC and B-PER are right, I-PER is missed, O is said once too often.
        assert tag_metrics.token_f1(total)[0] == pytest.approx((1 + 1 + 0 + 2 * 2 / 5) / 4)

    def test_spans(self) -> None:
        counts = tag_metrics.span_counts(self.Y, self.SAID)
        assert counts.tolist() == [[0, 1, 1], [1, 1, 1]]
        assert tag_metrics.span_f1(counts.sum(0, keepdims=True))[0] == 0.5
        assert np.isnan(tag_metrics.span_f1(np.zeros((1, 3)))[0])

    def test_spans_of_all_prefixes(self) -> None:
        tags = ["B-A", "E-A", "S-B", "I-C", "B-C", "I-D"]
        found = sorted(tag_metrics.spans(tags))
        assert found == [(0, 2, "A"), (2, 3, "B"), (3, 4, "C"), (4, 5, "C"), (5, 6, "D")]

    def test_an_answer_of_too_few_tags_misses_the_rest(self) -> None:
        said = Predictions(np.ones(1), replies=Replies((["N"],)))
        assert score("token_accuracy", truths(["N V"], "tag"), said) == 0.5

    def test_truth_is_read_in_the_form_of_an_answer(self) -> None:
        assert truth_of(["N", "V"], "tag") == ["N", "V"] and truth_of(None, "tag") is None
        assert metric("span_f1").fits("tag") and not metric("span_f1").fits("classify")
