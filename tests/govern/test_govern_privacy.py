from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.core.errors import DataError, SpecError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema
from lingqu.govern.clean_categories import CleanCategories
from lingqu.govern.contract.operator import Contract
from lingqu.govern.pipeline import govern
from lingqu.govern.privacy import rules_zh
from lingqu.govern.privacy.mask import Mask
from lingqu.govern.privacy.recognise import concealed, find, hidden
from lingqu.govern.privacy.scan import scan
from lingqu.store import vault

DIGITS = "0123456789"


def number(rng: random.Random, pattern: str) -> str:
    return "".join(rng.choice(DIGITS) if char == "#" else char for char in pattern)


def with_luhn(body: str) -> str:
    total = sum(
        sum(divmod(int(char) * (2 if place % 2 == 0 else 1), 10))
        for place, char in enumerate(reversed(body))
    )
    return body + str(-total % 10)


def id_card(rng: random.Random) -> str:
    head = rng.choice(["110105", "310101", "440305", "513021", "650102"])
    body = f"{head}{rng.randint(1940, 2015)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
    body += number(rng, "###")
    weights = [2 ** (17 - i) % 11 for i in range(17)]
    return body + "10X98765432"[sum(int(c) * w for c, w in zip(body, weights, strict=True)) % 11]


def iban(rng: random.Random) -> str:
    body = number(rng, "##################")
    return f"DE{98 - int(body + '131400') % 97:02d}{body}"


def credit_code(rng: random.Random) -> str:
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = "91" + number(rng, "######") + "".join(rng.choice(letters) for _ in range(9))
    total = sum(letters.index(char) * 3**i for i, char in enumerate(body))
    return body + letters[-total % 31]


def name_zh(rng: random.Random) -> str:
    given_names = "伟芳娜敏静丽强磊军洋勇艳杰娟涛超霞刚桂英华玉兰建国志明晓红小雨子轩梓涵"
    count = rng.choice([1, 2, 2])
    return rng.choice("王李张刘陈杨赵黄周吴徐孙胡朱林何郭马罗") + "".join(
        rng.choice(given_names) for _ in range(count)
    )


