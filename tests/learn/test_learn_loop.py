"""The loop: exact resume, schedules that end in time, guards, and nets that share it."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from lingqu.core.errors import TrainError
from lingqu.learn import losses
from lingqu.learn.listeners import checkpoint, early_stop, report, time_limit
from lingqu.learn.loop import SIZE, Batch, Plan, Run, Task, fit
from lingqu.learn.optimisers import OPTIMISERS, clip, optimiser
from lingqu.learn.plan import SCHEDULES


class Net(Task):
    """Three blobs in the plane, with dropout and batch normalisation: state of every sort."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.net = nn.Sequential(
            nn.Linear(2, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 3)
        )

    def loss(self, batch: Batch) -> Tensor:
        return losses.cross_entropy(self.net(batch["x"]), batch["y"])


def blobs(count: int = 90) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(1)
    y = torch.arange(count) % 3
    centre = torch.tensor([[0.0, 2.0], [2.0, -1.0], [-2.0, -1.0]])
    return {"x": centre[y] + 0.7 * torch.randn(count, 2, generator=generator), "y": y}


def weights(task: Task) -> list[Tensor]:
    return [value.clone() for value in task.state_dict().values()]


def same(one: list[Tensor], other: list[Tensor]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def accuracy(task: Net) -> float:
    data = blobs()
    return float((task.net(data["x"]).argmax(1) == data["y"]).float().mean())


@pytest.mark.parametrize("name", list(OPTIMISERS))
def test_every_optimiser_learns(name: str) -> None:
    rate = {"gd": 0.5, "sgd": 0.1, "momentum": 0.05}.get(name, 0.01)
    task = Net()
    fit(task, blobs(), Plan(epochs=40, batch=16, learning_rate=rate, optimiser=name))
    assert accuracy(task) > 0.9


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("sgd", lambda p: torch.optim.SGD(p, 0.01)),
        ("momentum", lambda p: torch.optim.SGD(p, 0.01, momentum=0.9, nesterov=True)),
        ("adam", lambda p: torch.optim.Adam(p, 0.01)),
        ("adamw", lambda p: torch.optim.AdamW(p, 0.01, weight_decay=0.0)),
        ("adam_fresh", lambda p: torch.optim.Adam(p, 0.01, betas=(0.0, 0.9))),
    ],
)
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_optimisers_do_what_torch_does(name: str, theirs: Any, layout: torch.memory_format) -> None:
    torch.manual_seed(0)
    kernel = torch.randn(4, 3, 3, 3).contiguous(memory_format=layout)
    mine, other = nn.Parameter(kernel.clone()), nn.Parameter(kernel.clone())
    ours, reference = optimiser(name, [mine]), theirs([other])
    for step in range(5):
        gradient = torch.randn(4, 3, 3, 3, generator=torch.Generator().manual_seed(step))
        for parameter in (mine, other):
            parameter.grad = None
            (parameter * gradient).sum().backward()
        ours.step(0.01)
        reference.step()
    assert torch.allclose(mine, other, atol=1e-7)
    assert not torch.equal(mine, kernel)


def test_weight_decay_spares_biases() -> None:
    for name in OPTIMISERS:
        layer = nn.Linear(2, 2)
        nn.init.ones_(layer.bias)
        before = layer.weight.abs().sum().item()
        made = optimiser(name, list(layer.parameters()), weight_decay=0.5)
        for parameter in layer.parameters():
            parameter.grad = torch.zeros_like(parameter)
        made.step(0.1)
        assert layer.weight.abs().sum().item() < before
        assert torch.equal(layer.bias, torch.ones(2))


def test_a_parameter_without_a_gradient_stays() -> None:
    used, unused = nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(2))
    made = optimiser("adamw", [used, unused], 0.1)
    used.grad = torch.ones(2)
    made.step(0.1)
    assert torch.equal(unused, torch.ones(2)) and not torch.equal(used, torch.ones(2))


