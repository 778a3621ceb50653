"""What is found in texts: forms, contexts that speak against, and values in any text."""

from __future__ import annotations

import random
import re
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.govern.test_govern_privacy import MAKERS, with_luhn

from lingqu.govern.privacy import rules, rules_en, rules_net, rules_zh
from lingqu.govern.privacy.recognise import FREE, KINDS, STRUCTURED, find, narrow

FOUND = [
    ("转账请走卡号4111-1111-1111-1111哦", "bank_card", "4111-1111-1111-1111"),
    ("外宾护照编号 X1234567", "passport", "X1234567"),
    ("passport no: C01X00T47", "passport", "C01X00T47"),
    ("回乡证 H1234567890 丢失", "travel_permit", "H1234567890"),
    ("her exit-entry permit is CA1234567", "travel_permit", "CA1234567"),
    ("设备网卡物理地址 001a2b3c4d5e", "mac", "001a2b3c4d5e"),
    ("arp 00-1A-2B-3C-4D-5E ok", "mac", "00-1A-2B-3C-4D-5E"),
    ("arp 001a.2b3c.4d5e ok", "mac", "001a.2b3c.4d5e"),
    ("addr:2001:db8::17/64", "ipv6", "2001:db8::17"),
    ("登录IP203.0.113.9:8080", "ipv4", "203.0.113.9"),
    ("(+86)139-1234-5678", "mobile", "(+86)139-1234-5678"),
    ("座机010－6234 5678转8", "landline", "010－6234 5678"),
    ("Wuhan office 0271-62345678 or tel 027 6234 5678", "landline", "027 6234 5678"),
    ("ring 020 7946 0018 in London", "phone", "020 7946 0018"),
    ("+81 3-1234-5678", "phone", "+81 3-1234-5678"),
    ("0049 30 901820", "phone", "0049 30 901820"),
    ("4155550134 is my cell", "phone", "4155550134"),
    ("SSN on file: 219099999", "ssn", "219099999"),
    ("ssn\n7,Ann,219 09 9999", "ssn", "219 09 9999"),
    ("IBAN DE89 3704 0044 0532 0130 00 BIC X", "iban", "DE89 3704 0044 0532 0130 00"),
    ("clone https://ci:t0ken@git.example.org/a.git, then", "url_credentials", None),
    ("connect to redis://:pa55@cache:6379/1", "url_credentials", "redis://:pa55@cache:6379/1"),
    ("路由器密码还没改，Wi-Fi密码Sunny-42x", "secret", "Sunny-42x"),
    ("口令仍是出厂的Abcd-1234z", "secret", "Abcd-1234z"),
    ("the password for the router is Sunny42!, keep it", "secret", "Sunny42!"),
    ("curl -u bob:Sunny42x! http://a", "secret", "Sunny42x!"),
    ("mysqldump -uroot -pSunny42x db", "secret", "Sunny42x"),
    ("backup --token a1b2c3d4e5f6", "secret", "a1b2c3d4e5f6"),
    ("Authorization: Basic dXNlcjpwYXNzd29yZA==", "secret", "dXNlcjpwYXNzd29yZA=="),
    ("账号/密码：root/Sunny42!", "secret", "Sunny42!"),
    ("取款密码887766", "secret", "887766"),
    ("STRIPE=sk_live_4eC39HqLyjWDarjtT1zd", "secret", "sk_live_4eC39HqLyjWDarjtT1zd"),
    ("https://hooks.slack.com/services/T0AAAAAAA/B0AAAAAAA/abcdefghijkl", "secret", None),
    ("my_service_key=Zx9kQ2vB7nM4tR6wY8pL3", "secret", "Zx9kQ2vB7nM4tR6wY8pL3"),
    ("EEP C12345678, one entry left", "travel_permit", "C12345678"),
    ("HK & Macau pass: CB1234567", "travel_permit", "CB1234567"),
    ("He showed his home visit permit (H0123456701).", "travel_permit", "H0123456701"),
    ("two-way permit W12345678 expired", "travel_permit", "W12345678"),
    ("at Gongbei with permit C12345678", "travel_permit", "C12345678"),
    ("pass CA1234567 (Hong Kong and Macao)", "travel_permit", "CA1234567"),
    ("permit_type,no\nHome Return,M12345678", "travel_permit", "M12345678"),
    ("name,passport\nKim Roe,C01X00T47", "passport", "C01X00T47"),
    ("name|phone\nKim|4155550134", "phone", "4155550134"),
    ("passport CVFLWNF64", "passport", "CVFLWNF64"),
    ("the driver from Wuhan, 13912345678, is late", "mobile", "13912345678"),
    ("7,13912345678,new", "mobile", "13912345678"),
    ("call 13900000000 days or nights", "mobile", "13900000000"),
    ("cell 13912345678; office (020) 4874 6121", "landline", "(020) 4874 6121"),
    ("nameserver 16.45.235.64", "ipv4", "16.45.235.64"),
    ("connect to 10.2.3.4", "ipv4", "10.2.3.4"),
    ("user=bob&password=Tig3r-7343$&next=/home", "secret", "Tig3r-7343$"),
    ("Server=db1;Password=silver05;Encrypt=true", "secret", "silver05"),
    ("export PGPASSWORD=Zyj8sRs!ZFZ9", "secret", "Zyj8sRs!ZFZ9"),
    ("dbPassword: 'Sunny42x'", "secret", "Sunny42x"),
    ("Password -> sunny53", "secret", "sunny53"),
    ("I reset your password to maple_lotus#179", "secret", "maple_lotus#179"),
    ("changed the password from lotus60 to Harbor10!", "secret", "lotus60"),
    ("changed the password from lotus60 to Harbor10!", "secret", "Harbor10!"),
    ("log in with Harbor10! as the password", "secret", "Harbor10!"),
    ("credentials: admin:monkey4755", "secret", "monkey4755"),
    ("login admin/Wint3r-50$", "secret", "Wint3r-50$"),
    ("the guest wifi code is thunder03", "secret", "thunder03"),
    ("the signing secret, 9e107d9d372bb6826bd81d3542a419d6, leaked", "secret", None),
    ("<password>klEyg!c0LF</password>", "secret", "klEyg!c0LF"),
    ('<add key="Password" value="monkey267" />', "secret", "monkey267"),
    ("- name: DB_PASSWORD\n  value: monkey267", "secret", "monkey267"),
    ("user,password\nann,monkey267", "secret", "monkey267"),
    ("sshpass -p 'harbor#91' ssh root@h", "secret", "harbor#91"),
    ("docker login -u ann -p harbor#91", "secret", "harbor#91"),
    ("redis-cli -a c1vnDzPs!ibX", "secret", "c1vnDzPs!ibX"),
    ("unzip -P Anch0r-261$ a.zip", "secret", "Anch0r-261$"),
    ("ALTER USER bob IDENTIFIED BY 'tlVQCA!8LaI'", "secret", "tlVQCA!8LaI"),
    ("passphrase: 'correct horse battery staple'", "secret", "correct horse battery staple"),
    ("seed phrase: " + " ".join(["apple", "river", "stone"] * 4), "secret", None),
    ("AKIAIOSFODNN7ABCDEFG wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzz4KEY", "secret",
     "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"),
    ("密码就是harbor26，别外传", "secret", "harbor26"),
    ("双程证C12345678已过期", "travel_permit", "C12345678"),
    ("王先生生于1980年5月", "birth_date", "1980年5月"),
    ("生于一九八〇年五月三日", "birth_date", "一九八〇年五月三日"),
    ("Ann (born 3 May 1980) left", "birth_date", "3 May 1980"),
    ("name,dob\nAnn,1980-05-03", "birth_date", "1980-05-03"),
    ("1980-05-03出生，2024-01-02入院", "birth_date", "1980-05-03"),
    ("寄到云南省昆明市五华区翠湖南路12号3栋502室，谢谢", "address", None),
    ("家住文林街78号2单元301", "address", "文林街78号2单元301"),
    ("Send it to 12 Mill Lane, Apt 3, Salem, OR 97301 please", "address", None),
    ("PO Box 118, Salem, OR 97301 — Box", "address", None),
    ("尊敬的慕容雪：您好", "name", "慕容雪"),
    ("患者阿依古丽·买买提，女", "name", "阿依古丽·买买提"),
    ("Dear Zoë van der Berg,", "name", "Zoë van der Berg"),
    ("旅客WANG XIAOMING已登机", "name", "WANG XIAOMING"),
    ("Attn: Xochitl Quispe Mamani", "name", "Xochitl Quispe Mamani"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "value"), FOUND)
