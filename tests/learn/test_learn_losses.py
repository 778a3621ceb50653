"""Focal, hinge and contrastive losses: their formulas, their weights, their extremes."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from lingqu.learn import losses

LOGITS = torch.tensor([[2.0, 0.0, -1.0], [0.0, 1.0, 0.5], [0.3, 0.2, 0.1], [-1.0, 0.0, 4.0]])
TRUTH = torch.tensor([0, 2, 1, 2])


def pairs(count: int = 6) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(count, 4, generator=generator), torch.randn(count, 4, generator=generator)


def test_focal_is_its_formula_and_without_gamma_the_cross_entropy() -> None:
    p = LOGITS.softmax(1).gather(1, TRUTH[:, None])[:, 0]
    expected = (-((1 - p) ** 2) * p.log()).mean()
    assert losses.focal(LOGITS, TRUTH).item() == pytest.approx(expected.item(), rel=1e-5)
    plain = losses.cross_entropy(LOGITS, TRUTH).item()
    assert losses.focal(LOGITS, TRUTH, gamma=0.0).item() == pytest.approx(plain, rel=1e-5)


def test_hinge_is_one_plus_the_best_wrong_score_less_the_own() -> None:
    expected = [max(0.0, 1 + 0 - 2), 1 + 1 - 0.5, 1 + 0.3 - 0.2, max(0.0, 1 + 0 - 4)]
    assert losses.hinge(LOGITS, TRUTH).item() == pytest.approx(sum(expected) / 4)


def test_info_nce_is_the_cross_entropy_of_finding_the_partner_both_ways() -> None:
    one, two = pairs()
    total = 0.0
    for a, b in ((one, two), (two, one)):
        cosine = torch.cosine_similarity(a[:, None], b[None], dim=2) / 0.07
        total -= sum(float(cosine[i].log_softmax(0)[i]) for i in range(6)) / 6
    assert losses.info_nce(one, two).item() == pytest.approx(total / 2, rel=1e-4)


def test_supervised_contrastive_is_equation_2() -> None:
    z, _ = pairs()
    y = torch.tensor([0, 0, 0, 1, 1, 2])  # the last has no friend and does not count
    units, total = z / z.norm(dim=1, keepdim=True), 0.0
    for i in range(5):
        friends = [j for j in range(6) if j != i and y[j] == y[i]]
        others = [j for j in range(6) if j != i]
        below = math.log(sum(math.exp(float(units[i] @ units[j]) / 0.1) for j in others))
        total -= sum(float(units[i] @ units[j]) / 0.1 - below for j in friends) / len(friends)
    assert losses.supervised_contrastive(z, y).item() == pytest.approx(total / 5, rel=1e-4)


@pytest.mark.parametrize("loss", [losses.focal, losses.hinge])
def test_weights_count_rows(loss: Callable[..., Tensor]) -> None:
    weight = torch.tensor([2.0, 1.0, 0.0, 1.0])
    chosen = torch.tensor([0, 0, 1, 3])
    expected = loss(LOGITS[chosen], TRUTH[chosen]).item()
    assert loss(LOGITS, TRUTH, weight).item() == pytest.approx(expected, rel=1e-5)


def test_weights_count_embeddings() -> None:
    one, two = pairs()
    y = torch.tensor([0, 0, 1, 1, 1, 0])
    heavy = torch.tensor([1.0, 0, 0, 0, 0, 0])
    for loss, truth in ((losses.info_nce, two), (losses.supervised_contrastive, y)):
        first, all_of_them = loss(one, truth, heavy).item(), loss(one, truth).item()
        assert first != pytest.approx(all_of_them)
        assert loss(one, truth, torch.ones(6)).item() == pytest.approx(all_of_them, rel=1e-5)


@pytest.mark.parametrize("size", [1e-30, 1.0, 1e4, 1e30])
@pytest.mark.parametrize("name", ["focal", "hinge", "info_nce", "supervised_contrastive"])
def test_values_and_gradients_stay_finite(name: str, size: float) -> None:
    output = (LOGITS * size).requires_grad_()
    truth = LOGITS.flip(0) * size if name == "info_nce" else TRUTH
    loss = losses.loss(name)(output, truth, None)
    loss.backward()
    assert loss.isfinite() and output.grad is not None and output.grad.isfinite().all()


@pytest.mark.parametrize("name", ["info_nce", "supervised_contrastive"])
def test_a_batch_of_one_row_teaches_nothing(name: str) -> None:
    row = LOGITS[:1].clone().requires_grad_()
    loss = losses.loss(name)(row, LOGITS[:1] if name == "info_nce" else TRUTH[:1], None)
    loss.backward()
    assert loss.item() == 0.0 and row.grad is not None and row.grad.abs().sum() == 0


def test_smoothing_is_of_the_cross_entropy_only() -> None:
    for name in ("focal", "hinge"):
        smooth = losses.fitting(name, "classify", smoothing=0.2)
        assert torch.equal(smooth(LOGITS, TRUTH, None), losses.loss(name)(LOGITS, TRUTH, None))
