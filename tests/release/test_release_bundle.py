from __future__ import annotations

import dataclasses
import json
import os
import pickle
import pickletools
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

import numpy as np
import onnx
import polars as pl
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.release.release_samples import ensemble, people

from lingqu.core import digest
from lingqu.core.errors import DataError, GateError, StoreError
from lingqu.core.nouns import Finding
from lingqu.govern.impute import Impute
from lingqu.release.answers import columns
from lingqu.release.bundle import Contents, pack, read_manifest, to_json, verify
from lingqu.release.golden import differences
from lingqu.release.manifest import Manifest
from lingqu.release.release import Release
from lingqu.release.runner import predict_model
from lingqu.release.sign import fingerprint, signature_file

SECRET = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = SECRET.public_key().public_bytes_raw()
CREATED = "2026-03-01T08:00:00Z"


def contents(**changes: object) -> Contents:
    data = people()
    impute = Impute()
    impute.fit(data)
    made = Contents(
        name="churn",
        model=ensemble(impute.apply(data)),
        schema=data.schema,
        golden_rows=data.frame,
        operators=[impute],
        profile={"rows": 40},
        findings=[
            Finding("metrics", "accuracy", 0.9, low=0.8, high=0.95, n=40, verdict="pass"),
            Finding("latency", "latency.p99", 1.25, n=100),
        ],
        metrics={"accuracy": 0.9},
        facts={"license": "cc-by-4.0", "owner": "桂林"},
        lineage={"run": "r1", "seconds": 3.5},
        channel_text="channel: churn\ndata: churn.csv\n",
        channel="c" * 64,
        data="d" * 64,
        seed=7,
    )
    return dataclasses.replace(made, **changes)


def write(folder: Path, created: str = CREATED, **changes: object) -> Manifest:
    return pack(folder, contents(**changes), created=created, sign=SECRET.sign, public_key=PUBLIC)


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("releases") / "churn"
    write(folder)
    return folder


