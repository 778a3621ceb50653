"""Train the nets of the two articles with their own libraries and write them as files.

Needs Keras 3 and torch. The test rows of the channels are left out here: with a random split,
Lingqu sets aside the very rows that `train_test_split` does with the same seed.
"""

import os

os.environ["KERAS_BACKEND"] = "torch"

import warnings

import keras
import numpy as np
import torch
from nets import SmallNet
from safetensors.torch import save_file
from sklearn.datasets import load_diabetes, load_digits
from sklearn.model_selection import train_test_split

torch.set_num_threads(1)


def digits_net() -> None:
    """Train the first article's net on 80 % of the digits; write it as Keras and as ONNX."""
    keras.utils.set_random_seed(42)
    digits = load_digits()
    x, x_test, y, y_test = train_test_split(
        digits.data, digits.target, test_size=0.2, random_state=42
    )
    spread = x.var(axis=0)
    # Scaling is a layer: what a model must be told of its data travels inside it.
    scaled = keras.layers.Normalization(mean=x.mean(axis=0), variance=np.where(spread, spread, 1))
    dense = keras.layers.Dense
    net = keras.Sequential(
        [
            keras.Input((64,)),
            scaled,
            dense(64, activation="relu"),
            dense(64, activation="relu"),
            dense(10, activation="softmax"),
        ]
    )
    net.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    net.fit(x, y, epochs=10, batch_size=32, validation_split=0.1, verbose=0)
    right = (net.predict(x_test, verbose=0).argmax(axis=1) == y_test).mean()
    print(f"digits: {right:.4f} of {len(y_test)} test pictures right")
    net.save("digits.keras")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the exporter that comes after this one
        torch.onnx.export(net.eval(), (torch.zeros(1, 64),), "digits.onnx", dynamo=False,
                          input_names=["pixels"], output_names=["probabilities"],
                          dynamic_axes={"pixels": {0: "rows"}})  # fmt: skip


def as_listed() -> None:
    """Train the second article's net exactly as it is listed there, and tell the true losses."""
    torch.manual_seed(42)
    net, x = SmallNet(), torch.tensor([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]])
    losses = fitted(net, x, torch.tensor([[1.0], [0], [1]]), epochs=100, rate=0.001)
    print(f"as listed: loss {losses[0]:.4f} in epoch 1, {losses[-1]:.4f} in epoch 100")


def fitted(
    net: SmallNet, x: torch.Tensor, y: torch.Tensor, epochs: int, rate: float
) -> list[float]:
    """Fit a net by Adam on all rows at once; return the mean squared error of each epoch."""
    adam, losses = torch.optim.Adam(net.parameters(), lr=rate), []
    for _ in range(epochs):
        adam.zero_grad()
        loss = torch.nn.functional.mse_loss(net(x), y)
        loss.backward()
        adam.step()
        losses.append(loss.item())
    return losses


def progression_net() -> None:
    """Train the same net on rows that bear it: three measures of 442 patients."""
    torch.manual_seed(42)
    table = load_diabetes(scaled=False, as_frame=True)
    rows = table.data[["bmi", "bp", "s5"]].to_numpy()
    x, _, y, _ = train_test_split(rows, table.target.to_numpy(), test_size=0.2, random_state=42)
    mean, scale = x.mean(axis=0), x.std(axis=0)
    net = SmallNet()
    with torch.no_grad():
        net.answer.bias.fill_(float(y.mean()))
    given = torch.tensor((x - mean) / scale, dtype=torch.float32)
    losses = fitted(net, given, torch.tensor(y[:, None], dtype=torch.float32), 1000, 0.05)
    print(f"progression: loss {losses[0]:.0f} in epoch 1, {losses[-1]:.0f} in epoch 1000")
    print(f"  mean {mean.round(4).tolist()}, scale {scale.round(4).tolist()}")
    save_file(net.state_dict(), "progression.safetensors")


digits_net()
as_listed()
progression_net()
