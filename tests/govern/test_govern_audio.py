"""Preparation and augmentation of recordings, measured on sounds whose truth is known."""

from __future__ import annotations

import dataclasses
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.operator_contract import CatalogueContract, prepared

from lingqu.core import catalog
from lingqu.core.errors import DataError, SpecError
from lingqu.core.nouns import Dataset
from lingqu.core.ports import Operator
from lingqu.core.schema import Column, Schema
from lingqu.govern.audio.loudness import loudness
from lingqu.govern.audio.recordings import level_db
from lingqu.learn.candidate import augmented
from lingqu.release.prepare import asked, save_operators
from lingqu.release.sound import Sound, decode, encode

RATE = 8000
CASES: list[tuple[str, Any]] = [
    ("audio_resample", 4000), ("audio_resample", {"rate": 16000, "mono": False}),
    ("audio_loudness", -20), ("audio_denoise", None), ("audio_trim", None),
    ("log_mel", {"mels": 16, "rate": 8000}), ("log_mel", {"mels": 8, "rate": 8000, "frames": 10}),
    ("augment_audio", {"seed": 1}),
]  # fmt: skip


def tone(hertz: float, seconds: float = 0.4, rate: int = RATE, level: float = 0.3) -> Sound:
    """Return a tone with silence of a quarter of its length on both sides."""
    time = np.arange(int(seconds * rate)) / rate
    wave = level * np.sin(2 * np.pi * hertz * time)
    quiet = np.zeros(len(wave) // 4)
    return Sound(np.concatenate([quiet, wave, quiet])[:, None].astype(np.float32), rate)


def recordings(rows: int = 6) -> Dataset:
    cells = [encode(tone(300 + 400 * (i % 2), 0.3 + 0.02 * i)) for i in range(rows - 1)] + [None]
    frame = pl.DataFrame(
        {
            "a": pl.Series(cells, dtype=pl.Binary),
            "x": [float(i) for i in range(rows)],
            "y": [["low", "high"][i % 2] for i in range(rows)],
        }
    )
    schema = Schema(
        (
            Column("a", "audio", nullable=True),
            Column("x", "number"),
            Column("y", "category", "target", levels=("high", "low")),
        )
    )
    return Dataset(frame, schema, "recordings", "r1")


@pytest.mark.parametrize(("name", "given"), CASES, ids=[f"{n}-{o}" for n, o in CASES])
class TestEveryAudioOperator(CatalogueContract):
    def data(self) -> Dataset:
        return recordings()

    def test_what_is_missing_stays_missing(self) -> None:
        after = prepared(self.name, self.given, self.data())
        assert after.frame["a"][:6].is_null().to_list() == [False] * 5 + [True]

    def test_files_bytes_and_text_are_one(self, tmp_path: Path) -> None:
        data = self.data()
        paths = []
        for row, cell in enumerate(data.frame["a"]):
            if cell is not None:
                (tmp_path / f"{row}.wav").write_bytes(cell)
            paths.append(None if cell is None else str(tmp_path / f"{row}.wav"))
        as_paths = data.frame.with_columns(pl.Series("a", paths, dtype=pl.String))
        operator = self.make()
        operator.fit(data)
        one = operator.apply(data).frame[:6]
        if self.name != "augment_audio":
            two = operator.apply(dataclasses.replace(data, frame=as_paths)).frame
            changed = [n for n in two.columns if n != "a" or self.name != "log_mel"]
            assert two.select(changed).equals(one.select(changed))


def test_a_tone_keeps_its_pitch_at_another_rate() -> None:
    for to in (4000, 11025, 16000, 44100):
        sound = catalog.build("operators", "audio_resample", to).change(tone(440, 1.0))
        spectrum = np.abs(np.fft.rfft(sound.mono))
        assert spectrum.argmax() * to / len(sound.mono) == pytest.approx(440, abs=3)
        assert sound.seconds == pytest.approx(1.5, abs=0.01)


def test_the_loudness_of_a_sine_is_that_of_the_standard() -> None:
    # BS.1770: a 997 Hz sine at full scale in one channel reads −3.01 LKFS.
    for rate in (16000, 48000):
        time = np.arange(5 * rate) / rate
        full = Sound(np.sin(2 * np.pi * 997 * time)[:, None].astype(np.float32), rate)
        assert loudness(full) == pytest.approx(-3.01, abs=0.1)


@settings(max_examples=20, deadline=None)
@given(level=st.floats(0.001, 0.9), wanted=st.floats(-40, -18))
def test_every_recording_comes_out_equally_loud_and_none_is_clipped(
    level: float, wanted: float
) -> None:
    step = catalog.build("operators", "audio_loudness", wanted)
    out = step.change(tone(500, 1.0, level=level))
    assert loudness(out) == pytest.approx(wanted, abs=0.3)
    assert np.abs(out.samples).max() <= 1


def test_silence_is_neither_amplified_nor_cut_to_nothing() -> None:
    silence = Sound(np.zeros((4000, 1), np.float32), RATE)
    for name in ("audio_loudness", "audio_trim", "audio_denoise"):
        out = catalog.build("operators", name, None).change(silence)
        assert len(out.samples) == 4000 and not out.samples.any()


def test_noise_is_lowered_and_the_tone_stays() -> None:
    random = np.random.default_rng(0)
    clean = tone(600, 1.0)
    noisy = clean.samples + 0.02 * random.standard_normal(clean.samples.shape)
    out = catalog.build("operators", "audio_denoise", None).change(
        Sound(noisy.astype(np.float32), RATE)
    )
    before, after = (np.square(s - clean.samples).sum() for s in (noisy, out.samples))
    assert 10 * np.log10(before / after) > 10
    middle = slice(len(clean.samples) // 3, len(clean.samples) // 2)
    assert level_db(out.samples[middle]) == pytest.approx(level_db(clean.samples[middle]), abs=0.2)


def test_silence_at_both_ends_is_cut_off() -> None:
    out = catalog.build("operators", "audio_trim", {"margin_ms": 0}).change(tone(600, 0.4))
    assert out.seconds == pytest.approx(0.4, abs=0.03)


def test_the_band_of_a_tone_is_where_its_pitch_is() -> None:
    cells = [encode(tone(h, 0.5, 16000)) for h in (300, 1000, 4000)]
    data = Dataset(
        pl.DataFrame({"a": pl.Series(cells, dtype=pl.Binary)}), Schema((Column("a", "audio"),))
    )
    pictures = prepared("log_mel", {"mels": 40}, data).frame["a mel"].to_numpy()
    middle = pictures.shape[2] // 2
    edges = 700 * (10 ** (np.linspace(0, 2595 * np.log10(1 + 8000 / 700), 42) / 2595) - 1)
    for picture, hertz in zip(pictures, (300, 1000, 4000), strict=True):
        assert abs(int(np.abs(edges[1:-1] - hertz).argmin()) - int(picture[:, middle].argmax())) < 2


def test_nothing_is_added_to_recordings_of_a_low_rate() -> None:
    """Bands above what was recorded would be empty for ever, and cost as much as the others."""
    for rates, wanted in (([8000, 8000], 8000), ([8000, 44_100], 8000), ([44_100], 16_000)):
        cells = [encode(tone(440, 0.5, rate)) for rate in rates]
        frame = pl.DataFrame({"a": pl.Series(cells, dtype=pl.Binary)})
        data = Dataset(frame, Schema((Column("a", "audio"),)))
        operator = catalog.build("operators", "log_mel", None)
        operator.fit(data)
        assert operator.state["columns"]["a"]["rate"] == wanted
    asked_for = catalog.build("operators", "log_mel", {"rate": 16_000})
    asked_for.fit(data)
    assert asked_for.state["columns"]["a"]["rate"] == 16_000


def test_a_release_of_before_keeps_the_rate_of_its_options() -> None:
    data = recordings()
    old = catalog.build("operators", "log_mel", {"mels": 16, "rate": 8000})
    old.fit(data)
    made = old.apply(data).frame
    del old.state["columns"]["a"]["rate"]
    assert old.apply(data).frame.equals(made)


def test_callers_still_send_the_recording() -> None:
    data = recordings()
    operator: Operator = catalog.build("operators", "log_mel", {"mels": 16, "rate": 8000})
    operator.fit(data)
    governed = operator.apply(data).schema
    assert governed["a"].role == "ignored" and governed["a mel"].kind == "image"
    wanted = asked(data.schema, governed, save_operators([operator]))
    assert [(c.name, c.kind) for c in wanted.inputs] == [("a", "audio"), ("x", "number")]


def test_augmented_recordings_pass_what_was_declared_behind() -> None:
    data = recordings()
    mel: Operator = catalog.build("operators", "log_mel", {"mels": 16, "rate": 8000})
    mel.fit(data)
    governed = mel.apply(data)
    grown = augmented(governed, [["augment_audio", {"share": 1.0}, save_operators([mel])]], 3)
    old, new = grown.frame["a mel"][:5].to_numpy(), grown.frame["a mel"][6:11].to_numpy()
    assert (old == governed.frame["a mel"][:5].to_numpy()).all()
    assert all(not np.array_equal(o, n) for o, n in zip(old, new, strict=True))


def test_a_broken_recording_is_named_with_its_row() -> None:
    frame = recordings().frame.with_columns(a=pl.Series([b"RIFF?"] * 6, dtype=pl.Binary))
    broken = dataclasses.replace(recordings(), frame=frame)
    with pytest.raises(DataError) as caught:
        prepared("audio_trim", None, broken)
    assert caught.value.facts["row"] == 1 and caught.value.facts["column"] == "a"


def test_a_stranger_cannot_name_a_file(tmp_path: Path) -> None:
    path = tmp_path / "secret.wav"
    path.write_bytes(encode(tone(440)))
    assert decode(str(path)).rate == RATE
    with pytest.raises(OSError):
        decode(str(path), paths=False)


@settings(max_examples=20, deadline=None)
@given(frames=st.integers(1, 50), channels=st.integers(1, 3), rate=st.integers(1000, 48000))
def test_what_is_encoded_is_decoded_bit_for_bit_and_always_alike(
    frames: int, channels: int, rate: int
) -> None:
    samples = np.random.default_rng(frames).uniform(-1, 1, (frames, channels)).astype(np.float32)
    data = encode(Sound(samples, rate))
    again = decode(data)
    assert (again.samples == samples).all() and again.rate == rate
    assert soundfile.info(BytesIO(data)).subtype == "FLOAT"
    assert b"PEAK" not in data[:80]  # that chunk holds the time of day


def test_flac_and_two_channels_are_read() -> None:
    file = BytesIO()
    soundfile.write(file, np.zeros((100, 2)), 22050, format="FLAC")
    sound = decode(file.getvalue())
    assert sound.samples.shape == (100, 2) and sound.rate == 22050 and sound.mono.shape == (100,)
    with pytest.raises(OSError):
        decode(file.getvalue()[:20])


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("audio_resample", 10),
        ("audio_loudness", 3),
        ("audio_denoise", {"reduce_db": 99}),
        ("audio_trim", {"below_db": 0}),
        ("log_mel", {"mels": 2}),
        ("augment_audio", {"stretch": 0.9}),
    ],
)
def test_impossible_options_are_refused_before_work(name: str, options: Any) -> None:
    with pytest.raises(SpecError):
        catalog.build("operators", name, options)
