"""A pre-trained encoder with a decoder: a text in pieces → what is written of it.

Source: Raffel et al., "T5", 2019, arXiv:1910.10683; Lewis et al., "BART", 2019, arXiv:1910.13461;
Junczys-Dowmunt et al., "Marian", 2018, arXiv:1804.00344.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoModelForSeq2SeqLM
from transformers.cache_utils import EncoderDecoderCache
from transformers.modeling_outputs import BaseModelOutput

from lingqu.core.errors import SpecError
from lingqu.core.nouns import Json
from lingqu.learn.loop import SIZE, Batch
from lingqu.learn.pretrained.writers.folder import WriterFolder
from lingqu.learn.pretrained.writers.graphs import Part, before, compare, stored
from lingqu.learn.pretrained.writers.telling import HIDDEN, kept, loaded, remembered
from lingqu.learn.replies.answers import LEFT_OUT
from lingqu.release.pieces import small
from lingqu.release.replies.script import PairPieces

_PAST = "keys", "values", "cross_keys", "cross_values"
_READ = "cross_keys_on", "cross_values_on"
_FREE = {
    "asked": {0: "B", 1: "S"}, "there": {0: "B", 1: "R"}, "ids": {0: "B", 1: "T"},
    "scores": {0: "B", 1: "T"}, "keys": {1: "B", 3: "P"}, "values": {1: "B", 3: "P"},
    "keys_on": {1: "B", 3: "W"}, "values_on": {1: "B", 3: "W"},
    **{name: {1: "B", 3: "R"} for name in _READ},
}  # fmt: skip


class ReadWrite:
    """An encoder and a decoder of a folder, as a `Writer`.

    Args:
        folder: Where they lie.
        context: Most tokens that are read, and most that are written.
        prefix: What is said before every text, such as ``translate English to German:``.
    """

    reads = "asked", "ids"
    goes_on = False

    def __init__(self, folder: WriterFolder, context: int, prefix: str = "") -> None:
        self.folder, self.context, self._prefix = folder, context, prefix
        self._tokenizer = small(folder.tokeniser)
        if not folder.ends:
            raise SpecError("pretrained.no_end", path=folder.name)
        self._model: Any = loaded(folder, AutoModelForSeq2SeqLM)
        config = self._model.config
        start = config.decoder_start_token_id
        self._start = int(config.pad_token_id if start is None else start)

    @property
    def net(self) -> nn.Module:
        net: nn.Module = self._model
        return net

    @property
    def sides(self) -> tuple[int, int, int]:
        """Layers of the decoder, heads, and their size."""
        config = self._model.config
        if config.model_type == "t5":
            return config.num_decoder_layers, config.num_heads, config.d_kv
        heads = config.decoder_attention_heads
        return config.decoder_layers, heads, config.d_model // heads

    def rows(self, asked: Sequence[str], wanted: Sequence[str]) -> tuple[dict[str, Tensor], int]:
        script = PairPieces(self._written())
        read = [script.asked(text, row) for row, text in enumerate(asked, start=1)]
        told = [script.told(text) for text in wanted]
        cut = sum(
            len(one) > self.context or len(other) > self.context
            for one, other in zip(read, told, strict=True)
        )
        read = [one[-self.context :] for one in read]
        told = [one[: self.context] for one in told]
        counts = torch.tensor([[len(one), len(two)] for one, two in zip(read, told, strict=True)])
        return {
            "asked": _padded(read, 0), "there": _padded([[1] * len(one) for one in read], 0),
            "ids": _padded([[self._start, *one[:-1]] for one in told], self._start),
            "truth": _padded(told, LEFT_OUT), "counts": counts, SIZE: counts.sum(1),
        }, cut  # fmt: skip

    def read(self, *rows: Tensor) -> Tensor:
        asked, ids = rows
        return self._said(asked, torch.ones_like(asked), ids)

    def told(self, batch: Batch) -> tuple[Tensor, Tensor]:
        read, wrote = batch["counts"].max(0).values.tolist()
        truth = batch["truth"][:, :wrote]
        here = truth != LEFT_OUT
        asked, there = batch["asked"][:, :read], batch["there"][:, :read]
        return self._said(asked, there, batch["ids"][:, :wrote])[here], truth[here]

    def step(self) -> nn.Module:
        return PairStep(self._model).eval()

    def graph(self, bits: int, threads: int) -> bytes:
        sample, step = self._sample(), self.step()
        reading = {name: sample[name] for name in ("asked", "there")}
        with torch.inference_mode():
            found = dict(zip(_READ, Reading(self._model)(*reading.values()), strict=True))
        rest = {name: sample[name] for name in ("there", "ids", "keys", "values")} | found
        whole = Part(Following(self._model).eval(), rest, PairStep.told[:3], _FREE).written(bits)
        first = Part(Reading(self._model).eval(), reading, _READ, _FREE).written(bits)
        before(whole, first, "asked")
        data = stored(whole)
        if bits == 32:
            later = sample | {"asked": sample["asked"][:, :0]}
            later |= dict(zip(_PAST[2:], found.values(), strict=True))
            for given in (sample, later):
                compare(step, given, data, threads)
        return data

    def _sample(self) -> dict[str, Tensor]:
        """Return what the step takes of two texts of unlike length, of which nothing was read."""
        layers, heads, size = self.sides
        drawn = torch.Generator().manual_seed(0)
        numbers = torch.arange(6).remainder(self._model.config.vocab_size).reshape(2, 3)
        there = torch.ones(2, 3, dtype=torch.int64)
        there[1, 2] = 0
        past = {
            name: torch.randn(layers, 2, heads, count, size, generator=drawn)
            for name, count in zip(_PAST, (4, 4, 0, 0), strict=True)
        }
        return {"asked": numbers, "there": there, "ids": numbers[:, :2], **past}

    def block(self, columns: Sequence[str]) -> dict[str, Json]:
        layers, heads, size = self.sides
        return {
            "type": "pair", "columns": list(columns), **self._written(), "start": self._start,
            "context": self.context, "layers": layers, "heads": heads, "size": size,
        }  # fmt: skip

    def _said(self, asked: Tensor, there: Tensor, ids: Tensor) -> Tensor:
        """Return the scores of each next token, (B, T, V)."""
        found = self._model(
            input_ids=asked, attention_mask=there, decoder_input_ids=ids, use_cache=False
        )
        scores: Tensor = found.logits
        return scores

    def _written(self) -> dict[str, Json]:
        never = {self._start, self._model.config.pad_token_id} - set(self.folder.ends)
        ahead = f"{self._prefix.strip()} " if self._prefix.strip() else ""
        return {
            "tokenizer": self._tokenizer, "ends": self.folder.ends, "lead": "", "before": [],
            "template": {"user": [ahead, ""], "assistant": ["", ""]},
            "never": sorted(piece for piece in never if piece is not None),
        }  # fmt: skip


class Reading(nn.Module):
    """What is read → what each layer of the decoder looks at, (L, B, nh, S, hs) each.

    Args:
        model: The encoder and the decoder.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, asked: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
        """Return keys and values; `there` is 0 behind the end of a text, (B, S)."""
        read = self.model.get_encoder()(
            input_ids=asked, attention_mask=_looked(there)
        ).last_hidden_state  # (B, S, C)
        keys, values = [], []
        for key, value, heads in _crossing(self.model):
            sides = *read.shape[:2], heads, -1
            keys.append(key(read).view(sides).transpose(1, 2))
            values.append(value(read).view(sides).transpose(1, 2))
        return torch.stack(keys), torch.stack(values)


