"""Treatments: keys, hashes, tokens, coarser values, recognisers of others."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.govern.test_govern_privacy import MAKERS

from lingqu.core import catalog
from lingqu.core.errors import DataError, SpecError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema
from lingqu.core.surroundings import Surroundings
from lingqu.govern.privacy import ner, presidio
from lingqu.govern.privacy.coarse import coarse
from lingqu.govern.privacy.mask import Mask
from lingqu.govern.privacy.normal import normal
from lingqu.govern.privacy.recognise import find
from lingqu.govern.privacy.tokens import TOKEN, Hasher, Tokeniser, reveal
from lingqu.govern.privacy.treat import Ranges, masked
from lingqu.release.prepare import restore_operators, save_operators
from lingqu.store import vault
from lingqu.store.vault import MaskKey

SECRET = "a secret of enough length"
KEY = MaskKey(SECRET.encode())


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("LINGQU_MASK_KEY", SECRET)
    yield SECRET


def fitted(step: Mask, frame: pl.DataFrame, **kinds: Any) -> tuple[Mask, Dataset]:
    columns = tuple(Column(name, kinds.get(name, "text")) for name in frame.columns)
    data = Dataset(frame, Schema(columns))
    step.fit(data)
    return step, data


@given(st.sampled_from(sorted(MAKERS)), st.text(min_size=1, max_size=200))
@settings(max_examples=150, deadline=None)
def test_every_token_leads_back_and_only_with_its_key(kind: str, value: str) -> None:
    tokeniser = Tokeniser(KEY)
    token = tokeniser(kind, value)
    assert TOKEN.fullmatch(token) and find(token) == []
    assert tokeniser(kind, token) == token
    assert tokeniser(kind, value) == token
    assert reveal(token, SECRET.encode()) == value
    with pytest.raises(DataError) as caught:
        reveal(token, b"another secret, also long")
    assert caught.value.key == "privacy.bad_token"
    assert tokeniser.reveal_all(f"x {token} y") == f"x {value} y"


def test_a_changed_token_or_kind_is_refused() -> None:
    token = Tokeniser(KEY)("mobile", "13912345678")
    swapped = token[:-3] + ("a" if token[-3] != "a" else "b") + token[-2:]
    for wrong in (swapped, token.replace("mobile", "landline"), "[mobile~]", "13912345678"):
        with pytest.raises(DataError):
            reveal(wrong, KEY)


@given(st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_equal_numbers_link_however_they_are_written(seed: int) -> None:
    digits = MAKERS["mobile"](random.Random(seed)).removeprefix("+86 ").replace(" ", "")
    hasher = Hasher(KEY)
    forms = (digits, f"+86 {digits}", f"{digits[:3]}-{digits[3:7]}-{digits[7:]}", f"0086{digits}")
    tokens = {hasher("mobile", form) for form in forms}
    assert len(tokens) == 1
    (token,) = tokens
    assert find(token) == [] and hasher("mobile", token) == token
    assert hasher("mobile", digits[:-1] + str((int(digits[-1]) + 1) % 10)) != token


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("landline", "+86 10 6234-5678", "(010)62345678"),
        ("phone", "0044 20 1234", "+44201234"),
        ("id_card", "110105 19491231 002x", "11010519491231002X"),
        ("email", "A@B.C", "a@b.c"),
        ("mac", "00-1A-2B", "00:1a:2b"),
        ("name", " 王伟 ", "王伟"),
    ],
)
def test_spellings_of_one_value(kind: str, one: str, other: str) -> None:
    assert normal(kind, one) == normal(kind, other)


COARSE = [
    ("id_card", "340104 450630 270".replace(" ", ""), "1945 安徽"),
    ("birth_date", "一九八四年四月二日", "1984"),
    ("date", "2 May 1990", "1990"),
    ("address", "3 Oak Road, Bath BA7 1GD", "Bath"),
    ("address", "某处", "[address]"),
    ("address", "a door", "[address]"),
    ("ipv4", "10.2.3.4", "10.2.3.x"),
    ("ipv6", "240e:5b04:7dec::7389", "240e:5b04:7dec:x"),
    ("mobile", "+86 139-1234-5678", "139********"),
    ("landline", "+86-532-40863363", "0532"),
    ("landline", "(010)62345678", "010"),
    ("phone", "+44 20 7946 0018", "+44"),
    ("phone", "(212) 555-0100", "[phone]"),
    ("name", "欧阳娜娜", "欧阳某"),
    ("name", "Ann Lee", "[name]"),
    ("postcode", "100084", "100***"),
    ("postcode", "BS9 8EJ", "BS9***"),
    ("postcode", "AB", "A*"),
    ("bank_card", "6222 0200 1111 2222", "622202"),
    ("plate", "京A·12345", "京A"),
    ("iban", "DE89 3704", "DE"),
    ("mac", "00:1A:2B:3C:4D:5E", "001a2b"),
    ("credit_code", "9135", "91"),
    ("secret", "hunter2", "[secret]"),
    ("birth_date", "unknown", "[birth_date]"),
]


@pytest.mark.parametrize(("kind", "value", "expected"), COARSE)
def test_coarser_values(kind: str, value: str, expected: str) -> None:
    assert coarse(kind, value) == expected


PIECES = st.lists(
    st.one_of(
        st.sampled_from(sorted(MAKERS)).flatmap(
            lambda kind: st.integers(0, 99).map(lambda n: MAKERS[kind](random.Random(n)))
        ),
        st.sampled_from(["，密码是", "患者", " tel ", "生于1990年5月3日", "寄到昆明市翠湖路5号"]),
        st.text(max_size=4),
    ),
    min_size=1,
    max_size=8,
).map("".join)


@pytest.mark.parametrize("strategy", ["mask", "redact", "hash", "tokenise", "generalise"])
@given(texts=st.lists(PIECES, min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_treating_twice_is_treating_once_and_leaves_nothing(
    strategy: Any, texts: list[str]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LINGQU_MASK_KEY", SECRET)
        step = Mask(("note",), strategy=strategy)
        data = Dataset(pl.DataFrame({"note": texts}), Schema((Column("note", "text"),)))
        step.fit(data)
        step.state["columns"]["note"]["by"] = "span"
        once = step.apply(data)
        twice = step.apply(Dataset(once.frame, data.schema))
    assert twice.frame["note"].to_list() == once.frame["note"].to_list()
    assert not [find(cell) for cell in once.frame["note"].to_list() if find(cell)]


def test_kinds_and_columns_have_strategies_of_their_own(key: str) -> None:
    frame = pl.DataFrame({
        "note": ["身份证11010519491231002X，手机13912345678", "无事发生", "又来电13912345678"],
        "tel": ["13912345678", "15812345678", "13912345678"],
    })  # fmt: skip
    step = Mask(strategy="tokenise", treat={"id_card": "generalise", "tel": "hash"})
    step, data = fitted(step, frame)
    after = step.apply(data).frame
    first, second, third = after["note"].to_list()
    token = TOKEN.search(first)
    assert first.startswith("身份证1949 北京") and token is not None and second == "无事发生"
    assert reveal(token[0], KEY) == "13912345678" and token[0] in third
    tel = after["tel"].to_list()
    assert tel[0] == tel[2] != tel[1] and tel[0].startswith("#")
    assert step.report()["columns"]["tel"]["strategy"] == "hash"
    assert step.report()["key"] == KEY.fingerprint
    assert step.apply(data).schema["tel"].role == "feature"


def test_only_some_kinds_are_looked_for() -> None:
    frame = pl.DataFrame({"note": ["手机13912345678，邮箱a.li@example.com。"]})
    step, data = fitted(Mask(("note",), only=("email",), strategy="redact"), frame)
    assert step.apply(data).frame["note"][0] == "手机13912345678，邮箱[email]。"


@pytest.mark.parametrize("given", [{"treat": {"mobil": "hash"}}, {"only": ["mobil"]}])
def test_an_unknown_kind_is_refused_with_near_names(given: Any) -> None:
    with pytest.raises(SpecError, match="mobile") as caught:
        fitted(catalog.build("operators", "mask", given), pl.DataFrame({"a": ["x"]}))
    assert caught.value.key == "privacy.bad_treatment"


def test_numbers_and_dates_become_ranges_and_stay_what_they_are() -> None:
    frame = pl.DataFrame({
        "age": [20.0, 34.0, 61.0, None], "seen": [datetime(2024, 5, 3)] * 4,
        "born": [datetime(1990, 5, 3)] * 4, "postcode": [100084.0, 510006.0, 1.0, None],
    })  # fmt: skip
    step = Mask(("age", "seen", "born", "postcode"), strategy="generalise")
    step, data = fitted(
        step, frame, age="number", seen="datetime", born="datetime", postcode="number"
    )
    after = step.apply(data)
    assert after.frame["age"].to_list() == [22.5, 32.5, 62.5, None]
    assert after.frame["seen"][0] == datetime(2024, 5, 1)
    assert after.frame["born"][0] == datetime(1990, 1, 1)
    assert after.frame["postcode"].to_list() == ["100***", "510***", "1", None]
    assert [c.kind for c in after.schema] == ["number", "datetime", "datetime", "category"]
    assert step.apply(Dataset(after.frame, data.schema)).frame["age"].equals(after.frame["age"])


def test_a_release_holds_the_fingerprint_and_answers_only_with_its_key(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault.forget()  # what other tests opened in this process
    frame = pl.DataFrame({"tel": ["13912345678", "15812345678"]})
    step, data = fitted(Mask(strategy="tokenise"), frame)
    rows = save_operators([step])
    assert SECRET not in str(rows) and rows[0]["state"]["key"] == KEY.fingerprint
    (again,) = restore_operators(rows)
    assert again.apply(data).frame.equals(step.apply(data).frame)
    monkeypatch.setenv("LINGQU_MASK_KEY", "another key, also long")
    with pytest.raises(DataError) as caught:
        restore_operators(rows)[0].apply(data)
    assert caught.value.key == "privacy.wrong_key"
    monkeypatch.delenv("LINGQU_MASK_KEY")
    with pytest.raises(DataError) as caught:
        restore_operators(rows)[0].apply(data)
    assert caught.value.key == "privacy.no_key"


def test_a_run_makes_the_key_of_its_workspace(tmp_path: Path) -> None:
    step = Mask(strategy="tokenise", key="clients")
    step.settle(Surroundings(keys=tmp_path))
    vault.remember(tmp_path)
    step, data = fitted(step, pl.DataFrame({"tel": ["13912345678"]}))
    assert vault.names(tmp_path) == ["clients"]
    token = step.apply(data).frame["tel"][0]
    made = vault.read(tmp_path, "clients")
    assert made is not None and reveal(token, made) == "13912345678"
    vault.delete(tmp_path, "clients")
    (again,) = restore_operators(save_operators([step]))
    with pytest.raises(DataError, match="clients"):
        again.apply(data)


def people(texts: Sequence[str]) -> list[list[tuple[str, int, int]]]:
    """Stand for a language model: it finds one name that no rule can."""
    return [[("name", t.index("小蝶"), t.index("小蝶") + 2)] if "小蝶" in t else [] for t in texts]


def wrong(texts: Sequence[str]) -> list[Any]:
    return [[("name", 3, 999)] for _ in texts]


def short(texts: Sequence[str]) -> list[Any]:
    return []


def test_a_recogniser_is_named_and_joined_with_the_rules() -> None:
    frame = pl.DataFrame({"note": ["小蝶说回电13912345678", "没有", None]})
    name = f"{__name__}:people"
    step, data = fitted(Mask(("note",), strategy="redact", ner=name), frame)
    assert step.apply(data).frame["note"].to_list() == ["[name]说回电[mobile]", "没有", None]
    (again,) = restore_operators(save_operators([step]))
    assert again.apply(data).frame.equals(step.apply(data).frame)


@dataclass
class Result:
    entity_type: str
    start: int
    end: int


class Capitals:
    """An engine with the methods of Presidio's that are called: two capitalised words are one.

    The adapter itself was run with presidio-analyzer 2.2.366 and a spaCy model; neither is here.
    """

    asked: ClassVar[list[list[str]]] = []

    def get_supported_entities(self, language: str) -> list[str]:
        return ["PERSON", "URL"]

    def analyze(self, text: str, language: str, entities: list[str]) -> list[Result]:
        self.asked.append(entities)
        found = re.finditer(r"[A-Z][a-z]+ [A-Z][a-z]+", text)
        return [Result("PERSON", *match.span()) for match in found]


capitals = presidio.over(Capitals(), "en")


def test_an_engine_like_presidio_is_asked_for_what_it_knows_of_ours() -> None:
    frame = pl.DataFrame({"note": ["later Quilla Varnhagen wrote to ann@example.com", "none"]})
    step, data = fitted(Mask(("note",), strategy="redact", ner=f"{__name__}:capitals"), frame)
    assert step.apply(data).frame["note"].to_list() == ["later [name] wrote to [email]", "none"]
    assert Capitals.asked == [["PERSON"]] * 2


def test_presidio_takes_a_model_that_is_installed_and_fetches_none() -> None:
    assert presidio.model_of("en", ["zh_core_web_sm", "en_core_web_sm"]) == "en_core_web_sm"
    with pytest.raises(ImportError, match="no spaCy model of 'en'"):
        presidio.model_of("en", ["zh_core_web_sm", "english_x"])


@pytest.mark.parametrize("name", ["nowhere.at_all:find", "json:absent", "json:__doc__", "json",
                                  "presidio", "presidio:zh"])  # fmt: skip
def test_an_absent_recogniser_is_refused_before_any_row(name: str) -> None:
    with pytest.raises(SpecError) as caught:
        fitted(Mask(("note",), ner=name), pl.DataFrame({"note": ["x"]}))
    assert caught.value.key == "privacy.bad_ner"


@pytest.mark.parametrize("name", ["wrong", "short"])
def test_a_recogniser_that_answers_nonsense_is_told(name: str) -> None:
    with pytest.raises(DataError) as caught:
        ner.found_by(ner.load(f"{__name__}:{name}"), name, ["abc"])
    assert caught.value.key == "privacy.ner_spans" and caught.value.facts["row"] == 1


def test_what_was_masked_is_not_masked_more() -> None:
    assert masked("mobile", masked("mobile", "13912345678")) == "13*******78"
    assert Ranges({"step": 1.0})("ipv4", "10.2.3.4") == "10.2.3.x"
