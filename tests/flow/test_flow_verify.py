"""A channel that verifies: things become pairs, identities stay apart, pairs are taken as given."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.learn.pair_tables import faces, people

from lingqu.core.errors import DataError, SpecError
from lingqu.core.nouns import Dataset
from lingqu.core.spec import Channel
from lingqu.data.infer import typed
from lingqu.data.split import split
from lingqu.flow.data_stage import typed as with_roles
from lingqu.flow.plan import plan
from lingqu.flow.shown import shown_row
from lingqu.learn.verify.choose import equal_at
from lingqu.workspace import Workspace


def channel(data: str = "{source: people.csv}", more: str = "") -> Channel:
    return Channel.parse(
        f"channel: who\ndata: {data}\ntrain: {{task: verify, target: who, budget: 30 s{more}}}\n"
    )


def rows(frame: pl.DataFrame | None = None) -> Dataset:
    return typed(people().frame if frame is None else frame, name="people")


def given(frame: pl.DataFrame, labels: list[object]) -> pl.DataFrame:
    """Pairs of the first half of the rows with the second."""
    half = frame.height // 2
    things = frame.drop("who")
    other = things[half:].rename(lambda name: name + ".other")
    pairs = pl.concat([things[:half], other], how="horizontal")
    return pairs.with_columns(pl.Series("who", labels[:half], strict=False))


class TestThingsBecomePairs:
    def test_half_of_the_pairs_are_the_same(self) -> None:
        found = with_roles(channel(), rows())
        labels, first, second = (found.frame[n] for n in ("who", "who.first", "who.second"))
        assert found.schema["who"].levels == ("different", "same")
        assert (labels == "same").sum() == (labels == "different").sum() == 144
        assert ((first == second) == (labels == "same")).all()
        assert [c.name for c in found.schema.features][:2] == ["own 0", "own 0.other"]
        assert "144 pairs of the same" in found.schema["who"].reason

    def test_no_identity_is_on_both_sides_of_the_split(self) -> None:
        found = with_roles(channel(), rows())
        parts = split(found, "verify", seed=7)
        assert parts.how == "group"
        seen = [
            set(found.frame[side][name].to_list())
            for side in (parts.train, parts.test)
            for name in ("who.first", "who.second")
        ]
        assert seen[0] == seen[1] and seen[2] == seen[3] and not seen[0] & seen[2]
        assert len(seen[2]) >= 2

    def test_the_seed_decides_who_meets_whom(self) -> None:
        one, again, other = (
            with_roles(channel(f"{{source: p.csv, seed: {seed}}}"), rows()) for seed in (3, 3, 4)
        )
        assert one.frame.equals(again.frame) and not one.frame.equals(other.frame)

    def test_an_identity_with_one_row_is_in_different_pairs_only(self) -> None:
        frame = people().frame
        lone = pl.concat([frame, frame[:3].with_columns(pl.Series("who", ["x", "y", "z"]))])
        found = with_roles(channel(), rows(lone))
        assert "(3 with one row" in found.schema["who"].reason
        code = lone["who"].rank("dense").cast(int)[-3:] - 1
        mine = found.frame.filter(pl.col("who.first").is_in(code.to_list()))
        assert mine["who"].unique().to_list() == ["different"] and mine["who.first"].n_unique() == 3

    def test_too_few_identities_are_refused(self) -> None:
        few = people(5).frame
        with pytest.raises(DataError, match=r"names 5 identities.*at least 6"):
            with_roles(channel(), rows(few))
        with_roles(channel(), rows(people(6).frame))

    def test_identities_without_a_second_row_are_refused(self) -> None:
        with pytest.raises(DataError, match=r"None of the 20 identities"):
            with_roles(channel(), rows(people(20, each=1).frame))

    @pytest.mark.parametrize(
        ("more", "option"), [("split: random", "split"), ("group: place", "group")]
    )
    def test_what_would_tear_identities_apart_is_refused(self, more: str, option: str) -> None:
        with pytest.raises(SpecError, match=rf"data\.{option}"):
            with_roles(channel(f"{{source: people.csv, {more}}}"), rows())

    def test_the_plan_shows_pairs_and_who_is_tried(self) -> None:
        shown = {s.name: s for s in plan(channel(), rows()).settings}
        assert shown["algorithm"].value == ["constant", "cosine", "siamese"]
        assert shown["column own 0.other"].value == "number"


class TestPairsAsGiven:
    @pytest.mark.parametrize(
        ("yes", "no"),
        [("same", "different"), (1, 0), (True, False), ("Yes", "no"), ("相同", "不同")],
    )
    def test_words_for_the_same_are_known(self, yes: object, no: object) -> None:
        labels = [yes if place % 3 else no for place in range(72)]
        found = with_roles(channel(), rows(given(people().frame, labels)))
        assert found.schema["who"].levels == ("different", "same")
        assert (found.frame["who"] == "same").to_list() == [bool(place % 3) for place in range(72)]
        # Nothing is in two pairs: each is a part of its own.
        assert found.frame["who.part"].n_unique() == 72

    def test_pairs_that_share_a_thing_are_one_part(self) -> None:
        things = people(8, each=3).frame
        left = pl.concat([things[person * 3 : person * 3 + 2] for person in range(8)])
        right = pl.concat([things[person * 3 + 1 : person * 3 + 3] for person in range(8)])
        labels = ["same", "different"] * 8
        pairs = pl.concat(
            [left.drop("who"), right.drop("who").rename(lambda name: name + ".other")],
            how="horizontal",
        ).with_columns(who=pl.Series(labels))
        found = with_roles(channel(), rows(pairs))
        assert [c.name for c in found.schema.having("group")] == ["who.part"]
        assert found.frame["who.part"].value_counts()["count"].to_list() == [2] * 8
        declared = pairs.with_columns(house=pl.Series(["a", "b", "c", "d"] * 4))
        found = with_roles(channel("{source: p.csv, group: house}"), rows(declared))
        assert [c.name for c in found.schema.having("group")] == ["house"]

    def test_pairs_that_share_a_thing_share_an_identity(self) -> None:
        frame = pl.DataFrame(
            {
                "x": [0.5, 1.5, 2.5, *np.arange(10, 20).tolist()],
                "x.other": [1.5, 7.5, 9.5, *np.arange(30, 40).tolist()],
                "who": ["same", "same", "different", *["same", "different"] * 5],
            }
        )
        found = with_roles(channel(), rows(frame)).frame
        first, second = found["who.first"].to_list(), found["who.second"].to_list()
        assert first[0] == second[0] == first[1] == second[1] and first[2] != second[2]

    def test_a_column_with_one_side_is_refused(self) -> None:
        frame = given(people().frame, ["same", "different"] * 36).drop("own 1.other")
        with pytest.raises(DataError, match=r"one side of the pairs only: own 1"):
            with_roles(channel(), rows(frame))

    def test_other_words_are_refused(self) -> None:
        frame = given(people().frame, ["same", "perhaps", "different"] * 24)
        with pytest.raises(DataError, match="'perhaps'"):
            with_roles(channel(), rows(frame))


def test_a_report_shows_both_pictures_of_a_pair() -> None:
    found = with_roles(channel(), Dataset(faces().frame, faces().schema, "faces"))
    image = shown_row(found.schema, found.frame.row(0, named=True))["image"]
    assert np.array(image).shape == (8, 18) and np.array(image)[:, 8:10].min() == 255
    alone = shown_row(faces().schema, faces().frame.row(0, named=True))["image"]
    assert np.array(alone).shape == (8, 8)


def test_the_threshold_is_where_both_errors_are_equal() -> None:
    random = np.random.default_rng(0)
    y = random.integers(0, 2, 400)
    chance = 1 / (1 + np.exp(-(random.normal(0, 1, 400) + 1.2 * y - 2)))
    at = equal_at(chance, y)
    refused, accepted = (chance[y == 1] < at).mean(), (chance[y == 0] >= at).mean()
    assert abs(refused - accepted) < 0.01 and at < 0.5


@pytest.mark.slow
def test_a_channel_is_walked_from_rows_to_answers(tmp_path: Path) -> None:
    people(30).frame.write_csv(tmp_path / "people.csv")
    path = tmp_path / "channel.yaml"
    path.write_text(
        "channel: who\ndata: people.csv\n"
        "train: {task: verify, target: who, algorithm: [cosine, {siamese: {epochs: 20}}],"
        " budget: 40 s, folds: 2, workers: 1}\n"
        'release: {require: ["eer <= 0.4"]}\n',
        encoding="utf-8",
    )
    with Workspace(tmp_path / ".lingqu") as space:
        run = space.run(path)
        assert run.state == "done" and run.summary["metric"] == "eer"
        assert 0 <= run.summary["test"]["eer"] <= 0.4
        release = space.release(run.release)
        assert release.task == "verify" and release.classes == ("different", "same")
        assert release.predictor.runner.threshold != 0.5
