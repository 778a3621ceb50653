"""Figures of the engine: the articles' net, digits, the loop's own cost, and a GPU if there is one.

Test rows are the articles' 20 % (random_state 42); nothing was chosen by looking at them.
"""

from __future__ import annotations

from statistics import median

from data_child import Child
from deep_run import Options, Told, ours, peer
from figures import Figure


def _middle(children: list[Child], name: str) -> float:
    return median(float(child.said[name]) for child in children)


def seed_mlp(options: Options) -> Told:
    """Train the articles' net: as they say, ours and every peer's in turn; and as we would."""
    runs: dict[str, list[Child]] = {"ours": [], "own": []} | {n: [] for n in options.systems}
    for seed in range(options.seeds):  # in turn, so that a slow spell of the machine meets all
        runs["ours"].append(ours("mlp", seed, 0))
        runs["own"].append(ours("mlp", seed, 1))
        for name in options.systems:
            runs[name].append(peer(name, seed))
    cpu, accuracy = (_middle(runs["own"], name) for name in ("train_cpu_s", "accuracy"))
    whole = median(child.cpu_s for child in runs["own"])
    figures = [
        Figure("seed MLP, own plan, test accuracy", accuracy, None, ">= 0.97", accuracy >= 0.97),
        Figure("seed MLP, own plan, training", cpu, None, "<= 0.3", cpu <= 0.3),
        Figure("seed MLP, own plan, whole process", whole, None, "<= 4", whole <= 4),
    ]
    same = _middle(runs["ours"], "train_cpu_s")
    process = median(child.cpu_s for child in runs["ours"])
    for name in options.systems:
        rival = _middle(runs[name], "train_cpu_s")
        beside = median(child.cpu_s for child in runs[name])
        title = f"seed MLP, articles' plan, {name}"
        figures += [
            Figure(f"{title}: training", same, rival, "< peer", same < rival),
            Figure(f"{title}: whole process", process, beside, "< peer", process < beside),
        ]
    notes = [
        "seed MLP: 64-64-64-10, batch 32, validated each epoch, a process per seed, medians; the"
        " articles' settings: Adam 1e-3, 10 epochs; own plan: AdamW 1e-2, one cycle, 15 epochs",
        f"own plan, whole processes, wall s: {median(c.wall_s for c in runs['own']):.2f}",
    ]
    for name, children in runs.items():
        each = ", ".join(f"{child.said['accuracy']:.4f}" for child in children)
        notes.append(f"{name} ({children[0].said['version']}), accuracy by seed: {each}")
    return figures, notes


def digits(options: Options) -> Told:
    """Fit the catalogue's CNN on five seeds."""
    runs = ours("digits", 5).said["runs"]
    accuracy, cpu = (median(run[name] for run in runs) for name in ("accuracy", "cpu_s"))
    figures = [
        Figure("digits CNN, test accuracy", accuracy, None, ">= 0.994", accuracy >= 0.994),
        Figure("digits CNN, a fit", cpu, None, "<= 5", cpu <= 5),
    ]
    each = ", ".join(f"{run['accuracy']:.4f} in {run['cpu_s']:.2f} s" for run in runs)
    return figures, [f"digits CNN, 40 epochs, averaged weights, 90/10 of the training part: {each}"]


def overhead(options: Options) -> Told:
    """Time the engine and a bare loop on the same steps, in turn, and take the best of each."""
    figures, notes = [], []
    for what, said in ours("overhead").said.items():
        mine, bare = float(said["engine_s"]), float(said["bare_s"])
        title = f"engine over a bare torch loop, {what}, times"
        figures.append(Figure(title, mine / bare, 1.0, "<= 1.3", mine / bare <= 1.3))
        notes.append(
            f"overhead, {what}: {said['steps']} steps of the seed MLP, fused AdamW: {mine:.3f} s"
            f" against {bare:.3f} s, best of {said['turns']} turns each"
        )
    return figures, notes


def gpu(options: Options) -> Told:
    """Train a small transformer on the GPU, bf16, by the engine and by plain PyTorch."""
    said = ours("gpu").said
    if not said["device"]:
        return [], ["gpu: torch sees none here, so nothing was measured"]
    mine, plain = float(said["engine"]), float(said["plain"])
    figure = Figure("GPU, tokens per second", mine, plain, ">= 0.9 of peer", mine >= 0.9 * plain)
    return [figure], [f"gpu: {said['device']}, {said['what']}; peer: plain PyTorch, same steps"]
