"""Where and how a net computes: device, threads and precision, chosen by what is there.

Source: measured with torch 2.13. Two threads gain nothing on small nets, and on a busy machine
were up to 18 times slower than one, since each small operation waits for a thread that is not
running. bfloat16 without instructions for it was 3.3 times slower than float32; with
avx512_bf16 it was 1.6 to 3.7 times faster for 100 million multiply-adds a step, even for 30
million, and half as fast for the smallest nets.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from lingqu.core.i18n import text
from lingqu.core.nouns import Json

if TYPE_CHECKING:
    from lingqu.learn.plan import Plan

_log = logging.getLogger("lingqu.learn")

THREADED = 200_000_000
"""Multiply-adds of a step from which threads have enough to do between two barriers."""
HALVED = 50_000_000
"""Multiply-adds of a step from which bfloat16 saves more than converting to it costs."""
_BFLOAT16 = ("avx512_bf16", "amx_bf16", "bf16")
_ROOM = 0.25
"""Share of a GPU's free memory that the rows may take, to lie there from the start."""


def found() -> torch.device:
    """Return the GPU if torch sees one, else the processor."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def place(net: nn.Module) -> torch.device:
    """Return where a net's weights lie."""
    return next((p.device for p in net.parameters()), torch.device("cpu"))


def ask(net: nn.Module, x: Tensor) -> Tensor:
    """Return a net's answer on the processor; the rows go to where the net is."""
    out: Tensor = net(x.to(place(net)))
    return out.cpu()


def work(net: nn.Module, *sample: Tensor) -> int:
    """Return the multiply-adds of the weights of a net for a few rows, going forward.

    Args:
        net: Any; what attention multiplies without weights is not counted.
        sample: What it is called with.

    Example:
        >>> work(nn.Sequential(nn.Linear(64, 10), nn.ReLU()), torch.zeros(5, 64))
        3200
    """
    counts: list[int] = []

    def count(layer: nn.Module, _: Any, out: Any) -> None:
        tensor = out[0] if isinstance(out, tuple) else out
        channels = tensor.shape[1 if isinstance(layer, nn.modules.conv._ConvNd) else -1]
        matrices = sum(p.numel() for p in layer.parameters(recurse=False) if p.dim() > 1)
        counts.append(tensor.numel() // max(1, channels) * matrices)

    layers = [m for m in net.modules() if not isinstance(m, nn.Embedding) and _weighs(m)]
    hooks = [layer.register_forward_hook(count) for layer in layers]
    modes = [(module, module.training) for module in net.modules()]
    net.eval()
    try:
        with torch.inference_mode():
            net(*sample)
    finally:
        for hook in hooks:
            hook.remove()
        for module, mode in modes:
            module.training = mode
    return sum(counts)


def _weighs(layer: nn.Module) -> bool:
    return any(p.dim() > 1 for p in layer.parameters(recurse=False))


def threads(effort: int, most: int) -> int:
    """Return how many threads a step of so many multiply-adds is worth, and log it.

    Example:
        >>> threads(1_000_000, most=8), threads(10**9, most=8)
        (1, 8)
    """
    count = most if effort >= THREADED else 1
    _log.info("threads: %d of %d, for %.3g multiply-adds a step", count, most, effort)
    return count


def precision(wish: str, effort: int | None, device: torch.device | None = None) -> tuple[str, str]:
    """Return the precision of the matrices of a step and why, in words.

    Args:
        wish: ``float32`` and ``bfloat16`` are taken as they are; ``auto`` chooses.
        effort: Multiply-adds of a step; None, where nobody counted, is taken as enough.
        device: Where it is computed; the one that was found, when omitted.

    Example:
        >>> precision("auto", 1000, torch.device("cpu"))[0]
        'float32'
    """
    where = found() if device is None else device
    if wish != "auto":
        return wish, text("deep.precision_named")
    flag = _flag(where)
    if not flag:
        name = where.type if where.type != "cpu" else torch.cpu.get_capabilities()["architecture"]
        return "float32", text("deep.precision_lacking", device=name)
    if where.type == "cpu" and effort is not None and effort < HALVED:
        return "float32", text("deep.precision_small", effort=f"{effort:.2g}")
    return "bfloat16", text("deep.precision_has", flag=flag)


def settled(plan: Plan, effort: int, most: int) -> tuple[Plan, dict[str, Json]]:
    """Return a plan with threads and precision by the work of a step, and what was chosen.

    Args:
        plan: As wished.
        effort: Multiply-adds of a step, going forward.
        most: Threads that may be used.
    """
    chosen, why = precision(plan.precision, effort)
    plan = replace(plan, threads=threads(effort, most), precision=chosen)
    told: dict[str, Json] = {
        "device": found().type, "threads": plan.threads, "precision": chosen, "precision_why": why,
    }  # fmt: skip
    return plan, told


def _flag(device: torch.device) -> str:
    """Return what makes bfloat16 fast there, or nothing."""
    if device.type == "cuda":
        had = torch.cuda.is_bf16_supported(including_emulation=False)
        return torch.cuda.get_device_name(device) if had else ""
    known = torch.cpu.get_capabilities()
    return next((name for name in _BFLOAT16 if known.get(name)), "")


def held(rows: Any, device: torch.device) -> Any:
    """Return the rows, on the GPU if they are tensors and fit well; batches follow one by one."""
    if device.type != "cuda" or not all(isinstance(t, Tensor) for t in rows.values()):
        return rows
    size = sum(t.numel() * t.element_size() for t in rows.values())
    free, _ = torch.cuda.mem_get_info(device)
    fits = size < _ROOM * free
    return {name: t.to(device) for name, t in rows.items()} if fits else rows


def draws(device: torch.device) -> list[Tensor]:
    """Return the state of every source of random numbers that a net there may use."""
    state = [torch.get_rng_state()]
    return [*state, torch.cuda.get_rng_state(device)] if device.type == "cuda" else state


def set_draws(state: list[Tensor], device: torch.device) -> None:
    """Go on drawing from what `draws` returned."""
    setters: list[Callable[[Tensor], None]] = [torch.set_rng_state]
    if device.type == "cuda":
        setters.append(lambda one: torch.cuda.set_rng_state(one, device))
    for setter, one in zip(setters, state, strict=False):
        setter(one)
