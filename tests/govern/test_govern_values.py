"""Values written in many ways: numerals, units, dates, yes/no, unseen characters, encodings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.core import catalog
from lingqu.core.errors import SpecError
from lingqu.core.i18n import both
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Kind, Schema
from lingqu.govern.clean_categories import CleanCategories
from lingqu.govern.dates import date_in, order_of
from lingqu.govern.defaults import defaults
from lingqu.govern.mojibake import lost, repaired
from lingqu.govern.numerals import decimal_mark, in_digits, in_words
from lingqu.govern.punctuation import punctuated
from lingqu.govern.quantities import amount_in, number_in, parse, reading_of
from lingqu.govern.repair_encoding import RepairEncoding
from lingqu.govern.spelling import tidy, without_unseen
from lingqu.govern.standardise import Standardise
from lingqu.govern.step import SMALL
from lingqu.govern.yes_no import mixed_yes_no, yes_in


def single(values: Any, kind: Kind = "text", **more: Any) -> Dataset:
    frame = pl.DataFrame({"x": pl.Series(values, dtype=more.pop("dtype", pl.String))})
    return Dataset(frame, Schema((Column("x", kind, more.pop("role", "feature"), **more),)))


def walked(step: Any, train: Dataset, rows: Dataset | None = None) -> list[Any]:
    step.fit(train)
    found: list[Any] = step.apply(rows or train).frame["x"].to_list()
    return found


_WORDS = "零一二三四五六七八九"


def in_chinese(number: int) -> str:
    """Return a number up to 99,999,999 in everyday words: the other way round, for the tests."""

    def below_ten_thousand(part: int) -> str:
        words, zero = "", False
        for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
            digit = part // unit % 10
            if digit:
                words += ("零" if zero and words else "") + _WORDS[digit] + name
                zero = False
            else:
                zero = True
        return words

    if number == 0:
        return "零"
    large, rest = divmod(number, 10_000)
    if not large:
        return below_ten_thousand(rest)
    gap = "零" if rest and rest < 1000 else ""
    return below_ten_thousand(large) + "万" + gap + below_ten_thousand(rest)


class TestNumerals:
    @pytest.mark.parametrize(
        ("text", "number"),
        [
            ("三千五百", 3500), ("壹万", 10_000), ("壹万贰仟叁佰肆拾伍", 12_345), ("十二", 12),
            ("两百三", 230), ("两百零三", 203), ("一万二", 12_000), ("一万零五", 10_005),
            ("一亿三千万", 130_000_000), ("一万亿", 10**12), ("3万5千", 35_000), ("1.5万", 15_000),
            ("负五", -5), ("三点一四", 3.14), ("二〇二四", 2024), ("廿五", 25), ("卅", 30),
            ("零", 0),
            ("百", None), ("十十", None), ("三三百", None), ("万", None), ("", None),
            ("点五", None), ("三点", None), ("三点百", None), ("二元", None), ("一零零百", None),
        ],
    )  # fmt: skip
    def test_words(self, text: str, number: float | None) -> None:
        assert in_words(text) == number

    @given(st.integers(0, 99_999_999))
    @settings(max_examples=300, deadline=None)
    def test_every_number_in_words_is_read_back(self, number: int) -> None:
        assert in_words(in_chinese(number)) == number

    @given(st.integers(0, 10**12), st.sampled_from([",", " ", "'", "’"]))
    @settings(max_examples=80, deadline=None)
    def test_separators_do_not_change_a_number(self, number: int, mark: str) -> None:
        assert in_digits(f"{number:,}".replace(",", mark)) == number
        assert in_digits(f"{number:,}".replace(",", "."), ",") == number

    @pytest.mark.parametrize("text", ["1,2", "1,23,456", "1 200,000", "", "1.2.3", "12e3", ","])
    def test_what_is_no_number_is_not_read(self, text: str) -> None:
        assert in_digits(text) is None

    def test_the_decimal_mark_is_that_of_the_column(self) -> None:
        assert decimal_mark(["1,200", "3"]) == "."
        assert decimal_mark(["1.200,50", "1.200"]) == ","
        assert decimal_mark(["1,200.5", "3,5"]) == ""

    @given(st.text(max_size=12))
    @settings(max_examples=100, deadline=None)
    def test_no_text_breaks_a_reader(self, text: str) -> None:
        assert number_in(text, "元") is None or isinstance(number_in(text, "元"), float)
        assert date_in(text, True) is None or isinstance(date_in(text, True), datetime)
        assert tidy(tidy(text)) == tidy(text)
        repaired(text)
        amount_in(text)


class TestUnits:
    @pytest.mark.parametrize(
        ("text", "unit", "number"),
        [
            ("5 斤", "kg", 2.5), ("三斤", "公斤", 1.5), ("2 两", "g", 100), ("6 inch", "cm", 15.24),
            ("1.8 m", "cm", 180), ("3 尺", "米", 1), ("98.6 °F", "°c", 37), ("37 ℃", "°f", 98.6),
            ("0 摄氏度", "华氏度", 32), ("2 公顷", "m2", 20_000), ("500 毫升", "升", 0.5),
            ("72 km/h", "m/s", 20), ("2 周", "天", 14), ("壹万贰仟元整", "元", 12_000),
            ("三千五百元", "元", 3500), ("百分之十二", "", 0.12), ("HK$ 300", "hkd", 300),
            ("10k", "", 10_000), ("3 万", "个", 30_000), ("1 200 kg", "t", 1.2),
        ],
    )  # fmt: skip
    def test_conversion(self, text: str, unit: str, number: float) -> None:
        assert number_in(text, unit) == pytest.approx(number)

    @pytest.mark.parametrize(
        ("text", "unit"),
        [("5 $", "元"), ("5 kg", "m"), ("百度", "元"), ("一班", ""), ("5 kg kg", "")],
    )
    def test_no_currency_becomes_another_and_no_word_a_number(self, text: str, unit: str) -> None:
        assert number_in(text, unit) is None

    def test_a_decimal_comma_is_read_where_the_column_shows_one(self) -> None:
        data = single(["1.200,50 €", "3,5 €", "1.000 €"])
        step = Standardise()
        assert walked(step, data) == [1200.5, 3.5, 1000.0]
        assert step.state["columns"]["x"]["decimal"] == ","
        both = single(["1.200,50 €", "3.5 €"])
        assert walked(Standardise(), both) == ["1.200,50 €", "3.5 €"]

    def test_a_column_of_words_and_digits_becomes_numbers(self) -> None:
        data = single(["三千五百元", "壹万元整", "1,200 元", "0.5万元", None])
        step = Standardise()
        assert walked(step, data) == [3500, 10_000, 1200, 5000, None]
        assert step.apply(data).schema["x"].kind == "number"
        assert step.report()["columns"]["x"]["samples"][0] == {"from": "三千五百元", "to": "3500.0"}

    def test_currencies_are_reported_and_left(self) -> None:
        data = single(["$20", "30 元", "1.5 万元", "€9"])
        step = Standardise()
        assert walked(step, data) == data.frame["x"].to_list()
        assert step.report()["undecided"]["x"]["mixed"] == {"cny": 2, "eur": 1, "usd": 1}
        assert step.apply(data).schema["x"].kind == "text"

    def test_split_tells_them_apart_without_converting(self) -> None:
        data = single(["$20", "30 元", "1.5 万元", None, "soon"])
        step = catalog.build("operators", "standardise", {"mixed": "split"})
        step.fit(single(["$20", "30 元", "1.5 万元", None]))
        after = step.apply(data)
        assert after.schema.names == ("x", "x.unit")
        assert after.frame.row(2) == (15_000.0, "cny") and after.frame.row(0) == (20.0, "usd")
        assert after.frame.row(4) == (None, None)
        assert after.schema["x.unit"].levels == ("cny", "usd")
        assert "not converted" in after.schema["x"].reason and after.schema["x"].reason_zh
        alone = step.apply(Dataset(data.frame.head(1), data.schema)).frame
        assert alone.row(0) == (20.0, "usd")
        bare = step.apply(Dataset(pl.DataFrame({"x": [7]}), data.schema)).frame
        assert bare.row(0) == (7.0, None)

    def test_no_reading_where_most_are_bare_digits(self) -> None:
        assert reading_of(["1", "2", "3 kg"], 0.98) is None
        assert parse("007") is None


class TestDates:
    @pytest.mark.parametrize(
        ("text", "day_first", "date"),
        [
            ("2024-03-05T08:30:00Z", None, datetime(2024, 3, 5, 8, 30)),
            ("2024-03-05 08:30:00+08:00", None, datetime(2024, 3, 5, 0, 30)),
            ("2024-03-05 08:30:00.25", None, datetime(2024, 3, 5, 8, 30, 0, 250_000)),
            ("Mar 5, 2024 8:30 PM", None, datetime(2024, 3, 5, 20, 30)),
            ("12 March 2024 12:05 AM", None, datetime(2024, 3, 12, 0, 5)),
            ("5-Sept-2024", None, datetime(2024, 9, 5)),
            ("二〇二四年十二月三十一日", None, datetime(2024, 12, 31)),
            ("2024年3月5号", None, datetime(2024, 3, 5)),
            ("5/3/2024", True, datetime(2024, 3, 5)), ("5/3/2024", False, datetime(2024, 5, 3)),
            ("5.3.2024 14:00", True, datetime(2024, 3, 5, 14)),
            ("31/12/2024", False, None), ("5/3/2024", None, None), ("5/3-2024", True, None),
            ("2024-13-01", None, None), ("Mai 5, 2024", None, None), ("2024年2月30日", None, None),
            ("Mar 5, 2024 13:30 PM", None, None), ("2024-03-05 08:30+99:00", None, None),
            ("0001-01-01 00:00+08:00", None, None), ("五年级", None, None),
        ],
    )  # fmt: skip
    def test_forms(self, text: str, day_first: bool | None, date: datetime | None) -> None:
        assert date_in(text, day_first) == date

    def test_several_forms_in_one_column(self) -> None:
        data = single(["2024-03-05", "25/3/2024", "5/3/2024", "Mar 7, 2024", None])
        step = Standardise()
        assert walked(step, data) == [
            datetime(2024, 3, 5), datetime(2024, 3, 25), datetime(2024, 3, 5), datetime(2024, 3, 7),
            None,
        ]  # fmt: skip
        assert step.apply(data).schema["x"].kind == "datetime"
        # The order that training showed holds for a row alone.
        later = single(["4/3/2024"])
        assert step.apply(later).frame["x"].to_list() == [datetime(2024, 3, 4)]

    def test_what_may_be_either_is_left_and_reported(self) -> None:
        data = single(["5/3/2024", "6/3/2024", "2024-01-01"])
        step = Standardise()
        assert walked(step, data) == data.frame["x"].to_list()
        doubt = step.report()["undecided"]["x"]["ambiguous"]
        assert doubt["open"] == 2 and doubt["samples"] == ["5/3/2024", "6/3/2024"]

    def test_a_column_that_contradicts_itself_is_left_and_reported(self) -> None:
        data = single(["25/3/2024", "3/25/2024", "5/3/2024"])
        step = Standardise()
        assert walked(step, data) == data.frame["x"].to_list()
        doubt = step.report()["undecided"]["x"]["ambiguous"]
        assert (doubt["day_first"], doubt["month_first"]) == (1, 1)

    def test_the_option_settles_it(self) -> None:
        data = single(["5/3/2024", "6/3/2024"])
        assert walked(Standardise(day_first=True), data)[0] == datetime(2024, 3, 5)
        assert walked(Standardise(day_first=False), data)[0] == datetime(2024, 5, 3)

    def test_few_dates_among_words_leave_a_column_alone(self) -> None:
        data = single(["25/3/2024", "soon", "later"])
        step = Standardise()
        assert walked(step, data) == data.frame["x"].to_list()
        assert walked(Standardise(), single(["5/3/2024", "soon", "later"]))[0] == "5/3/2024"
        assert step.report()["undecided"] == {}

    @given(st.dates(), st.booleans())
    @settings(max_examples=60, deadline=None)
    def test_a_date_written_in_any_form_is_read_back(self, day: Any, first: bool) -> None:
        wanted = datetime(day.year, day.month, day.day)
        order = (day.day, day.month) if first else (day.month, day.day)
        for text in (
            f"{day.year:04}-{day.month}-{day.day}",
            f"{day.year:04}年{day.month}月{day.day}日",
            f"{order[0]}/{order[1]}/{day.year:04}",
        ):
            assert date_in(text, first) == wanted
        assert order_of([f"{order[0]}.{order[1]}.{day.year:04}"]).settled in (None, first)


class TestYesNo:
    def test_words_become_booleans(self) -> None:
        data = single(["yes", "Y", "是", "no", "否", "Ｎ", None], "category", levels=("yes", "no"))
        step = Standardise()
        assert walked(step, data) == [True, True, True, False, False, False, None]
        column = step.apply(data).schema["x"]
        assert (column.kind, column.levels) == ("boolean", ()) and "是与否" in column.reason_zh
        sent = Dataset(pl.DataFrame({"x": [True]}), data.schema)
        assert step.apply(sent).frame["x"].to_list() == [True]
        assert walked(step, data, single(["maybe"]))[0] is None
        assert step.report()["columns"]["x"]["unread_samples"] == ["maybe"]

    @pytest.mark.parametrize(
        "values", [["yes", "no"], ["1", "0"], ["yes", "y", "Y"], ["yes", "y", "no", "perhaps"]]
    )
    def test_columns_that_need_no_repair_are_left(self, values: list[str]) -> None:
        assert not mixed_yes_no(values, 0.98)
        assert walked(Standardise(), single(values, "category")) == values

    def test_it_can_be_turned_off(self) -> None:
        values = ["yes", "Y", "no", "N"]
        assert walked(Standardise(booleans=False), single(values, "category")) == values
        assert yes_in("maybe") is None


class TestUnseen:
    def test_zero_width_characters_and_marks_go(self) -> None:
        assert tidy("\ufeffBei\u200bjing\u00a0 \u200f") == "Beijing"
        assert without_unseen("a\x00b\u00adc") == "abc"
        values = ["Bei\u200bjing", "Beijing", "Beijing\ufeff", "Shang\u2060hai"]
        assert walked(CleanCategories(), single(values, "category")) == [
            *["Beijing"] * 3,
            "Shanghai",
        ]
        assert walked(Standardise(), single(["好\u200b的\n\u200b再见", "ok"])) == [
            "好的\n再见",
            "ok",
        ]

    def test_joiners_that_have_a_meaning_stay(self) -> None:
        family = "👨\u200d👩\u200d👧"
        assert without_unseen(family) == family
        persian = "می\u200cخواهم"
        assert without_unseen(persian) == persian
        assert without_unseen("ab\u200dc") == "abc"


class TestPunctuation:
    def test_traditional_quotes_and_ascii_marks_become_chinese(self) -> None:
        assert punctuated("他說「好」,走了.", "chinese") == "他說“好”，走了。"
        assert (
            punctuated("價格﹕3.5元(約),see a.b, ok.", "chinese")
            == "價格：3.5元（約），see a.b, ok."
        )
        assert punctuated("版本2.0", "chinese") == "版本2.0"

    def test_chinese_marks_become_ascii(self) -> None:
        assert punctuated("“好”，走了……【完】", "ascii") == '"好",走了......[完]'
        assert punctuated("plain, text.", "ascii") == "plain, text."

    def test_the_operator_does_it_only_when_asked(self) -> None:
        data = single(["他說「好」,走了."])
        assert walked(Standardise(), data) == ["他說「好」,走了."]
        assert walked(Standardise(punctuation="chinese"), data) == ["他說“好”，走了。"]
        assert walked(Standardise(punctuation="ascii"), single(["好，走了。"])) == ["好,走了."]


REAL = [
    "中文",
    "灵渠是运河",
    "北京市海淀区",
    "价格：3500元",
    "长城万里",
    "模型渠道管理",
    "今天天气很好",
]
WESTERN = ["été à la crème", "naïve café", "Zürich", "señor", "Grüße aus Köln", "£5 – “ok”"]


class TestMojibake:
    @pytest.mark.parametrize("text", [*REAL, *WESTERN])
    @pytest.mark.parametrize("shown", ["latin-1", "cp1252"])
    def test_utf8_read_as_western_is_undone(self, text: str, shown: str) -> None:
        try:
            damaged = text.encode().decode(shown)
        except UnicodeDecodeError:
            damaged = "".join(
                bytes([b]).decode("cp1252", "replace").replace("\ufffd", chr(b))
                for b in text.encode()
            )
        assert repaired(damaged) == (text, "utf8_as_latin1")

    @pytest.mark.parametrize("text", REAL)
    def test_gbk_read_as_western_is_undone(self, text: str) -> None:
        assert repaired(text.encode("gbk").decode("latin-1")) == (text, "gbk_as_latin1")

    @pytest.mark.parametrize("text", ["很好", "房间", "干净", "服务态度", "酒店位置"])
    def test_utf8_read_as_gbk_is_undone_where_no_byte_was_lost(self, text: str) -> None:
        try:
            damaged = text.encode().decode("gbk")
        except UnicodeDecodeError:
            damaged = ""
        assert repaired(damaged) == ((text, "utf8_as_gbk") if damaged else None)

    @pytest.mark.parametrize(
        "text", [*REAL, *WESTERN, "联通", "plain", "", "Ω±≠", "日本語", "éèàù"]
    )
    def test_real_text_is_left_alone(self, text: str) -> None:
        assert repaired(text) is None

    def test_a_text_damaged_twice_is_undone_twice(self) -> None:
        twice = "Zürich".encode().decode("latin-1").encode().decode("latin-1")
        assert repaired(twice) == ("Zürich", "utf8_as_latin1")

    def test_lost_bytes_are_told_and_not_guessed(self) -> None:
        for text in ("锟斤拷", "caf\ufffd", "烫烫烫烫"):
            assert lost(text) and repaired(text) is None

    @given(
        st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=8)
    )
    @settings(max_examples=200, deadline=None)
    def test_chinese_survives_the_wrong_reading(self, text: str) -> None:
        damaged = text.encode().decode("latin-1")
        assert repaired(damaged) == (text, "utf8_as_latin1")

    def test_the_operator_repairs_values_and_levels_and_reports(self) -> None:
        values = ["Zürich", "ZÃ¼rich", "ÖÐ¹ú", None, "caf\ufffd"]
        data = single(values, "category", levels=("Zürich", "ZÃ¼rich", "ÖÐ¹ú", "caf\ufffd"))
        step = RepairEncoding()
        assert walked(step, data) == ["Zürich", "Zürich", "中国", None, "caf\ufffd"]
        assert step.apply(data).schema["x"].levels == ("Zürich", "中国", "caf\ufffd")
        told = step.report()["columns"]["x"]
        assert told["how"] == {"gbk_as_latin1": 1, "utf8_as_latin1": 1}
        assert told["samples"][0] == {
            "row": 1, "from": "ZÃ¼rich", "to": "Zürich", "how": "utf8_as_latin1",
        }  # fmt: skip
        assert (told["lost"], told["lost_rows"]) == (1, [4])

    @pytest.mark.parametrize("dtype", [pl.String, pl.Categorical])
    def test_small_and_large_frames_agree(self, dtype: Any) -> None:
        values = ["ZÃ¼rich", "Zürich", "plain", None]
        step = RepairEncoding()
        small = walked(step, single(values, dtype=dtype))
        large = step.apply(single(values * SMALL, dtype=dtype)).frame["x"].to_list()
        assert small == ["Zürich", "Zürich", "plain", None] and large == small * SMALL
        clean = single(["plain"] * (SMALL + 1), dtype=dtype)
        assert step.apply(clean).frame["x"].dtype == dtype

    def test_a_target_is_repaired_and_other_types_are_left(self) -> None:
        target = single(["ÖÐ¹ú", "中国"], "category", role="target")
        assert walked(RepairEncoding(), target) == ["中国", "中国"]
        numbers = single([1, 2], "category", dtype=pl.Int64)
        step = RepairEncoding()
        assert walked(step, numbers) == [1, 2] and step.report()["changed"] == 0
        with pytest.raises(SpecError):
            RepairEncoding(("y",)).fit(numbers)


class TestDefaults:
    def test_damaged_text_is_repaired_without_being_asked(self) -> None:
        damaged, whole = single(["ZÃ¼rich", "Bern"], "category"), single(["Zürich", "Bern"])
        reasons = {name: why for name, _, why in defaults(damaged.schema, damaged.frame)}
        assert "编码" in both(reasons["repair_encoding"])["zh"]
        assert "repair_encoding" not in [row[0] for row in defaults(whole.schema, whole.frame)]
        empty = defaults(damaged.schema, damaged.frame.clear())
        assert "repair_encoding" not in [row[0] for row in empty]
