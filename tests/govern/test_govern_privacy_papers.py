"""Passports and permits without their usual names, in both languages, and what is only alike."""

from __future__ import annotations

import pytest

from lingqu.govern.privacy.recognise import Span, find

FOUND = [
    ("旅客张三，证件号E17001987，经济舱", "passport", "E17001987"),
    ("持E92887643的旅客请到柜台补录指纹", "passport", "E92887643"),
    ("资料：王小明 / E81234567 / 单身", "passport", "E81234567"),
    ("统一保管外派船员护照，编号EK6881525那本不见了", "passport", "EK6881525"),
    ("外宾入住1826房，证件RF7151977，4晚", "passport", "RF7151977"),
    ("航司要求补充旅行证件号，客人报的是184508848", "passport", "184508848"),
    ("韩国游客的护照M12345678被捡到", "passport", "M12345678"),
    ("护照号 e12345678", "passport", "e12345678"),
    ("护照E 1234 5678已换发", "passport", "E 1234 5678"),
    ("房号,客人,证件\n429,Arjun,725859113", "passport", "725859113"),
    ("我太太是澳门人，拿M55096655过拱北", "travel_permit", "M55096655"),
    ("租客陈生持H12345678，签一年", "travel_permit", "H12345678"),
    ("证件号码：C41863152（港澳通行证）", "travel_permit", "C41863152"),
    ("赴澳旅游团：田琳 C53293619", "travel_permit", "C53293619"),
    ("台胞证号01234567", "travel_permit", "01234567"),
    ("DOCS P/GBR/869099117/GBR/12MAR80/F", "passport", "869099117"),
    ("ID type: PP, ID no: 686101636", "passport", "686101636"),
    ("The hostel copied PQ7080066 from the bio page.", "passport", "PQ7080066"),
    ("Ann Roe (493873060) and Bo (JQ5946088), both with passports.", "passport", "493873060"),
    ("e-gate rejected E81234567 at Heathrow", "passport", "E81234567"),
    ("Ms Iyer will travel on 565172685.", "passport", "565172685"),
    ("passport E 1234 5678", "passport", "E 1234 5678"),
    ("Bring the original of C89416157 to Lok Ma Chau.", "travel_permit", "C89416157"),
    ("Type: HRP  No.: M9806233531  Place: Hong Kong", "travel_permit", "M9806233531"),
]


@pytest.mark.parametrize(("text", "kind", "value"), FOUND)
def test_a_paper_is_known_by_what_is_said_around(text: str, kind: str, value: str) -> None:
    start = text.index(value)
    assert Span(kind, start, start + len(value), value) in find(text)


ALIKE = [
    "旅客的行李箱型号E12345678", "货柜C12345678在盐田港滞留", "签证中心预约号123456789，请准时",
    "护照工本费120元，缴费单753172108", "香港仓库存C12345678缺货", "护照阅读器 SN：E12345678",
    "客户端错误码E81234567，请重新登录", "学生证号S12345678", "旅客须知第E12345678版",
    "Permit C23341368 for the scaffolding in Macau expires soon.", "Tour H31219827 to Macau is off",
    "passengers carried last year: 560721699", "The guest's loyalty number is M28943863.",
    "The passport office issued 622032737 documents", "Museum object E84577941 travels to Macao",
    "Passport reader firmware G12345678", "Hotel key card H12345678 for the guest",
    "passport no 1234567 is too short",
]  # fmt: skip


@pytest.mark.parametrize("text", ALIKE)
def test_the_number_of_another_thing_is_left(text: str) -> None:
    assert find(text) == []


def test_what_is_in_chinese_text_a_password_needs_no_english_word() -> None:
    assert [s.value for s in find("机房那台 root/Harbor60!，别外传")] == ["Harbor60!"]
    assert find("服务器harbor60已登录") == []
