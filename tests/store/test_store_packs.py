"""Packs: pieces once, places that lead back to them, and what erasure and pruning leave."""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.core.digest import of_frame
from lingqu.core.errors import StoreError
from lingqu.core.i18n import Phrase, worded
from lingqu.core.nouns import Run
from lingqu.core.ports import Blobs
from lingqu.core.schema import Column, Schema
from lingqu.store.blobs import open_blobs
from lingqu.store.datasets import FILES, MEDIA
from lingqu.store.erase import erase
from lingqu.store.ledger import Ledger
from lingqu.store.packs import (
    LARGE,
    PLACE,
    Packer,
    content_bytes,
    digest_of_files,
    fetch,
    known_places,
    placed,
    read_stored,
    stored_places,
    write_stored,
)
from lingqu.store.prune import prune
from lingqu.store.scrub import scrub

NOW = "2026-11-30T00:00:00.000000+00:00"
LATER = "2027-11-30T00:00:00.000000+00:00"
PERSON, OTHER, THIRD = "P1", "P2", "P3"
PICTURES = {name: name.encode() * 500 for name in (PERSON, OTHER, THIRD)}
SCHEMA = Schema((Column("id", "text", "id"), Column("image", "image", shape=(4, 4))))


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return open_blobs(str(tmp_path / "blobs"))


def everything(blobs: Blobs) -> bytes:
    """Return all bytes that are stored, run together."""
    parts = []
    for path in blobs.list(""):
        with blobs.open(path) as file:
            parts.append(file.read())
    return b"|".join(parts)


def table(
    ledger: Ledger,
    blobs: Blobs,
    people: list[str],
    name: str = "train",
    known: tuple[str, ...] = (),
    parents: tuple[str, ...] = (),
    at: str = NOW,
) -> str:
    """Keep a table of people with their pictures, which lie in packs; return its digest."""
    pictures = pl.Series("image", [PICTURES[person] for person in people], dtype=pl.Binary)
    frame = pl.DataFrame({"id": people, "image": pictures})
    digest = of_frame(frame, SCHEMA)
    packer = Packer(blobs, known_places(known, blobs))
    digests = pl.Series("image", [packer.add(cell) for cell in pictures], dtype=pl.Binary)
    packer.close()
    path = f"datasets/{digest}.parquet"
    kept = frame.with_columns(placed(digests, packer.places))
    meta = {"schema": SCHEMA.to_json(), "name": name, "digest": digest, "facts": {}}
    write_stored(path, kept, meta, blobs)
    ledger.datasets.put(
        digest, "c", name, path, SCHEMA.to_json(), {}, len(people), parents, at, kind=MEDIA
    )
    return digest


def pictures_of(ledger: Ledger, blobs: Blobs, digest: str) -> dict[str, bytes]:
    record = ledger.datasets.get(digest)
    assert record is not None
    frame, _ = read_stored(record.blob, blobs)
    cells = fetch(frame["image"], blobs)
    assert of_frame(frame.with_columns(cells), SCHEMA) == digest
    return dict(zip(frame["id"], cells, strict=True))


class TestPacker:
    @settings(max_examples=25, deadline=None)
    @given(
        cells=st.lists(st.none() | st.binary(max_size=40), max_size=30),
        pack_bytes=st.integers(1, 200),
    )
    def test_what_was_packed_is_fetched(self, cells: list[bytes | None], pack_bytes: int) -> None:
        blobs = open_blobs("memory://packs")
        packer = Packer(blobs, pack_bytes=pack_bytes)
        digests = [None if cell is None else packer.add(cell) for cell in cells]
        packer.close()
        places = placed(pl.Series("a", digests, dtype=pl.Binary), packer.places)
        assert places.dtype == PLACE and places.null_count() == cells.count(None)
        assert fetch(places, blobs).to_list() == cells
        assert packer.written == sum(map(len, {cell for cell in cells if cell is not None}))

    def test_what_is_known_is_not_written_again(self, blobs: Blobs) -> None:
        packer = Packer(blobs)
        packer.add(b"water")
        packer.close()
        packer.close()
        again = Packer(blobs, packer.places)
        again.add(b"water")
        again.close()
        assert again.written == 0 and len(blobs.list("packs")) == 1

    def test_the_same_pieces_make_the_same_pack(self, blobs: Blobs) -> None:
        for _ in range(2):
            packer = Packer(blobs)
            packer.add(b"a")
            packer.add(b"b")
            packer.close()
        assert len(blobs.list("packs")) == 1

    def test_large_pieces_lie_alone(self, blobs: Blobs, tmp_path: Path) -> None:
        data = bytes(LARGE)
        (tmp_path / "large").write_bytes(data)
        packer = Packer(blobs)
        digest = packer.add(data)
        assert packer.add_large(tmp_path / "large", LARGE) == digest
        assert blobs.list("") == [f"objects/{hashlib.sha256(data).hexdigest()}"]
        assert packer.written == LARGE

    def test_bytes_that_were_changed_are_refused(self, blobs: Blobs) -> None:
        packer = Packer(blobs)
        digest = packer.add(b"water")
        packer.close()
        (path,) = blobs.list("packs")
        blobs.write(path, b"wader")
        with pytest.raises(StoreError, match="not those that were kept"):
            fetch(placed(pl.Series([digest]), packer.places), blobs)

    def test_what_is_no_parquet_or_gone_names_nothing(self, blobs: Blobs) -> None:
        blobs.write("datasets/a.parquet", b"rows")
        assert stored_places("datasets/a.parquet", blobs).height == 0
        assert stored_places("datasets/b.parquet", blobs).height == 0
        buffer = BytesIO()
        pl.DataFrame({"a": [1]}).write_parquet(buffer)
        blobs.write("datasets/c.parquet", buffer.getvalue())
        assert stored_places("datasets/c.parquet", blobs).height == 0


