"""Principal components: what scikit-learn finds, whatever side of the table is longer."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from lingqu.check.see.principal import principal


@pytest.mark.parametrize("shape", [(120, 7), (30, 200), (40, 40)])
def test_axes_are_those_of_scikit_learn_up_to_sign(shape: tuple[int, int]) -> None:
    x = np.random.default_rng(3).normal(size=shape) * np.linspace(3, 1, shape[1]) + 5.0
    wanted = PCA(2, svd_solver="full").fit(x)
    found = principal(x)
    told = wanted.transform(x)
    signs = np.sign((found.points * told).sum(axis=0))
    np.testing.assert_allclose(found.points, told * signs, atol=1e-8)
    np.testing.assert_allclose(found.shares, wanted.explained_variance_ratio_, atol=1e-10)


def test_a_line_has_one_axis_and_rows_that_are_equal_have_none() -> None:
    line = np.arange(5.0)[:, None] * np.array([[1.0, -2.0, 0.5]])
    assert principal(line).shares == pytest.approx((1.0, 0.0))
    assert principal(line).points[:, 1].tolist() == [0.0] * 5
    still = principal(np.ones((4, 3)))
    assert still.shares == (0.0, 0.0) and not still.points.any()


def test_the_same_rows_give_the_same_picture_from_either_side() -> None:
    x = np.random.default_rng(0).normal(size=(30, 30))
    wide = np.hstack([x, np.zeros((30, 5))])  # the Gram matrix decides here
    tall = np.vstack([x, x])  # and here the other one
    np.testing.assert_allclose(principal(tall).points[:30], principal(wide).points, atol=1e-8)
