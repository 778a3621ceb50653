"""Send the held-out digits to the open server as 360 callers would, and say later what they were.

Run: ``python traffic.py [TIMES]`` beside ``channel.yaml``, with the key in ``LINGQU_KEY``.
"""

import os
import sys
from collections import Counter

import orjson
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import lingqu
from lingqu.outlets.calling.client import Client

digits = load_digits()
_, images, _, labels = train_test_split(
    digits.images, digits.target, test_size=0.2, random_state=42
)
with lingqu.open() as workspace:
    (server,) = (one for one in workspace.outlets("digits") if one.state == "open")
key, right, answered = os.environ["LINGQU_KEY"], {}, Counter()
for turn in range(int(sys.argv[1]) if len(sys.argv) > 1 else 1):
    for caller, (image, label) in enumerate(zip(images, labels, strict=True)):
        # A session keeps a caller with one release for as long as the shares stay.
        client = Client(server.address, "digits", key, headers={"x-session": f"{turn}.{caller}"})
        body = orjson.dumps({"rows": [{"image": image.tolist()}]})
        reply = client.request("POST", "/c/digits", body)
        answered[reply["release"][:12]] += 1
        right[reply["prediction_ids"][0]] = str(label)
client.feedback(right)
for release, count in answered.most_common():
    print(f"{release} answered {count}")
