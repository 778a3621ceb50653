"""Lay out nine scans of pydicom's test files, and a photograph that says where it was taken."""

from pathlib import Path
from shutil import copy

import numpy as np
from PIL import Image
from pydicom import dcmread
from pydicom.data import get_testdata_file

SCANS = (
    "CT_small", "MR_small", "MR_small_RLE", "693_J2KI", "examples_overlay", "examples_palette",
    "liver_1frame", "rtdose", "SC_rgb_rle",
)  # fmt: skip

for folder in ("scans", "photos"):
    Path(folder).mkdir(exist_ok=True)
for name in SCANS:
    copy(str(get_testdata_file(f"{name}.dcm")), "scans")

exif = Image.Exif()
exif[0x010F], exif[0x013B], exif[0x9003] = "Kodiak", "Ada Berger", "2026:03:14 15:09:26"
exif.get_ifd(0x8825).update({1: "N", 2: (25.0, 36.0, 40.0), 3: "E", 4: (110.0, 41.0, 24.0)})
screen = dcmread("scans/CT_small.dcm").pixel_array.astype(float)
shot = Image.fromarray(np.uint8(255 * (screen - screen.min()) / np.ptp(screen)))
shot.save("photos/screen.jpg", exif=exif, comment=b"bed 4, Mr Grey")
