"""Learning a language from texts alone, before anything is asked: hidden words are guessed.

Source: Devlin et al., "BERT", 2018, arXiv:1810.04805, §3.1: of the words, 15 % are guessed; of
these 80 % are hidden, 10 % are another word, 10 % are left as they are.
"""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from lingqu.learn.checkpoint import write
from lingqu.learn.deep.encoders.transformer import Transformer
from lingqu.learn.listeners import checkpoint, time_limit
from lingqu.learn.loop import SIZE, Batch, Dealt, Plan, Run, Task, fit

GUESSED, HIDDEN, OTHER = 0.15, 0.8, 0.1


class Masked(Task):
    """Guess hidden words from the words around them.

    Args:
        encoder: Learns the language, in place; its own word vectors are what is guessed.
    """

    def __init__(self, encoder: Transformer) -> None:
        super().__init__()
        self.encoder = encoder

    def loss(self, batch: Batch) -> Tensor:
        ids = batch["x"]  # (B, T)
        ids = ids[:, : int((ids > 0).sum(1).max().clamp(min=1))]
        guessed = (torch.rand(ids.shape, device=ids.device) < GUESSED) & (ids > 0)
        if not guessed.any():
            guessed[:, 0] = True
        truth = ids[guessed]  # (G,)
        x = self.encoder.places_of(self._hidden(ids, guessed))[:, 1:]  # (B, T, C)
        scores = x[guessed] @ self.encoder.words.weight.T  # (G, V)
        return F.cross_entropy(scores, truth)

    def _hidden(self, ids: Tensor, guessed: Tensor) -> Tensor:
        """Return the words with most of the guessed ones hidden, (B, T)."""
        draw = torch.rand(ids.shape, device=ids.device)
        last = self.encoder.words.num_embeddings - 1
        other = torch.randint(1, last, ids.shape, device=ids.device)
        shown = torch.where(draw < HIDDEN, torch.full_like(ids, last), ids)
        shown = torch.where((draw >= HIDDEN) & (draw < HIDDEN + OTHER), other, shown)
        return torch.where(guessed, shown, ids)


def pretrain(
    encoder: Transformer, ids: Tensor, plan: Plan, seconds: float, kept: Path | None = None
) -> Run:
    """Let an encoder guess hidden words of texts, for some passes or until the time is up.

    Args:
        encoder: Trained in place.
        ids: Numbers of words, int64 (N, T); 0 behind the end of a text.
        plan: Epochs, batch, learning rate …
        seconds: Most wall seconds.
        kept: A file from which an interrupted run goes on and an ended one is taken over, if it is
            there; it is written after each pass and at the end, and left to the caller. None for
            no file.

    Returns:
        The run; its curve has the loss of each pass, in nats a word.

    Example:
        >>> encoder = Transformer(words=9, longest=4, width=8, layers=1, heads=2)
        >>> run = pretrain(encoder, torch.tensor([[3, 5, 4, 0]] * 16), Plan(epochs=2), 10.0)
        >>> [row["epoch"] for row in run.curve]
        [1.0, 2.0]
    """

    def note(event: str, run: Run) -> None:
        if event == "epoch":
            run.curve.append({"epoch": float(run.epoch), "train_loss": run.means["main"]})

    rows, on = words_of(ids), [note, time_limit(seconds)]
    if kept is None:
        return fit(Masked(encoder), rows, plan, on)
    run = fit(Masked(encoder), rows, plan, [*on, checkpoint(kept)], kept if kept.exists() else None)
    run.end = run.position  # however it ended, there is nothing left to do
    write(run, kept)
    return run


def words_of(ids: Tensor) -> Dealt:
    """Return texts as the loop deals them out: those of like length together."""
    return {"x": ids, SIZE: (ids > 0).sum(1)}
