"""Figures of the language models: tokens a decoder learns from in a CPU second.

The tokens are drawn at random: speed does not depend on what they say.
"""

from __future__ import annotations

from collections.abc import Callable

from deep_run import Options, Told, ours
from figures import Figure


def gpt(options: Options) -> Told:
    """Train a decoder of 2.2 M weights, ours and a plain loop of torch in turn."""
    runs = [ours("gpt", seed).said for seed in range(options.seeds)]
    middle: Callable[[str], float] = lambda name: sorted(run[name] for run in runs)[len(runs) // 2]  # noqa: E731
    tokens, bare = middle("tokens_per_cpu_s"), middle("bare_tokens_per_cpu_s")
    name = "GPT 2.2 M from scratch, tokens a CPU s (plain torch, fused AdamW)"
    note = "GPT: 4 layers, 192 wide, 6 heads, context 128, batch 16, 2,048 tokens; random text"
    return [Figure(name, tokens, bare, ">= 6000", tokens >= 6000)], [note]
