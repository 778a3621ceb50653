"""The articles' own case in TensorFlow: two hidden layers of 64, Adam, 10 epochs, evaluate.

Usage: keras_digits.py SEED. Prints one JSON line. The architecture, optimiser, epochs, batch and
split are the article's; only seeding and timing are added.
"""

import json
import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
started = time.perf_counter()
import tensorflow as tf  # noqa: E402
from sklearn.datasets import load_digits  # noqa: E402
from sklearn.model_selection import train_test_split  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402

imported = time.perf_counter() - started
tf.keras.utils.set_random_seed(int(sys.argv[1]))
images, digits = load_digits(return_X_y=True)
train, test, train_y, test_y = train_test_split(images, digits, test_size=0.2, random_state=42)
scaler = StandardScaler().fit(train)
model = tf.keras.Sequential(
    [
        tf.keras.layers.Input((64,)),
        tf.keras.layers.Dense(64, activation="relu"),
        tf.keras.layers.Dense(64, activation="relu"),
        tf.keras.layers.Dense(10, activation="softmax"),
    ]
)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(
    scaler.transform(train), train_y, epochs=10, batch_size=32, validation_split=0.1, verbose=0
)
accuracy = float(model.evaluate(scaler.transform(test), test_y, verbose=0)[1])
print(json.dumps({"accuracy": accuracy, "import_s": imported, "version": tf.__version__}))
