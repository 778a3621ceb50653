"""Fine-tuning by parts: freeze what shall stay, and let lower layers learn more slowly.

Source: Howard and Ruder, "Universal language model fine-tuning", 2018, arXiv:1801.06146
(discriminative rates); Clark et al., "ELECTRA", 2020, arXiv:2003.10555 (layer-wise decay).
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Sequence
from itertools import takewhile

from torch import nn

from lingqu.core.errors import TrainError


def shown(names: Sequence[str]) -> str:
    """Return a few names as a message shows them."""
    return ", ".join(names[:6]) + (" …" if len(names) > 6 else "")


def matching(names: Iterable[str], patterns: Sequence[str]) -> list[str]:
    """Return the names that match any of the patterns (``*`` and ``?`` as in file names).

    Raises:
        TrainError: A pattern matches none: a misspelt layer would silently be left out.
    """
    known = list(names)
    for pattern in patterns:
        if not any(fnmatch.fnmatchcase(name, pattern) for name in known):
            raise TrainError("deep.no_layer", received=pattern, expected=shown(known))
    return [name for name in known if any(fnmatch.fnmatchcase(name, p) for p in patterns)]


def freeze(net: nn.Module, *patterns: str) -> list[str]:
    """Keep parameters as they are, by name; statistics of normalisations still follow the batches.

    Args:
        net: Changed in place.
        patterns: Such as ``"*.embeddings.*"``.

    Returns:
        The names of the frozen parameters.

    Raises:
        TrainError: A pattern matches no parameter.

    Example:
        >>> net = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
        >>> freeze(net, "0.*")
        ['0.weight', '0.bias']
    """
    parameters = dict(net.named_parameters())
    chosen = matching(parameters, patterns)
    for name in chosen:
        parameters[name].requires_grad_(False)
    return chosen


def layer_rates(net: nn.Module, decay: float) -> dict[str, float]:
    """Return a factor of the learning rate for each parameter: 1 at the top, less below.

    Layers count in the order in which the net registers them; the numbered ones of a list
    (``layer.0``, ``layer.1`` …) one by one, any other by its outermost name. Return it from
    `Task.rates`.

    Args:
        net: Whose.
        decay: Factor from each layer to the one below it, in (0, 1].

    Example:
        >>> net = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
        >>> layer_rates(net, 0.5)
        {'0.weight': 0.5, '0.bias': 0.5, '2.weight': 1.0, '2.bias': 1.0}
    """
    if not 0 < decay <= 1:
        raise TrainError("deep.bad_number", option="decay", received=decay, expected="in (0, 1]")
    paths = {name: name.split(".")[:-1] for name, _ in net.named_parameters()}
    columns = zip(*paths.values(), strict=False)
    shared = sum(1 for _ in takewhile(lambda parts: len(set(parts)) == 1, columns))
    layers = {name: _layer(path[shared:]) for name, path in paths.items()}
    order = list(dict.fromkeys(layers.values()))
    return {name: decay ** (len(order) - 1 - order.index(layers[name])) for name in layers}


def _layer(parts: Sequence[str]) -> tuple[str, ...]:
    """Return what names a layer: its path up to its first number, or its first word."""
    number = next((place for place, part in enumerate(parts) if part.isdigit()), 0)
    return tuple(parts[: number + 1])
