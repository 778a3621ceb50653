"""Lay out scans of pydicom's test files, and a photograph that a camera and its owner have signed."""

from pathlib import Path
from shutil import copy

from PIL import Image
from pydicom.data import get_testdata_file

SCANS = ("CT_small", "MR_small", "MR_small_RLE", "examples_overlay", "examples_palette",
         "liver_1frame", "rtdose", "SC_rgb_rle", "JPEG-lossy", "693_J2KI", "MR_truncated")
folder = Path("scans")
folder.mkdir(exist_ok=True)
for name in SCANS:
    copy(str(get_testdata_file(f"{name}.dcm")), folder)

