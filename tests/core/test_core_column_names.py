"""Names of columns, taken apart."""

from __future__ import annotations

import pytest

from lingqu.core.column_names import spoken
from lingqu.core.i18n import text
from lingqu.core.quasi import quasi_identifiers
from lingqu.core.schema import Column, Schema
from lingqu.core.yaml import load


@pytest.mark.parametrize(("name", "words"), [
    ("PatientID", "patient id"), ("SOPInstanceUID", "sop instance uid"), ("IDs", "ids"),
    ("OtherPatientIDs", "other patient ids"), ("HTTPServer2Name", "http server2 name"),
    ("patient-birth.date", "patient birth date"), ("DOB", "dob"), ("患者姓名", "患者姓名"),
    ("患者ID", "患者id"), ("", ""),
])  # fmt: skip
def test_camel_case_and_snake_case_are_words(name: str, words: str) -> None:
    assert spoken(name) == words


def test_attributes_of_dicom_may_tell_people_apart() -> None:
    names = ("PatientSex", "PatientAge", "PatientBirthDate", "EthnicGroup", "postal_code",
             "PatientPosition", "StageName")  # fmt: skip
    schema = Schema(tuple(Column(name, "category") for name in names))
    assert [column.name for column in quasi_identifiers(schema)] == list(names[:5])


@pytest.mark.parametrize("name", ["a b", "yes", "12", "price (¥)\n", "a: b", "'", "{a}", "名 称"])
def test_a_name_in_a_line_of_yaml_is_read_back_as_itself(name: str) -> None:
    line = text("data.wrong_kind", "en", where="", column=name, kind="number", row=1,
                received="x", expected="y")  # fmt: skip
    shown = line.rpartition("`data: ")[2].removesuffix("`.")
    assert "\n" not in line and load(shown).data == {"kinds": {name: "text"}}
