"""The data sets that scikit-learn ships, read from its files without importing it.

Importing scikit-learn takes longer than everything else that a small channel does, and its files
are plain text.

Source: digits: Alpaydin and Kaynak, 1998; iris: Fisher, 1936; wine: Forina et al., 1988; breast
cancer: Street, Wolberg and Mangasarian, 1993; diabetes: Efron et al., 2004.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core import digest
from lingqu.core.catalog import near
from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Kind
from lingqu.data.infer import typed

MEASURES = (
    "radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity",
    "concave points", "symmetry", "fractal dimension",
)  # fmt: skip
CELLS = (
    *(f"mean {name}" for name in MEASURES),
    *(f"{name} error" for name in MEASURES),
    *(f"worst {name}" for name in MEASURES),
)
WINE = (
    "alcohol", "malic_acid", "ash", "alcalinity_of_ash", "magnesium", "total_phenols",
    "flavanoids", "nonflavanoid_phenols", "proanthocyanins", "color_intensity", "hue",
    "od280/od315_of_diluted_wines", "proline",
)  # fmt: skip
IRIS = ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)")
PATIENT = ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6")

Numbers = NDArray[np.float64]
Parts = tuple[pl.DataFrame, dict[str, Kind], dict[str, tuple[str, ...]]]


@dataclass
class SklearnBundled:
    """A data set that scikit-learn ships.

    Args:
        name: ``digits`` (column ``image`` of 8×8 pixels, 0–16; target ``digit``),
            ``breast_cancer`` (30 numbers; target ``diagnosis``), ``diabetes`` (10 measures of
            patients in their own units; target ``progression``), ``wine`` (target ``cultivar``)
            or ``iris`` (target ``species``).
    """

    main: ClassVar[str] = "name"
    name: str

    def read(self) -> Dataset:
        """Read the data set; rows and values are those of scikit-learn's loader.

        Example:
            >>> digits = SklearnBundled("digits").read()
            >>> len(digits), digits.schema["image"].shape, digits.schema["digit"].levels[:2]
            (1797, (8, 8), ('0', '1'))
        """
        frame, hints, levels = self._loader()(_folder())
        facts = {"source": f"sklearn:{self.name}", "files": 1, "version": version("scikit-learn")}
        return typed(frame, hints=hints, levels=levels, name=self.name, facts=facts)

    def fingerprint(self) -> str:
        """Return a digest of the name and of scikit-learn's version."""
        self._loader()
        return digest.of_json({"sklearn": self.name, "version": version("scikit-learn")})

    def _loader(self) -> Callable[[Path], Parts]:
        if self.name not in LOADERS:
            raise DataError(
                "data.unknown_bundled",
                name=self.name,
                near=near(self.name, LOADERS),
                expected=", ".join(LOADERS),
            )
        return LOADERS[self.name]


def _folder() -> Path:
    # The top package is found, not imported.
    spec = find_spec("sklearn")
    if spec is None or spec.origin is None:
        raise DataError(
            "data.package_absent",
            source="sklearn:",
            package="sklearn",
            distribution="scikit-learn",
        )
    return Path(spec.origin).parent / "datasets" / "data"


def _table(path: Path, delimiter: str | None = ",", skip: int = 0) -> Numbers:
    data = path.read_bytes()
    words = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
    lines = words.splitlines()[skip:]
    flat = np.array(" ".join(lines).replace(delimiter or " ", " ").split(), dtype=np.float64)
    return flat.reshape(len(lines), -1)


def _classes(path: Path) -> tuple[str, ...]:
    with path.open(encoding="utf-8") as file:
        return tuple(file.readline().strip().split(",")[2:])


def _digits(folder: Path) -> Parts:
    table = _table(folder / "digits.csv.gz")
    pixels = table[:, :64].astype(np.uint8).reshape(-1, 8, 8)
    image = pl.Series("image", pixels, dtype=pl.Array(pl.UInt8, (8, 8)))
    digit = pl.Series("digit", table[:, 64].astype(np.int64)).cast(pl.String)
    levels = {"digit": tuple("0123456789")}
    return pl.DataFrame([image, digit]), {"image": "image", "digit": "category"}, levels


def _labelled(file: str, names: tuple[str, ...], target: str) -> Callable[[Path], Parts]:
    def load(folder: Path) -> Parts:
        table = _table(folder / file, skip=1)
        classes = _classes(folder / file)
        labels = [classes[int(code)] for code in table[:, -1]]
        frame = pl.DataFrame(table[:, :-1], schema=list(names), orient="row")
        hints: dict[str, Kind] = dict.fromkeys(names, "number")
        hints[target] = "category"
        levels = tuple(sorted(classes))
        return frame.with_columns(pl.Series(target, labels)), hints, {target: levels}

    return load


def _diabetes(folder: Path) -> Parts:
    table = _table(folder / "diabetes_data_raw.csv.gz", delimiter=None)
    values = _table(folder / "diabetes_target.csv.gz")[:, 0]
    frame = pl.DataFrame(table, schema=list(PATIENT), orient="row")
    hints: dict[str, Kind] = dict.fromkeys((*PATIENT, "progression"), "number")
    hints["sex"] = "category"
    return frame.with_columns(pl.Series("progression", values)), hints, {}


LOADERS: dict[str, Callable[[Path], Parts]] = {
    "digits": _digits,
    "breast_cancer": _labelled("breast_cancer.csv", CELLS, "diagnosis"),
    "diabetes": _diabetes,
    "wine": _labelled("wine_data.csv", WINE, "cultivar"),
    "iris": _labelled("iris.csv", IRIS, "species"),
}