class Following(nn.Module):
    """Tokens behind others → their scores, and what later tokens need of all of them.

    Args:
        model: The encoder and the decoder.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, there: Tensor, ids: Tensor, keys: Tensor, values: Tensor, cross_keys: Tensor,
        cross_values: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
        """Return scores (B, T, V), and keys and values (L, B, nh, P + T, hs)."""
        before = keys.shape[3]
        order = torch.arange(before + ids.shape[1], device=ids.device)
        may = (order[None, :] <= order[before:, None])[None, None]  # (1, 1, T, P + T)
        own, cross = remembered(keys, values), remembered(cross_keys, cross_values)
        cache = EncoderDecoderCache(own, cross)
        cache.is_updated = dict.fromkeys(range(len(own.layers)), True)
        width = self.model.config.d_model
        nothing = torch.zeros(ids.shape[0], 1, width)  # all that was read lies in the cache
        found = self.model(
            encoder_outputs=BaseModelOutput(last_hidden_state=nothing),
            attention_mask=_looked(there), decoder_input_ids=ids, past_key_values=cache,
            decoder_attention_mask=torch.where(may, 0.0, HIDDEN).expand(ids.shape[0], 1, -1, -1),
            use_cache=True,
        )  # fmt: skip
        return found.logits, *kept(own)


class PairStep(nn.Module):
    """What is read and the tokens behind others → scores, and what later tokens need of all.

    Args:
        model: The encoder and the decoder.
    """

    given = "asked", "there", "ids", *_PAST
    told = "scores", "keys_on", "values_on", *_READ

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.reading, self.following = Reading(model), Following(model)

    def forward(
        self, asked: Tensor, there: Tensor, ids: Tensor, keys: Tensor, values: Tensor,
        cross_keys: Tensor, cross_values: Tensor,
    ) -> tuple[Tensor, ...]:  # fmt: skip
        """Return scores (B, T, V), and the four of the past with what was added.

        Args:
            asked: What is read now, (B, S); S = 0 where all was read before.
            there: 0 behind the end of what is or was read, (B, S) or (B, Q).
            ids: (B, T).
            keys: Of the P tokens written before, (L, B, nh, P, hs); values: the same.
            cross_keys: Of the Q tokens read before, (L, B, nh, Q, hs); cross_values: the same.
        """
        cross = self.reading(asked, there) if asked.shape[1] else (cross_keys, cross_values)
        return *self.following(there, ids, keys, values, *cross), *cross


def _looked(there: Tensor) -> Tensor:
    """Return what hides the places behind the end of a text, (B, 1, 1, S)."""
    return torch.where(there[:, None, None, :] > 0, 0.0, HIDDEN)


def _crossing(model: Any) -> list[tuple[nn.Module, nn.Module, int]]:
    """Return of each layer what makes keys and values of what was read, and its heads."""
    decoder = model.get_decoder()
    if model.config.model_type == "t5":
        layers = [block.layer[1].EncDecAttention for block in decoder.block]
        return [(each.k, each.v, each.n_heads) for each in layers]
    layers = [layer.encoder_attn for layer in decoder.layers]
    return [(each.k_proj, each.v_proj, each.num_heads) for each in layers]


def _padded(rows: Sequence[Sequence[int]], nothing: int) -> Tensor:
    """Return rows as one tensor, shorter ones filled up behind."""
    out = torch.full((len(rows), max(map(len, rows))), nothing, dtype=torch.int64)
    for number, row in enumerate(rows):
        out[number, : len(row)] = torch.tensor(row, dtype=torch.int64)
    return out
