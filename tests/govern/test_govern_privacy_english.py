"""Numbers, papers and passwords in English text without the usual words, and what is alike."""

from __future__ import annotations

import pytest

from lingqu.govern.privacy.fields import column, field
from lingqu.govern.privacy.recognise import find

FOUND = [
    ("Whoever finds the keys: 18065624743. Thanks!", "mobile", "18065624743"),
    ("18065624743 answers day and night", "mobile", "18065624743"),
    ("Driver assigned, 18065624743, silver van", "mobile", "18065624743"),
    ("sms-gateway deliver to=18065624743 status=ok", "mobile", "18065624743"),
    ('{"phoneNumber":18065624743,"locale":"en"}', "mobile", "18065624743"),
    ('{"recipients":["18065624743","15036925814"]}', "mobile", "15036925814"),
    ("id\tcellPhone\n7\t18065624743", "mobile", "18065624743"),
    ("APIS: P/K83053113/nationality omitted", "passport", "K83053113"),
    ("Ppt 630517060, exp October 30", "passport", "630517060"),
    ("The airline refused 932143279, expires in May", "passport", "932143279"),
    ("Passengers: Ann, Korean, 630517060", "passport", "630517060"),
    ("groom 743984210 (passport), bride absent", "passport", "743984210"),
    ("504,M,ED4011846,13225904432", "passport", "ED4011846"),
    ("traveller|document\nHarry|YS8573872", "passport", "YS8573872"),
    ("The student from Macao enrolled with CT7261924", "travel_permit", "CT7261924"),
    ("Rail to West Kowloon booked with C61040292", "travel_permit", "C61040292"),
    ('{"idType":"home_return_permit","idNo":"M08596922"}', "travel_permit", "M08596922"),
    ("guest,permit_no\nLi,CP4821386", "travel_permit", "CP4821386"),
    ("my social: 082 30 9105", "ssn", "082 30 9105"),
    ("Employee's S.S.N. 371 45 0473", "ssn", "371 45 0473"),
    ("The lender pulled credit for 083193931 twice.", "ssn", "083193931"),
    ("may I have your ssn\ncustomer: 135796995", "ssn", "135796995"),
    ("Her card shows 403 70 0888", "ssn", "403 70 0888"),
    ("employee id 219-09-9999", "ssn", "219-09-9999"),
    ('{"ssn": "219099999", "dl": 4}', "ssn", "219099999"),
    ("Driver: 415-991-5645. Dispatcher: ok", "phone", "415-991-5645"),
    ("my lawyer on 020 7946 0494, the plant in Nanjing", "phone", "020 7946 0494"),
    ("u can get in with L0tus-58$", "secret", "L0tus-58$"),
    ("the thing you type at the prompt is Anch0r-628$", "secret", "Anch0r-628$"),
    ("he texted 'anchor03' and said it opens the admin panel", "secret", "anchor03"),
    ("it's winter447 for the router, all lowercase", "secret", "winter447"),
    ("wifi upstairs olRdwHLPol!EgiD", "secret", "olRdwHLPol!EgiD"),
    ("netflix: ann@example.com / thunder689", "secret", "thunder689"),
    ("server 203.0.113.9, root, violet096", "secret", "violet096"),
    ("what password did you set?\nclient> thunder341", "secret", "thunder341"),
    ("the laptop takes monkey9342 and Harbor10! now", "secret", "monkey9342"),
    ("The licence key 4954952eecc4b93ebda21d2f4c908bbe is public", "secret", None),
    ("someone pasted 4954952eecc4b93ebda21d2f4c908bbe into chat", "secret", None),
    ("requirepass YuAmLPDeaW!juFf", "secret", "YuAmLPDeaW!juFf"),
    ("echo 'winter_violet#43' | sudo -S reboot", "secret", "winter_violet#43"),
    ("echo bob:silver_blue#14 | chpasswd", "secret", "silver_blue#14"),
    ("net use Z: \\\\nas\\a /user:bob rocket_monkey#88", "secret", "rocket_monkey#88"),
    ("htpasswd -b .htpasswd bob Maple0128!", "secret", "Maple0128!"),
    ("PRAGMA key = 'tiger65';", "secret", "tiger65"),
    ('"smtpPass": "harbor0855",', "secret", "harbor0855"),
    ("auth.password.admin=winter3938", "secret", "winter3938"),
    ("app | pass | notes\njira | winter7184 | -", "secret", "winter7184"),
    ("p/w: anchor997", "secret", "anchor997"),
    ("密码纸条：rocket034", "secret", "rocket034"),
    ("@here mail a_b-6@mail.example.org", "email", "a_b-6@mail.example.org"),
]


@pytest.mark.parametrize(("text", "kind", "value"), FOUND)
def test_it_is_found_without_the_usual_words(text: str, kind: str, value: str | None) -> None:
    values = [span.value for span in find(text) if span.kind == kind]
    assert values and (value is None or value in values), find(text)


NOBODY = [
    "Shipment 18065624743 left the port", "offset=18065624743 len=4", "seed = 18065624743",
    '{"orderId": 18065624743}', "sku,stock\nA,18065624743", "mobile users: 18065624743",
    "prime factor 18065624743", "SELECT a FROM b WHERE id = 18065624743;",
    "asset tag 18065624743, floor 2", "18065624743 photons", "record 18065624743 skipped",
    "15412345678 is in no range", "任务18065624743执行完毕",
    "Bring your passport; booking 589568949; gate D21", "Passport photo order 589568949 is ready",
    "Visa fee 40, receipt 589568949", "Drawing E12345678 rev B", "PNR AB123456, airline desk",
    "Cargo manifest C12345678: two crates for Macau", "Aircraft C12345678 parked in Hong Kong",
    "Kowloon warehouse, pallet C12345678", "parking permit C12345678 expires",
    "Lot sizes 371 45 0473", "He rolled 371 45 0473 in three rounds", "371 45 0473 mm",
    "Claim 371450473 denied", "Social media post 371450473 got likes", "DUNS 371450473",
    "pwd: /home/bob/projects", "unlock achievement Level26!", "Use Ctrl+Alt+F47 to unlock it",
    "username: svc_backup51", "login user: alice622", "log in to portal86 and press OK",
    "The admin group is admins36.", "open ticket WEB-4711 please", "use node42 for the build",
    "promo SUMMER42! ends today, log in", "access granted to room512",
    "# noqa: ASYNC230 open(path)", "see https://bugs.example.org/issue8108#msg102867 login",
    "https://example.org/reset?token=%TOKEN%", "passwords like password123 are weak",
    "cache key=9e107d9d372bb6826bd81d3542a419d6 hit", "md5 of the password file: "
    "9e107d9d372bb6826bd81d3542a419d6", "kernel 5.15.0.107 booted", "network 10.0.55.0/24 is free",
]  # fmt: skip


@pytest.mark.parametrize("text", NOBODY)
def test_what_only_looks_alike_is_left(text: str) -> None:
    assert find(text) == []


def test_names_of_fields_and_columns_are_read_as_words() -> None:
    assert field('<userPhone id="1">139', 18) == "user phone"
    assert field("the plumber: 139", 13) is None
    assert field("os.environ['API_KEY'] = 'a1", 25) == "api key"
    assert column("who;Passport-No\nAnn;C01", 20) == "passport no"
    assert column("C01", 0) == ""
