"""A model in one GGUF file → a folder with safetensors, made once.

GGUF holds weights in few bits, the tokeniser and the template of a chat. The library reads and
widens them (a quarter of a minute for 135 million weights), so what it made is kept beside other
caches, under the digest of the file.

Source: GGUF, ggml-org, github.com/ggml-org/ggml/blob/master/docs/gguf.md, version 3.
"""

from __future__ import annotations

import io
import struct
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

from lingqu.core.catalog import require
from lingqu.core.errors import SpecError, gist
from lingqu.learn.pretrained.converted import converted

_MAGIC, _VERSIONS = b"GGUF", (2, 3)


def as_folder(path: str | Path, sha256: str = "") -> Path:
    """Return a folder with the weights, configuration and tokeniser of a GGUF file.

    Args:
        path: The file.
        sha256: Digest that it must have; any when empty.

    Returns:
        A folder with ``config.json``, ``model.safetensors`` (float32) and ``tokenizer.json``, of
        which nothing may be changed; the next call finds it.

    Raises:
        SpecError: There is no such file, it has another digest, is no GGUF or of a kind that the
            library does not know, or a package is not installed (with the command).

    Example:
        >>> as_folder("canal.gguf")
        Traceback (most recent call last):
        lingqu.core.errors.SpecError: There is no GGUF file 'canal.gguf'. Expected the path of one.

    Source: GGUF, ggml-org, version 3; read by transformers (Wolf et al., 2020, arXiv:1910.03771).
    """
    file = Path(path).expanduser()
    if not file.is_file():
        raise SpecError("pretrained.no_gguf", path=str(path))
    with file.open("rb") as opened:
        head = opened.read(8)
    version = struct.unpack("<I", head[4:])[0] if len(head) == 8 else 0
    if head[:4] != _MAGIC or version not in _VERSIONS:
        raise SpecError("pretrained.not_gguf", path=file.name, received=head[:4], version=version)
    return converted(file, "gguf", _make, sha256)


def _make(file: Path, folder: Path) -> None:
    for package in ("transformers", "gguf", "accelerate"):
        require(package, "gguf")
    try:
        _convert(file, folder)
    except (ValueError, LookupError, RuntimeError, OSError, struct.error) as error:
        raise SpecError("pretrained.gguf_unread", path=file.name, problem=gist(error)) from error


def _convert(file: Path, folder: Path) -> None:
    # Only who reads such a file pays for the import.
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from lingqu.learn.pretrained.quiet import quiet

    with quiet(), redirect_stderr(io.StringIO()):  # a bar of its own
        net: Any = AutoModelForCausalLM.from_pretrained(
            file.parent, gguf_file=file.name, local_files_only=True, dtype=torch.float32
        )
        # What was read is plain numbers now: the library would refuse to write it otherwise.
        net.hf_quantizer = None
        if hasattr(net.config, "quantization_config"):
            del net.config.quantization_config
        net.save_pretrained(folder)
        tokenizer = AutoTokenizer.from_pretrained(
            file.parent, gguf_file=file.name, local_files_only=True
        )
        tokenizer.save_pretrained(folder)
    if not (folder / "tokenizer.json").is_file():
        raise ValueError("its tokeniser cannot be written as tokenizer.json")
