"""The seed MLP in Lightning with everything switched off that it can do without.

Usage: deep_lightning.py SEED. Prints one JSON line.
"""

import json
import logging
import sys
import time
import warnings

import lightning
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

warnings.filterwarnings("ignore")
logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)


class Mlp(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10)
        )

    def training_step(self, batch, index):
        return nn.functional.cross_entropy(self.net(batch[0]), batch[1])

    def validation_step(self, batch, index):
        self.log("valid_score", (self.net(batch[0]).argmax(1) == batch[1]).float().mean())

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=1e-3)


torch.set_num_threads(1)
lightning.seed_everything(int(sys.argv[1]), verbose=False)
x, y = load_digits(return_X_y=True)
x, test, y, test_y = train_test_split(x, y, test_size=0.2, random_state=42)
scaler = StandardScaler().fit(x)
x, test = (torch.tensor(scaler.transform(part), dtype=torch.float32) for part in (x, test))
y, test_y = torch.tensor(y), torch.tensor(test_y)
cut = len(x) * 9 // 10
train = DataLoader(TensorDataset(x[:cut], y[:cut]), batch_size=32, shuffle=True)
valid = DataLoader(TensorDataset(x[cut:], y[cut:]), batch_size=256)
model = Mlp()
trainer = lightning.Trainer(
    max_epochs=10,
    accelerator="cpu",
    devices=1,
    logger=False,
    enable_checkpointing=False,
    enable_progress_bar=False,
    enable_model_summary=False,
    num_sanity_val_steps=0,
)
began = time.process_time()
trainer.fit(model, train, valid)
cpu = time.process_time() - began
model.eval()
with torch.inference_mode():
    accuracy = float((model.net(test).argmax(1) == test_y).float().mean())
print(json.dumps({"train_cpu_s": cpu, "accuracy": accuracy, "version": lightning.__version__}))
