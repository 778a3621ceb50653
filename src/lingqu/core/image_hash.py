"""Near copies among pictures: the slowest waves of brightness, and a 64-bit hash of them.

Only the waves that span a picture count, relative to its contrast, so a copy that was resized,
brightened or saved again as JPEG has nearly the same ones. The hash says on which side of 64
random planes they lie: alike pictures differ in a few bits, and are found by sorting, without
comparing all with all. What is found is then compared wave by wave.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from lingqu.core.errors import DataError
from lingqu.core.shingles import distinct

THRESHOLD = 0.99
"""Similarity from which pictures count as near copies."""
SIDE = 32
"""Side of the reduced picture whose waves are measured."""
WAVES = 8
"""Waves kept in each direction."""
BITS = 12
"""Bits in which the hashes of pictures that are looked at closely may differ."""
ORDERS = 24
"""Orders of the 64 bits in which the hashes are sorted."""
WINDOW = 8
"""Neighbours on either side that a picture is compared with, order by order."""
_FLAT = 0.01
"""Standard deviation, as a part of the greatest value, below which a picture shows nothing."""
_SCALE = 32767
_BLOCK = 1 << 22
"""Pixels worked on at a time."""
_LUMA = (0.299, 0.587, 0.114)

Floats = NDArray[np.float32]
Waves = NDArray[np.int16]
Bits = NDArray[np.uint64]
Rows = NDArray[np.int64]
Scores = NDArray[np.float64]


@dataclass(frozen=True)
class ImageHashes:
    """Hashes of N pictures.

    Args:
        bits: The 64-bit hash, uint64, shape (N,).
        waves: The waves it was made of, of length 32767 each, int16, shape (N, 8, 8); all zero
            for a flat picture.
    """

    bits: Bits
    waves: Waves

    def __len__(self) -> int:
        return len(self.bits)

    def take(self, rows: NDArray[np.generic] | slice) -> ImageHashes:
        """Return some of the rows: indices, a mask or a slice."""
        return ImageHashes(self.bits[rows], self.waves[rows])

    @classmethod
    def concat(cls, parts: Sequence[ImageHashes]) -> ImageHashes:
        """Return the rows of all parts, in order."""
        return cls(
            np.concatenate([part.bits for part in parts]),
            np.concatenate([part.waves for part in parts]),
        )

    def turned(self) -> Iterator[ImageHashes]:
        """Yield the hashes of all eight rotations and reflections, the pictures as they are first.

        No pixel is needed: a reflection changes the sign of the odd waves, a turn swaps the axes.
        """
        sign = np.where(np.arange(WAVES) % 2, -1, 1).astype(np.int16)
        for variant in range(8):
            waves = self.waves.transpose(0, 2, 1) if variant & 4 else self.waves
            waves = waves * sign[:, None] if variant & 2 else waves
            waves = waves * sign if variant & 1 else waves
            yield ImageHashes(_bits(waves), waves) if variant else self


def image_hashes(pixels: NDArray[np.generic]) -> ImageHashes:
    """Return the perceptual hashes of pictures.

    Args:
        pixels: Any numbers, shape (N, H, W) or (N, H, W, C) with 1, 3 or 4 channels (the fourth,
            transparency, is not looked at).

    Raises:
        DataError: The array has another shape, or holds something that is no finite number.

    Example:
        >>> picture = np.add.outer(np.arange(20.0), np.arange(30.0) ** 2)
        >>> found = image_hashes(np.stack([picture, 2 * picture + 7]))
        >>> bool(found.bits[0] == found.bits[1]), found.waves.shape
        (True, (2, 8, 8))

    Source: Zauner, Implementation and Benchmarking of Perceptual Image Hash Functions, 2010 (low
    frequencies of the cosine transform, Ahmed et al. 1974, doi:10.1109/T-C.1974.223784); planes:
    Charikar, STOC 2002, doi:10.1145/509907.509965. Own: each wave counts by the root of its
    frequency, which tells pictures apart better than either the plain or the whitened waves.
    """
    if pixels.ndim not in (3, 4) or 0 in pixels.shape[1:]:
        raise DataError("duplicates.pixels", received=pixels.shape)
    waves = np.zeros((len(pixels), WAVES, WAVES), dtype=np.int16)
    step = max(1, _BLOCK // int(np.prod(pixels.shape[1:])))
    for start in range(0, len(pixels), step):
        grey = _grey(pixels[start : start + step])
        if not np.isfinite(grey).all():
            raise DataError("duplicates.pixels", received="NaN")
        waves[start : start + step] = _measured(grey)
    return ImageHashes(_bits(waves), waves)


def _grey(pixels: NDArray[np.generic]) -> Floats:
    values = pixels.astype(np.float32)
    if values.ndim == 3:
        return values
    if values.shape[3] < 3:
        return np.ascontiguousarray(values[..., 0])
    return np.asarray(values[..., :3] @ np.array(_LUMA, dtype=np.float32))


def _measured(grey: Floats) -> Floats:
    """Return the weighed waves, of length `_SCALE`; zero for a picture that shows nothing."""
    rows, columns = (_measure(size) for size in grey.shape[1:])
    waves = np.asarray(rows @ grey @ columns.T, dtype=np.float32)
    spread = np.sqrt(np.maximum((waves**2).sum(axis=(1, 2)) - waves[:, 0, 0] ** 2, 0.0)) / SIDE
    there = spread > _FLAT * np.abs(grey).max(axis=(1, 2), initial=0.0)
    steps = np.arange(WAVES) ** 2
    waves *= np.sqrt(np.sqrt(steps[:, None] + steps), dtype=np.float32)
    length = np.sqrt((waves**2).sum(axis=(1, 2)))
    scale = np.where(there, _SCALE / np.where(there, length, 1.0), 0.0)
    return np.asarray(np.rint(waves * scale[:, None, None]), dtype=np.float32)


@cache
def _measure(size: int) -> Floats:
    """Return what reduces `size` pixels to `SIDE` and measures the waves of those, (8, size)."""
    scale = size / SIDE
    centres = (np.arange(SIDE) + 0.5) * scale
    far = np.abs(np.arange(size) + 0.5 - centres[:, None]) / max(scale, 1.0)
    triangle = np.maximum(1.0 - far, 0.0)
    angle = np.outer(np.arange(WAVES), 2 * np.arange(SIDE) + 1) * np.pi / (2 * SIDE)
    norm = np.sqrt(np.where(np.arange(WAVES), 2.0, 1.0) / SIDE)[:, None]
    waves = norm * np.cos(angle) @ (triangle / triangle.sum(axis=1, keepdims=True))
    return np.asarray(waves, dtype=np.float32)


def _bits(waves: Waves) -> Bits:
    planes = np.random.default_rng(1).normal(size=(WAVES * WAVES, 64)).astype(np.float32)
    flat = waves.reshape(len(waves), WAVES * WAVES).astype(np.float32)
    return _whole(flat @ planes > 0)


def _whole(bits: NDArray[np.bool_] | NDArray[np.uint8]) -> Bits:
    """Return rows of 64 bits as numbers, the first bit highest."""
    return np.frombuffer(np.packbits(bits, axis=1).tobytes(), dtype=">u8").astype(np.uint64)


def near_images(
    found: ImageHashes, threshold: float = THRESHOLD, *, variants: bool = False
) -> tuple[Rows, Scores]:
    """Return the pairs of near copies among N pictures; flat pictures never pair.

    Of many that are alike, each is paired with a few neighbours, and equal ones with the first.

    Args:
        found: Their hashes.
        threshold: Least correlation of their waves.
        variants: Also find copies that were turned or reflected.

    Returns:
        Row numbers ``[earlier, later]``, sorted, int64, shape (P, 2), and correlations, shape (P,).

    Example:
        >>> picture = np.add.outer(np.arange(20.0) ** 2, np.arange(30.0) ** 2)
        >>> found = image_hashes(np.stack([picture, picture[::-1], picture * 0.5 + 9]))
        >>> [near_images(found, variants=v)[0].tolist() for v in (False, True)]
        [[[0, 2]], [[0, 1], [0, 2]]]

    Source: sorting in several orders of the bits: Charikar, STOC 2002, doi:10.1145/509907.509965.
    """
    there = np.flatnonzero(found.waves.any(axis=(1, 2)))
    first = _first_alike(found.take(there))
    alone = first == np.arange(there.size)
    twins = np.stack([there[first[~alone]], there[~alone]], axis=1)
    kept = there[alone]
    pairs, scores = [twins], [np.ones(len(twins))]
    for turned in _asked(found, variants):
        found_pairs, score = _between(found, turned, kept, kept, threshold)
        other = found_pairs[:, 0] != found_pairs[:, 1]
        pairs.append(np.sort(found_pairs[other], axis=1))
        scores.append(score[other])
    return _best(np.concatenate(pairs), np.concatenate(scores))


def near_images_between(
    left: ImageHashes,
    right: ImageHashes,
    threshold: float = THRESHOLD,
    *,
    variants: bool = False,
) -> tuple[Rows, Rows, Scores]:
    """Return the near copies that pictures of the right side have on the left side.

    Args:
        left: Say, training rows.
        right: Test rows.
        threshold: Least correlation of their waves.
        variants: Also find copies that were turned or reflected.

    Returns:
        Rows of the left side, rows of the right side, correlations; sorted by right, then left.

    Example:
        >>> picture = np.add.outer(np.arange(20.0), np.arange(30.0) ** 2)
        >>> train, test = image_hashes(picture[None]), image_hashes(picture[None] * 0.5)
        >>> [side.round(2).tolist() for side in near_images_between(train, test)]
        [[0], [0], [1.0]]
    """
    there = [np.flatnonzero(side.waves.any(axis=(1, 2))) for side in (left, right)]
    kept = there[0][_first_alike(left.take(there[0])) == np.arange(there[0].size)]
    found = [
        _between(left, turned, kept, there[1], threshold) for turned in _asked(right, variants)
    ]
    pairs, scores = _best(
        np.concatenate([pairs for pairs, _ in found]), np.concatenate([score for _, score in found])
    )
    order = np.lexsort((pairs[:, 0], pairs[:, 1]))
    return pairs[order, 0], pairs[order, 1], scores[order]


def image_similarity(left: ImageHashes, right: ImageHashes) -> Scores:
    """Return the correlation of the waves of each two pictures, shape (N,)."""
    scores = np.empty(len(left), dtype=np.float64)
    for start in range(0, len(left), 8192):
        one, two = (
            side.waves[start : start + 8192].reshape(-1, WAVES * WAVES).astype(np.float32)
            for side in (left, right)
        )
        scores[start : start + len(one)] = (one * two).sum(axis=1) / _SCALE**2
    return np.clip(scores, 0.0, 1.0)


def _asked(found: ImageHashes, variants: bool) -> Iterator[ImageHashes]:
    return found.turned() if variants else iter([found])


def _first_alike(found: ImageHashes) -> Rows:
    """Return for each row the first row with the same waves."""
    words = np.ascontiguousarray(found.waves).reshape(len(found), WAVES * WAVES).view(np.uint64)
    factors = np.random.default_rng(0).integers(1, 1 << 63, words.shape[1]).astype(np.uint64)
    keys = (words * (factors | np.uint64(1))).sum(axis=1, dtype=np.uint64)
    order = np.argsort(keys, kind="stable")
    opens = np.ones(keys.size, dtype=bool)
    opens[1:] = keys[order[1:]] != keys[order[:-1]]
    first = np.empty(keys.size, dtype=np.int64)
    first[order] = order[opens][np.cumsum(opens) - 1]
    return first


def _between(
    left: ImageHashes, right: ImageHashes, rows: Rows, asked: Rows, threshold: float
) -> tuple[Rows, Scores]:
    one, two = _candidates(left.bits[rows], right.bits[asked])
    pairs = np.stack([rows[one], asked[two]], axis=1)
    scores = image_similarity(left.take(pairs[:, 0]), right.take(pairs[:, 1]))
    near = scores >= threshold
    return pairs[near], scores[near]


def _candidates(left: Bits, right: Bits) -> Rows:
    """Return pairs whose hashes stand side by side in one of the orders, shape (2, P)."""
    codes = [np.zeros(0, dtype=np.uint64)]
    steps = range(-WINDOW, WINDOW) if left.size else ()
    spread = [np.unpackbits(side[:, None].view(np.uint8), axis=1) for side in (left, right)]
    for turn in range(ORDERS):
        mixed = np.random.default_rng((2, turn)).permutation(64)
        known, wanted = (_whole(np.take(bits, mixed, axis=1)) for bits in spread)
        order, calls = np.argsort(known), np.argsort(wanted)
        place = np.searchsorted(known[order], wanted[calls])
        for step in steps:
            rows = order[np.clip(place + step, 0, left.size - 1)]
            near = np.bitwise_count(left[rows] ^ right[calls]) <= BITS
            code = rows[near].astype(np.uint64) << np.uint64(32)
            codes.append(code | calls[near].astype(np.uint64))
    joined = distinct(np.concatenate(codes))
    halves = np.stack([joined >> np.uint64(32), joined & np.uint64(0xFFFFFFFF)])
    return halves.astype(np.int64)


def _best(pairs: Rows, scores: Scores) -> tuple[Rows, Scores]:
    """Return each pair once, sorted, with its best score."""
    order = np.lexsort((-scores, pairs[:, 1], pairs[:, 0]))
    pairs, scores = pairs[order], scores[order]
    opens = np.ones(len(pairs), dtype=bool)
    opens[1:] = (pairs[1:] != pairs[:-1]).any(axis=1)
    return pairs[opens], scores[opens]
