"""The seed MLP in Keras 3, on the backend that is named.

Usage: deep_keras.py SEED BACKEND (torch or tensorflow). Prints one JSON line.
"""

import json
import os
import sys
import time

os.environ["KERAS_BACKEND"] = sys.argv[2]
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(int(sys.argv[1]))
x, y = load_digits(return_X_y=True)
x, test, y, test_y = train_test_split(x, y, test_size=0.2, random_state=42)
scaler = StandardScaler().fit(x)
model = keras.Sequential(
    [
        keras.layers.Input((64,)),
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
inputs = scaler.transform(x).astype("float32")
began = time.process_time()
model.fit(inputs, y, epochs=10, batch_size=32, validation_split=0.1, verbose=0)
cpu = time.process_time() - began
accuracy = float(model.evaluate(scaler.transform(test).astype("float32"), test_y, verbose=0)[1])
version = f"{keras.__version__} on {sys.argv[2]}"
print(json.dumps({"train_cpu_s": cpu, "accuracy": accuracy, "version": version}))
