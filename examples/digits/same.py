"""Ask both outlets the 360 held-out digits, and compare every answer.

Run: ``python same.py`` beside ``channel.yaml``, with the key in ``LINGQU_KEY``.
"""

import os

from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import lingqu
from lingqu.outlets.calling.client import Client
from lingqu.outlets.local import Local
from lingqu.store.folders import release_folder

digits = load_digits()
_, images, _, _ = train_test_split(digits.images, digits.target, test_size=0.2, random_state=42)
rows = [{"image": image.tolist()} for image in images]
with lingqu.open() as workspace:
    (server,) = (one for one in workspace.outlets("digits") if one.state == "open")
    route = workspace.route("digits")
    local = Local()
    local.open(str(release_folder(workspace.home, route.backends[0].release)))
here = local.predict(rows)
there = Client(server.address, "digits", os.environ["LINGQU_KEY"]).predict(rows)
same = sum(one["prediction"] == other["prediction"] for one, other in zip(here, there, strict=True))
apart = max(
    abs(one[name] - other[name])
    for one, other in zip(here, there, strict=True)
    for name in other
    if name.startswith("probability.")
)
print(f"{same} of {len(rows)} answers are the same; probabilities differ by at most {apart:.0e}")