def test_no_compiler_is_imported() -> None:
    code = (
        "import sys, torch\n"
        "from tests.learn.test_learn_loop import Net, blobs\n"
        "from lingqu.learn.loop import Plan, fit\n"
        "fit(Net(), blobs(), Plan(epochs=1, clip=1.0))\n"
        "assert 'torch._dynamo' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.1, 10), st.lists(st.floats(-100, 100), min_size=1, max_size=6))
def test_clipping_bounds_the_joint_norm(largest: float, values: list[float]) -> None:
    parameters = [nn.Parameter(torch.zeros(())) for _ in values]
    for parameter, value in zip(parameters, values, strict=True):
        parameter.grad = torch.tensor(value)
    before = math.sqrt(sum(v * v for v in values))
    clip(parameters, largest)
    after = math.sqrt(sum(float(p.grad) ** 2 for p in parameters if p.grad is not None))
    assert after <= largest * 1.001 and after <= before * 1.001
    assert before > largest or after == pytest.approx(before, rel=1e-3, abs=1e-6)


@pytest.mark.parametrize("stop_at", [7, 12, 13, 25])
def test_resume_is_exact_to_the_bit(stop_at: int, tmp_path: Path) -> None:
    plan = Plan(epochs=5, batch=8, learning_rate=0.01, schedule="one_cycle", clip=1.0, seed=3)
    whole = Net()
    full = fit(whole, blobs(), plan)

    def kill(event: str, run: Run) -> None:
        run.stop |= run.step == stop_at

    path = tmp_path / "run.checkpoint"
    fit(Net(), blobs(), plan, on=[checkpoint(path, every=stop_at), kill])
    torch.manual_seed(99)
    again = Net(seed=5)
    run = fit(again, blobs(), plan, resume=path)
    assert same(weights(whole), weights(again))
    assert (run.epoch, run.step) == (full.epoch, full.step) == (5, 60)
    assert not list(tmp_path.glob("*.part")) and not list(tmp_path.glob(".*"))


def test_a_resumed_run_keeps_its_curve_and_its_best(tmp_path: Path) -> None:
    plan = Plan(epochs=6, batch=16, learning_rate=0.01)
    path = tmp_path / "run.checkpoint"

    def listeners() -> list[Any]:
        scores = report(lambda row: None, lambda task: {"score": accuracy(task)})  # type: ignore[arg-type]
        return [scores, early_stop(lambda run: run.curve[-1]["score"]), checkpoint(path)]

    def kill(event: str, run: Run) -> None:
        run.stop |= event == "epoch" and run.epoch == 3

    whole = fit(Net(), blobs(), plan, on=listeners())
    fit(Net(), blobs(), plan, on=[*listeners(), kill])
    again = fit(Net(seed=4), blobs(), plan, on=listeners(), resume=path)
    assert again.curve == whole.curve
    assert again.best[0] == whole.best[0] and same(weights(again.task), weights(whole.task))


def test_more_epochs_may_be_added_to_a_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "run.checkpoint"
    fit(Net(), blobs(), Plan(epochs=2), on=[checkpoint(path)])
    assert fit(Net(), blobs(), Plan(epochs=4, threads=2), resume=path).epoch == 4


def test_checkpoints_that_cannot_be_used_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.checkpoint"
    fit(Net(), blobs(), Plan(epochs=1), on=[checkpoint(path)])
    with pytest.raises(TrainError) as caught:
        fit(Net(), blobs(), Plan(epochs=1, batch=7), resume=path)
    assert caught.value.facts["option"] == "batch" and str(path) in str(caught.value)
    with pytest.raises(TrainError, match=r"run\.checkpoint"):
        fit(Small(), blobs(), Plan(epochs=1), resume=path)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(TrainError) as torn:
        fit(Net(), blobs(), Plan(epochs=1), resume=path)
    assert torn.value.key == "deep.bad_checkpoint"
    with pytest.raises(TrainError):
        fit(Net(), blobs(), Plan(epochs=1), resume=tmp_path / "absent")


class Small(Net):
    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2, 3))