MAKERS: dict[str, Callable[[random.Random], str]] = {
    "id_card": id_card,
    "mobile": lambda r: number(r, r.choice(["139########", "+86 186########", "155 #### ####"])),
    "bank_card": lambda r: with_luhn(
        number(r, r.choice(["622202############", "436742#########"]))
    ),
    "plate": lambda r: (
        r.choice("京沪粤浙川")
        + r.choice("ABCDE")
        + number(r, r.choice(["#####", "D#####", "·1####"]))
    ),
    "credit_code": credit_code,
    "passport": lambda r: number(r, r.choice(["E########", "G########"])),
    "landline": lambda r: number(r, r.choice(["010-6#######", "0571-8#######", "(021)5#######"])),
    "email": lambda r: number(r, r.choice(["li.wei##@example.com", "a_b-#@mail.co.uk"])),
    "ipv4": lambda r: ".".join(str(r.randint(128, 223)) for _ in range(4)),
    "ipv6": lambda r: ":".join(f"{r.randint(4096, 65535):x}" for _ in range(8)),
    "iban": iban,
    "ssn": lambda r: f"{r.randint(100, 665)}-{r.randint(10, 99)}-{r.randint(1000, 9999)}",
    "phone": lambda r: number(r, r.choice(["(212) 5##-####", "+1 415 5## ####", "303-2##-####"])),
    "card": lambda r: with_luhn(number(r, r.choice(["4##############", "51#############"]))),
    "secret": lambda r: "ghp_" + "".join(r.choice("abcdefgh0123456789") for _ in range(36)),
    "name": name_zh,
}
AS_KIND = {"card": "bank_card"}
TEMPLATES = [
    "我叫{name}，手机号{mobile}，邮箱是{email}，请尽快联系。",
    "客户{name}的身份证号码为{id_card}，银行卡号{bank_card}。",
    "收货人：{name}，电话：{landline}，三日内送达。",
    "请将款项汇入{bank_card}，户名{name}。",
    "车牌{plate}的车主{name}已报案，身份证{id_card}。",
    "来自{ipv4}的用户{email}登录失败，请联系{name}处理。",
    "患者{name}，联系电话{mobile}，于昨日入院，护照{passport}。",
    "开票单位税号{credit_code}，电话{landline}",
    "姓名：{name} 身份证：{id_card} 手机：{mobile}",
    "Hi, my email is {email}. Please call me back on {phone}.",
    "Please charge the card {card} issued last year.",
    "Transfer the deposit to IBAN {iban} before Friday.",
    "The employee (SSN: {ssn}) was hired last spring.",
    "Failed login from {ipv4} and {ipv6} for account {email}.",
    "export TOKEN={secret} # do not commit",
    "ticket 4821: user {email} reports that card {card} was declined twice",
]
HARD_NEGATIVES = [
    "订单号{d18}已于昨日发货，共计13件商品。",
    "今年高铁运送旅客超过13800000000人次，同比增长8%。",
    "系统版本3.11.7，构建编号110101199913345678，请勿外传。",
    "张家口的天气晴朗，王府井大街人来人往。",
    "营业收入15912345678元，增长12.5%。",
    "The build 4111-2222 took 12.5 seconds on node 7.",
    "Version 10.2.3.400 shipped with 1,234,567 downloads.",
    "Order 202511210012345 left the depot at 12:34:56 on 2024-01-02.",
    "固件版本 10.2.3.4 已发布，联系方式见官网。",
    "通知任何人员不得入内，联系客服请拨打总机。",
    "用户管理和客户关系是两个模块，车主服务已上线。",
    "The matrix has 123456789 rows, ISBN 978-7-111-54493-7, 100% done.",
    "f(x) = 3.14159265358979 and e = 2.718281828459045",
    "快递单号 6222020200112233445 已签收",
    "access_token is required; the password must be changed",
    "UUID 550e8400-e29b-41d4-a716-446655440000 and sha a3f5c9",
    "127.0.0.1 和 255.255.255.0 是本机配置",
]


def labelled(count: int, seed: int) -> list[tuple[str, list[tuple[str, int, int]]]]:
    """Return sentences with the places of what was filled in."""
    rng = random.Random(seed)
    texts = []
    for _ in range(count):
        text, spans = "", []
        for part in re.split(r"(\{\w+\})", rng.choice(TEMPLATES)):
            if part.startswith("{"):
                kind = part[1:-1]
                value = MAKERS[kind](rng)
                spans.append((AS_KIND.get(kind, kind), len(text), len(text) + len(value)))
                text += value
            else:
                text += part
        texts.append((text, spans))
    return texts


def test_structured_data_is_found_in_chinese_and_english() -> None:
    total: Counter[str] = Counter()
    hit: Counter[str] = Counter()
    false = found = 0
    for text, truth in labelled(3000, seed=11):
        spans = {(s.kind, s.start, s.end) for s in find(text)}
        for span in truth:
            total[span[0]] += 1
            hit[span[0]] += span in spans
        found += len(spans)
        false += len(spans - set(truth))
    names, named = hit.pop("name"), total.pop("name")
    assert sum(hit.values()) / sum(total.values()) >= 0.99, {k: hit[k] / total[k] for k in total}
    assert min(hit[kind] / total[kind] for kind in total) >= 0.97, dict(hit)
    assert names / named >= 0.85
    assert 1 - false / found >= 0.98


@pytest.mark.parametrize("template", HARD_NEGATIVES)
def test_hard_negatives_hold_nothing(template: str) -> None:
    rng = random.Random(5)
    for _ in range(30):
        text = template.replace("{d18}", number(rng, "2025########") + number(rng, "######"))
        assert find(text) == []


