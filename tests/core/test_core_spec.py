"""The channel file: short forms, defaults, derived channels, and every mistake with its line."""

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.core.errors import SpecError
from lingqu.core.rules import parse as rule
from lingqu.core.spec import SECTIONS, Channel, Piece
from lingqu.core.units import Quota

SMALL = """\
channel: churn
data: churn.csv
train: {task: classify, target: churned}
"""
WHOLE = """\
channel: credit-risk
data:
  source: s3://bank/loans/*.parquet
  test: 25%
  seed: 7
  split: time
  time: opened
  id: loan
  protected: [sex, age]
  drop: 1
  kinds: {zip: category}
  license: internal
  consent: contract
  options: {columns: [a, b]}
govern: [dedupe, {impute: median}, {mask: {columns: [id_card, phone]}}, {drop_ids: {}}]
train:
  task: classify
  target: default
  budget: 5 min
  optimise: [calibrate]
  algorithm: [lightgbm, {mlp: {hidden: 64}}]
  folds: 5
  workers: 2
  memory: 1 GB
release: {require: ["roc_auc >= 0.80", "fairness.gap(sex) <= 5%"], approve: human}
outlets: [local, {server: {port: 8080}}]
monitor: {every: 2 h, window: 500, checks: [drift, fairness], alpha: 0.05}
respond:
  - {when: "drift.psi > 0.2", do: retrain}
  - {when: "fairness.gap(sex) > 0.05", do: {fallback: stop}}
access:
  keys: [branch-app]
  quota: 600/min
  route: canary 10%
  rows: 100
  body: 1 MB
  tls: {certificate: c.pem, key: k.pem}
"""


def refused(text: str) -> list[SpecError]:
    """Return every problem of a channel file that must be refused."""
    with pytest.raises(SpecError) as caught:
        Channel.parse(text)
    assert str(caught.value)
    found: list[SpecError] = list(caught.value.facts.get("problems", [caught.value]))
    return found


def changed(**sections: Any) -> SpecError:
    """Return the one problem that a change of the small channel makes."""
    with pytest.raises(SpecError) as caught:
        Channel.parse(SMALL).updated(**sections)
    return caught.value


def test_three_lines_are_a_channel_with_defaults() -> None:
    channel = Channel.parse(SMALL)
    assert (channel.name, channel.data.source, channel.train.target) == (
        "churn",
        "churn.csv",
        "churned",
    )
    assert (channel.data.test, channel.data.seed, channel.data.split) == (0.2, 42, "auto")
    assert (channel.train.budget, channel.train.memory_mb) == (60.0, 2000.0)
    assert (channel.train.algorithms, channel.train.metric, channel.train.seed) == ((), None, 0)
    assert channel.govern is None
    assert (channel.release.require, channel.release.approve) == ((), "auto")
    checks = [piece.name for piece in channel.monitor.checks]
    assert checks == ["data", "drift", "performance", "latency"]
    assert (channel.monitor.every_s, channel.monitor.window) == (3600.0, 1000)
    assert (channel.access.limits, channel.access.canary, channel.access.tls) == ((), None, None)
    assert (channel.access.rows, channel.access.body) == (10_000, 10_000_000)
    assert (channel.outlets, channel.respond) == ((), ())


def test_every_section_is_read() -> None:
    channel = Channel.parse(WHOLE)
    data = channel.data
    assert (data.test, data.seed, data.split, data.time) == (0.25, 7, "time", "opened")
    assert (data.protected, data.drop, data.kinds) == (("sex", "age"), ("1",), {"zip": "category"})
    assert channel.govern == (
        Piece("dedupe"),
        Piece("impute", "median"),
        Piece("mask", {"columns": ["id_card", "phone"]}),
        Piece("drop_ids"),
    )
    assert channel.train.budget_s == 300.0
    assert channel.train.algorithms == (("lightgbm", {}), ("mlp", {"hidden": 64}))
    assert channel.release.require == (rule("roc_auc >= 0.8"), rule("fairness.gap(sex) <= 0.05"))
    assert channel.release.require[1].text == "fairness.gap(sex) <= 5%"
    assert channel.respond[1].do == Piece("fallback", "stop")
    assert channel.access.limits == (Quota(600, "min"),)
    assert (channel.access.canary, channel.access.body) == (0.1, 1_000_000)
    assert channel.access.tls is not None
    assert channel.access.tls.certificate == "c.pem"
    assert [(path, family) for path, family, _ in channel.pieces()][-3:] == [
        (("monitor", "checks", 1), "checks"),
        (("respond", 0, "do"), "actions"),
        (("respond", 1, "do"), "actions"),
    ]


