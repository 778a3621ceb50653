"""Near copies of pictures: robust to what saving and resizing do, not to another picture."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from lingqu.core.errors import DataError
from lingqu.core.image_hash import (
    ImageHashes,
    image_hashes,
    image_similarity,
    near_images,
    near_images_between,
)

Pictures = NDArray[np.uint8]


def scenes(count: int, seed: int = 0, size: tuple[int, int] = (48, 64)) -> Pictures:
    """Return smooth coloured pictures, all different, shape (N, H, W, 3)."""
    random = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        coarse = random.integers(0, 256, (7, 7, 3)).astype(np.uint8)
        made.append(
            np.asarray(Image.fromarray(coarse).resize(size[::-1], Image.Resampling.BICUBIC))
        )
    return np.stack(made)


def resized(picture: Pictures, width: int, height: int) -> Pictures:
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BILINEAR))


def jpeg(picture: Pictures, quality: int) -> Pictures:
    buffer = BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(BytesIO(buffer.getvalue())))


def noisy(picture: Pictures) -> Pictures:
    noise = np.random.default_rng(1).normal(0, 6, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


CHANGES = {
    "jpeg": lambda p: jpeg(p, 40),
    "smaller": lambda p: resized(p, 40, 30),
    "larger": lambda p: resized(p, 100, 90),
    "darker": lambda p: (p * 0.6).astype(np.uint8),
    "brighter": lambda p: (p * 0.6 + 100).astype(np.uint8),
    "noise": noisy,
    "grey": lambda p: np.asarray(Image.fromarray(p).convert("L")),
}


@pytest.mark.parametrize("change", sorted(CHANGES))
def test_a_changed_copy_is_found_and_no_stranger(change: str) -> None:
    pictures = scenes(120)
    copies = np.stack([CHANGES[change](picture) for picture in pictures[:60]])
    train, test = image_hashes(pictures), image_hashes(copies)
    left, right, similarity = near_images_between(train, test)
    assert left.tolist() == right.tolist() == list(range(60))
    assert similarity.min() >= 0.99
    assert near_images(train)[0].tolist() == []
    differ = np.bitwise_count(train.bits[:60] ^ test.bits)
    assert differ.max() <= 7


def test_pairs_within_one_set() -> None:
    pictures = scenes(40)
    both = ImageHashes.concat([image_hashes(pictures), image_hashes(pictures[:5])])
    pairs, similarity = near_images(both)
    assert pairs.tolist() == [[row, row + 40] for row in range(5)]
    assert (similarity > 0.9999).all()
    assert near_images(both.take(slice(0, 40)))[0].shape == (0, 2)


@pytest.mark.parametrize("turn", range(8))
def test_turned_and_reflected_copies_are_found_when_asked_for(turn: int) -> None:
    pictures = scenes(30, size=(50, 50))
    changed = pictures.transpose(0, 2, 1, 3) if turn & 4 else pictures
    changed = changed[:, ::-1] if turn & 2 else changed
    changed = changed[:, :, ::-1] if turn & 1 else changed
    found = ImageHashes.concat([image_hashes(pictures), image_hashes(changed[:10])])
    pairs = near_images(found, variants=True)[0].tolist()
    assert pairs == [[row, row + 30] for row in range(10)]
    assert (len(near_images(found)[0]) == 10) == (turn == 0)
    train, test = found.take(np.arange(30)), found.take(np.arange(30, 40))
    left, right, _ = near_images_between(train, test, variants=True)
    assert left.tolist() == right.tolist() == list(range(10))


def test_the_turns_of_the_waves_are_those_of_the_pixels() -> None:
    picture = scenes(1, size=(40, 40))[0]
    turned = [part.waves[0] for part in image_hashes(picture[None]).turned()]
    for variant, waves in enumerate(turned):
        pixels = picture.transpose(1, 0, 2) if variant & 4 else picture
        pixels = pixels[::-1] if variant & 2 else pixels
        pixels = pixels[:, ::-1] if variant & 1 else pixels
        assert np.abs(image_hashes(pixels[None]).waves[0] - waves.astype(int)).max() <= 40


def test_a_crowd_of_copies_meets_the_first_one() -> None:
    crowd = np.concatenate([scenes(3), np.repeat(scenes(1, seed=5), 200, axis=0)])
    pairs, _ = near_images(image_hashes(crowd))
    assert {(3, row) for row in range(4, 203)} <= set(map(tuple, pairs.tolist()))
    assert len(pairs) == 199


def test_a_flat_picture_shows_nothing() -> None:
    flat = np.full((3, 20, 20), 200, dtype=np.uint8)
    flat[2] = 40
    found = image_hashes(flat)
    assert not found.waves.any()
    assert near_images(found)[0].tolist() == []
    assert len(near_images_between(found, found)[0]) == 0


@given(st.integers(0, 2**32 - 1), st.floats(0.2, 3), st.floats(-50, 50), st.integers(4, 40))
@settings(max_examples=40, deadline=None)
def test_brightness_and_contrast_do_not_matter(
    seed: int, contrast: float, brightness: float, side: int
) -> None:
    picture = np.random.default_rng(seed).integers(0, 255, (1, side, side + 3)).astype(float)
    one, two = image_hashes(picture), image_hashes(picture * contrast + brightness)
    assert image_similarity(one, two)[0] > 0.9999
    assert np.bitwise_count(one.bits ^ two.bits)[0] <= 1


@given(st.integers(0, 99), st.permutations(range(12)))
@settings(max_examples=20, deadline=None)
def test_order_changes_nothing(seed: int, order: list[int]) -> None:
    pictures = np.concatenate([scenes(9, seed), scenes(3, seed)])
    found = near_images(image_hashes(pictures))[0]
    again = near_images(image_hashes(pictures[order]))[0]
    back = np.sort(np.array(order)[again], axis=1)
    assert sorted(map(tuple, back.tolist())) == sorted(map(tuple, found.tolist()))


def test_channels_and_blocks() -> None:
    rgb = scenes(4)
    grey = rgb @ np.array([0.299, 0.587, 0.114])
    alpha = np.concatenate([rgb, np.full((*rgb.shape[:3], 1), 9)], axis=3)
    expected = image_hashes(rgb).waves.astype(int)
    for other in (grey, grey[..., None], alpha):
        assert np.abs(image_hashes(other).waves - expected).max() <= 3
    large = np.repeat(scenes(1, size=(1500, 1500)), 3, axis=0)
    found = image_hashes(large)
    assert (found.waves == found.waves[0]).all()


def test_no_picture_and_one() -> None:
    for count in (0, 1):
        found = image_hashes(scenes(1)[:count])
        assert len(found) == count
        for variants in (False, True):
            assert near_images(found, variants=variants)[0].shape == (0, 2)
            sides = near_images_between(found, image_hashes(scenes(1)[:0]), variants=variants)
            assert [len(side) for side in sides] == [0, 0, 0]


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros(5),
        np.zeros((2, 3)),
        np.zeros((2, 0, 3)),
        np.full((1, 4, 4), np.nan),
        np.zeros((1,) * 5),
    ],
    ids=["one axis", "two axes", "no height", "nan", "five axes"],
)
def test_what_is_no_picture_is_refused(pixels: NDArray[np.float64]) -> None:
    with pytest.raises(DataError) as caught:
        image_hashes(pixels)
    assert caught.value.key == "duplicates.pixels"
