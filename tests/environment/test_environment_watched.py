"""What an environment does wrong is told with the episode and the step."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lingqu.core.errors import DataError, LingquError, SpecError, TrainError
from lingqu.environment.episodes import play
from lingqu.environment.fallback import Fallback
from lingqu.environment.job import ask
from lingqu.environment.picture import curves, film_of, gif
from lingqu.environment.place import LIMIT, Place
from lingqu.environment.rules import always, at_random, rule_of
from lingqu.environment.watched import Watched

FOLDER = str(Path(__file__).parent)


def place(name: str, **more: object) -> Place:
    return Place(f"worlds:{name}", folder=FOLDER, **more)  # type: ignore[arg-type]


class TestWhatGoesWrong:
    @pytest.mark.parametrize(
        ("name", "says"),
        [
            ("Raising", "RuntimeError: the belt is torn in episode 2, step 3"),
            ("Nowhere", "observation that is no number in episode 1, step 1"),
            ("Priceless", "reward that is no number in episode 1, step 1"),
            ("Shut", "may be taken as [0, 0] in episode 1, step 0"),
        ],
    )
    def test_it_is_told_with_episode_and_step(self, name: str, says: str) -> None:
        watched = Watched(place(name))
        with pytest.raises(TrainError) as caught:
            for episode in (1, 2):
                watched.reset(1, episode)
                for _ in range(2 if name == "Raising" and episode == 1 else 3):
                    watched.step(0)
        assert says in str(caught.value)

    def test_an_episode_without_an_end_is_cut_off(self) -> None:
        told = play(place("Endless", limit=30), always(0), [1, 2])
        assert told.lengths.tolist() == [30, 30]
        assert told.unsafe.sum() > 20
        assert Watched(place("Endless")).limit == LIMIT

    def test_one_that_does_not_come_back_is_stopped(self) -> None:
        asked = {"place": place("Sleeping").to_json(), "policy": "random", "seeds": [1], "keep": 0}
        begun = time.monotonic()
        with pytest.raises(TrainError, match="did not come to an end within"):
            ask({**asked, "seed": 0}, timeout_s=1.5)
        assert time.monotonic() - begun < 60

    @pytest.mark.parametrize(
        ("name", "error", "says"),
        [
            ("worlds:Torque", SpecError, "says which actions may be taken"),
            ("worlds:Camera", SpecError, "says observations Box"),
            ("worlds:Broken", DataError, "TypeError"),
            ("worlds:Nobody", SpecError, "has no attribute 'Nobody'"),
            ("nowhere:Corridor", SpecError, "No module named 'nowhere'"),
            ("Corridor", SpecError, "names no environment"),
            ("gym:CartPool-v1", SpecError, "CartPool"),
        ],
    )
    def test_what_no_policy_can_act_in_is_refused(
        self, name: str, error: type[LingquError], says: str
    ) -> None:
        with pytest.raises(error, match="lingqu plan") as caught:
            Watched(Place(name, folder=FOLDER))
        assert says in str(caught.value)

    def test_a_rule_must_answer_with_an_action(self) -> None:
        with pytest.raises(TrainError, match="answered 7"):
            play(place("Corridor"), rule_of("worlds:nonsense", place("Corridor"), 0), [1])
        with pytest.raises(SpecError, match="states no rule"):
            rule_of("rule", Place("gym:CartPole-v1"), 0)


class TestEpisodes:
    def test_the_same_seeds_bring_the_same(self) -> None:
        cart = Place("gym:CartPole-v1")
        first, second = (play(cart, rule_of("random", cart, 3), range(5), 5) for _ in range(2))
        assert np.array_equal(first.rows, second.rows)
        assert first.returns.tolist() == first.lengths.tolist()
        assert len(first.rows) == first.lengths.sum()

    def test_chance_takes_no_action_that_is_closed(self) -> None:
        corridor = place("Corridor")
        told = play(corridor, at_random(Watched(corridor).observed, 0), range(30))
        assert told.closed.sum() == 0
        assert told.barred[0] > 0
        taken = play(corridor, always(0), range(10))
        assert taken.closed.sum() > 0
        assert taken.told()["unsafe_rate"] > 0

    def test_the_rule_of_the_environment_and_one_of_a_module(self) -> None:
        corridor = place("Corridor")
        right = play(corridor, rule_of("rule", corridor, 0), range(9))
        left = play(corridor, rule_of("worlds:to_the_left", corridor, 0), range(9))
        assert right.returns.min() > 0.8
        assert left.returns.max() < 0

    def test_more_episodes_than_environments(self) -> None:
        corridor = place("Corridor")
        rule = rule_of("rule", corridor, 0)
        many, few = (play(corridor, rule, range(9), 9, most=n) for n in (9, 2))
        assert many.returns.tolist() == few.returns.tolist()
        assert np.array_equal(many.rows, few.rows)
        assert many.episode.tolist() == few.episode.tolist()

    def test_rows_become_columns(self) -> None:
        corridor = place("Corridor")
        told = play(corridor, rule_of("rule", corridor, 0), [5], 1)
        frame = told.frame(Watched(corridor).observed)
        assert frame.columns == [
            "place", "steps", "allowed.left", "allowed.right", "action", "reward", "episode", "step"
        ]  # fmt: skip
        assert frame["action"].unique().to_list() == ["right"]
        assert frame["step"].to_list() == list(range(1, frame.height + 1))


def test_a_place_is_known_by_the_text_of_its_module(tmp_path: Path) -> None:
    (tmp_path / "own_world_a.py").write_text("class World: pass\n")
    world = Place("own_world_a:World", folder=str(tmp_path))
    before = world.fingerprint()
    (tmp_path / "own_world_a.py").write_text("class World: size = 2\n")
    assert world.fingerprint() != before
    assert Place("gym:CartPole-v1").fingerprint() == Place("gym:Taxi-v4").fingerprint()


@pytest.mark.parametrize(
    "written",
    [
        "up",
        {"column": "speed", "edges": [], "actions": ["left"]},
        {"column": "place", "edges": [2, 1], "actions": ["left", "right", "left"]},
        {"column": "place", "edges": [1], "actions": ["left"]},
    ],
)
def test_a_fallback_that_is_no_rule_is_refused(written: object) -> None:
    with pytest.raises(SpecError, match="left, right"):
        Fallback.of(written, Watched(place("Corridor")).observed)


class TestFilm:
    def test_cart_and_curves_are_drawn(self) -> None:
        for world in (Place("gym:CartPole-v1"), place("Corridor")):
            policy = rule_of("random", world, 0)
            film = film_of(world, policy, 0)
            assert film[:6] == b"GIF89a"
            assert film.count(b"\x21\xf9\x04") > 1  # pictures that follow each other

    def test_names_of_any_language_are_drawn(self) -> None:
        rows = np.random.default_rng(0).random((5, 2)).astype(np.float32)
        drawn: Callable[[], object] = lambda: gif(curves(rows, ["进货"] * 5, ["库存", "b"]))  # noqa: E731
        assert drawn()