def test_the_normal_form_reads_back_and_keeps_the_version() -> None:
    for text in (SMALL, WHOLE):
        channel = Channel.parse(text)
        again = Channel.parse(channel.to_yaml())
        assert again == channel
        assert again.version == channel.version
        assert hash(again) == hash(channel)
        assert again.to_yaml() == channel.to_yaml()
    assert Channel.parse(SMALL).to_plain() == {
        "channel": "churn",
        "data": "churn.csv",
        "train": {"task": "classify", "target": "churned"},
    }


def test_format_comments_and_written_defaults_do_not_change_the_version() -> None:
    other = """
    # the same, at length
    train: {target: churned, budget: 1 min, task: classify, memory: 2000 MB, algorithm: auto}
    data: {source: churn.csv, test: 20%}
    release:
    monitor:
    channel: churn
    """
    assert Channel.parse(other).version == Channel.parse(SMALL).version
    more = Channel.parse(SMALL).updated("train", budget=61)
    assert more.version != Channel.parse(SMALL).version


def test_no_operators_is_not_the_same_as_the_default_ones() -> None:
    none = Channel.parse(SMALL + "govern: []\n")
    assert none.govern == ()
    assert none.version != Channel.parse(SMALL).version
    assert Channel.parse(none.to_yaml()).govern == ()


def test_places_have_lines() -> None:
    channel = Channel.parse(WHOLE)
    assert channel.where("govern", 2) == "`govern[2]` (channel.yaml line 15)"
    assert channel.line("respond", 1, "do") == 30
    assert channel.line("train", "seed") == channel.line("train") == 16
    assert channel.line("nowhere") is None
    assert channel.where("nowhere") == "`nowhere` (channel.yaml)"


def test_places_are_worded_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINGQU_LANGUAGE", "zh")
    assert Channel.parse(WHOLE).where("govern", 2) == "`govern[2]`（channel.yaml 第 15 行）"


def test_load_reads_a_file_or_the_channel_of_a_folder(tmp_path: Path) -> None:
    file = tmp_path / "channel.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + SMALL.encode())
    channel = Channel.load(tmp_path)
    assert channel == Channel.load(str(file)) == Channel.parse(SMALL)
    assert channel.path == file
    assert channel.text == SMALL


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path, tmp_path / "a\0b"):
        with pytest.raises(SpecError) as caught:
            Channel.load(path)
        assert caught.value.key == "core.no_file"
        assert "lingqu init" in str(caught.value)
    (tmp_path / "gbk.yaml").write_bytes("channel: 信用".encode("gbk"))
    with pytest.raises(SpecError, match="UTF-8"):
        Channel.load(tmp_path / "gbk.yaml")