def test_a_fit_leaves_the_callers_random_state_and_threads_alone() -> None:
    torch.manual_seed(7)
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    task = Net.__new__(Net)
    task.__init__()  # type: ignore[misc]
    torch.set_rng_state(state)
    fit(task, blobs(), Plan(epochs=1, threads=1))
    assert torch.equal(torch.get_rng_state(), state) and torch.get_num_threads() == threads


def test_the_same_seed_gives_the_same_bits_and_another_does_not() -> None:
    one, two, three = Net(), Net(), Net()
    for task, seed in ((one, 1), (two, 1), (three, 2)):
        fit(task, blobs(), Plan(epochs=2, seed=seed))
    assert same(weights(one), weights(two)) and not same(weights(one), weights(three))


def test_accumulated_batches_equal_one_large_batch() -> None:
    def train(**plan: Any) -> list[Tensor]:
        task = Small()
        fit(task, blobs(96), Plan(epochs=2, optimiser="sgd", learning_rate=0.1, **plan))
        return weights(task)

    steps = train(batch=8, accumulate=4)
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(steps, train(batch=32), strict=True))


def test_a_short_last_window_is_averaged_over_its_own_batches() -> None:
    seen: list[int] = []

    def listen(event: str, run: Run) -> None:
        if event == "step":
            seen.append(run.index)

    fit(Small(), blobs(90), Plan(epochs=1, batch=10, accumulate=4), on=[listen])
    assert seen == [4, 8, 9]


@pytest.mark.parametrize("name", list(SCHEDULES))
def test_schedules_stay_between_zero_and_one(name: str) -> None:
    factors = [SCHEDULES[name](at / 200) for at in range(200)]
    assert all(0 <= factor <= 1 for factor in factors)
    assert max(factors) == pytest.approx(1, abs=0.01)


def test_schedules_have_their_shapes() -> None:
    assert [round(SCHEDULES["step"](at), 3) for at in (0.0, 0.34, 0.99)] == [1.0, 0.1, 0.01]
    assert SCHEDULES["cosine"](0.5) == pytest.approx(0.5)
    assert SCHEDULES["one_cycle"](0.0) < 0.05 and SCHEDULES["one_cycle"](0.25) == 1.0
    assert SCHEDULES["one_cycle"](0.999) < 0.001
    assert SCHEDULES["warm_up"](0.0) < 0.05 and SCHEDULES["warm_up"](0.5) == 1.0


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("optimiser", "adan"),
        ("schedule", "onecycle"),
        ("precision", "int8"),
        ("epochs", 0),
        ("batch", 0),
        ("learning_rate", -1.0),
        ("learning_rate", math.nan),
        ("clip", -0.1),
        ("accumulate", 0),
        ("average", 1.0),
        ("average", -0.1),
    ],
)
def test_an_impossible_plan_is_refused(option: str, value: Any) -> None:
    with pytest.raises(TrainError) as caught:
        Plan(**{option: value})
    assert option in str(caught.value) and repr(value) in str(caught.value)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(TrainError, match="hinge"):
        losses.loss("hinge", losses.REGRESS)
    with pytest.raises(TrainError, match="lion"):
        optimiser("lion", [])


def test_no_rows_are_refused() -> None:
    with pytest.raises(TrainError):
        fit(Net(), {"x": torch.zeros(0, 2), "y": torch.zeros(0)}, Plan())


def test_losses_are_weighted_means() -> None:
    truth, out = torch.tensor([1.0, 3.0]), torch.tensor([[2.0], [6.0]])
    weight = torch.tensor([1.5, 0.5])
    assert losses.mse(out, truth).item() == pytest.approx(5.0)
    assert losses.mae(out, truth).item() == pytest.approx(2.0)
    assert losses.huber(out, truth).item() == pytest.approx((0.5 + 2.5) / 2)
    assert losses.mse(out, truth, weight).item() == pytest.approx((1.5 * 1 + 0.5 * 9) / 2)
    logits, y = torch.tensor([[2.0, 0.0], [0.0, 1.0]]), torch.tensor([0, 0])
    each = [losses.cross_entropy(logits[i : i + 1], y[i : i + 1]).item() for i in (0, 1)]
    expected = (1.5 * each[0] + 0.5 * each[1]) / 2
    assert losses.cross_entropy(logits, y, weight).item() == pytest.approx(expected)
    smooth = losses.loss("cross_entropy", smoothing=0.1)(logits, y, None).item()
    spread = -logits.log_softmax(1).mean().item()
    plain = losses.cross_entropy(logits, y).item()
    assert smooth == pytest.approx(0.9 * plain + 0.1 * spread)


