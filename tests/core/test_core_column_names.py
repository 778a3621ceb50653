"""Names of columns, taken apart."""

from __future__ import annotations

import pytest

from lingqu.core.column_names import spoken
from lingqu.core.quasi import quasi_identifiers
from lingqu.core.schema import Column, Schema


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