@pytest.fixture
def copy(packed: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "copy"
    folder.mkdir()
    for file in packed.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


def test_a_fresh_release_is_intact_and_holds_what_it_should(packed: Path):
    assert verify(packed) == []
    assert verify(packed, trusted=[PUBLIC]) == []
    assert {file.name for file in packed.iterdir()} == {
        "release.json", "release.sig", "model.onnx", "encoding.json", "preparation.json",
        "schema.json", "golden.json", "findings.json", "measured.json", "profile.json",
        "facts.json", "lineage.json", "README.md", "MLmodel", "requirements.txt",
        "python_env.yaml", "input_example.json", "channel.yaml",
    }  # fmt: skip
    onnx.checker.check_model(str(packed / "model.onnx"), full_check=True)


def is_pickle(data: bytes) -> bool:
    try:
        return bool(list(pickletools.genops(data)))
    except Exception:
        return False


def test_nothing_in_it_can_be_unpickled(packed: Path):
    assert is_pickle(pickle.dumps({"a": 1})) and is_pickle(pickle.dumps([1], protocol=0))
    for file in packed.iterdir():
        assert file.suffix in {".json", ".onnx", ".md", ".txt", ".yaml", ".sig", ""}
        assert not is_pickle(file.read_bytes()), file.name
        assert not zipfile.is_zipfile(file), file.name


def test_the_digest_is_that_of_channel_data_and_seed(packed: Path, tmp_path: Path):
    first = read_manifest(packed)
    slower = [Finding("latency", "latency.p99", 9.0, n=100)]
    again = write(
        tmp_path / "again",
        created="2027-01-01T00:00:00Z",
        lineage={"run": "r2", "seconds": 99},
        findings=[contents().findings[0], *slower],
    )
    assert again.digest == first.digest
    assert again.created != first.created
    names = [name for name, entry in first.files.items() if entry.identity]
    assert {name: again.files[name] for name in names} == {n: first.files[n] for n in names}
    for number, change in enumerate(
        ({"seed": 8}, {"data": "e" * 64}, {"facts": {}}, {"metrics": {"accuracy": 0.8}})
    ):
        assert write(tmp_path / str(number), **change).digest != first.digest


def test_another_key_signs_the_same_release(packed: Path, tmp_path: Path):
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    public = other.public_key().public_bytes_raw()
    made = pack(tmp_path / "r", contents(), created=CREATED, sign=other.sign, public_key=public)
    assert made.digest == read_manifest(packed).digest
    problems = verify(tmp_path / "r", trusted=[PUBLIC])
    assert [problem.kind for problem in problems] == ["untrusted"]
    assert fingerprint(public) in str(problems[0])
    with pytest.raises(GateError, match="not trusted"):
        Release.open(tmp_path / "r", trusted=[PUBLIC])


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_any_changed_byte_is_found(copy: Path, data: st.DataObject):
    names = sorted(file.name for file in copy.iterdir())
    name = data.draw(st.sampled_from(names))
    good = (copy / name).read_bytes()
    place = data.draw(st.integers(0, len(good) - 1))
    change = data.draw(st.integers(1, 255))
    bad = good[:place] + bytes([good[place] ^ change]) + good[place + 1 :]
    (copy / name).write_bytes(bad)
    try:
        try:
            problems = verify(copy)
        except GateError:
            return
        assert problems
        with pytest.raises(GateError):
            Release.open(copy)
    finally:
        (copy / name).write_bytes(good)


def _append(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"\n")


def _link(file: Path) -> None:
    file.rename(file.parent.parent / "elsewhere")
    file.symlink_to(file.parent.parent / "elsewhere")


@pytest.mark.parametrize(
    ("name", "change", "kind"),
    [
        ("model.onnx", Path.unlink, "missing"),
        ("model.onnx", _append, "changed"),
        ("README.md", _append, "changed"),
        ("golden.json", _link, "changed"),
        ("release.sig", Path.unlink, "missing"),
        ("extra.bin", Path.touch, "extra"),
        ("folder", Path.mkdir, "extra"),
    ],
)
def test_each_kind_of_damage_is_named(
    copy: Path, name: str, change: Callable[[Path], None], kind: str
):
    change(copy / name)
    assert [(problem.kind, problem.file) for problem in verify(copy)] == [(kind, name)]
    assert name in str(verify(copy)[0])


def rewrite(folder: Path, change: Callable[[dict], None], *, sign: bool = True) -> None:
    content = json.loads((folder / "release.json").read_bytes())
    change(content)
    data = json.dumps(content).encode()
    (folder / "release.json").write_bytes(data)
    if sign:
        (folder / "release.sig").write_bytes(signature_file(data, SECRET.sign, PUBLIC))


def test_a_manifest_that_lies_about_its_digest_is_found(copy: Path):
    rewrite(copy, lambda content: content.update(seed=8))
    assert [problem.kind for problem in verify(copy)] == ["digest"]
    rewrite(copy, lambda content: content.update(seed=7), sign=False)
    assert [problem.kind for problem in verify(copy)] == ["signature"]


def test_a_manifest_cannot_name_files_elsewhere(copy: Path):
    (copy.parent / "secret").write_text("x")
    row = {"sha256": digest.of_bytes(b"x"), "bytes": 1, "identity": False}
    rewrite(copy, lambda content: content["files"].update({"../secret": row}))
    assert ("missing", "../secret") in [(p.kind, p.file) for p in verify(copy)]


def test_newer_and_foreign_folders_are_refused(copy: Path, tmp_path: Path):
    with pytest.raises(GateError, match=r"release\.json"):
        Release.open(tmp_path / "nothing")
    rewrite(copy, lambda content: content.update(format=99))
    with pytest.raises(GateError) as refused:
        Release.open(copy)
    assert refused.value.key == "release.newer_format"
    for data in (b"[]", b"{}", b"{", b'{"format": 1, "files": {}, "classes": []}'):
        (copy / "release.json").write_bytes(data)
        with pytest.raises(GateError):
            verify(copy)


def test_a_taken_folder_is_refused_and_left_alone(tmp_path: Path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(StoreError):
        write(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError) as refused:
        write(tmp_path / "file" / "release")
    assert refused.value.key == "release.cannot_write"


def test_a_failed_release_leaves_nothing(tmp_path: Path):
    with pytest.raises(DataError):
        write(tmp_path / "r", golden_rows=people().frame.drop("town"))
    assert list(tmp_path.iterdir()) == []

    def broken(data: bytes) -> bytes:
        raise StoreError("release.cannot_write", folder="-", problem="no key")

    with pytest.raises(StoreError):
        pack(tmp_path / "r", contents(), created=CREATED, sign=broken, public_key=PUBLIC)
    assert list(tmp_path.iterdir()) == []


def test_an_opened_release_answers_as_the_model_did(packed: Path):
    data = people()
    impute = Impute()
    impute.fit(data)
    expected = columns(predict_model(contents().model, impute.apply(data).frame))
    release = Release.open(packed)
    answer = release.predict(data.frame)
    assert isinstance(answer, pl.DataFrame)
    assert answer["prediction"].to_list() == expected["prediction"].to_list()
    np.testing.assert_allclose(answer["confidence"], expected["confidence"], atol=1e-9)
    assert release.classes == ("no", "yes") and release.task == "classify"
    assert release.digest == release.manifest.digest and release.name == "churn"
    assert release.schema == data.schema and release.digest[:12] in repr(release)
    assert release.profile == {"rows": 40} and release.metrics == {"accuracy": 0.9}
    assert [finding.measure for finding in release.findings] == ["accuracy", "latency.p99"]
    assert release.lineage["run"] == "r1" and release.card.startswith("---\n")
    assert release.manifest.size_bytes == sum(
        os.path.getsize(packed / name) for name in release.manifest.files
    )


def test_what_checks_hand_over_becomes_json():
    value = {"b": MappingProxyType({1: np.float64(0.5)}), "a": (np.nan, np.arange(2))}
    assert to_json(value) == b'{"a":[null,[0,1]],"b":{"1":0.5}}\n'
    with pytest.raises(TypeError):
        to_json({"a": object()})


def test_a_server_that_opens_a_release_imports_nothing_to_learn_with(packed: Path):
    script = (
        "import sys; from lingqu.release.release import Release; "
        f"assert Release.open({str(packed)!r}).replay() == []; "
        "print([m for m in ('onnx', 'torch', 'sklearn', 'pandas', 'lightgbm', 'sqlalchemy') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_every_kind_of_frame_comes_back_as_it_went_in(packed: Path):
    release = Release.open(packed)
    frame = people().frame[:3]
    expected = release.predict(frame)
    pandas = frame.to_pandas().set_index(np.array([7, 8, 9]))
    answer = release.predict(pandas)
    assert type(answer).__module__.startswith("pandas") and answer.index.tolist() == [7, 8, 9]
    assert answer["prediction"].tolist() == expected["prediction"].to_list()
    assert release.predict(frame.to_arrow()).to_pylist() == expected.to_dicts()
    assert release.predict(frame.to_dicts()) == expected.to_dicts()


def test_golden_answers_replay_and_a_difference_is_named(packed: Path, copy: Path):
    release = Release.open(packed)
    assert 2 <= len(release.golden["rows"]) <= 16
    assert {row["output"]["prediction"] for row in release.golden["rows"]} == {"no", "yes"}
    assert release.replay() == []
    release.require_replay()
    answers = columns(release.answer(people().frame[: len(release.golden["rows"])]))
    assert differences(release.golden, answers)
    assert release.replay(lambda rows: answers[:1])[0].received == 1
    changed = json.loads((copy / "golden.json").read_bytes())
    changed["rows"][1]["output"]["confidence"] += 1e-3
    (copy / "golden.json").write_text(json.dumps(changed))
    broken = Release(copy, read_manifest(copy))
    (difference,) = broken.replay()
    assert (difference.row, difference.column) == (2, "confidence")
    with pytest.raises(GateError, match="row 2 confidence"):
        broken.require_replay()
