"""A Keras model answers here as Keras does: it is asked in a process of its own."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.learn.brought_tables import numbers, table
from tests.learn.test_learn_imported import brought

from lingqu.core import catalog
from lingqu.core.errors import SpecError
from lingqu.release.runner import Runner

MAKE = """
import keras, numpy, sys
keras.utils.set_random_seed(0)
layers = [keras.Input((2,)), keras.layers.Normalization(mean=[40, 0], variance=[100, 1]),
          keras.layers.Dense(4, activation="relu"), keras.layers.Dense(3, activation="softmax")]
net = keras.Sequential(layers)
net.save("net.keras")
numpy.save("said.npy", net.predict(numpy.load("rows.npy"), verbose=0))
"""


@pytest.mark.slow
def test_a_keras_model_answers_as_keras(tmp_path: Path) -> None:
    rows = table("three")
    np.save(tmp_path / "rows.npy", numbers(rows))
    env = {"KERAS_BACKEND": "torch", "OMP_NUM_THREADS": "1", "PATH": ""}
    subprocess.run([sys.executable, "-c", MAKE], cwd=tmp_path, env=env, check=True, timeout=120)
    choice = brought(tmp_path, "keras", "net.keras", rows)
    said = Runner.of(choice.model).predict(rows.frame).probabilities
    assert np.allclose(said, np.load(tmp_path / "said.npy"), atol=1e-5)
    assert "keras" not in sys.modules


def test_what_is_no_keras_model_is_refused_before_keras_starts(tmp_path: Path) -> None:
    (tmp_path / "net.keras").write_bytes(b"no zip archive")
    with pytest.raises(SpecError) as caught:
        brought(tmp_path, "keras", "net.keras", table("three"))
    assert caught.value.key == "imported.not_a_model"


def test_the_old_form_is_refused() -> None:
    with pytest.raises(SpecError, match=r"net\.h5.*model\.keras"):
        catalog.build("formats", "keras", "net.h5")


def test_a_package_that_is_not_installed_is_named_with_its_extra() -> None:
    if importlib.util.find_spec("tensorflow") is None:
        with pytest.raises(SpecError, match=r"lingqu\[tensorflow\]"):
            catalog.build("formats", "keras", "saved_model")
    with pytest.raises(SpecError, match=r"no_such_package.*lingqu\[all\]"):
        catalog.require("no_such_package", "keras")
