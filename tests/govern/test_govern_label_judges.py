"""Judges of labels one by one: naive Bayes, lines that bend, neighbours that are not doubted."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.metrics import average_precision_score
from sklearn.naive_bayes import MultinomialNB

from lingqu.core.schema import Column
from lingqu.govern.label_bayes import UNSEEN, term_votes
from lingqu.govern.label_features import MOST_WIDTH, bent, encode
from lingqu.govern.label_judges import calibrated, votes_of
from lingqu.govern.label_jury import judges_of, view
from lingqu.govern.label_model import linear_votes
from lingqu.govern.label_suspects import judge


def numbers(values: np.ndarray) -> tuple[pl.DataFrame, list[Column]]:
    frame = pl.DataFrame({f"x{i}": column for i, column in enumerate(values.T)})
    return frame, [Column(name, "number") for name in frame.columns]


class TestBayes:
    @pytest.mark.parametrize("classes", [2, 3])
    def test_a_text_is_left_out_exactly(self, classes: int) -> None:
        random = np.random.default_rng(classes)
        terms = random.random((40, 15)) * (random.random((40, 15)) < 0.4)
        terms[7] = 0.0  # a text without a known term
        codes = np.arange(40) % classes
        said = np.zeros((40, classes))
        for row in range(40):
            rest = np.arange(40) != row
            model = MultinomialNB(alpha=UNSEEN, fit_prior=False).fit(terms[rest], codes[rest])
            said[row] = terms[row] @ model.feature_log_prob_.T
        votes = term_votes(sparse.csr_matrix(terms), codes)
        assert votes == pytest.approx(calibrated(said, codes), abs=1e-6)

    def test_a_class_of_one_text(self) -> None:
        terms = sparse.csr_matrix(np.eye(6) + 0.1)
        votes = term_votes(terms, np.array([0, 0, 0, 0, 0, 1]))
        assert votes.shape == (6, 2) and (votes > 0).all()
        assert votes.sum(axis=1) == pytest.approx(1)


class TestBent:
    @given(st.integers(0, 1 << 32), st.integers(20, 80))
    @settings(max_examples=30, deadline=None)
    def test_no_unit_and_no_scale_matters(self, seed: int, rows: int) -> None:
        values = np.random.default_rng(seed).normal(size=(rows, 2)).round(1)  # with ties
        columns = numbers(values)[1]
        plain = bent(values, columns)
        assert plain is not None and plain.shape == (rows, 8)
        for made in (np.exp(values), 100 * values**3 + 7):
            other = bent(made, columns)
            assert other is not None and np.allclose(plain, other)

    def test_columns_of_few_values_stay_as_they_are(self) -> None:
        values = np.stack([np.arange(20.0), np.arange(20.0) % 4], axis=1)
        found = bent(values, numbers(values)[1])
        assert found is not None and found.shape == (20, 5)
        assert (found[:, 4] == values[:, 1]).all()
        assert bent(values[:, 1:], numbers(values[:, 1:])[1]) is None

    def test_wide_ones_are_ranked_only_and_projected_ones_not_at_all(self) -> None:
        values = np.random.default_rng(0).normal(size=(30, MOST_WIDTH + 1))
        for width, made in ((64, 256), (65, 65), (MOST_WIDTH + 1, None)):
            frame, columns = numbers(values[:, :width])
            found = bent(encode(frame, columns, 0), columns)
            assert (found is None) if made is None else (found is not None)
            assert found is None or found.shape == (30, made)

    def test_pictures_are_not_bent(self) -> None:
        values = np.random.default_rng(0).random((30, 4))
        assert bent(values, [Column("v", "vector", shape=(4,))]) is None

    def test_what_one_line_cannot_tell_is_told(self) -> None:
        random = np.random.default_rng(1)
        hidden = random.normal(size=(400, 6))
        codes = (np.abs(hidden[:, 0]) > 0.67).astype(np.intp)  # both ends against the middle
        frame, columns = numbers(np.exp(4 * hidden))  # and spread over many powers of ten
        seen = view(frame, columns, 0)
        assert seen is not None and seen.plain is not None and seen.bent is not None
        right = [
            float((linear_votes(part, codes, 0).argmax(axis=1) == codes).mean())
            for part in (seen.plain, seen.bent)
        ]
        assert right[0] < 0.7 and right[1] > 0.9

    def test_flips_are_found_whatever_the_scale(self) -> None:
        random = np.random.default_rng(2)
        hidden = random.normal(size=(400, 8))
        codes = (hidden[:, 0] + hidden[:, 1] > 0).astype(np.intp)
        wrong = np.zeros(400, dtype=bool)
        wrong[random.choice(400, 20, replace=False)] = True
        given_codes = np.where(wrong, 1 - codes, codes)
        frame, columns = numbers(np.exp(4 * hidden))
        seen = view(frame, columns, 0)
        assert seen is not None
        judges = judges_of(seen, given_codes, 0)
        score = judge(judges, [1 / len(judges)] * len(judges), given_codes).score
        assert average_precision_score(wrong, -score) > 0.7


class TestNeighbours:
    def test_who_is_not_heard_has_no_vote(self) -> None:
        codes = np.array([0, 0, 0, 1, 1, 1])
        near = np.array([[1, 3], [0, 3], [0, 3], [4, 5], [3, 5], [3, 4]])
        all_heard = votes_of(near, codes)
        votes = votes_of(near, codes, np.array([True, True, True, False, True, True]))
        assert all_heard[0].tolist() == [0.5, 0.5] and votes[0].tolist() == [1.0, 0.0]
        assert (votes_of(near, codes, np.ones(6, dtype=bool)) == all_heard).all()

    def test_where_nobody_is_heard_nothing_is_said(self) -> None:
        codes = np.array([0, 0, 1])
        votes = votes_of(np.array([[1], [2], [1]]), codes, np.array([True, True, False]))
        assert votes[1].tolist() == [0.5, 0.5]

    def test_one_wrong_label_does_not_speak_against_those_around_it(self) -> None:
        random = np.random.default_rng(0)
        x = np.concatenate([random.normal(0, 1, (60, 2)), random.normal(8, 1, (60, 2))])
        codes = np.repeat([0, 1], 60)
        codes[[3, 20, 41]] = 1
        frame, columns = numbers(x)
        seen = view(frame, columns, 0)
        assert seen is not None
        plain = votes_of(seen.near, codes)
        around = np.flatnonzero((plain[:60, 1] > 0) & (codes[:60] == 0))
        assert around.size > 5
        last = judges_of(seen, codes, 0)[-1][:60]
        right = last[codes[:60] == 0]
        assert np.ptp(right, axis=0) == pytest.approx(0, abs=1e-12)
