"""Options that nets share: each is declared, documented and obeyed once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lingqu.core.errors import TrainError
from lingqu.learn.documented import Documented


@dataclass(kw_only=True)
class Trained(Documented):
    """How the loop trains a net; a learner states anew what is best otherwise for it.

    Args:
        epochs: Passes over the rows; 0, where that is the default, chooses by their number.
        batch: Rows per step; 0, where that is the default, chooses by their number.
        learning_rate: Highest learning rate.
        optimiser: ``gd``, ``sgd``, ``momentum``, ``adam``, ``adamw``; ``adam_fresh`` is for nets
            that play against each other.
        schedule: ``constant``, ``step``, ``cosine``, ``one_cycle`` or ``warm_up``.
        weight_decay: Pull of the weights towards 0.
        clip: Largest joint norm of the gradients; 0 for no limit.
        patience: Epochs without gain before it stops; 0 trains to the end of the schedule and
            keeps the best epoch.
        precision: ``float32``, ``bfloat16``, or ``auto``: bfloat16 where the machine has
            instructions for it and a step has enough to do.
        average: How much of the averaged weights stays at each step, such as 0.99; the averages
            are then what is judged and released. 0 for the last weights.
    """

    epochs: int = 0
    batch: int = 32
    learning_rate: float = 3e-3
    optimiser: Literal["gd", "sgd", "momentum", "adam", "adamw", "adam_fresh"] = "adamw"
    schedule: Literal["constant", "step", "cosine", "one_cycle", "warm_up"] = "one_cycle"
    weight_decay: float = 0.02
    clip: float = 1.0
    patience: int = 0
    precision: Literal["float32", "bfloat16", "auto"] = "float32"
    average: float = 0.0


@dataclass(kw_only=True)
class Supervision(Trained):
    """How a net is told what is right.

    Args:
        loss: ``cross_entropy``, ``focal`` (hard rows count more) or ``hinge`` (margins, no
            frequencies) to classify; ``mse``, ``mae`` or ``huber`` to regress; ``auto`` takes
            the first that fits.
        label_smoothing: Share of the probability spread over all classes, of the cross-entropy.
        checkpoint: Where an interrupted fit is kept, to go on from; ``""`` for nowhere.
    """

    loss: Literal["auto", "cross_entropy", "focal", "hinge", "mse", "mae", "huber"] = "auto"
    label_smoothing: float = 0.0
    checkpoint: str = ""


@dataclass(kw_only=True)
class Encoders(Documented):
    """Which encoders read the columns of a mixture, and how large they are.

    Args:
        text: Reads the words: ``transformer``, ``lstm`` or ``gru``.
        image: Sees a picture: ``cnn``, ``resnet`` or ``vit``.
        fusion: Joins what was found: ``early`` side by side, ``late`` as an average of answers,
            ``attention`` by looking at each other.
        width: Numbers of what an encoder finds, a multiple of `heads`.
        layers: Layers or blocks of each encoder.
        heads: Of each block that attends.
        members: Nets of the table that share their weights and are averaged; 1 for one.
        activation: ``relu``, ``gelu``, ``tanh`` or ``sigmoid``, of tables and of the fusion.
        dropout: Share that is hidden in training.
        augment: Whether pictures are turned, scaled and shifted a little at random.
    """

    text: Literal["transformer", "lstm", "gru"] = "transformer"
    image: Literal["cnn", "resnet", "vit"] = "cnn"
    fusion: Literal["early", "late", "attention"] = "early"
    width: int = 64
    layers: int = 2
    heads: int = 4
    members: int = 1
    activation: Literal["relu", "gelu", "tanh", "sigmoid"] = "relu"
    dropout: float = 0.1
    augment: bool = True

    def __post_init__(self) -> None:
        refuse_width(self.width, self.heads)


@dataclass(kw_only=True)
class Points(Encoders):
    """Where a net puts things: at points whose cosine tells how alike they are.

    Args:
        dimensions: Numbers of a point.
        temperature: Of the loss: small ones look at the nearest rivals only.
    """

    dimensions: int = 64
    temperature: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        for option in ("dimensions", "temperature"):
            if not getattr(self, option) > 0:
                raise TrainError("deep.bad_number", option=option, expected="> 0",
                                 received=getattr(self, option))  # fmt: skip


def refuse_width(width: int, heads: int = 1) -> None:
    """Refuse a width that heads cannot share, or that is odd.

    Raises:
        TrainError: It is no even multiple of the heads.

    Example:
        >>> refuse_width(64, heads=4)
    """
    if width < 2 or width % heads or width % 2:
        raise TrainError("deep.bad_width", width=width, heads=heads)