def test_it_is_found(text: str, kind: str, value: str | None) -> None:
    spans = [span for span in find(text) if span.kind == kind]
    assert spans, find(text)
    if value is not None:
        assert value in [span.value for span in spans]


NOBODY = [
    "销量累计13800138000件", "余额13800138000元", "浏览13800138000次", "13800138000 rows copied",
    "订单编号：4111111111111111", "invoice no. 4111111111111111", "uid=13800138000",
    "批次 110105491231002", "IMEI 490154203237518", "时间戳1700000000000",
    "版本10.20.30.40", "升级到10.20.30.40", "release 10.20.30.40", "手册第1.2.3.4节",
    "掩码255.255.255.0，本机127.0.0.1", "ff:ff:ff:ff:ff:ff 是广播地址", "比分 12:34:56",
    "客服400-820-8820，800-820-8820", "call 1-800-555-0199", "form 219-09-9999B",
    "SSN 666-12-3456 is not valid", "航班 CA123456，护照办理须知", "+3.14159265",
    "图标icon@2x.png与git@github.com:a/b.git", "root@db01.corp:~#",
    "密码错误，请重试", "password must be 8 characters", "password=<your password>",
    "token: ${TOKEN}", "secret: null", "apiKey: process.env.KEY", "token = Number.Float",
    "密码请用SHA256加密", "password: ********", "密码：[secret]", "sort_key=abc",
    "MD5 9e107d9d372bb6826bd81d3542a419d6", "commit 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12",
    "高峰时段，方正字体，安静的成都", "马上任命何时全部完成", "李宁新款，张裕葡萄酒",
    "三号线中山路站，第5号楼前", "2024年5月3日出席", "founded on 3 May 1980",
    "Madison Square Garden and Morgan Stanley", "George Washington Bridge", "Grace Hall",
    "The plant made 13372642105 bolts.", "The pot stands at 14600000000 yen",
    "13812345678 kilometres away", "SO-13812345678 is on hold", "value 13812345678.5",
    "nonce=13812345678", "part 123-45-6789", "stock no. 219-09-9999", "ZIP+4 94105-1420",
    "meter 5254 0855 6458 6059", "0755 8234 5678 9012 is a licence", "0571-88881234-77",
    "reference 020 7946 0018", "圆周率3.14159265358", "投票13812345678票", "订单13812345678",
    "from 8.1.2.3 to 8.1.3.0", "App 10.2.3.4 (build 7)", "building permit C12345678",
    "Hong Kong order C12345678 shipped from Macau", "parking permit H12345678",
    "港澳码头H12345678", "boarding pass AB123456", "pass: 12345", "correlation key: "
    "9e107d9d372bb6826bd81d3542a419d6", "idempotency-key: 8e03978e-40d5-43dd-bc93-6894a57f9324",
    'password = os.environ["DB_PASSWORD"]', "token is base64-encoded", "password policy",
    "apiKey: process.env.API_KEY_V2", "login page v2.1", "sign in at 09:30/17:45",
    "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "sk-learn-contrib-is-a-fine-project-name",
    "Paris Texas", "[mobile~abcdefghijklmnopqrstuvwxyz234567]", "#abcdefghijklmnopabcdefgh",
]  # fmt: skip