ODD = [
    ("手机１３９１２３４５６７８。", "mobile", "１３９１２３４５６７８"),
    ("证件号：110105491231002", "id_card", "110105491231002"),
    ("API_KEY = 'abcd1234efgh5678'", "secret", "abcd1234efgh5678"),
    ("密码是hunter2hunter2", "secret", "hunter2hunter2"),
    ("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----", "secret", None),
    ("call 2125550123x12 now", "phone", "2125550123"),
    ("reach me: +44 20 7946 0958", "phone", "+44 20 7946 0958"),
    ("欧阳娜娜女士您好", "name", "欧阳娜娜"),
    ("王先生您好，张伟先生也好", "name", "张伟"),
    ("amex 3782 822463 10005", "bank_card", "3782 822463 10005"),
    ("热线01062345678", "landline", "01062345678"),
    ("联系李明明天来", "name", "李明"),
    ("server 2001:db8::8a2e:370:7334 down", "ipv6", "2001:db8::8a2e:370:7334"),
]


@pytest.mark.parametrize(("text", "kind", "value"), ODD)
def test_odd_forms(text: str, kind: str, value: str | None) -> None:
    spans = [span for span in find(text) if span.kind == kind]
    assert spans, find(text)
    if value is not None:
        assert spans[0].value == value
    assert all(text[s.start : s.end] == s.value for s in spans)


def test_one_wrong_digit_is_no_number_of_anybody() -> None:
    rng = random.Random(3)
    for kind in ("id_card", "iban", "credit_code", "bank_card"):
        for _ in range(50):
            value = MAKERS[kind](rng)
            place = 12 if kind != "iban" else 8
            wrong = value[:place] + str(
                (int(value[place]) + 1) % 10 if value[place].isdigit() else 0
            )
            wrong += value[place + 1 :]
            spans = [span.kind for span in find(f"号码{wrong}。")]
            assert kind not in spans or wrong == value


def test_tables_of_rules_agree_with_the_standards() -> None:
    assert rules_zh.id_card("11010519491231002X")
    assert not rules_zh.id_card("11010519491331002X")
    assert not rules_zh.id_card_15("110105491331002")
    assert not rules_zh.credit_code("91350100M000100I43")


@given(st.text(max_size=80))
@settings(max_examples=150, deadline=None)
def test_any_text_gives_ordered_spans_that_do_not_overlap(text: str) -> None:
    end = 0
    for span in find(text):
        assert end <= span.start < span.end <= len(text)
        assert text[span.start : span.end] == span.value
        end = span.end