def test_errors_name_the_file_they_are_about(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(SMALL + "monitr: {}\n")
    with pytest.raises(SpecError, match=r"`monitr` \(mine.yaml line 4\)"):
        Channel.load(tmp_path / "mine.yaml")


@pytest.mark.parametrize("text", ["", "# nothing\n"])
def test_an_empty_file_is_refused(text: str) -> None:
    assert refused(text)[0].key == "core.empty_channel"


@pytest.mark.parametrize("text", ["5", "[a, b]", "just text"])
def test_what_is_no_mapping_is_refused(text: str) -> None:
    assert refused(text)[0].key == "core.not_a_channel"


def test_an_unknown_key_gives_line_and_near_names() -> None:
    (error,) = refused("channel: a\ndata: b\ntrain:\n  task: classify\n  target: y\n  budgt: 5 s\n")
    assert error.key == "core.unknown_key"
    assert "`train.budgt` (channel.yaml line 6)" in str(error)
    assert "budget" in error.facts["near"]
    assert "lingqu schema" in str(error)


def test_missing_keys_say_what_they_are_for() -> None:
    data, train = refused("channel: a")
    assert (data.facts["name"], train.facts["name"]) == ("data", "train")
    (error,) = refused("channel: a\ndata: b\ntrain: {task: classify}")
    assert "(channel.yaml line 3): `task: classify` needs `target`, the column to pre" in str(error)
    (error,) = refused(SMALL + "respond: [{when: a > 1}]")
    assert "`respond[0]` (channel.yaml line 4) lacks `do`. Action to take." in str(error)


def test_all_problems_are_told_in_the_order_of_their_lines() -> None:
    text = """\
channel: -x
data: {source: a.csv, splitt: time, kinds: {age: numbr}}
govern: [dedupe, {a: 1, b: 2}]
train: {task: clasify, target: y, budget: 0.1 s, seed: a}
release: {require: ["roc >= ", "a > 1 s"], approve: nobody}
"""
    with pytest.raises(SpecError) as caught:
        Channel.parse(text)
    message = str(caught.value)
    places = [
        "`channel` (channel.yaml line 1)",
        "`data.splitt` (channel.yaml line 2)",
        "`data.kinds.age` (channel.yaml line 2)",
        "`govern[1]` (channel.yaml line 3)",
        "`train.task` (channel.yaml line 4)",
        "`train.budget` (channel.yaml line 4)",
        "`train.seed` (channel.yaml line 4)",
        "`release.require[0]` (channel.yaml line 5)",
        "`release.require[1]` (channel.yaml line 5)",
        "`release.approve` (channel.yaml line 5)",
    ]
    assert all(place in message for place in places)
    assert len(caught.value.facts["problems"]) == len(places) == message.count("(channel.yaml")
    lines = [message.index(f"line {number})") for number in range(1, 6)]
    assert lines == sorted(lines)
    assert str(pickle.loads(pickle.dumps(caught.value))) == message


def test_problems_are_worded_in_the_language_of_the_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    found = refused("channel: a\ndata: 5\ntrain: {task: sing, target: []}\n")
    english = [str(error) for error in found]
    monkeypatch.setenv("LINGQU_LANGUAGE", "zh")
    chinese = [str(error) for error in found]
    assert all("第" in text and "line" not in text for text in chinese)
    assert all("line" in text for text in english)


@pytest.mark.parametrize("budget", [0, -5, "0.5 s", "soon", None, True, "5 mins", [1]])
def test_an_impossible_budget_is_refused(budget: object) -> None:
    error = changed(train={"budget": budget})
    assert "`train.budget`" in str(error)


@pytest.mark.parametrize(
    ("section", "change", "place"),
    [
        ("data", {"test": 0}, "data.test"),
        ("data", {"test": 1}, "data.test"),
        ("data", {"test": "120%"}, "data.test"),
        ("data", {"seed": -1}, "data.seed"),
        ("data", {"seed": True}, "data.seed"),
        ("data", {"split": "time"}, "data.split"),
        ("data", {"split": "group"}, "data.split"),
        ("data", {"split": "half"}, "data.split"),
        ("data", {"kinds": {"a": "colour"}}, "data.kinds.a"),
        ("data", {"kinds": ["a"]}, "data.kinds"),
        ("data", {"drop": ["a"], "id": "a"}, "data"),
        ("data", {"time": "a", "group": "a"}, "data"),
        ("data", {"drop": ["churned"]}, "train.target"),
        ("data", {"id": "churned"}, "train.target"),
        ("data", {"source": ""}, "data.source"),
        ("train", {"target": True}, "train.target"),
        ("train", {"folds": 1}, "train.folds"),
        ("train", {"folds": 2.5}, "train.folds"),
        ("train", {"workers": 0}, "train.workers"),
        ("train", {"memory": "1 MB"}, "train.memory"),
        ("train", {"memory": "a lot"}, "train.memory"),
        ("train", {"optimise": ["everything"]}, "train.optimise[0]"),
        ("train", {"optimise": "calibrate"}, "train.optimise"),
        ("train", {"algorithm": 5}, "train.algorithm"),
        ("train", {"algorithm": ["mlp", 5]}, "train.algorithm[1]"),
        ("train", {"metric": 5}, "train.metric"),
        ("release", {"require": ["roc_auc > "]}, "release.require[0]"),
        ("release", {"require": "roc_auc > 0.8"}, "release.require"),
        ("release", {"require": [5]}, "release.require[0]"),
        ("monitor", {"every": "0 s"}, "monitor.every"),
        ("monitor", {"every": "never"}, "monitor.every"),
        ("monitor", {"window": 5}, "monitor.window"),
        ("monitor", {"alpha": 0}, "monitor.alpha"),
        ("monitor", {"alpha": 1}, "monitor.alpha"),
        ("monitor", {"alpha": "low"}, "monitor.alpha"),
        ("access", {"quota": "many"}, "access.quota"),
        ("access", {"route": "10%"}, "access.route"),
        ("access", {"route": "canary 0%"}, "access.route"),
        ("access", {"route": "canary lots"}, "access.route"),
        ("access", {"rows": 0}, "access.rows"),
        ("access", {"body": 10}, "access.body"),
        ("access", {"tls": {"certificate": "a"}}, "access.tls"),
        ("access", {"keys": [[]]}, "access.keys[0]"),
    ],
)
def test_a_wrong_value_is_refused_at_its_place(
    section: str, change: dict[str, object], place: str
) -> None:
    error = changed(**{section: change})
    assert f"`{place}` (channel.yaml)" in str(error)


@pytest.mark.parametrize("name", ["-x", ".x", "a b", "a/b", "../x", "x" * 65, "", "a\n"])
def test_a_name_that_cannot_be_a_folder_or_address_is_refused(name: str) -> None:
    assert "`channel`" in str(changed(channel=name))


@pytest.mark.parametrize("name", ["churn", "credit-risk", "信用", "v1.2_x", "7"])
def test_usable_names(name: str) -> None:
    assert Channel.parse(SMALL).updated(channel=name).name == name


@pytest.mark.parametrize("written", ["dedupe", 5, {}, {"a": 1, "b": 2}, {"": 1}, [""], [None]])
def test_what_is_no_list_of_pieces_is_refused(written: object) -> None:
    assert "`govern" in str(changed(govern=[written] if written != "dedupe" else written))


def test_one_algorithm_needs_no_list() -> None:
    base = Channel.parse(SMALL)
    assert base.updated("train", algorithm="mlp").train.algorithms == (("mlp", {}),)
    one = base.updated("train", algorithm={"mlp": {"hidden": 8}})
    assert one.train.algorithms == (("mlp", {"hidden": 8}),)
    assert one.updated("train", algorithm="auto") == base


def test_long_values_are_cut_in_messages() -> None:
    error = changed(train={"budget": "x" * 10_000})
    assert len(str(error)) < 1000
    error = changed(train={"folds": "x" * 10_000})
    assert len(str(error)) < 1000


def test_updated_changes_keys_and_replaces_lists() -> None:
    base = Channel.parse(WHOLE, "some/channel.yaml")
    more = base.updated("train", budget="10 s")
    assert (more.train.budget, more.train.target) == (10.0, "default")
    assert more.updated(train={"budget": 300}) == base
    assert base.updated(govern=["dedupe"]).govern == (Piece("dedupe"),)
    added = base.updated("govern", add=Piece("reweigh", {"column": "sex"}))
    assert added.govern is not None
    assert added.govern[-1] == Piece("reweigh", {"column": "sex"})
    assert added.path == base.path
    assert Channel.parse(added.text) == added
    reply = base.updated("respond", add={"when": "a > 1", "do": "notify"}).respond[-1]
    assert str(reply.when) == "a > 1"
    assert Channel.parse(SMALL).updated("data", seed=1).data.source == "churn.csv"
    assert base.version == Channel.parse(WHOLE).version


def test_adding_to_what_is_left_to_the_plan_is_our_mistake() -> None:
    with pytest.raises(ValueError, match="govern"):
        Channel.parse(SMALL).updated("govern", add="dedupe")


def test_of_takes_plain_data_and_refuses_like_a_file() -> None:
    channel = Channel.of({"channel": "churn", "data": "churn.csv",
                          "train": {"task": "classify", "target": "churned"}})  # fmt: skip
    assert channel == Channel.parse(SMALL)
    assert Channel.parse(channel.text) == channel
    with pytest.raises(SpecError, match="nothing"):
        Channel.of({**channel.to_plain(), "nothing": 1})


def test_sections_are_frozen_and_travel_between_processes() -> None:
    channel = Channel.parse(WHOLE)
    with pytest.raises(ValueError, match="frozen"):
        channel.train.budget = 5.0  # type: ignore[misc]
    again = pickle.loads(pickle.dumps(channel))
    assert again == channel
    assert again.line("govern", 2) == 15
    assert channel != Channel.parse(SMALL)


def test_the_dump_of_a_section_is_plain_json() -> None:
    plain = Channel.parse(WHOLE).train.model_dump(mode="json")
    assert plain["budget"] == "5 min"
    assert plain["algorithm"] == ["lightgbm", {"mlp": {"hidden": 64}}]


def test_unknown_pieces_are_all_told_with_near_names() -> None:
    channel = Channel.parse(
        SMALL + "govern:\n  - dedup\n  - dedupe\noutlets: [serverr]\n"
        "monitor: {checks: [drft]}\nrespond: [{when: a > 1, do: retrian}]\n"
    )
    with pytest.raises(SpecError) as caught:
        channel.validate_pieces(names_only=True)
    problems = caught.value.facts["problems"]
    assert [(p.facts["name"], p.facts["near"].split(", ")[0]) for p in problems] == [
        ("dedup", "dedupe"),
        ("serverr", "server"),
        ("drft", "drift"),
        ("retrian", "retrain"),
    ]
    assert "`govern[0]` (channel.yaml line 5)" in str(caught.value)
    with pytest.raises(SpecError, match="lightgmb"):
        Channel.parse(SMALL).updated("train", algorithm="lightgmb").validate_pieces()


def test_known_pieces_pass() -> None:
    Channel.parse(WHOLE).validate_pieces(names_only=True)


def test_unknown_options_are_found_before_work() -> None:
    channel = Channel.parse(SMALL + "govern:\n  - dedupe\n  - {impute: {numbrs: median}}\n")
    with pytest.raises(SpecError) as caught:
        channel.validate_pieces()
    assert caught.value.key == "core.bad_option"
    assert "`govern[1]` (channel.yaml line 6)" in str(caught.value)


def test_importing_the_declaration_stays_light() -> None:
    code = (
        "import sys, lingqu.core.spec; "
        "heavy = {'polars', 'numpy', 'pandas', 'sqlalchemy', 'sklearn', 'torch', 'ruamel.yaml'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_sections_are_those_of_the_design() -> None:
    assert SECTIONS == (
        "channel", "data", "govern", "train", "release", "outlets", "monitor", "respond", "access",
    )  # fmt: skip


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([name for name in SECTIONS if name != "channel"]), st.text(max_size=4), VALUES
)
def test_any_value_anywhere_is_accepted_or_a_spec_error(
    section: str, key: str, value: object
) -> None:
    plain = Channel.parse(SMALL).to_plain()
    for change in (value, {key: value}):
        try:
            Channel.of({**plain, section: change})
        except SpecError as error:
            assert str(error)