@pytest.mark.parametrize("text", NOBODY)
def test_nobody_is_found(text: str) -> None:
    assert find(text) == []


EXACT = ("id_card", "iban", "bank_card", "credit_code", "mobile", "email", "ipv4")
SIGNS = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)


@given(st.sampled_from(EXACT), st.integers(0, 10**6), SIGNS, SIGNS)
@settings(max_examples=300, deadline=None)
def test_a_value_is_found_in_any_text(kind: str, seed: int, head: str, tail: str) -> None:
    value = MAKERS[kind](random.Random(seed))
    if any(span.start < len(head) < span.end for span in find(head + "，" + value)):
        return
    spans = find(f"{head}，{value}。{tail}")
    assert any(span.value == value and span.kind == kind for span in spans), spans


PIECES = st.lists(
    st.one_of(
        st.sampled_from(sorted(MAKERS)).map(lambda kind: MAKERS[kind](random.Random(7))),
        st.text(max_size=6),
        st.sampled_from(["密码", "token=", "生于", "患者", "tel ", "://", "@", "路5号"]),
    ),
    max_size=12,
)


@given(PIECES)
@settings(max_examples=300, deadline=None)
def test_spans_stand_in_order_and_never_overlap(pieces: list[str]) -> None:
    text = "".join(pieces)
    end = 0
    for span in find(text):
        assert span.kind in KINDS
        assert end <= span.start < span.end <= len(text)
        assert text[span.start : span.end] == span.value
        end = span.end


