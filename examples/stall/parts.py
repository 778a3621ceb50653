"""Fit one net on the photos alone, on all else alone, and on both; count the right answers."""

from lingqu.core.nouns import Dataset
from lingqu.core.ports import Budget
from lingqu.data.delimited import Csv
from lingqu.data.roles import ready
from lingqu.learn.deep.net import Net
from lingqu.release.runner import predict_model

rows = ready(Csv("stall.csv").read(), target="kind", task="classify")
cut = len(rows) * 3 // 4
READ = {"the photo": ["note", "price", "worn"], "all but the photo": ["photo"], "everything": []}
for name, unread in READ.items():
    schema = rows.schema.without(unread)
    frame = rows.frame.drop(unread)
    train, other = Dataset(frame[:cut], schema), Dataset(frame[cut:], schema)
    model = Net(epochs=12).fit(train, other, Budget(120.0), lambda row: None)
    said = predict_model(model, other.frame).labels
    truth = other.frame["kind"].to_list()
    right = sum(model.classes[label] == kind for label, kind in zip(said, truth, strict=True))
    print(f"{name:18} {right} of {len(other)} right")
