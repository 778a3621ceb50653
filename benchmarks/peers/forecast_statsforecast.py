"""Forecasts of statsforecast for `benchmarks/forecast.py`; run in its own environment.

python forecast_statsforecast.py SERIES OUT SET …
"""

import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np
from statsforecast.models import AutoARIMA, AutoETS, AutoTheta, SeasonalNaive

METHODS = {"seasonal_naive": SeasonalNaive, "ets": AutoETS, "theta": AutoTheta, "arima": AutoARIMA}


def said(kind, past, season, horizon):
    """Return the mean and the ends of the 80 % interval."""
    found = kind(season_length=season).forecast(y=past, h=horizon, level=[80])
    return [np.asarray(found[name], dtype=float).tolist() for name in ("mean", "lo-80", "hi-80")]


def main() -> None:
    warnings.filterwarnings("ignore")
    sets = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    wave = 100 + 10 * np.sin(np.arange(60) * np.pi / 6) + np.arange(60) % 7
    for kind in METHODS.values():  # the first call of each is not counted
        for season in (1, 12):
            said(kind, wave, season, 3)
    lines = []
    for name, group in sets.items():
        if name not in sys.argv[3:]:
            continue
        for method, kind in METHODS.items():
            if method == "arima" and group[0]["season"] > 12:
                continue  # over half a minute for each fit
            begun = time.process_time()
            for one in group:
                values = np.array(one["values"])
                for origin in range(one["origins"]):
                    cut = len(values) - one["horizon"] * (origin + 1)
                    ends = said(kind, values[:cut], one["season"], one["horizon"])
                    lines.append({"set": name, "id": one["id"], "origin": origin,
                                  "method": method, "said": ends})  # fmt: skip
            spent = time.process_time() - begun
            lines.append({"set": name, "method": method, "seconds": spent})
            print(f"{name:<12} {method:<15} {spent:7.2f} s", file=sys.stderr)
    Path(sys.argv[2]).write_text(json.dumps(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