@given(PIECES)
@settings(max_examples=100, deadline=None)
def test_kinds_that_were_not_asked_for_are_left_out(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert [s for s in find(text) if s.kind in STRUCTURED] == find(text, STRUCTURED)
    assert {span.kind for span in find(text, FREE)} <= FREE


def test_full_width_and_odd_blanks_are_read_and_not_moved() -> None:
    text = "手机１３９\u00a01234\u20115678，好"
    (span,) = find(text)
    assert span.value == "１３９\u00a01234\u20115678"
    assert len(narrow(text)) == len(text)


@given(st.integers(0, 10**5))
@settings(max_examples=60, deadline=None)
def test_one_changed_digit_breaks_a_checksum(seed: int) -> None:
    draw = random.Random(seed)
    card = with_luhn("622202" + "".join(draw.choices(string.digits, k=12)))
    place = draw.randrange(6, len(card))
    wrong = card[:place] + str((int(card[place]) + draw.randint(1, 9)) % 10) + card[place + 1 :]
    assert rules.card(card) == (len(set(card)) > 1)
    assert not rules.card(wrong)
    iban = MAKERS["iban"](draw)
    swapped = iban[:-1] + str((int(iban[-1]) + 1) % 10)
    assert rules_en.iban(iban) and not rules_en.iban(swapped)
    code = MAKERS["credit_code"](draw)
    assert rules_zh.credit_code(code) and not rules_zh.credit_code(code[:17] + "I")


CODE_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def test_codes_of_digits_only_need_both_check_digits() -> None:
    kept = set()
    for number in range(2000):
        body = f"9111010512345{number:04d}"
        last = CODE_SIGNS[-sum(CODE_SIGNS.index(c) * 3**i for i, c in enumerate(body)) % 31]
        if last.isdigit():
            right = rules_zh.organisation((body + last)[8:17])
            assert rules_zh.credit_code(body + last) == right
            kept.add(right)
    assert kept == {True, False}


def test_addresses_that_belong_to_nobody() -> None:
    assert not rules_net.ipv6("::1") and not rules_net.ipv6("not one")
    assert not rules_net.mac("00:00:00:00:00:00")
    assert list(rules_net.emails("@a.example.com .@b.org")) == []


def test_every_issuer_s_tokens_are_found_and_their_examples_are_not() -> None:
    draw = random.Random(3)
    signs = string.ascii_letters + string.digits
    hexes = "0123456789abcdef"

    def some(count: int, alphabet: str = signs) -> str:
        return "".join(draw.choices(alphabet, k=count - 2)) + "7f"

    made = [
        "dapi" + some(32, hexes), "hvs." + some(60), "ntn_" + some(46), "r8_" + some(37),
        "gsk_" + some(52), "dckr_pat_" + some(27), "key-" + some(32, hexes),
        f"PMAK-{some(24, hexes)}-{some(34, hexes)}", "NRAK-" + some(27).upper(),
        "glpat-" + some(20), "lin_api_" + some(40), f"xkeysib-{some(64, hexes)}-{some(16)}",
        f"pat{some(14)}.{some(64, hexes)}", "sbp_" + some(40, hexes), "tvly-" + some(32),
        f"dp.pt.{some(43)}", "pul-" + some(40, hexes), "HRKU-" + some(60), "npm_" + some(36),
    ]  # fmt: skip
    for token in made:
        assert [s.value for s in find(f"we used {token}, sorry")] == [token]
        low = re.sub(r"[0-9A-Za-z]{14,}", lambda match: "0" * len(match[0]), token)
        assert not [s for s in find(f"such as {low}") if s.kind == "secret"], low