class TestErase:
    def test_the_pictures_go_with_the_rows_and_the_others_stay(
        self, ledger: Ledger, blobs: Blobs
    ) -> None:
        first = table(ledger, blobs, [PERSON, OTHER, THIRD])
        known = (f"datasets/{first}.parquet",)
        second = table(ledger, blobs, [THIRD, OTHER], "governed", known, (first,))
        assert len(blobs.list("packs")) == 1
        assert PICTURES[PERSON] in everything(blobs)
        report = erase(ledger, blobs, "id", PERSON, NOW)
        assert report.rows == 1
        left = everything(blobs)
        assert PICTURES[PERSON] not in left and PERSON.encode() not in left
        assert left.count(PICTURES[OTHER]) == left.count(PICTURES[THIRD]) == 1
        cleaned = pictures_of(ledger, blobs, report.datasets[first])
        assert cleaned == {name: PICTURES[name] for name in (OTHER, THIRD)}
        assert pictures_of(ledger, blobs, second) == cleaned
        record = ledger.datasets.get(report.datasets[first])
        assert record is not None and record.operators[0]["name"] == "erase"
        assert 0 < record.bytes < content_bytes(record.blob, blobs) + 100
        assert record.bytes > 2 * len(PICTURES[OTHER])
        _, meta = read_stored(record.blob, blobs)
        assert (meta["digest"], meta["name"]) == (record.digest, "train")

    def test_a_picture_that_is_another_persons_too_stays(
        self, ledger: Ledger, blobs: Blobs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(PICTURES, OTHER, PICTURES[PERSON])
        first = table(ledger, blobs, [PERSON, OTHER])
        report = erase(ledger, blobs, "id", PERSON, NOW)
        assert pictures_of(ledger, blobs, report.datasets[first]) == {OTHER: PICTURES[OTHER]}

    def test_pieces_of_a_version_that_was_pruned_go_too(self, ledger: Ledger, blobs: Blobs) -> None:
        first = table(ledger, blobs, [PERSON, OTHER, THIRD])
        second = table(
            ledger, blobs, [OTHER, THIRD], known=(f"datasets/{first}.parquet",), at=LATER
        )
        prune(ledger, blobs, "2028-01-01T00:00:00+00:00", 30)
        assert ledger.datasets.get(first) is None
        erase(ledger, blobs, "id", "nobody", LATER)
        assert PICTURES[PERSON] not in everything(blobs)
        assert len(pictures_of(ledger, blobs, second)) == 2

    def test_an_erasure_that_was_cut_short_is_finished_by_the_next(
        self, ledger: Ledger, blobs: Blobs
    ) -> None:
        class Dying:
            """Blobs of a process that dies when it removes."""

            open, write, list = blobs.open, blobs.write, blobs.list

            def remove(self, path: str) -> None:
                raise KeyboardInterrupt

        first = table(ledger, blobs, [PERSON, OTHER, THIRD])
        with pytest.raises(KeyboardInterrupt):
            erase(ledger, Dying(), "id", PERSON, NOW)
        (cleaned,) = [r for r in ledger.datasets.list() if not r.erased]
        assert cleaned.parents == (first,)
        assert len(pictures_of(ledger, blobs, cleaned.digest)) == 2
        erase(ledger, blobs, "id", PERSON, NOW)
        assert PICTURES[PERSON] not in everything(blobs)
        assert len(pictures_of(ledger, blobs, cleaned.digest)) == 2

    def test_a_file_of_a_folder_is_erased_by_its_path(self, ledger: Ledger, blobs: Blobs) -> None:
        packer = Packer(blobs)
        digests = pl.Series("file", [packer.add(data) for data in PICTURES.values()])
        packer.close()
        manifest = pl.DataFrame({"path": list(PICTURES), "file": placed(digests, packer.places)})
        schema = Schema((Column("path", "text", "id"),))
        digest = digest_of_files(manifest)
        path = f"datasets/{digest}.parquet"
        write_stored(path, manifest, {"schema": schema.to_json(), "digest": digest}, blobs)
        ledger.datasets.put(digest, "", "faces", path, schema.to_json(), {}, 3, (), NOW, kind=FILES)
        report = erase(ledger, blobs, "path", PERSON, NOW)
        assert PICTURES[PERSON] not in everything(blobs)
        record = ledger.datasets.find("faces")
        frame, _ = read_stored(record.blob, blobs)
        assert frame["path"].to_list() == [OTHER, THIRD]
        assert record.digest == report.datasets[digest] == digest_of_files(frame)
        assert fetch(frame["file"], blobs).to_list() == [PICTURES[OTHER], PICTURES[THIRD]]


class TestPrune:
    def test_packs_of_kept_versions_stay_and_others_go(self, ledger: Ledger, blobs: Blobs) -> None:
        first = table(ledger, blobs, [PERSON])
        second = table(ledger, blobs, [OTHER], at=LATER)
        assert len(blobs.list("packs")) == 2
        report = prune(ledger, blobs, LATER, 30)
        assert (report.datasets, report.blobs) == (1, 2)
        assert ledger.datasets.get(first) is None
        assert pictures_of(ledger, blobs, second) == {OTHER: PICTURES[OTHER]}

    def test_a_pack_that_is_mostly_dead_is_rewritten(self, ledger: Ledger, blobs: Blobs) -> None:
        first = table(ledger, blobs, [PERSON, OTHER, THIRD])
        known = (f"datasets/{first}.parquet",)
        second = table(ledger, blobs, [THIRD], known=known, at=LATER)
        prune(ledger, blobs, LATER, 30)
        left = everything(blobs)
        assert PICTURES[PERSON] not in left and PICTURES[OTHER] not in left
        assert pictures_of(ledger, blobs, second) == {THIRD: PICTURES[THIRD]}

    def test_while_a_run_is_walked_packs_that_nothing_names_stay(
        self, ledger: Ledger, blobs: Blobs
    ) -> None:
        table(ledger, blobs, [PERSON, OTHER])
        packer = Packer(blobs)
        packer.add(b"of a run that has not named it yet")
        packer.close()
        ledger.runs.start(Run("r", "c", "v", "running", NOW))
        assert scrub(ledger, blobs) == 0
        assert len(blobs.list("packs")) == 2
        ledger.runs.finish("r", "done", NOW)
        assert scrub(ledger, blobs) == 1
        assert len(blobs.list("packs")) == 1


class TestFind:
    def test_versions_are_found_as_people_name_them(self, ledger: Ledger) -> None:
        put = ledger.datasets.put
        one = put("d" * 64, "", "loans", "x", [], {}, 1, [], NOW, message="first")
        two = put("e" * 64, "", "loans", "x", [], {}, 1, ["d" * 64], LATER)
        three = put("d" * 64, "c", "train", "x", [], {}, 1, ["e" * 64], LATER)
        find = ledger.datasets.find
        assert len({one, two, three}) == 3
        assert find(one[:8]).message == "first" and find(two).version == two
        ours = Phrase("loop.version", {"relabelled": 2, "dropped": 0})
        four = put("f" * 64, "", "other", "x", [], {}, 1, [], NOW, message=ours)
        assert find(four).message == ours
        assert worded(find(four).message, "zh").startswith("人工决定")
        assert worded(find(four).message, "en").startswith("decided")
        assert find("loans").version == two
        assert find("c").version == find("c/train").version == find("train").version == three
        assert find("eeee").version == two
        assert find("dddd").digest == "d" * 64
        with pytest.raises(StoreError, match="lingqu data log") as caught:
            find("lones")
        assert "loans" in str(caught.value)
        with pytest.raises(StoreError) as caught:
            find("")
        assert caught.value.key == "store.unknown_version"

    def test_a_beginning_that_several_share_is_refused(self, ledger: Ledger) -> None:
        ids = [
            ledger.datasets.put(f"{n}" * 64, "", f"n{n}", "x", [], {}, 1, [], NOW) for n in range(9)
        ] + [
            ledger.datasets.put("ab" * 32, "", "z", "x", [], {}, 1, [str(n)], NOW) for n in range(9)
        ]
        shared = next(a[0] for a in ids if sum(b[0] == a[0] for b in ids) > 1)
        with pytest.raises(StoreError) as caught:
            ledger.datasets.find(shared)
        assert caught.value.key == "store.ambiguous"

    def test_the_same_version_again_renews_its_time(self, ledger: Ledger) -> None:
        for at in (NOW, LATER):
            ledger.datasets.put("d", "", "n", "x", [], {}, 1, [], at)
        (record,) = ledger.datasets.list()
        assert record.at == LATER
