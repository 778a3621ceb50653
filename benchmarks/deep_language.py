"""Figures of the language models: tokens a decoder learns from in a CPU second.

The tokens are drawn at random: speed does not depend on what they say.
"""

from __future__ import annotations

from statistics import median

from deep_run import Options, Told, ours
from figures import Figure


def gpt(options: Options) -> Told:
    """Train a decoder of 2.2 M weights, ours and a plain loop of torch in turn."""
    runs = [ours("gpt", seed).said for seed in range(options.seeds)]
    tokens = median(run["tokens_per_cpu_s"] for run in runs)
    bare = median(run["bare_tokens_per_cpu_s"] for run in runs)
    name = "GPT 2.2 M from scratch, tokens a CPU s (plain torch, fused AdamW)"
    note = "GPT: 4 layers, 192 wide, 6 heads, context 128, batch 16, 2,048 tokens; random text"
    return [Figure(name, tokens, bare, ">= 6000", tokens >= 6000)], [note]
