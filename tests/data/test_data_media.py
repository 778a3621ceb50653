"""Folders and archives of pictures, recordings and texts: what they become, what is refused."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import soundfile
from PIL import Image
from tests.contracts.source_contract import SourceContract

from lingqu.core.errors import DataError
from lingqu.core.ports import Source
from lingqu.data.audio import AudioFolder
from lingqu.data.delimited import Csv
from lingqu.data.documents import TextFolder
from lingqu.data.folder import Folder
from lingqu.data.images import ImageFolder
from lingqu.data.jsonl import JsonLines
from lingqu.data.parquet import Parquet
from lingqu.data.resolve import resolve
from lingqu.data.versions import whole


def tone(path: Path, seconds: float = 0.1, pitch: int = 440, rate: int = 8000) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    time = np.arange(int(seconds * rate)) / rate
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * pitch * time), rate)
    return path


def picture(path: Path, value: int = 10) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((6, 4), value, dtype=np.uint8)).save(path)
    return path


def note(path: Path, text: str = "a few words", encoding: str = "utf-8") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))
    return path


def pack(folder: Path, target: Path, root: str = "") -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, f"{root}{file.relative_to(folder).as_posix()}")
    return target


def pets(folder: Path, value: int = 10) -> Path:
    for place, name in enumerate(("cat/1.png", "cat/deep/2.png", "dog/3.png", "dog/4.png")):
        picture(folder / name, value + place)
    return folder


class TestAudioFolder(SourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> Source:
        for name in ("hum/1.wav", "hum/2.flac", "hiss/3.ogg"):
            tone(tmp_path / "a" / name)
        return AudioFolder(str(tmp_path / "a"))

    @pytest.fixture
    def changed(self, tmp_path: Path) -> Source:
        for name in ("hum/1.wav", "hum/2.flac", "hiss/3.ogg"):
            tone(tmp_path / "b" / name, pitch=880)
        return AudioFolder(str(tmp_path / "b"))

    @pytest.fixture
    def absent(self, tmp_path: Path) -> Source:
        return AudioFolder(str(tmp_path / "none"))


class TestTextFolder(SourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> Source:
        note(tmp_path / "a" / "good" / "1.txt", "very nice, 很好")
        note(tmp_path / "a" / "bad" / "2.txt", "很差，不会再来", "gb18030")
        return TextFolder(str(tmp_path / "a"))

    @pytest.fixture
    def changed(self, tmp_path: Path) -> Source:
        note(tmp_path / "b" / "good" / "1.txt", "very nice")
        note(tmp_path / "b" / "bad" / "2.txt", "很差")
        return TextFolder(str(tmp_path / "b"))

    @pytest.fixture
    def absent(self, tmp_path: Path) -> Source:
        return TextFolder(str(tmp_path / "none"))


class TestImageArchive(SourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> Source:
        return ImageFolder(str(pack(pets(tmp_path / "a"), tmp_path / "a.zip")))

    @pytest.fixture
    def changed(self, tmp_path: Path) -> Source:
        return ImageFolder(str(pack(pets(tmp_path / "b", 90), tmp_path / "b.zip")))

    @pytest.fixture
    def absent(self, tmp_path: Path) -> Source:
        return ImageFolder(str(tmp_path / "none.zip"))


def test_recordings_say_how_long_they_are(tmp_path: Path) -> None:
    tone(tmp_path / "hum" / "1.wav", 0.5)
    tone(tmp_path / "hiss" / "2.flac", 0.25, rate=16_000)
    dataset = AudioFolder(str(tmp_path)).read()
    assert dataset.schema["audio"].kind == "audio"
    assert dataset.frame["label"].to_list() == ["hiss", "hum"]
    assert dataset.facts["seconds"] == 0.75
    assert dataset.facts["rates"] == {"16000": 1, "8000": 1}
    assert dataset.facts["channels"] == {"1": 2}
    kept = whole(dataset)
    assert kept.frame["audio"][1] == (tmp_path / "hum" / "1.wav").read_bytes()


def test_broken_recordings_are_counted_and_named(tmp_path: Path) -> None:
    tone(tmp_path / "a" / "whole.wav")
    for name in ("cut.wav", "cut.flac", "cut.ogg"):
        data = tone(tmp_path / "a" / name, 2.0).read_bytes()
        (tmp_path / "a" / name).write_bytes(data[: len(data) // 2])
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "empty.wav").write_bytes(b"")
    (tmp_path / "b" / "words.wav").write_bytes(b"not a recording at all")
    tone(tmp_path / "b" / "silent.wav", 0.0)
    soundfile.write(tmp_path / "b" / "odd.wav", np.array([np.nan] * 9), 8000, subtype="FLOAT")
    broken = ["a/cut.flac", "a/cut.ogg", "a/cut.wav", "b/empty.wav", "b/odd.wav", "b/silent.wav",
              "b/words.wav"]  # fmt: skip
    with pytest.raises(DataError, match=r"7 file\(s\).*a/cut\.flac, a/cut\.ogg.*skip_unreadable"):
        AudioFolder(str(tmp_path)).read()
    dataset = AudioFolder(str(tmp_path), skip_unreadable=True).read()
    assert dataset.facts["unreadable"] == broken
    assert dataset.frame.height == 1
    archive = pack(tmp_path / "a", tmp_path / "x.zip")
    with pytest.raises(DataError, match=r"3 file.*cut\.flac, cut\.ogg, cut\.wav"):
        AudioFolder(str(archive)).read()


def test_a_wav_whose_size_was_never_filled_in_is_read(tmp_path: Path) -> None:
    path = tone(tmp_path / "a" / "1.wav")
    data = bytearray(path.read_bytes())
    data[4:8] = b"\xff\xff\xff\xff"
    path.write_bytes(bytes(data))
    assert len(AudioFolder(str(tmp_path)).read()) == 1


def test_texts_are_told_their_encodings(tmp_path: Path) -> None:
    note(tmp_path / "1.txt", "你好，世界")
    note(tmp_path / "2.txt", "天气很好，我们去公园", "gb18030")
    note(tmp_path / "3.txt", "hello", "utf-16")
    dataset = TextFolder(str(tmp_path), names=True).read()
    assert dataset.frame["text"].to_list() == ["你好，世界", "天气很好，我们去公园", "hello"]
    assert dataset.schema.names == ("text", "file")
    assert dataset.schema["file"].role == "id"
    assert dataset.facts["encodings"] == {"gb18030": 1, "utf-16": 1, "utf-8": 1}
    (tmp_path / "4.txt").write_bytes(b" \n")
    (tmp_path / "5.txt").write_bytes(b"caf\xe9 ol\xe9")
    (tmp_path / "6.txt").write_bytes(b"\x00\x01\x02")
    with pytest.raises(DataError, match=r"3 file\(s\).*4\.txt, 5\.txt, 6\.txt"):
        TextFolder(str(tmp_path)).read()
    assert len(TextFolder(str(tmp_path), skip_unreadable=True).read()) == 3
    assert (
        "café olé"
        in TextFolder(str(tmp_path), skip_unreadable=True, encoding="latin-1")
        .read()
        .frame["text"]
        .to_list()
    )


def test_a_folder_resolves_by_what_it_holds(tmp_path: Path) -> None:
    picture(tmp_path / "i" / "x" / "1.png")
    note(tmp_path / "i" / "readme.txt")
    tone(tmp_path / "a" / "x" / "1.wav")
    note(tmp_path / "t" / "1.txt")
    note(tmp_path / "t" / "labels.csv", "file,label\n1.txt,x\n")
    note(tmp_path / "c" / "1.csv", "a\n1.5\n")
    note(tmp_path / "c" / "more" / "2.csv", "a\n2.5\n")
    note(tmp_path / "c" / "readme.txt")
    (tmp_path / "p").mkdir()
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "p" / "1.parquet")
    kinds = {"i": ImageFolder, "a": AudioFolder, "t": TextFolder, "c": Csv, "p": Parquet}
    for name, kind in kinds.items():
        assert type(resolve(name, base=tmp_path)) is kind
        archive = pack(tmp_path / name, tmp_path / f"{name}.zip")
        if name not in "c":
            assert type(resolve(archive)) is kind
    assert resolve("c", base=tmp_path).read().frame["a"].to_list() == [1.5, 2.5]
    assert type(resolve("audio:a", base=tmp_path)) is AudioFolder
    assert type(resolve("folder:a", base=tmp_path)) is Folder
    assert type(resolve("i", {"format": "texts"}, tmp_path)) is TextFolder
    note(tmp_path / "j" / "1.jsonl", '{"a": 1}\n')
    assert type(resolve("j", {"format": "jsonl"}, tmp_path)) is JsonLines
    picture(tmp_path / "a" / "x" / "1.png")
    with pytest.raises(DataError, match=r"several kinds: 1 × images, 1 × audio.*format"):
        resolve("a", base=tmp_path)
    assert len(resolve("a", {"format": "audio"}, tmp_path).read()) == 1
    note(tmp_path / "p" / "1.csv", "a\n1\n")
    with pytest.raises(DataError, match="several kinds"):
        resolve("p", base=tmp_path)


@pytest.mark.parametrize("root", ["", "pets-1.0/"])
def test_an_archive_is_the_same_data_as_its_folder(tmp_path: Path, root: str) -> None:
    folder = pets(tmp_path / "pets")
    archive = pack(folder, tmp_path / "pets.zip", root)
    first, second = ImageFolder(str(folder)).read(), resolve(archive).read()
    assert second.frame["image"].dtype == pl.Binary
    assert first.schema == second.schema
    assert whole(first).digest == second.digest == whole(second).digest
    lazy = Folder(str(archive), options={"size": [3, 3]}).read()
    assert lazy.schema["image"].shape == (3, 3)


def test_folders_of_a_split_are_no_classes(tmp_path: Path) -> None:
    for name in ("train/cat/1.png", "train/dog/2.png", "test/cat/3.png"):
        picture(tmp_path / name)
    dataset = ImageFolder(str(tmp_path)).read()
    assert dataset.frame["label"].to_list() == ["cat", "cat", "dog"]
    assert dataset.frame["split"].to_list() == ["test", "train", "train"]
    assert dataset.schema["split"].role == "ignored"


def test_files_outside_the_classes_are_told(tmp_path: Path) -> None:
    pets(tmp_path)
    picture(tmp_path / "cover.png")
    dataset = ImageFolder(str(tmp_path)).read()
    assert (len(dataset), dataset.facts["left_out"]) == (4, ["cover.png"])
    bare = ImageFolder(str(tmp_path), labels="none").read()
    assert (len(bare), bare.schema.names) == (5, ("image",))
    with pytest.raises(DataError, match="files lie in none"):
        ImageFolder(str(tmp_path / "dog"), labels="folder").read()
    assert ImageFolder(str(tmp_path / "dog")).read().schema.names == ("image",)


def labelled(folder: Path, rows: str, name: str = "labels.csv") -> Path:
    for number in (1, 2, 3):
        picture(folder / "scans" / f"{number}.png", 10 * number)
    note(folder / name, rows)
    return folder


def test_a_table_gives_labels_and_features(tmp_path: Path) -> None:
    rows = "file,age,diagnosis\nscans/2.png,51.5,ill\nscans/1.png,40.0,well\nscans/3.png,33.2,ill\n"
    labelled(tmp_path / "a", rows)
    dataset = ImageFolder(str(tmp_path / "a")).read()
    assert dataset.schema.names == ("image", "age", "diagnosis")
    assert dataset.frame["age"].to_list() == [40.0, 51.5, 33.2]
    assert dataset.frame["diagnosis"].to_list() == ["well", "ill", "ill"]
    archive = pack(tmp_path / "a", tmp_path / "a.zip", "a/")
    packed = ImageFolder(str(archive)).read()
    assert packed.frame.drop("image").equals(dataset.frame.drop("image"))
    before = ImageFolder(str(tmp_path / "a")).fingerprint()
    note(tmp_path / "a" / "labels.csv", rows.replace("51.5", "61.5"))
    assert ImageFolder(str(tmp_path / "a")).fingerprint() != before
    assert ImageFolder(str(tmp_path / "a")).read().digest != dataset.digest
    kinds = ImageFolder(str(tmp_path / "a"), kinds={"age": "category"}).read().schema
    assert kinds["age"].kind == "category"


def test_a_table_may_lie_beside_and_name_files_shortly(tmp_path: Path) -> None:
    labelled(tmp_path / "a", "x", "notes.bin")
    note(tmp_path / "truth.csv", "name,y\n1,b\n2.png,a\n.\\scans\\3.png,b\n")
    source = ImageFolder(str(tmp_path / "a"), labels="truth.csv", names=True)
    dataset = source.read()
    assert dataset.frame["y"].to_list() == ["b", "a", "b"]
    assert dataset.frame["file"].to_list() == ["scans/1.png", "scans/2.png", "scans/3.png"]
    before = source.fingerprint()
    note(tmp_path / "truth.csv", "name,y\n1,a\n2.png,a\nscans/3.png,b\n")
    assert source.fingerprint() != before
    note(tmp_path / "a" / "inner.jsonl", "\n".join(
        f'{{"scan": "{number}", "z": {number}.5}}' for number in (1, 2, 3)))  # fmt: skip
    inner = ImageFolder(str(tmp_path / "a"), labels="inner.jsonl").read()
    assert inner.frame["z"].to_list() == [1.5, 2.5, 3.5]
    absolute = ImageFolder(str(tmp_path / "a"), labels=str(tmp_path / "truth.csv")).read()
    assert absolute.frame.height == 3
    with pytest.raises(DataError, match=r"none\.csv' does not exist"):
        ImageFolder(str(tmp_path / "a"), labels="none.csv").read()


BAD = {
    "file,y\nscans/1.png,a\nscans/1.png,b\n1.png,b\nscans/2.png,a\nscans/3.png,a\n":
        r"labels\.csv.*1 file\(s\) have several rows: scans/1\.png \(1, 2, 3\)",
    "file,y\nscans/1.png,a\nscans/2.png,a\n": r"no row for 1 file\(s\): scans/3\.png",
    "file,y\nscans/1.png,a\nscans/2.png,a\nscans/3.png,b\nscans/9.png,b\n,c\n":
        r"2 row\(s\) name no file that is there: 4: scans/9\.png; 5: —",
    "y,z\n1.5,a\n2.5,b\n": "no column names the files.*y, z",
    "file,image\nscans/1.png,a\nscans/2.png,b\nscans/3.png,c\n": "'image'",
}  # fmt: skip


@pytest.mark.parametrize("rows", BAD)
def test_tables_that_do_not_fit_are_refused(tmp_path: Path, rows: str) -> None:
    labelled(tmp_path, rows)
    with pytest.raises(DataError, match=BAD[rows]):
        ImageFolder(str(tmp_path)).read()


def test_what_a_table_lacks_can_be_left_out_and_is_listed(tmp_path: Path) -> None:
    labelled(tmp_path, "file,y\nscans/1.png,a\nscans/2.png,b\nscans/9.png,b\n")
    dataset = ImageFolder(str(tmp_path), skip_unlabelled=True, skip_unreadable=True).read()
    assert dataset.facts["unlabelled"] == ["scans/3.png"]
    assert dataset.facts["absent"] == ["scans/9.png"]
    (tmp_path / "scans" / "1.png").write_bytes(b"broken")
    dataset = ImageFolder(str(tmp_path), skip_unlabelled=True, skip_unreadable=True).read()
    assert dataset.frame["y"].to_list() == ["b"]
    note(tmp_path / "metadata.csv", "file,y\n")
    with pytest.raises(DataError, match=r"several tables of labels: labels\.csv, metadata\.csv"):
        ImageFolder(str(tmp_path)).read()
    with pytest.raises(DataError, match="no column names the files"):
        ImageFolder(str(tmp_path), labels="labels.csv", file="nothing").read()


def test_folders_without_media_are_refused(tmp_path: Path) -> None:
    note(tmp_path / "a.bin")
    for kind, column in ((AudioFolder, "audio"), (TextFolder, "text")):
        with pytest.raises(DataError, match=f"no files for a column '{column}'"):
            kind(str(tmp_path)).read()
        with pytest.raises(DataError, match="no files"):
            kind(str(tmp_path)).fingerprint()


def test_recordings_named_in_a_table_start_from_its_folder(tmp_path: Path) -> None:
    tone(tmp_path / "one.wav")
    tone(tmp_path / "two.wav")
    note(tmp_path / "a.csv", "sound,kind\none.wav,x\ntwo.wav,y\n")
    dataset = Csv(str(tmp_path / "a.csv")).read()
    assert dataset.schema["sound"].kind == "audio"
    assert dataset.frame["sound"][0] == str(tmp_path.resolve() / "one.wav")


def test_encoded_media_in_tables_are_recognised(tmp_path: Path) -> None:
    sounds = [tone(tmp_path / f"{number}.flac").read_bytes() for number in (1, 2)]
    file = io.BytesIO()
    Image.new("L", (4, 6)).save(file, "PNG")
    photos = [{"bytes": file.getvalue(), "path": None}] * 2
    pl.DataFrame({"sound": sounds, "photo": photos}).write_parquet(tmp_path / "a.parquet")
    schema = Parquet(str(tmp_path / "a.parquet")).read().schema
    assert (schema["sound"].kind, schema["photo"].kind) == ("audio", "image")
    assert schema["photo"].shape == (6, 4)