def test_early_stop_restores_the_best() -> None:
    scores = iter([1.0, 3.0, 2.0, 2.0, 9.0])
    kept: list[list[Tensor]] = []
    said: list[float] = []

    def score(run: Run) -> float:
        if len(said) < run.epoch:
            said.append(next(scores))
            kept.append(weights(run.task))
        return said[-1]

    task = Net()
    run = fit(task, blobs(), Plan(epochs=5), on=[early_stop(score, patience=2)])
    assert said == [1.0, 3.0, 2.0, 2.0] and run.epoch == 4
    assert same(weights(task), kept[1])


def test_early_stop_leaves_a_best_last_epoch_alone() -> None:
    task = Net()
    run = fit(task, blobs(), Plan(epochs=3), on=[early_stop(lambda run: float(run.epoch))])
    assert run.epoch == 3 and run.best[0] == 3.0


class Explodes(Small):
    """Gives NaN at one batch, or spoils its weights, from a step on."""

    def __init__(self, at: int, how: str) -> None:
        super().__init__()
        self.at, self.how, self.seen = at, how, 0

    def loss(self, batch: Batch) -> Tensor:
        self.seen += 1
        loss = super().loss(batch)
        if self.seen == self.at and self.how == "loss":
            return loss * math.nan
        if self.seen == self.at and self.how == "gradient":
            return loss + bad(self.net[0].weight)
        return loss


def bad(weight: Tensor) -> Tensor:
    """Return 0 with a gradient that is not finite."""
    return (weight * 0).sqrt().sum()


@pytest.mark.parametrize("how", ["loss", "gradient"])
def test_nan_stops_the_run_and_restores_the_last_good_state(how: str) -> None:
    ends: list[list[Tensor]] = []

    def listen(event: str, run: Run) -> None:
        if event == "epoch":
            ends.append(weights(run.task))

    task = Explodes(at=3 * 2 + 2, how=how)
    run = fit(task, blobs(), Plan(epochs=9, batch=32), on=[listen])
    assert run.epoch == 2 and same(weights(task), ends[1])
    assert "3" in run.trouble and ("batch 2" in run.trouble or "batch 3" in run.trouble)


def test_nan_names_the_rows_of_its_batch() -> None:
    data = blobs()
    data["x"][41, 0] = math.nan
    run = fit(Small(), data, Plan(epochs=2, batch=6))
    assert run.epoch == 0 and "(6 rows; the first: " in run.trouble
    told = run.trouble.split("the first: ")[1].rstrip(")").split(", ")
    assert "41" in told and len(told) == 6


def test_nan_in_the_very_last_step_is_noticed() -> None:
    task = Explodes(at=3, how="gradient")
    run = fit(task, blobs(), Plan(epochs=1, batch=32))
    assert run.trouble and all(value.isfinite().all() for value in task.state_dict().values())


class Clock:
    """Every look at it takes a fixed time."""

    def __init__(self, tick: float) -> None:
        self.now, self.tick = 0.0, tick

    def __call__(self) -> float:
        self.now += self.tick
        return self.now


def test_a_time_limit_squeezes_the_schedule_so_that_it_ends_low() -> None:
    rates: list[float] = []

    def listen(event: str, run: Run) -> None:
        if event == "step":
            rates.append(run.learning_rate)

    plan = Plan(epochs=100, batch=10, learning_rate=0.1, schedule="one_cycle")
    limit = time_limit(100.0, Clock(1.0))
    run = fit(Net(), blobs(), plan, on=[listen, limit])
    assert 80 <= run.step <= 100
    assert max(rates) == pytest.approx(0.1, rel=0.05) and rates[-1] < 0.005
    assert not run.stop