def table() -> Dataset:
    rng = random.Random(1)
    rows = 600
    frame = pl.DataFrame(
        {
            "phone": [MAKERS["mobile"](rng) for _ in range(rows)],
            "tel": [int("139" + number(rng, "########")) for _ in range(rows)],
            "姓名": [name_zh(rng) for _ in range(rows)],
            "note": [
                f"订单{i}，请联系{name_zh(rng)}，电话{MAKERS['mobile'](rng)}"
                if i % 3
                else f"正常{i}"
                for i in range(rows)
            ],
            "amount": [float(i) for i in range(rows)],
            "big": [10**12 + i for i in range(rows)],
            "city": ["北京", "上海"] * (rows // 2),
            "y": ["a", "b"] * (rows // 2),
        }
    )
    kinds: list[Any] = [
        "text",
        "number",
        "text",
        "text",
        "number",
        "number",
        "category",
        "category",
    ]
    names = frame.columns
    columns = [Column(n, k) for n, k in zip(names[:-1], kinds[:-1], strict=True)]
    return Dataset(frame, Schema((*columns, Column("y", "category", "target"))))


def test_scan_names_the_columns_and_hides_what_it_shows() -> None:
    data = table()
    findings = {f.argument: f for f in scan(data.frame, data.schema)}
    assert set(findings) == {"phone", "tel", "姓名", "note"}
    phone = findings["phone"]
    assert (phone.value, phone.n, phone.verdict) == (1.0, 600, "fail")
    assert phone.evidence["kinds"] == {"mobile": 600}
    held = set(data.frame["phone"])
    assert not held & set(phone.evidence["samples"])
    assert findings["姓名"].evidence["kinds"] == {"name": 600}
    assert findings["note"].value == pytest.approx(2 / 3)


@pytest.mark.parametrize("strategy", ["mask", "redact", "hash"])
def test_nothing_is_left_after_masking(strategy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINGQU_MASK_KEY", "a secret of enough length")
    step, data = Mask(strategy=strategy), table()
    step.fit(data)
    after = step.apply(data)
    report = step.report()
    assert set(report["columns"]) == {"phone", "tel", "姓名", "note"}
    assert report["left"] == 0
    assert report["changed"] == 600 * 3 + 400
    for name in report["columns"]:
        assert not any(find(cell) for cell in after.frame[name].to_list())
    assert after.frame["note"][1].startswith("订单1，请联系")
    assert after.frame["note"][0] == "正常0"
    assert after.frame["amount"].equals(data.frame["amount"])
    if strategy != "hash":
        assert after.schema["phone"].role == "ignored"
    assert after.schema["tel"].kind == "text"


def test_tokens_are_equal_for_equal_values_and_need_the_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vault.forget()  # what other tests opened in this process
    frame = pl.DataFrame({"tel": ["13912345678", "13912345678", "15912345678", None]})
    data = Dataset(frame, Schema((Column("tel", "text"),)))
    with pytest.raises(DataError) as caught:
        Mask(strategy="hash").fit(data)
    assert caught.value.key == "privacy.no_key"
    monkeypatch.setenv("MY_KEY", "short")
    with pytest.raises(DataError, match="one of 5 characters"):
        Mask(strategy="hash", key_variable="MY_KEY").fit(data)
    tokens = []
    for key in ("0123456789abcdef", "0123456789abcdef", "another key, also long"):
        monkeypatch.setenv("MY_KEY", key)
        step = Mask(strategy="hash", key_variable="MY_KEY")
        step.fit(data)
        tokens.append(step.apply(data).frame["tel"].to_list())
        assert key not in str(step.state)
    assert tokens[0] == tokens[1] != tokens[2]
    assert tokens[0][0] == tokens[0][1] != tokens[0][2]
    assert tokens[0][3] is None


def test_a_dropped_column_is_gone_from_frame_and_schema() -> None:
    step, data = Mask(("phone",), strategy="drop"), table()
    step.fit(data)
    after = step.apply(data)
    assert "phone" not in after.frame.columns and "phone" not in after.schema
    assert step.report()["columns"] == {"phone": {"by": "column", "cells": 600, "left": 0}}


def test_a_named_column_is_masked_whole_even_where_no_rule_sees_anything() -> None:
    frame = pl.DataFrame({"badge": ["X-1", "Y-22", None]})
    data = Dataset(frame, Schema((Column("badge", "category", levels=("X-1", "Y-22")),)))
    step = Mask(("badge",))
    step.fit(data)
    after = step.apply(data)
    assert after.frame["badge"].to_list() == ["X**", "Y***", None]
    assert after.schema["badge"].levels == ()


def test_the_target_is_never_masked() -> None:
    with pytest.raises(SpecError, match="target"):
        Mask(("y",)).fit(table())
    frame = pl.DataFrame({"tel": ["13912345678"] * 3})
    data = Dataset(frame, Schema((Column("tel", "text", "target"),)))
    step = Mask()
    step.fit(data)
    assert step.apply(data).frame.equals(frame)


def test_a_stray_match_in_numbers_is_chance() -> None:
    rows = 400
    numbers = [20_000_000_000 + i for i in range(rows - 1)] + [13912345678]
    data = Dataset(pl.DataFrame({"n": numbers}), Schema((Column("n", "number"),)))
    assert scan(data.frame, data.schema) == []
    step = Mask()
    step.fit(data)
    assert step.state == {"columns": {}}


def test_a_mask_may_lay_bare_a_neighbour_and_then_masks_it_too() -> None:
    frame = pl.DataFrame({"note": ["a@b.example.com13912345678@c.example.com"] * 3})
    data = Dataset(frame, Schema((Column("note", "text"),)))
    step = Mask(strategy="redact")
    step.fit(data)
    assert not any(find(cell) for cell in step.apply(data).frame["note"])


def test_hidden_shows_little() -> None:
    assert hidden("李") == "李"
    assert hidden("欧阳娜娜") == "欧***"
    assert hidden("11010519491231002X") == "11**************2X"


PHONES = [f"139{10_000_000 + 137 * n}" for n in range(30)]


@pytest.mark.parametrize("dtype", [pl.String, pl.Int64, pl.Float64])
def test_phones_written_as_numbers_are_found_and_hidden(dtype: Any) -> None:
    series = pl.Series("contact", [*PHONES, None]).cast(dtype)
    kind: Any = "text" if dtype == pl.String else "number"
    data = Dataset(series.to_frame(), Schema((Column("contact", kind, low=1.0, high=2.0),)))
    (found,) = scan(data.frame, data.schema)
    assert (found.value, found.evidence["kinds"]) == (1.0, {"mobile": 30})
    step = Mask()
    step.fit(data)
    after = step.apply(data)
    assert after.frame["contact"].to_list() == [*(hidden(phone) for phone in PHONES), None]
    assert (after.schema["contact"].low, after.schema["contact"].role) == (None, "ignored")
    assert step.report()["columns"]["contact"]["cells"] == 30


@pytest.mark.parametrize("values", [[1.5e10, 2.25], [float("nan")], [1e18] * 5, [None, None]])
def test_quantities_are_no_phones(values: list[float | None]) -> None:
    frame = pl.DataFrame({"a": pl.Series(values, dtype=pl.Float64)})
    assert scan(frame, Schema((Column("a", "number"),))) == []


def test_what_is_shown_is_concealed() -> None:
    assert concealed("回电13912345678或a.li@example.com") == "回电13*******78或a.************om"
    assert concealed("nothing here") == "nothing here"


def test_what_hides_goes_before_what_learns_values() -> None:
    frame = pl.DataFrame({"tel": PHONES * 2, "code": ["a", "B"] * 30})
    schema = Schema((Column("tel", "category"), Column("code", "category")))
    steps = [
        Contract([{"unique": {"column": "tel"}}, {"length": {"column": "code", "max": 0}}]),
        CleanCategories(),
        Mask(columns=("tel",)),
    ]
    done = govern(Dataset(frame, schema), None, steps, ["promise", "tidy", "hide"])
    assert [report["name"] for report in done.reports] == ["promise", "hide", "tidy"]
    assert not any(phone in str([s.state for s in done.operators[1:]]) for phone in PHONES)
    unique, length = done.reports[0]["report"]["rules"]
    assert {sample["value"] for sample in unique["samples"]} == {"***"}
    assert {sample["value"] for sample in length["samples"]} == {"a", "B"}


def test_a_contract_that_stops_tells_no_phone() -> None:
    step = Contract([{"length": {"column": "tel", "max": 3}}], on_fail="stop")
    data = Dataset(pl.DataFrame({"tel": PHONES}), Schema((Column("tel", "text"),)))
    step.fit(data)
    with pytest.raises(DataError) as caught:
        step.apply(data)
    assert not any(phone in str(caught.value) for phone in PHONES)
    assert "13*******" in str(caught.value)


def test_names_in_sentences_are_a_note_and_columns_of_names_a_failure() -> None:
    frame = pl.DataFrame(
        {
            "review": ["Grace Kelly plays it well", "no comment", "Maria Rossi sings", "dull"] * 50,
            "who": ["Grace Kelly", "Maria Rossi", "John Smith", "Daniel Iyer"] * 50,
        }
    )
    schema = Schema((Column("review", "text"), Column("who", "text")))
    note, failure = scan(frame, schema, masked=True)
    assert (note.argument, note.verdict, note.severity) == ("review", "note", "info")
    assert note.value == 0.5 and note.evidence["kinds"] == {"name": 100}
    assert (failure.argument, failure.verdict, failure.severity) == ("who", "fail", "warn")
    step = Mask()
    step.fit(Dataset(frame, schema))
    assert set(step.state["columns"]) == {"who"}


def test_a_scan_that_runs_out_of_time_says_so_and_read_evenly() -> None:
    rows = 60_000
    frame = pl.DataFrame({"note": [f"row {n} call 139{n:08d}" for n in range(rows)]})
    schema = Schema((Column("note", "text"),))
    (found,) = scan(frame, schema, limit=None, seconds=0.0)
    assert not found.evidence["every_cell"] and 0 < found.n < rows
    assert found.low is not None and found.high is not None and found.low < found.high <= 1
    (whole,) = scan(frame.head(5000), schema, limit=None)
    assert whole.evidence["every_cell"] and whole.n == 5000


NAMED = [
    ("PatientID", "personal", ["4MR1", "021234567", "1CT1"]),
    ("patient_id", "personal", ["7", "8", "9"]),
    ("PatientBirthDate", "birth_date", ["19560807", "1980-05-03", "3 May 1980"]),
    ("PatientName", "name", ["Doe^John", "Roe^Kim", "张伟"]),
    ("OtherPatientNames", "name", ["Doe^Jane", "Roe^Ann", "Lee^Kim"]),
    ("ReferringPhysicianName", "name", ["Grey^Ann", "Lee^Bo", "Roe^Kim"]),
    ("firstName", "name", ["Ann", "Bo", "Kim"]),
    ("PatientTelephoneNumbers", "phone", ["555-0134", "5550135", "(0)555 0136"]),
    ("PatientAddress", "address", ["12 Elm", "3 Oak Lane", "Flat 4, Mill"]),
    ("病历号", "personal", ["A001", "A002", "B013"]),
]


@pytest.mark.parametrize(("column", "kind", "cells"), NAMED, ids=[row[0] for row in NAMED])
def test_a_column_is_told_by_its_name_and_its_cells(
    column: str, kind: str, cells: list[str]
) -> None:
    frame = pl.DataFrame({column: cells})
    (found,) = scan(frame, Schema((Column(column, "text"),)))
    assert found.verdict == "fail" and found.value == 1.0
    assert found.evidence["kinds"] == {kind: 3}
    other = pl.DataFrame({column: ["unknown", "n/a", "-"]})
    assert scan(other, Schema((Column(column, "text"),))) == []
    step = Mask()
    data = Dataset(frame, Schema((Column(column, "text"),)))
    step.fit(data)
    after = step.apply(data)
    assert set(after.frame[column]).isdisjoint(cells)
    assert scan(after.frame, after.schema) == []


@pytest.mark.parametrize(
    "column",
    ["product_name", "PatientSex", "StudyID", "ip_address", "phone_model", "birthplace", "user_id"],
)
def test_other_names_of_columns_tell_nothing(column: str) -> None:
    frame = pl.DataFrame({column: ["Red Box 12", "M 3 of 5", "1234567"]})
    assert scan(frame, Schema((Column(column, "text"),))) == []


def test_numbers_and_dates_are_told_by_the_name_of_their_column() -> None:
    frame = pl.DataFrame({
        "phone": [4155550134, 4155550135], "pages": [4155550134, 4155550135],
        "PatientBirthDate": [19560807, 19801231], "StudyDate": [20240807, 20241231],
    })  # fmt: skip
    schema = Schema(tuple(Column(name, "number") for name in frame.columns))
    assert [found.argument for found in scan(frame, schema)] == ["phone", "PatientBirthDate"]
    born = pl.DataFrame({"BirthDate": [date(1980, 5, 3)], "seen": [date(2020, 5, 3)]})
    schema = Schema((Column("BirthDate", "datetime"), Column("seen", "datetime")))
    (found,) = scan(born, schema)
    # A model may need the age: `mask` leaves it alone unless it is named.
    assert (found.argument, found.verdict) == ("BirthDate", "note")
    step = Mask()
    step.fit(Dataset(born, schema))
    assert step.state["columns"] == {}
