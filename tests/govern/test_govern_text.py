"""Preparation of text: the battery on a Chinese and English table, and what each step changes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.operator_contract import CatalogueContract

from lingqu.core import catalog
from lingqu.core.errors import DataError, GateError, LingquError, SpecError
from lingqu.core.nouns import Dataset
from lingqu.core.ports import EVIDENCE, KEEP
from lingqu.core.schema import Column, Schema
from lingqu.core.surroundings import Surroundings
from lingqu.govern.pipeline import govern
from lingqu.govern.text import pinned
from lingqu.govern.text.convert_chinese import convert_chinese
from lingqu.govern.text.detect_language import language_of
from lingqu.govern.text.markup import without_markup
from lingqu.govern.text.normalise import normalise_text, visible
from lingqu.govern.text.patterns import whole
from lingqu.govern.text.sentences import sentences
from lingqu.govern.text.words import Segmenter, is_segmented, segmenter
from lingqu.release.prepare import apply_frame, restore_operators, save_operators

ZH = (
    "今天天气真好，我们去公园散步吧！",
    "这本书的内容很差，不值得买。物流也慢……",
    "我愛北京天安門，軟體很好用。",
    "客服的态度不错，性价比高。下次还会来！",
)
EN = (
    "The hotel was clean, and Dr. Li's staff didn't disappoint us.",
    "I can't recommend this book. It cost 3.50 USD and it isn't good!",
    "Ｆｕｌｌ－ｗｉｄｔｈ &amp; <b>bold</b> text at https://example.com/a?b=1.",
    "A quiet room with a nice view of the river.",
)
MIXED = ("我的iPhone 15 Pro坏了😀", "", None, "123 456", "T恤和C++\u200b 都好")
CASES: list[tuple[str, Any]] = [
    ("normalise_text", None),
    ("normalise_text", {"form": "NFKC", "half_width": "all", "case": "fold", "blanks": "one",
                        "urls": "URL", "emails": "", "digits": "0", "repeats": 2}),
    ("segment", None),
    ("segment", {"words": ["公园散步", "iPhone 15"], "original": True}),
    ("segment", {"language": "en"}),
    ("pos_tags", {"columns": ["zh"]}),
    ("pos_tags", {"columns": ["en"], "language": "en"}),
    ("pos_tags", {"columns": ["zh"], "keep": ["noun", "v"], "original": True}),
    ("stop_words", None),
    ("stop_words", {"languages": [], "words": ["book"], "negations": True, "signs": False}),
    ("split_sentences", None),
    ("split_sentences", {"first": 1, "last": 1, "count": False}),
    ("split_sentences", {"lines": True}),
    ("detect_language", None),
    ("detect_language", {"languages": ["zh", "en", "fr", "ja"]}),
    ("detect_language", ["zh", "en"]),
    ("convert_chinese", None),
    ("convert_chinese", "s2twp"),
    ("text_features", None),
    ("text_features", {"unit": "characters", "max_features": 50, "original": True}),
    ("text_features", {"dimensions": 5, "min_rows": 1}),
    ("text_features", {"method": "hashing", "max_features": 64}),
    ("text_features", {"method": "hashing", "unit": "characters", "max_features": 64}),
]  # fmt: skip


def reviews(rows: int = 48) -> Dataset:
    """Return a table with Chinese, English and mixed text."""
    frame = pl.DataFrame(
        {
            "zh": [ZH[i % 4] + ("的确" * (i % 3)) for i in range(rows)],
            "en": [EN[i % 4] for i in range(rows)],
            "mixed": [MIXED[i % 5] for i in range(rows)],
            "stars": [float(i % 5) for i in range(rows)],
            "good": [["no", "yes"][i % 2] for i in range(rows)],
        }
    )
    schema = Schema(
        (
            Column("zh", "text"),
            Column("en", "text"),
            Column("mixed", "text", nullable=True),
            Column("stars", "number"),
            Column("good", "category", "target", levels=("no", "yes")),
        )
    )
    return Dataset(frame, schema, "reviews", "d1")


def column(*values: str | None) -> Dataset:
    """Return a table of one text column, ``t``."""
    frame = pl.DataFrame({"t": pl.Series(values, dtype=pl.String)})
    return Dataset(frame, Schema((Column("t", "text"),)))


def done(name: str, options: Any, *values: str | None) -> Dataset:
    operator = catalog.build("operators", name, options)
    operator.fit(column(*values))
    result: Dataset = operator.apply(column(*values))
    return result


def refused(name: str, options: Any, data: Dataset) -> LingquError:
    with pytest.raises(LingquError) as caught:
        catalog.build("operators", name, options).fit(data)
    assert str(caught.value)
    return caught.value


@pytest.mark.parametrize(("name", "given"), CASES, ids=[f"{n}-{g}" for n, g in CASES])
class TestEveryTextOperator(CatalogueContract):
    def data(self) -> Dataset:
        return reviews()

    def test_one_row_answers_as_many_do_to_the_last_bit(self) -> None:
        operator, data = self.make(), self.data()
        operator.fit(data)
        saved = save_operators([operator])
        assert len(json.dumps(saved)) < 60_000
        restored = restore_operators(json.loads(json.dumps(saved)))
        many = apply_frame(data.frame, data.schema, [operator])
        ones = [
            apply_frame(data.frame[row : row + 1], data.schema, restored)
            for row in range(data.frame.height)
        ]
        assert pl.concat(ones).equals(many)

    def test_null_stays_null_or_becomes_zeros_and_no_text_is_fine(self) -> None:
        operator, data = self.make(), self.data()
        operator.fit(data)
        frame = data.frame.head(2).with_columns(
            zh=pl.Series([None, ""], dtype=pl.String), en=pl.Series(["", None], dtype=pl.String)
        )
        after = operator.apply(replace(data, frame=frame)).frame
        assert after.height == 2
        for name in ("zh", "en"):
            old, new = frame.get_column(name), after.get_column(name)
            if new.dtype == pl.String:
                assert new.is_null().to_list() == old.is_null().to_list()
            else:
                assert not new.to_numpy().any()


# Normalising


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("ＡＢＣ　１２３，好！", {}, "ABC 123，好！"),
        ("ＡＢＣ，好！", {"half_width": "all"}, "ABC,好!"),
        ("ＡＢＣ", {"half_width": "none"}, "ＡＢＣ"),
        ("①ﬁ㎏，", {"form": "NFKC"}, "1fikg,"),
        ("e\u0301", {}, "é"),
        ("e\u0301", {"form": "none"}, "e\u0301"),
        ("灵\u200b渠\ufeff\u202e\x00", {}, "灵渠"),
        ("灵\u200b渠", {"invisible": False}, "灵\u200b渠"),
        ("👩\u200d⚕️", {}, "👩\u200d⚕️"),
        ("می\u200cخواهم a\u200db \u200d\u200c", {}, "می\u200cخواهم ab"),
        ("a  b \r\n\r\n c\t d\u2028e", {}, "a b\nc d\ne"),
        ("a  b \r\n c", {"blanks": "one"}, "a b c"),
        ("a  b", {"blanks": "keep"}, "a  b"),
        ("Straße", {"case": "lower"}, "straße"),
        ("Straße", {"case": "fold"}, "strasse"),
        ("<p>a &lt; b &amp; c</p><br/>d<b>e</b>", {}, "a < b & c\nde"),
        ("<p>a</p>", {"html": False}, "<p>a</p>"),
        ("见https://a.cn/b?c=1。WWW.x.org!", {"urls": "URL"}, "见URL。URL!"),
        ("a@b.cn,致x.y@example.com谢", {"emails": "@"}, "@,致@谢"),
        ("1,234.5元 abc12", {"digits": "0"}, "0元 abc0"),
        ("哈哈哈哈！！！！1000000", {"repeats": 2}, "哈哈！！1000000"),
        ("a\ud800b", {}, "a\ufffdb"),
    ],
)
def test_normalise_text(text: str, options: dict[str, Any], expected: str) -> None:
    assert normalise_text(text, **options) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a <x and y> d <x@y.z> 3<4", "a <x and y> d <x@y.z> 3<4"),
        ("<SCRIPT>var x='<b>'</SCRIPT>after", " after"),
        ("a<!-- <b>secret</b> -->z <!-- open", "a z <!-- open"),
        ("<style>p{}</style>&nosuch; &copy=1 &#x4e2d;&#20013;", " &nosuch; &copy=1 中中"),
        ("İ<SCRIPT>x</SCRIPT>", "İ<SCRIPT>x</SCRIPT>"),
    ],
)
def test_only_markup_is_taken_for_markup(text: str, expected: str) -> None:
    assert without_markup(text) == expected


@given(st.text(st.characters(), max_size=80))
@settings(max_examples=150, deadline=None)
def test_normalising_again_changes_nothing(text: str) -> None:
    once = normalise_text(text, html=False, repeats=2, blanks="one", case="lower")
    assert normalise_text(once, html=False, repeats=2, blanks="one", case="lower") == once
    assert visible(visible(once)) == visible(once)
    without_markup(text)


def test_hostile_texts_take_linear_time() -> None:
    hostile = ["<!--" * 50_000, "a" * 200_000, "<b" * 100_000, "." * 200_000 + "a"]
    hostile += ["\u200d" * 200_000, "http://" * 30_000, "a@" * 100_000, "é" + "a'" * 100_000]
    for text in hostile:
        normalise_text(text, urls="", emails="", digits="0", repeats=3)
        segmenter().words(text + "中")
        sentences(text)
        language_of(text)


# Words


@given(st.text(st.characters(codec="utf-8"), max_size=60))
@settings(max_examples=200, deadline=None)
def test_pieces_joined_are_the_text(text: str) -> None:
    for cutter in (segmenter(), segmenter(chinese=False), segmenter((("好 的", None, None),))):
        assert "".join(cutter.pieces(text)) == text
        assert not any(word.isspace() or not word for word in cutter.words(text))
    tagged = "".join(word for word, _ in segmenter().tagged(text))
    assert "".join(tagged.split()) == "".join(text.split())


@given(st.text(st.sampled_from("中国\ud800\udc00a'1，\u200d😀 \n"), max_size=12))
@settings(max_examples=150, deadline=None)
def test_lone_surrogates_are_replaced_not_refused(text: str) -> None:
    assert "".join(segmenter().pieces(text)) == whole(text)
    whole(text).encode()
    sentences(text)
    language_of(text)
    convert_chinese(text)
    normalise_text(text).encode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我爱北京天安门", "我 爱 北京 天安门"),
        ("T恤和卡拉OK，1,200.50元", "T恤 和 卡拉 OK ， 1,200.50 元"),
        ("这家café不错，I'll come", "这家 café 不错 ， I'll come"),
        ("见http://a.cn/b?c=1吧 x@y.cn好", "见 http://a.cn/b?c=1 吧 x@y.cn 好"),
        ("👩\u200d⚕️好👍🏽🇨🇳", "👩\u200d⚕️ 好 👍🏽 🇨🇳"),
        ("Привет 你好 한국어", "Привет 你好 한국어"),
        ("It's 10:30, 13.5% of well-known C++ in the U.S. now",
         "It's 10:30 , 13.5% of well-known C++ in the U.S. now"),
        ("", ""),
    ],
)  # fmt: skip
def test_segment(text: str, expected: str) -> None:
    assert done("segment", None, text).frame["t"].to_list() == [expected]


NEW = ("灵渠工程", "云算大模型", "5G网络", "hello world", "🎉庆典", "C++编程", "甲-乙")


@pytest.mark.parametrize("word", NEW)
def test_a_users_word_stays_whole(word: str) -> None:
    cutter = Segmenter([(word, None, None)])
    for text in (word, f"这个{word}很好", f"the {word}, yes", f"{word}。{word}！"):
        assert word in cutter.words(text)
    assert cutter.tagged(word) == [(word, "nz")]
    assert "othello world" in " ".join(cutter.words("othello worlds"))


def test_a_users_word_competes_with_the_words_around_it() -> None:
    assert Segmenter([("和服", None, None)]).words("产品和服务") == ["产品", "和", "服务"]


def test_a_dictionary_file_is_read_from_the_channels_folder_and_travels(tmp_path: Path) -> None:
    (tmp_path / "my.txt").write_text("\ufeff灵渠工程 99 nz\n\n云算大模型\n古运河道 5\n", "utf-8")
    operator = catalog.build("operators", "segment", {"dictionary": "my.txt"})
    operator.settle(Surroundings(folder=tmp_path))
    data = column("灵渠工程用云算大模型", "古运河道")
    operator.fit(data)
    (tmp_path / "my.txt").unlink()
    restored = restore_operators(save_operators([operator]))[0]
    assert restored.apply(data).frame["t"].to_list() == ["灵渠工程 用 云算大模型", "古运河道"]


def test_dictionaries_and_lists_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_text("灵渠 often\n", "utf-8")
    (tmp_path / "latin.txt").write_bytes(b"\xff\xfe\x00")
    for name, option, key in (
        ("segment", {"dictionary": str(tmp_path / "bad.txt")}, "text.bad_line"),
        ("segment", {"dictionary": "absent.txt"}, "text.no_list"),
        ("stop_words", {"file": str(tmp_path / "latin.txt")}, "text.no_list"),
        ("segment", {"words": [" "]}, "text.bad_word"),
    ):
        assert refused(name, option, reviews()).key == key


def test_keep_adds_a_column_behind_the_others() -> None:
    after = done("segment", {"original": True}, "天气好", None)
    assert after.schema.names == ("t", "t.words")
    assert after.frame.rows() == [("天气好", "天气 好"), (None, None)]
    assert "t" in after.schema["t.words"].reason and "分词" in after.schema["t.words"].reason_zh


def test_segmented_text_is_told_from_raw_text() -> None:
    raw = [text for text in ZH]
    assert not is_segmented(raw)
    assert is_segmented([" ".join(segmenter().words(text)) for text in raw])
    assert not is_segmented(EN)


# Parts of speech


def test_pos_tags_keep_and_append() -> None:
    assert done("pos_tags", None, "我爱北京天安门").frame["t"][0] == "我/r 爱/v 北京/ns 天安门/ns"
    assert done("pos_tags", ["noun"], "我爱北京天安门").frame["t"][0] == "北京 天安门"
    assert done("pos_tags", ["v", "english"], "我爱iPhone").frame["t"][0] == "爱 iPhone"
    own = {"words": ["灵渠工程"], "keep": ["nz"]}
    assert done("pos_tags", own, "灵渠工程很好").frame["t"][0] == "灵渠工程"


def test_pos_tags_of_english_keep_and_append() -> None:
    said = "They didn't clean the noisy rooms in Paris."
    plain = done("pos_tags", {"language": "en"}, said).frame["t"][0]
    assert plain.startswith("They/PRP didn't/VBD") and plain.endswith("in/IN Paris/NNP ./.")
    nouns = done("pos_tags", {"language": "en", "keep": ["noun"]}, said, "🙂", None)
    assert nouns.frame["t"].to_list() == ["rooms Paris", "", None]
    assert done("pos_tags", {"language": "en", "keep": ["NNP"]}, said).frame["t"][0] == "Paris"
    own = {"language": "en", "words": ["noisy rooms"]}
    assert "noisy_rooms/" in done("pos_tags", own, said).frame["t"][0]
    wrong = refused("pos_tags", {"language": "en", "columns": ["zh"]}, reviews())
    assert wrong.key == "text.not_english" and "'zh'" in str(wrong)
    assert refused("pos_tags", {"language": "en", "keep": ["vn"]}, column(*EN)).key == (
        "text.unknown_tag"
    )


def test_pos_tags_refuses_another_language_by_name() -> None:
    for options in ({"columns": ["en"]}, {"columns": ["en"], "keep": ["noun"]}):
        error = refused("pos_tags", options, reviews())
        assert error.key == "text.not_chinese" and "'en'" in str(error)
    assert refused("pos_tags", None, column(*EN)).key == "text.not_chinese"
    assert refused("pos_tags", {"language": "fr"}, reviews()).key == "text.no_tagger"
    error = refused("pos_tags", ["nuon"], reviews())
    assert error.key == "text.unknown_tag" and "noun" in str(error.facts["near"])


# Stop words


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("我 的 房间 很 干净 ， 不 吵", None, "房间 干净 不 吵"),
        ("我的房间很干净，不吵。The view of it isn't bad", None, "房间干净 不吵 view isn't bad"),
        ("我 的 房间 不 吵", {"negations": True}, "房间 吵"),
        ("The hotel and the view", {"words": ["Hotel"]}, "view"),
        ("The hotel and the view", {"keep": ["the"]}, "The hotel the view"),
        ("a good, room", {"languages": [], "words": ["a"], "signs": False}, "good, room"),
        ("don’t go", {"words": ["go"]}, "don’t"),
        ("的 了", None, ""),
    ],
)
def test_stop_words(text: str, options: Any, expected: str) -> None:
    assert done("stop_words", options, text).frame["t"].to_list() == [expected]


def test_stop_words_from_a_file_and_an_unknown_language(tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text("酒店\n Hotel \n", "utf-8")
    options = {"file": str(tmp_path / "own.txt"), "languages": []}
    assert done("stop_words", options, "酒店 很 好 hotel").frame["t"][0] == "很 好"
    error = refused("stop_words", ["zh", "xx"], reviews())
    assert error.key == "text.no_stop_words" and "'xx'" in str(error)


# Sentences


@pytest.mark.parametrize(
    "expected",
    [
        ["Mr. Smith went to Washington D.C.", "He met J. K. Rowling at 5 p.m.", "It was fun!"],
        ["He works at Apple Inc. in the U.S. Government.", "Really?", '"Stop!" he said.', "Go."],
        ["Wait...", "What?", "He said no... and left.", "See www.a.com/x?y=1.", "Then go."],
        ["It cost 3.14 USD, i.e. a lot, cf. Fig. 3.", "Next."],
        ["1. First item.", "2. Second item."],
        ["今天好。", "去玩吧！", "“真的吗？”", "他问。", "然后……他走了。", "完"],
        ["他说：“好。”，然后走了。", "v2.0版本不错。", "价格是3.5元！？"],
        ["很好.", "下次再来.", "再见"],
        ["1.第一点很好。", "2.第二点。"],
        ["all small.", "no capitals here.", "e.g. this one."],
        ["She cried……”", "他走了。"],
    ],
)
def test_sentences(expected: list[str]) -> None:
    gap = " " if any("a" <= c <= "z" for c in expected[-1]) or expected[0][0] in "IHM1" else ""
    assert sentences(gap.join(expected)) == expected
    assert sentences("\n".join(expected)) == expected


@given(st.text(st.characters(), max_size=80) | st.text("。！？.!?…”\"' aA1中\n", max_size=40))
@settings(max_examples=300, deadline=None)
def test_sentences_lose_nothing_but_blanks(text: str) -> None:
    found = sentences(text)
    assert "".join("".join(found).split()) == "".join(text.split())
    assert all(sentence and sentence == sentence.strip() for sentence in found)


def test_split_sentences_keeps_the_first_and_last() -> None:
    text = "一。二！三？四。"
    assert done("split_sentences", {"first": 1, "last": 2}, text).frame.rows() == [
        ("一。 三？ 四。", 4.0)
    ]
    assert done("split_sentences", {"last": 1}, text, None).frame.rows() == [
        ("四。", 4.0),
        (None, None),
    ]
    assert done("split_sentences", {"lines": True, "count": False}, text).frame.rows() == [
        ("一。\n二！\n三？\n四。",)
    ]
    assert done("split_sentences", {"first": 9}, text).frame["t"].to_list() == [text]
    for option in ({"first": -1}, {"last": -2}):
        assert refused("split_sentences", option, reviews()).key == "text.bad_range"


# Languages


@pytest.mark.parametrize(
    ("text", "languages", "expected"),
    [
        ("好", ("zh", "en"), "zh"),
        ("ok", ("zh", "en"), "en"),
        ("我爱 iPhone 手机", ("zh", "en"), "zh"),
        ("I love 北京 and the wall", ("zh", "en"), "en"),
        ("鲜の每日", ("zh", "ja"), "zh"),
        ("これは日本語です", ("zh", "ja"), "ja"),
        ("東京", ("ja", "en"), "ja"),
        ("東京", ("ko", "en"), "other"),
        ("안녕", ("ko", "zh"), "ko"),
        ("Привет", ("zh", "en"), "other"),
        ("Привет", ("ru", "en"), "ru"),
        ("", ("zh",), "unknown"),
        ("12，!😀", ("zh",), "unknown"),
        ("Bonjour tout le monde, je suis très content de vous voir", ("zh", "en"), "other"),
        ("Bonjour tout le monde, je suis très content", ("zh", "en", "fr"), "fr"),
        ("The weather is lovely in the garden today", ("zh", "en", "fr"), "en"),
    ],
)
def test_language_of(text: str, languages: tuple[str, ...], expected: str) -> None:
    assert language_of(text, languages) == expected


def test_detect_language_adds_a_category_with_all_its_levels() -> None:
    after = done("detect_language", {"languages": ["zh", "en"]}, "你好", "Hi", None, "12", "Привет")
    assert after.frame["t.language"].to_list() == ["zh", "en", None, "unknown", "other"]
    assert after.schema["t.language"].kind == "category"
    assert after.schema["t.language"].levels == ("en", "other", "unknown", "zh")


def test_detect_language_marks_rows_with_their_language_as_evidence() -> None:
    data = column("你好", "Good morning", None, "12")
    operator = catalog.build("operators", "detect_language", ["zh"])
    operator.fit(data)
    frame = operator.apply(data).frame
    assert frame[KEEP].to_list() == [True, False, True, True]
    assert json.loads(frame[EVIDENCE][1])["language"] == "en"
    assert operator.report()["languages"]["t"] == {"zh": 1, "en": 1, "unknown": 1}
    error = refused("detect_language", ["cn"], data)
    assert error.key == "text.unknown_language"


def test_governance_drops_the_other_languages_from_training_only() -> None:
    data = column("你好", "Good morning", "天气好")
    operator = catalog.build("operators", "detect_language", ["zh"])
    result = govern(data, data, [operator])
    assert result.kept_rows == [0, 2]
    assert result.test is not None and result.test.frame.height == 3
    assert result.removed[0]["language"] == "en"


# Simplified and traditional


def test_convert_chinese_goes_by_words() -> None:
    assert done("convert_chinese", "s2t", "头发发展", "ok").frame["t"].to_list() == [
        "頭髮發展",
        "ok",
    ]
    assert done("convert_chinese", None, *ZH).frame["t"][2] == "我爱北京天安门，软体很好用。"
    assert done("convert_chinese", "tw2sp", "軟體").frame["t"][0] == "软件"
    with pytest.raises(SpecError):
        catalog.build("operators", "convert_chinese", "s2x")


# Vectors


def fitted(options: Any, *values: str | None) -> tuple[Any, Dataset]:
    operator = catalog.build("operators", "text_features", options)
    data = column(*values)
    operator.fit(data)
    return operator, operator.apply(data)


def test_tfidf_agrees_with_scikit_learn() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = [" ".join(segmenter().words(text)) for text in (*ZH, *ZH[:2], "书 好 好 好")]
    operator, after = fitted({"ngrams": [1, 2], "min_rows": 2, "max_features": 5000}, *texts)
    words = TfidfVectorizer(
        ngram_range=(1, 2),
        min_df=2,
        sublinear_tf=True,
        token_pattern=None,
        tokenizer=lambda text: [w for w in text.split() if any(map(str.isalnum, w))],
    )
    expected = words.fit_transform(texts).toarray()
    state = operator.state["columns"]["t"]
    assert sorted(words.vocabulary_) == state["terms"]
    order = [words.vocabulary_[term] for term in state["terms"]]
    np.testing.assert_allclose(after.frame["t"].to_numpy(), expected[:, order], atol=1e-6)
    assert after.schema["t"].kind == "vector" and after.schema["t"].shape == (len(order),)


def test_directions_hold_nearly_all_of_a_small_table() -> None:
    options = {"ngrams": [1, 1], "min_rows": 1, "dimensions": 6}
    _, reduced = fitted(options, *ZH, *EN)
    _, full = fitted({**options, "dimensions": 0}, *ZH, *EN)
    small, large = reduced.frame["t"].to_numpy(), full.frame["t"].to_numpy()
    assert small.shape == (8, 6)
    kept = (small.astype(float) ** 2).sum() / (large.astype(float) ** 2).sum()
    assert 0.7 < kept <= 1.001


def test_hashing_signs_words_and_counts_characters_as_the_release_does() -> None:
    _, words = fitted(
        {"method": "hashing", "max_features": 256, "normalise": False, "sublinear": False,
         "ngrams": [1, 1]},
        "good book good", None,
    )  # fmt: skip
    values = words.frame["t"].to_numpy()
    assert np.abs(values).sum(axis=1).tolist() == [3.0, 0.0]
    assert sorted(np.abs(values[0][values[0] != 0]).tolist()) == [1.0, 2.0]
    _, signs = fitted({"method": "hashing", "unit": "characters", "max_features": 128}, *ZH)
    np.testing.assert_allclose(np.linalg.norm(signs.frame["t"].to_numpy(), axis=1), 1, atol=1e-6)


def test_raw_chinese_is_cut_into_words_for_the_vocabulary() -> None:
    operator, _ = fitted({"min_rows": 1, "ngrams": [1, 1]}, "我爱北京天安门，真的。")
    assert {"北京", "天安门"} <= set(operator.state["columns"]["t"]["terms"])
    assert "，" not in operator.state["columns"]["t"]["terms"]


def test_a_column_without_a_vocabulary_is_left_alone_or_refused_by_name() -> None:
    data = column("one", "two", "three")
    operator = catalog.build("operators", "text_features", None)
    operator.fit(data)
    assert operator.apply(data).schema == data.schema
    error = refused("text_features", {"columns": ["t"]}, data)
    assert error.key == "text.no_vocabulary" and isinstance(error, DataError)
    everything_missing = column(None, None)
    operator.fit(everything_missing)
    assert operator.apply(everything_missing).frame["t"].to_list() == [None, None]


@pytest.mark.parametrize(
    "option",
    [
        {"ngrams": [2, 1]},
        {"max_features": 0},
        {"min_rows": 0},
        {"dimensions": -1},
        {"method": "hashing", "dimensions": 8},
    ],
)
def test_numbers_out_of_range_are_refused(option: dict[str, Any]) -> None:
    assert refused("text_features", option, reviews()).key == "text.bad_range"
    assert refused("normalise_text", {"repeats": -1}, reviews()).key == "text.bad_range"


@given(st.lists(st.none() | st.text(st.characters(codec="utf-8"), max_size=30), max_size=12))
@settings(max_examples=30, deadline=None)
def test_any_text_goes_through_the_whole_chain(values: list[str | None]) -> None:
    operators = [
        catalog.build("operators", name, options)
        for name, options in (
            ("normalise_text", None),
            ("convert_chinese", None),
            ("segment", None),
            ("stop_words", None),
            ("text_features", {"dimensions": 3, "min_rows": 1}),
        )
    ]
    data = column(*ZH, *EN)
    for operator in operators:
        operator.fit(data)
        data = operator.apply(data)
    asked = column(*values)
    after = apply_frame(asked.frame, asked.schema, operators)
    assert after.height == len(values)
    assert np.isfinite(after["t"].to_numpy()).all()


# Pinned packages


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("normalise_text", None),
        ("segment", None),
        ("pos_tags", None),
        ("stop_words", None),
        ("detect_language", None),
        ("convert_chinese", None),
        ("text_features", {"min_rows": 1}),
    ],
)
def test_another_version_is_refused_only_where_it_answers_differently(
    name: str, options: Any
) -> None:
    data = column(*ZH)
    operator = catalog.build("operators", name, options)
    operator.fit(data)
    row = json.loads(json.dumps(save_operators([operator])[0]))
    assert row["state"]["pin"]["version"] == pinned.installed(row["state"]["pin"]["package"])

    row["state"]["pin"]["version"] = "0.0.1"
    restore_operators([row])[0].apply(data)

    row["state"]["pin"]["answers"][3] = "another"
    with pytest.raises(GateError) as caught:
        restore_operators([row])[0].apply(data)
    assert caught.value.key == "text.other_version"
    assert caught.value.facts["differ"] == 1 and "0.0.1" in str(caught.value)


def test_reports_show_what_changed() -> None:
    operator = catalog.build("operators", "normalise_text", None)
    data = column("ＡＢＣ", "same", None)
    operator.fit(data)
    operator.apply(data)
    report = operator.report()
    assert report["changed"] == 1
    assert report["samples"] == [{"row": 0, "column": "t", "before": "ＡＢＣ", "after": "ABC"}]
