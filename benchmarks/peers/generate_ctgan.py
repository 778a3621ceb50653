"""Rows made by ctgan: ``generate_ctgan.py KIND EPOCHS TRAIN.parquet MADE.parquet CATEGORY …``."""

import json
import sys
import time
import warnings

import numpy as np
import pandas as pd
import torch
from ctgan import CTGAN, TVAE


def main() -> None:
    kind, epochs, train, made, *words = sys.argv[1:]
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    torch.manual_seed(0)
    np.random.seed(0)
    rows = pd.read_parquet(train)
    maker = {"CTGAN": CTGAN, "TVAE": TVAE}[kind](epochs=int(epochs))
    begun = time.process_time()
    maker.fit(rows, words)
    spent = time.process_time() - begun
    maker.sample(len(rows)).to_parquet(made)
    print(json.dumps({"cpu_s": spent}))


if __name__ == "__main__":
    main()
