"""PyTorch modules: the class by its dotted path, the weights as safetensors."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from lingqu.core.errors import SpecError, gist
from lingqu.core.nouns import Task
from lingqu.learn.deep.export import exported
from lingqu.learn.imported.model_file import ModelFile, refuse_pickle
from lingqu.learn.imported.original import Exported, Original, Sample


@dataclass
class TorchModule(ModelFile):
    """A module of your own: its class by a dotted path, its weights as safetensors.

    The class is imported from the folder of the channel file, or from what is installed. It runs
    once, to write the graph: answering rows needs no torch.

    Args:
        module: Its class as ``package.module:Class``.
        arguments: What its class is called with.

    Example:
        >>> TorchModule("net.safetensors", module="nets:Net", arguments={"hidden": 2}).module
        'nets:Net'

    Source: Paszke et al., "PyTorch", NeurIPS 2019, arXiv:1912.01703; safetensors format, 2022.
    """

    name: ClassVar[str] = "torch"
    library: ClassVar[str] = "torch"

    module: str = field(default="", kw_only=True)
    arguments: Mapping[str, Any] = field(default_factory=dict, kw_only=True)

    def read(self, place: Path, folder: Path, task: Task) -> Original:
        """Read class and weights."""
        refuse_pickle(place, "safetensors.torch.save_file(net.state_dict(), 'net.safetensors')")
        net = self._made(folder)
        try:
            weights = load_file(place)
        except SafetensorError as error:
            raise SpecError("imported.not_a_model", path=self.path, what="safetensors",
                            problem=gist(error)) from error  # fmt: skip
        try:
            lost, more = net.load_state_dict(weights, strict=False)
        except RuntimeError as error:  # another shape
            problem = str(error).splitlines()[-1].strip()
            raise SpecError("imported.other_weights", path=self.path, module=self.module,
                            problem=problem) from error  # fmt: skip
        if lost or more:
            problem = ", ".join([f"- {name}" for name in lost] + [f"+ {name}" for name in more])
            raise SpecError("imported.other_weights", path=self.path, module=self.module,
                            problem=problem)  # fmt: skip
        facts = {"module": self.module, "parameters": sum(p.numel() for p in net.parameters())}
        return Original(lambda sample: self._exported(net.eval(), sample), facts=facts)

    def sources(self, folder: Path) -> str:
        """Return the digest of the weights and of the file with the class."""
        found = _file_of(folder, self.module)
        code = hashlib.sha256(found.read_bytes()).hexdigest() if found is not None else ""
        return hashlib.sha256(f"{self.fingerprint(folder)} {code}".encode()).hexdigest()

    def _exported(self, net: nn.Module, sample: Sample) -> Exported:
        x = torch.from_numpy(sample.x)
        try:
            with torch.no_grad():
                said = net(x)
        except (RuntimeError, TypeError, ValueError) as error:
            raise SpecError("imported.module_fails", path=self.path, module=self.module,
                            shape=" × ".join(map(str, x.shape)),
                            problem=gist(error)) from error  # fmt: skip
        if not isinstance(said, torch.Tensor):
            raise SpecError("imported.module_answer", path=self.path, module=self.module,
                            received=type(said).__name__)  # fmt: skip
        return Exported(exported(net, x, "x"), said.numpy())

    def _made(self, folder: Path) -> nn.Module:
        """Return the module with the weights that it starts from."""
        try:
            kind = getattr(_module(folder, self.module), self.module.partition(":")[2])
            net = kind(**self.arguments)
        except (ImportError, AttributeError, ValueError, TypeError) as error:
            raise SpecError("imported.no_module", path=self.path, module=self.module,
                            problem=gist(error)) from error  # fmt: skip
        if not isinstance(net, nn.Module):
            raise SpecError("imported.no_module", path=self.path, module=self.module,
                            problem=f"{type(net).__name__} is no torch.nn.Module")  # fmt: skip
        return net


def _file_of(folder: Path, module: str) -> Path | None:
    """Return the file beside the channel file that holds a module, if there is one."""
    name = module.partition(":")[0]
    place = folder / f"{name.replace('.', '/')}.py"
    return place if name and place.is_file() else None


def _module(folder: Path, module: str) -> ModuleType:
    """Return a module: its file beside the channel file goes first, read anew each time."""
    place = _file_of(folder, module)
    if place is None:
        return import_module(module.partition(":")[0])
    spec = spec_from_file_location(f"_imported_{place.stem}", place)
    assert spec is not None and spec.loader is not None  # the file is there, and is Python
    made = module_from_spec(spec)
    spec.loader.exec_module(made)
    return made
