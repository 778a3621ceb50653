"""Every source through the contract, and what is special to each."""

from __future__ import annotations

import gzip
import sqlite3
import sys
import zipfile
from pathlib import Path

import numpy as np
import orjson
import polars as pl
import pytest
from PIL import Image
from sklearn import datasets
from tests.contracts.source_contract import SourceContract

from lingqu.core.errors import DataError, SpecError
from lingqu.core.ports import Source
from lingqu.data.delimited import Csv
from lingqu.data.frame import InMemory
from lingqu.data.images import ImageFolder
from lingqu.data.jsonl import JsonLines
from lingqu.data.package import PackageFile
from lingqu.data.parquet import Parquet
from lingqu.data.sklearn import SklearnBundled
from lingqu.data.sql import Sql

ROWS = "age,city,paid\n41,北京,yes\n29,Aix,no\n"
MORE = "age,city,paid\n41,北京,yes\n30,Aix,no\n"


class TestCsv(SourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> Source:
        (tmp_path / "a.csv").write_text(ROWS)
        return Csv(str(tmp_path / "a.csv"))

    @pytest.fixture
    def changed(self, tmp_path: Path) -> Source:
        (tmp_path / "b.csv").write_text(MORE)
        return Csv(str(tmp_path / "b.csv"))

    @pytest.fixture
    def absent(self, tmp_path: Path) -> Source:
        return Csv(str(tmp_path / "none.csv"))


class TestParquet(SourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> Source:
        pl.DataFrame({"age": [41, 29]}).write_parquet(tmp_path / "a.parquet")
        return Parquet(str(tmp_path / "a.parquet"))

    @pytest.fixture
    def changed(self, tmp_path: Path) -> Source:
        pl.DataFrame({"age": [41, 30]}).write_parquet(tmp_path / "b.parquet")
        return Parquet(str(tmp_path / "b.parquet"))

    @pytest.fixture
    def absent(self, tmp_path: Path) -> Source:
        return Parquet(str(tmp_path / "none.parquet"))


class TestJsonLines(SourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> Source:
        (tmp_path / "a.jsonl").write_bytes(b'{"a": 1, "b": "x"}\n{"a": 2.5}\n')
        return JsonLines(str(tmp_path / "a.jsonl"))

    @pytest.fixture
    def changed(self, tmp_path: Path) -> Source:
        (tmp_path / "b.jsonl").write_bytes(b'{"a": 1, "b": "x"}\n{"a": 3.5}\n')
        return JsonLines(str(tmp_path / "b.jsonl"))

    @pytest.fixture
    def absent(self, tmp_path: Path) -> Source:
        return JsonLines(str(tmp_path / "none.jsonl"))


def database(path: Path, age: int) -> str:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE people (id INTEGER, age REAL, note)")
        rows = [(1, 41.5, "x"), (2, age, 7)]
        connection.executemany("INSERT INTO people VALUES (?, ?, ?)", rows)
    connection.close()
    return f"sqlite:///{path}"


class TestSql(SourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> Source:
        return Sql(database(tmp_path / "a.db", 29) + "?table=people")

    @pytest.fixture
    def changed(self, tmp_path: Path) -> Source:
        return Sql(database(tmp_path / "b.db", 30) + "?table=people")

    @pytest.fixture
    def absent(self, tmp_path: Path) -> Source:
        return Sql(f"sqlite:///{tmp_path}/none.db?table=people")


def pictures(folder: Path, value: int) -> str:
    for name in ("cat", "dog"):
        (folder / name).mkdir(parents=True)
        for number in range(2):
            pixels = np.full((6, 4), value + number, dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{number}.png")
    return str(folder)


class TestImageFolder(SourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> Source:
        return ImageFolder(pictures(tmp_path / "a", 10))

    @pytest.fixture
    def changed(self, tmp_path: Path) -> Source:
        return ImageFolder(pictures(tmp_path / "b", 20))

    @pytest.fixture
    def absent(self, tmp_path: Path) -> Source:
        return ImageFolder(str(tmp_path / "none"))


class TestSklearn(SourceContract):
    @pytest.fixture
    def source(self) -> Source:
        return SklearnBundled("iris")

    @pytest.fixture
    def changed(self) -> Source:
        return SklearnBundled("wine")

    @pytest.fixture
    def absent(self) -> Source:
        return SklearnBundled("irises")


class TestPackage(SourceContract):
    @pytest.fixture
    def source(self) -> Source:
        return PackageFile("sklego/data/arrests.zip")

    @pytest.fixture
    def changed(self) -> Source:
        return PackageFile("sklego/data/penguins.zip")

    @pytest.fixture
    def absent(self) -> Source:
        return PackageFile("sklego/data/nothing.zip")


class TestInMemory(SourceContract):
    @pytest.fixture
    def source(self) -> Source:
        return InMemory(pl.DataFrame({"age": [41, 29]}))

    @pytest.fixture
    def changed(self) -> Source:
        return InMemory(pl.DataFrame({"age": [41, 30]}))

    @pytest.fixture
    def absent(self) -> Source:
        return InMemory(3)


def test_one_sheet_in_every_wrapping_is_the_same_data(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(ROWS.encode())
    (tmp_path / "b.csv").write_bytes(b"\xef\xbb\xbf" + ROWS.encode())
    (tmp_path / "c.csv").write_bytes(ROWS.encode("gb18030"))
    (tmp_path / "d.csv").write_bytes(ROWS.encode("utf-16"))
    (tmp_path / "e.csv.gz").write_bytes(gzip.compress(ROWS.encode()))
    (tmp_path / "f.csv").write_bytes(ROWS.replace("\n", "\r\n").encode())
    (tmp_path / "g.tsv").write_bytes(ROWS.replace(",", "\t").encode())
    (tmp_path / "h.csv").write_bytes(ROWS.replace(",", ";").encode())
    (tmp_path / "i.csv").write_bytes(ROWS.replace("\n", "\r").encode())
    with zipfile.ZipFile(tmp_path / "j.zip", "w") as archive:
        archive.writestr("inner.csv", ROWS)
    names = sorted(path for path in tmp_path.iterdir())
    assert len({Csv(str(name)).read().digest for name in names}) == 1


def test_a_pattern_reads_all_its_files(tmp_path: Path) -> None:
    (tmp_path / "day-1.csv").write_text("a,b\n1.5,x\n")
    (tmp_path / "day-2.csv").write_text("b,a\ny,2.5\n")
    dataset = Csv(str(tmp_path / "day-*.csv")).read()
    assert dataset.frame["a"].to_list() == [1.5, 2.5]
    assert (dataset.name, dataset.facts["files"]) == ("day", 2)
    (tmp_path / "day-3.csv").write_text("a,c\n1,2\n")
    with pytest.raises(DataError, match=r"day-3\.csv.*'b', 'c'"):
        Csv(str(tmp_path / "day-*.csv")).read()


def test_missing_files_name_their_neighbours(tmp_path: Path) -> None:
    (tmp_path / "churn.csv").write_text(ROWS)
    with pytest.raises(DataError, match=r"churm\.csv.*churn\.csv"):
        Csv(str(tmp_path / "churm.csv")).read()
    with pytest.raises(DataError, match="does not exist"):
        Csv(str(tmp_path / "nothing-*.csv")).read()


def test_an_archive_of_several_files_needs_a_member(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("a.csv", ROWS)
        archive.writestr("b.csv", MORE)
    with pytest.raises(DataError, match=r"2 files: a\.csv, b\.csv"):
        Csv(str(tmp_path / "two.zip")).read()
    assert Csv(str(tmp_path / "two.zip"), member="b.csv").read().frame["age"][1] == 30
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(ROWS.encode())[:-10])
    with pytest.raises(DataError, match="archive"):
        Csv(str(tmp_path / "cut.csv.gz")).read()


def test_a_fingerprint_sees_a_change_behind_the_same_name(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(ROWS)
    before = Csv(str(path)).fingerprint()
    path.write_text(ROWS + "1,2,yes\n")
    assert Csv(str(path)).fingerprint() != before
    assert Csv(str(path), delimiter=",").fingerprint() != Csv(str(path)).fingerprint()


def test_memory_urls_are_read_through_fsspec() -> None:
    import fsspec

    memory = fsspec.filesystem("memory")
    memory.pipe("/sources/day-1.csv", ROWS.encode())
    memory.pipe("/sources/day-2.csv", MORE.encode())
    assert len(Csv("memory://sources/day-1.csv").read()) == 2
    assert len(Csv("memory://sources/day-*.csv").read()) == 4
    assert Csv("memory://sources/day-1.csv").fingerprint()
    with pytest.raises(DataError, match="nothing at"):
        Csv("memory://sources/day-9.csv").read()
    with pytest.raises(DataError, match="nothing at"):
        Csv("memory://sources/year-*.csv").read()
    with pytest.raises(DataError, match="cannot be read"):
        Csv("nosuch://a.csv").read()
    with pytest.raises(DataError, match="cannot be read"):
        Csv("http://127.0.0.1:9/a.csv").read()
    memory.rm("/sources", recursive=True)


def test_broken_parquet_and_parquet_without_rows(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 and not much else PAR1")
    with pytest.raises(DataError, match="cannot be read as Parquet"):
        Parquet(str(tmp_path / "a.parquet")).read()
    pl.DataFrame({"a": []}).write_parquet(tmp_path / "b.parquet")
    with pytest.raises(DataError, match="no rows"):
        Parquet(str(tmp_path / "b.parquet")).read()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\n \n", "is empty"),
        (b'{"a": 1}\n{"a": \n', "line 2"),
        (b'{"a": 1}\n[1]\n', "line 2: list"),
        (b"{}\n{}\n", "no rows"),
        (b'{"a": "' + b"x" * 600_000 + b'"}\n', "column 'a', row 1: the cell has 600000"),
    ],
)
def test_bad_json_lines_name_the_line(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "a.jsonl").write_bytes(data)
    with pytest.raises(DataError, match=message):
        JsonLines(str(tmp_path / "a.jsonl")).read()


def test_json_lines_of_mixed_types_become_text(tmp_path: Path) -> None:
    rows = [{"a": 1, "v": [1, 2]}, {"a": "x", "v": [3, 4]}]
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(orjson.dumps(row) for row in rows))
    dataset = JsonLines(str(tmp_path / "a.jsonl")).read()
    assert dataset.frame["a"].to_list() == ["1", "x"]
    assert dataset.schema["v"].shape == (2,)


def test_sql_reads_queries_and_never_writes(tmp_path: Path) -> None:
    url = database(tmp_path / "a.db", 29)
    query = "SELECT age, '12:30' AS hour FROM people WHERE age > 30"
    dataset = Sql(url, query=query).read()
    assert dataset.frame.rows() == [(41.5, "12:30")]
    assert dataset.facts["query"] == query
    note = Sql(url + "?table=people").read().frame["note"]
    assert note.to_list() == ["x", "7"]
    for wrong, message in (
        ("?table=peopel", "people"),
        ("?table=people&query=SELECT 1", "one of"),
        ("", "one of"),
        ("?query=SELECT nothing FROM people", "refused"),
        ("?query=DELETE FROM people RETURNING age", "readonly"),
        ("?query=SELECT age, age FROM people", "'age'"),
        ("?query=SELECT age FROM people WHERE age > 99", "no rows"),
    ):
        with pytest.raises(DataError, match=message):
            Sql(url + wrong).read()
    with pytest.raises(DataError, match="does not say"):
        Sql("not a url").read()
    with pytest.raises(SpecError, match="install"):
        Sql("oracle://host/db?table=t").read()


def test_sql_sees_what_lies_only_in_the_log(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    source = Sql(database(path, 29) + "?table=people")
    writer = sqlite3.connect(path)
    writer.execute("PRAGMA journal_mode=WAL")
    before = source.fingerprint()
    writer.execute("INSERT INTO people VALUES (3, 1, 'z')")
    writer.commit()
    assert source.fingerprint() != before
    assert len(source.read()) == 3
    writer.close()


def test_a_password_is_never_shown() -> None:
    with pytest.raises(DataError) as caught:
        Sql("postgresql://me:hidden@127.0.0.1:1/db?table=t").read()
    assert "hidden" not in str(caught.value)


def test_pictures_share_a_shape_or_find_one(tmp_path: Path) -> None:
    folder = Path(pictures(tmp_path / "a", 10))
    dataset = ImageFolder(str(folder)).read()
    assert dataset.schema["image"].shape == (6, 4)
    assert dataset.frame["label"].to_list() == ["cat", "cat", "dog", "dog"]
    assert dataset.schema["label"].levels == ("cat", "dog")
    Image.new("RGB", (200, 100)).save(folder / "dog" / "wide.jpg")
    assert ImageFolder(str(folder)).read().schema["image"].shape == (6, 4, 3)
    assert ImageFolder(str(folder), size=(16, 16)).read().schema["image"].shape == (16, 16, 3)


def test_broken_pictures_are_listed(tmp_path: Path) -> None:
    folder = Path(pictures(tmp_path / "a", 10))
    (folder / "cat" / "empty.png").write_bytes(b"")
    whole = (folder / "cat" / "0.png").read_bytes()
    (folder / "dog" / "cut.png").write_bytes(whole[: len(whole) // 2])
    (folder / "dog" / "notes.txt").write_text("no picture")
    with pytest.raises(DataError, match=r"2 file.*cat/empty\.png, dog/cut\.png"):
        ImageFolder(str(folder)).read()
    dataset = ImageFolder(str(folder), skip_unreadable=True).read()
    assert dataset.facts["unreadable"] == ["cat/empty.png", "dog/cut.png"]
    assert len(dataset) == 4
    (tmp_path / "bare").mkdir()
    with pytest.raises(DataError, match="no pictures"):
        ImageFolder(str(tmp_path / "bare")).read()


def test_a_picture_folder_that_moved_is_the_same_data(tmp_path: Path) -> None:
    first = ImageFolder(pictures(tmp_path / "one" / "pets", 10)).read()
    second = ImageFolder(pictures(tmp_path / "two" / "pets", 10)).read()
    assert first.digest == second.digest


@pytest.mark.parametrize(
    ("name", "target", "loader"),
    [
        ("breast_cancer", "diagnosis", datasets.load_breast_cancer),
        ("wine", "cultivar", datasets.load_wine),
        ("iris", "species", datasets.load_iris),
    ],
)
def test_bundled_data_equals_the_loaders(name: str, target: str, loader: object) -> None:
    theirs = loader()  # type: ignore[operator]
    ours = SklearnBundled(name).read()
    features = ours.frame.drop(target)
    assert features.columns == list(theirs.feature_names)
    assert np.array_equal(features.to_numpy(), theirs.data)
    assert ours.frame[target].to_list() == [theirs.target_names[code] for code in theirs.target]
    assert ours.schema[target].levels == tuple(sorted(theirs.target_names))
    assert {column.kind for column in ours.schema if column.name != target} == {"number"}


def test_digits_are_pictures() -> None:
    theirs, ours = datasets.load_digits(), SklearnBundled("digits").read()
    assert ours.frame["image"].dtype == pl.Array(pl.UInt8, (8, 8))
    assert np.array_equal(ours.frame["image"].to_numpy(), theirs.images)
    assert ours.frame["digit"].to_list() == [str(digit) for digit in theirs.target]
    image = ours.schema["image"]
    assert (image.shape, image.low, image.high) == ((8, 8), 0.0, 16.0)
    assert ours.schema["digit"].levels == tuple("0123456789")


def test_diabetes_is_in_its_own_units() -> None:
    theirs, ours = datasets.load_diabetes(scaled=False), SklearnBundled("diabetes").read()
    numbers = ours.frame.drop("progression", "sex").to_numpy()
    assert np.array_equal(numbers, np.delete(theirs.data, 1, axis=1))
    assert ours.frame["progression"].to_list() == theirs.target.tolist()
    assert ours.frame["sex"].unique().sort().to_list() == ["1", "2"]


def test_reading_bundled_data_imports_no_scikit_learn() -> None:
    import subprocess

    code = (
        "import sys; from lingqu.data.resolve import resolve\n"
        "resolve('sklearn:digits').read(); resolve('package:sklego/data/arrests.zip').read()\n"
        "heavy = {'sklearn', 'sklego', 'pandas', 'sqlalchemy', 'torch'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_package_files_say_what_to_install() -> None:
    arrests = PackageFile("sklego/data/arrests.zip").read()
    assert (len(arrests), arrests.facts["source"]) == (5226, "package:sklego/data/arrests.zip")
    with pytest.raises(DataError, match="pip install no_such_package"):
        PackageFile("no_such_package/data.csv").read()
    for wrong in ("sklego", "sklego/../data.csv", "/etc/passwd", "a.b/c.csv"):
        with pytest.raises(DataError, match="not the address"):
            PackageFile(wrong).read()


def test_frames_without_rows_are_refused() -> None:
    with pytest.raises(DataError, match="no rows"):
        InMemory(pl.DataFrame({"a": []})).read()
    with pytest.raises(DataError, match="not a table"):
        InMemory("text").read()
