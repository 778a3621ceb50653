"""Figures of a release: the numbers that were kept, named axes, and no window."""

from __future__ import annotations

import json
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from matplotlib.figure import Figure
from matplotlib.text import Text
from tests.release.release_samples import ensemble, people
from tests.release.seen_release import seen

from lingqu.core.errors import GateError
from lingqu.core.nouns import Dataset, Finding
from lingqu.release.bundle import Contents, pack
from lingqu.release.plots.draw import draw
from lingqu.release.plots.paper import families
from lingqu.release.release import Release

SECRET = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
MATRIX = {"classes": ["cat", "dog"], "confusion": [[10, 0], [4, 14]]}
FOUND = [Finding("metrics", "error_rate", 0.1, evidence=MATRIX)]


def sealed(folder: Path, **looked: object) -> Release:
    """Return an opened release that holds what was looked at."""
    data = people()
    filled = Dataset(data.frame.fill_null(strategy="forward"), data.schema)
    made = Contents("churn", ensemble(filled), data.schema, filled.frame, seen=looked)
    public = SECRET.public_key().public_bytes_raw()
    pack(folder, made, created="2026-03-01T08:00:00Z", sign=SECRET.sign, public_key=public)
    return Release.open(folder)


@pytest.fixture(scope="module")
def figures() -> dict[str, Figure]:
    return draw(seen(), FOUND)


def test_every_part_has_a_figure(figures: dict[str, Figure]) -> None:
    wanted = ["curves", "map", "confusion", "confused", "worst", "words", "patches"]
    assert list(figures) == wanted
    for figure in figures.values():
        file = BytesIO()
        figure.savefig(file, dpi=40)
        assert file.getbuffer().nbytes > 1000
        written = [words for words in figure.findobj(Text) if words.get_text()]
        assert {tuple(words.get_fontfamily()) for words in written} == {families()}


def test_the_map_has_a_dot_for_each_row_and_a_cross_for_each_mistake(
    figures: dict[str, Figure],
) -> None:
    axes = figures["map"].axes[0]
    shown = {dots.get_label(): len(dots.get_offsets()) for dots in axes.collections}
    assert shown == {"dog": 14, "cat": 14, "answered wrongly": 2}
    assert axes.get_xlabel() == "component 1 (60%)"
    assert axes.get_ylabel() == "component 2 (20%)"


def test_curves_are_those_of_candidates_that_learnt_in_epochs(figures: dict[str, Figure]) -> None:
    upper, lower = figures["curves"].axes
    assert upper.get_title() == "net" and lower.get_xlabel() == "epoch"
    assert [line.get_label() for line in upper.lines] == ["training", "held out"]
    assert lower.lines[0].get_ydata().tolist() == [1 - 1 / e for e in range(1, 6)]


def test_the_matrix_has_its_counts_and_names(figures: dict[str, Figure]) -> None:
    axes = figures["confusion"].axes[0]
    assert [words.get_text() for words in axes.texts] == ["10", "4", "14"]
    assert [words.get_text() for words in axes.get_yticklabels()] == ["cat", "dog"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("said", "true")


def test_pictures_stand_under_what_was_said(figures: dict[str, Figure]) -> None:
    first = figures["worst"].axes[0]
    assert first.get_title() == "Row 2\ncat 90%, in truth dog"
    assert np.asarray(first.images[0].get_array()).tolist() == [[20] * 8] * 8
    assert len(figures["worst"].axes) == 3
    assert figures["confused"].axes[0].get_ylabel() == "dog taken for cat\n4 times"


def test_words_stand_in_order_and_the_dear_ones_are_shaded(figures: dict[str, Figure]) -> None:
    words = figures["words"].axes[0].texts
    assert [word.get_text() for word in words] == ["Lingqu", "is a", "canal"]
    assert [word.get_bbox_patch() is not None for word in words] == [True, False, True]
    assert words[0].get_position()[0] < words[1].get_position()[0] < words[2].get_position()[0]


def test_patches_lie_on_the_picture(figures: dict[str, Figure]) -> None:
    below = figures["patches"].axes[1]
    wanted = np.array(seen()["patches"][0]["grid"])
    np.testing.assert_array_equal(np.asarray(below.images[1].get_array()), wanted)


def test_a_long_text_goes_on_in_the_next_line() -> None:
    told = seen()
    told["words"][0]["parts"] = [["Lingqu Lingqu Lingqu ", 0.1]] * 30
    words = draw(told, [])["words"].axes[0].texts
    assert len({word.get_position()[1] for word in words}) > 2
    assert max(word.get_position()[0] for word in words) < 9.0


def test_values_have_a_scale_and_no_classes() -> None:
    figures = draw(seen(values=True), [])
    assert "confused" not in figures and "confusion" not in figures
    scale = figures["map"].axes[1]
    assert scale.get_ylabel() == "true"
    assert figures["worst"].axes[0].get_title() == "Row 2\n2, in truth 1"


def test_a_release_draws_what_it_keeps(tmp_path: Path) -> None:
    release = sealed(tmp_path / "with", **seen())
    assert set(release.plots()) == {"curves", "map", "confused", "worst", "words", "patches"}
    with pytest.raises(GateError, match=r"lingqu run"):
        sealed(tmp_path / "without").plots()


def test_what_was_looked_at_does_not_change_what_a_release_is(tmp_path: Path) -> None:
    assert sealed(tmp_path / "with", **seen()).digest == sealed(tmp_path / "without").digest


def test_an_opened_release_has_no_matplotlib_until_it_draws(tmp_path: Path) -> None:
    folder = sealed(tmp_path / "with", **seen()).folder
    code = (
        "import sys, lingqu; release = lingqu.Release.open(sys.argv[1]); release.seen;"
        "before = 'matplotlib' in sys.modules; names = list(release.plots());"
        "print(before, names[0], 'matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "curves", "False"]


def test_the_document_is_json() -> None:
    assert json.loads(json.dumps(seen())) == seen()
