"""Look for the people in the files, before and after, byte by byte."""

import warnings
from io import BytesIO

import polars as pl
from PIL import Image
from pydicom import dcmread

warnings.filterwarnings("ignore", module="pydicom")  # some test files are odd on purpose
PERSONAL = (
    "PatientName", "PatientID", "PatientBirthDate", "OtherPatientIDs", "ReferringPhysicianName",
    "InstitutionName", "StationName", "StudyDate", "StudyDescription", "StudyInstanceUID",
)  # fmt: skip
before, after = (
    [dcmread(BytesIO(cell)) for cell in pl.read_parquet(f"{name}/rows.parquet")["image"]]
    for name in ("scans-before", "scans-after")
)
print(f"{'':24} before  after")
for tag in PERSONAL:
    counts = [sum(bool(scan.get(tag)) for scan in scans) for scans in (before, after)]
    print(f"{tag:24} {counts[0]:6} {counts[1]:6}")
private = [sum(e.tag.is_private for s in scans for e in s.iterall()) for scans in (before, after)]
print(f"{'private elements':24} {private[0]:6} {private[1]:6}")
words = {str(scan[t].value) for scan in before for t in PERSONAL if scan.get(t)}
files = pl.read_parquet("scans-after/rows.parquet")["image"]
left = [word for word in words if any(word.encode() in file for file in files)]
print(f"{len(words)} different values of these tags; anywhere in the files after: {sorted(left)}")
same = all((a.pixel_array == b.pixel_array).all() for a, b in zip(before, after, strict=True))
print("pixels are the same:", same)

for name in ("photos-before", "photos-after"):
    photo = Image.open(BytesIO(pl.read_parquet(f"{name}/rows.parquet")["image"][0]))
    exif = photo.getexif()
    print(name, exif.get(0x013B), dict(exif.get_ifd(0x8825)), photo.info.get("comment"))
