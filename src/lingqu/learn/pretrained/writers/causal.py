"""A pre-trained decoder: a text in pieces → the scores of the next piece.

Source: Radford et al., 2019 (GPT-2); Touvron et al., "LLaMA", 2023, arXiv:2302.13971; Ben Allal et
al., "SmolLM2", 2025, arXiv:2502.02737.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoModelForCausalLM

from lingqu.core.errors import SpecError
from lingqu.core.nouns import Json
from lingqu.learn.loop import SIZE, Batch
from lingqu.learn.pretrained.writers.chat import Chat
from lingqu.learn.pretrained.writers.folder import WriterFolder
from lingqu.learn.pretrained.writers.graphs import Part, compare, stored
from lingqu.learn.pretrained.writers.telling import HIDDEN, LEFT_OUT, kept, loaded, remembered
from lingqu.learn.replies.answers import rows_of
from lingqu.release.pieces import opened, small
from lingqu.release.replies.script import Pieces

_FREE = {
    "ids": {0: "B", 1: "T"}, "seen": {0: "B", 1: "S"}, "keys": {1: "B", 3: "P"},
    "values": {1: "B", 3: "P"}, "scores": {0: "B", 1: "K"}, "keys_on": {1: "B", 3: "S"},
    "values_on": {1: "B", 3: "S"},
}  # fmt: skip


class Causal:
    """A decoder of a folder, as a `Writer`.

    Args:
        folder: Where it lies.
        context: Most tokens of what is asked and its answer together.
        before: Messages that are put before what a caller says.
    """

    reads = ("x",)

    def __init__(
        self, folder: WriterFolder, context: int, before: Sequence[Mapping[str, Json]] = ()
    ) -> None:
        self.folder, self.context = folder, context
        self._tokenizer = small(folder.tokeniser)
        self.goes_on = not folder.chat
        signs = folder.sign("bos_token"), folder.sign("eos_token")
        begin = opened(self._tokenizer).encode("").tokens[:1]  # the sign that it would put itself
        self.chat = (
            Chat.of(folder.chat, *signs, folder.name) if folder.chat else Chat.plain("".join(begin))
        )
        self.before = [dict(message) for message in before]
        self._ends = self._found_ends()
        self._model: Any = loaded(folder, AutoModelForCausalLM)

    @property
    def net(self) -> nn.Module:
        net: nn.Module = self._model
        return net

    @property
    def sides(self) -> tuple[int, int, int]:
        """Layers, heads that keep keys, and their size."""
        config = self._model.config
        heads = config.num_attention_heads
        size = getattr(config, "head_dim", None) or config.hidden_size // heads
        return config.num_hidden_layers, getattr(config, "num_key_value_heads", None) or heads, size

    def script(self) -> Pieces:
        """Return how texts become tokens."""
        return Pieces(self._written())

    def rows(self, asked: Sequence[str], wanted: Sequence[str]) -> tuple[dict[str, Tensor], int]:
        script = self.script()
        begun = [script.asked(text, row) for row, text in enumerate(asked, start=1)]
        return rows_of(begun, [script.told(text) for text in wanted], self.context)

    def read(self, *rows: Tensor) -> Tensor:
        (ids,) = rows
        seen = torch.ones_like(ids)  # behind the end of a text nothing looks back
        found = self._model.base_model(input_ids=ids, attention_mask=seen, use_cache=False)
        hidden: Tensor = found.last_hidden_state  # (B, T, C)
        return hidden

    def told(self, batch: Batch) -> tuple[Tensor, Tensor]:
        longest = int(batch[SIZE].max()) - 1
        truth = batch["truth"][:, :longest]
        there = truth != LEFT_OUT
        head = self._model.get_output_embeddings()  # asked of few places: it is the widest layer
        return head(self.read(batch["x"][:, :longest])[there]), truth[there]

    def step(self) -> nn.Module:
        return Step(self._model).eval()

    def graph(self, bits: int, threads: int) -> bytes:
        part = Part(self.step(), self._sample(), Step.told, _FREE)
        data = stored(part.written(bits))
        if bits == 32:
            compare(part.net, part.given, data, threads)
        return data

    def _sample(self) -> dict[str, Tensor]:
        """Return what the step takes, of two texts of unlike length."""
        layers, heads, size = self.sides
        ids = torch.arange(8).remainder(self._model.config.vocab_size).reshape(2, 4)
        seen = torch.ones(2, 7, dtype=torch.int64)
        seen[1, 0] = 0  # the second text is shorter
        drawn = torch.Generator().manual_seed(0)
        past = [torch.randn(layers, 2, heads, 3, size, generator=drawn) for _ in range(2)]
        return dict(zip(Step.given, (ids, seen, *past, torch.tensor(2)), strict=True))

    def block(self, columns: Sequence[str]) -> dict[str, Json]:
        layers, heads, size = self.sides
        return {
            "type": "decoder", "columns": list(columns), **self._written(),
            "context": self.context, "layers": layers, "heads": heads, "size": size,
        }  # fmt: skip

    def _written(self) -> dict[str, Json]:
        return {
            "tokenizer": self._tokenizer, "template": self.chat.template, "lead": self.chat.lead,
            "before": self.before, "ends": self._ends, "never": [],
        }  # fmt: skip

    def _found_ends(self) -> list[int]:
        """Return the pieces that end an answer: the sign behind one in the template goes first.

        Raises:
            SpecError: The folder names none.
        """
        behind = self.chat.template["assistant"][1]
        first = opened(self._tokenizer).encode(behind, add_special_tokens=False)
        signs = first.ids[:1] if first.tokens[:1] and behind.startswith(first.tokens[0]) else []
        named = [piece for piece in signs if piece in _signs(self._tokenizer)]
        ends = list(dict.fromkeys([*named, *self.folder.ends]))
        if not ends:
            raise SpecError("pretrained.no_end", path=self.folder.name)
        return ends


class Step(nn.Module):
    """Tokens behind others → scores of the last places, and what later tokens need of all of them.

    Args:
        model: The decoder.
    """

    given = "ids", "seen", "keys", "values", "last"
    told = "scores", "keys_on", "values_on"

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, ids: Tensor, seen: Tensor, keys: Tensor, values: Tensor, last: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return scores (B, K, V), and keys and values (L, B, nh, P + T, hs).

        Args:
            ids: (B, T).
            seen: 0 for places before a text, else 1, (B, P + T).
            keys: Of the P places before, (L, B, nh, P, hs); values: the same.
            last: K: of how many places at the end the scores are wanted.
        """
        before = keys.shape[3]
        places = (seen.cumsum(1) - 1).clamp(min=0)[:, before:]  # (B, T)
        order = torch.arange(seen.shape[1], device=ids.device)
        may = order[None, :] <= order[before:, None]  # (T, P + T)
        may = may[None, None] & (seen[:, None, None, :] > 0)  # (B, 1, T, P + T)
        cache = remembered(keys, values)
        found = self.model.base_model(
            input_ids=ids, attention_mask=torch.where(may, 0.0, HIDDEN), position_ids=places,
            past_key_values=cache, use_cache=True,
        ).last_hidden_state  # (B, T, C)  # fmt: skip
        found = found[:, found.shape[1] - last :]
        return self.model.get_output_embeddings()(found), *kept(cache)


def _signs(tokenizer: str) -> frozenset[int]:
    """Return the numbers of the pieces that are signs, not letters."""
    from lingqu.release.pieces import opened

    added = opened(tokenizer).get_added_tokens_decoder()
    return frozenset(number for number, token in added.items() if token.special)