def test_a_time_limit_that_is_not_near_changes_nothing() -> None:
    plan = Plan(epochs=4, batch=10, schedule="one_cycle", learning_rate=0.01)
    free, limited = Net(), Net()
    fit(free, blobs(), plan)
    run = fit(limited, blobs(), plan, on=[time_limit(1000.0, Clock(1.0))])
    assert run.epoch == 4 and same(weights(free), weights(limited))


def test_a_run_that_got_faster_again_is_stretched_back() -> None:
    clock = Clock(4.0)

    def faster(event: str, run: Run) -> None:
        clock.tick = 4.0 if run.step < 10 else 0.1

    plan = Plan(epochs=10, batch=10, schedule="one_cycle")
    run = fit(Net(), blobs(), plan, on=[faster, time_limit(100.0, clock)])
    assert run.end > 5


def test_no_time_at_all_still_gives_one_step() -> None:
    rows: list[Any] = []
    scores = report(rows.append, lambda task: {"valid_score": 1.0})
    run = fit(Net(), blobs(), Plan(epochs=9, batch=10), on=[scores, time_limit(0.0, Clock(1.0))])
    assert run.step == 1 and len(rows) == 1
    assert rows[0]["epoch"] == pytest.approx(1 / 9) and rows[0]["train_loss"] > 0


def test_report_gives_one_row_per_epoch() -> None:
    rows: list[Any] = []
    run = fit(Net(), blobs(), Plan(epochs=3), on=[report(rows.append, lambda task: {"a": 1.0})])
    assert [row["epoch"] for row in rows] == [1, 2, 3] and run.curve == rows
    assert set(rows[0]) == {"epoch", "train_loss", "learning_rate", "a"}
    assert rows[2]["train_loss"] < rows[0]["train_loss"]


class Gan(Task):
    """Draws points on a line; two groups, two losses."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.make = nn.Linear(2, 2)
        self.judge = nn.Sequential(nn.Linear(2, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1))
        self.leaks: list[bool] = []

    def groups(self) -> dict[str, Any]:
        return {"judge": list(self.judge.parameters()), "make": list(self.make.parameters())}

    def losses(self, batch: Batch) -> Iterator[tuple[str, Tensor]]:
        fake = self.make(torch.randn(len(batch["x"]), 2))
        self.leaks.append(any(p.grad is not None for p in self.judge.parameters()))
        real_loss = (1 - self.judge(batch["x"])).relu().mean()
        yield "judge", real_loss + (1 + self.judge(fake.detach())).relu().mean()
        yield "make", -self.judge(fake).mean()


def test_a_gan_shares_the_loop_and_its_losses_do_not_mix() -> None:
    task = Gan()
    before = weights(task)
    run = fit(task, {"x": blobs()["x"]}, Plan(epochs=2, optimiser="adam"))
    pairs = zip(before, weights(task), strict=True)
    assert not any(task.leaks)
    assert not any(torch.equal(a, b) for a, b in pairs if a.dim() > 1)
    assert math.isfinite(run.learning_rate)


def test_data_may_be_a_function_of_the_epoch() -> None:
    asked: list[int] = []

    def data(epoch: int) -> Batch:
        asked.append(epoch)
        return blobs(30 + 30 * epoch)

    run = fit(Net(), data, Plan(epochs=2, batch=10))
    assert asked == [0, 1] and run.step == 3 + 6


def test_bfloat16_learns_too() -> None:
    task = Net()
    fit(task, blobs(), Plan(epochs=30, batch=16, learning_rate=0.01, precision="bfloat16"))
    assert accuracy(task) > 0.9 and task.net[0].weight.dtype == torch.float32


def test_a_task_must_say_what_it_loses() -> None:
    class Empty(Task):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.ones(1))

    with pytest.raises(NotImplementedError):
        fit(Empty(), blobs(), Plan())


WORKER = """
import sys, torch, torch.distributed as dist
from tests.learn.test_learn_loop import Net, Small, blobs, same, weights
from lingqu.learn.listeners import checkpoint, time_limit
from lingqu.core.errors import TrainError
from lingqu.learn.loop import Plan, fit
rank, store, out = int(sys.argv[1]), sys.argv[2], sys.argv[3]
dist.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=2)
task = Small()
if rank:
    with torch.no_grad():
        [p.zero_() for p in task.parameters()]
plan = Plan(epochs=3, batch=8, learning_rate=0.05, optimiser="sgd", clip=1.0, average=0.9)
fit(task, blobs(91), plan, on=[time_limit(600.0)])
torch.save(weights(task), f"{out}/{rank}")
even = Small()
fit(even, blobs(96), plan)
torch.save(weights(even), f"{out}/even-{rank}")
def kill(event, run):
    run.stop |= run.step == 7
whole, again, path = Net(), Net(seed=5), f"{out}/checkpoint"
fit(whole, blobs(), plan)
fit(Net(), blobs(), plan, [checkpoint(path, every=7), kill])
fit(again, blobs(), plan, resume=path)
assert same(weights(whole), weights(again))
if rank:  # the other one's, of a later step
    fit(Net(), blobs(), plan, [checkpoint(path, every=7), lambda event, run: None])
else:
    fit(Net(), blobs(), plan, [lambda event, run: None])
try:
    fit(again, blobs(), plan, resume=path)
    raise SystemExit("went on from two different steps")
except TrainError as error:
    assert error.key == "deep.bad_checkpoint"
dist.barrier()
dist.destroy_process_group()
"""


@pytest.mark.slow
def test_two_processes_learn_one_net(tmp_path: Path) -> None:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, str(rank), str(tmp_path / "store"), str(tmp_path)],
            env=environment,
        )
        for rank in (0, 1)
    ]
    assert [process.wait(timeout=120) for process in processes] == [0, 0]
    first, second = (torch.load(tmp_path / str(rank), weights_only=True) for rank in (0, 1))
    assert same(first, second)
    alone = Small()
    plan = Plan(epochs=3, batch=16, learning_rate=0.05, optimiser="sgd", clip=1.0, average=0.9)
    fit(alone, blobs(91), plan)
    x, y = blobs()["x"], blobs()["y"]
    both = Small()
    both.load_state_dict(dict(zip(both.state_dict(), first, strict=True)))
    assert abs(losses.cross_entropy(both.net(x), y) - losses.cross_entropy(alone.net(x), y)) < 0.05
    # Where no row is dealt out twice, two processes with 8 rows each take the steps of one with 16.
    even = Small()
    fit(even, blobs(96), plan)
    for rank in (0, 1):
        dealt = torch.load(tmp_path / f"even-{rank}", weights_only=True)
        pairs = zip(dealt, weights(even), strict=True)
        assert all(torch.allclose(a, b, atol=1e-6) for a, b in pairs)


def test_rows_of_like_size_share_batches_and_every_row_comes_once() -> None:
    size = torch.randint(1, 60, (333,), generator=torch.Generator().manual_seed(0))
    seen: list[Tensor] = []

    class Look(Task):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(1))

        def loss(self, batch: Batch) -> Tensor:
            seen.append(batch["x"])
            return self.weight.square().sum()

    fit(Look(), {"x": torch.arange(333), SIZE: size}, Plan(epochs=2, batch=10))
    first, second = seen[:34], seen[34:]
    assert len(second) == 34
    for epoch in (first, second):
        assert sorted(torch.cat(epoch).tolist()) == list(range(333))
    spread = [float(size[rows].max() - size[rows].min()) for rows in first]
    assert sum(spread) / len(spread) < 6
    means = [float(size[rows].float().mean()) for rows in first]
    assert means != sorted(means) and [r.tolist() for r in first] != [r.tolist() for r in second]
