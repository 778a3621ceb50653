"""The picture in a DICOM file: windowed as the file asks, grey, 8 bits."""

from __future__ import annotations

import warnings
from io import BytesIO

import numpy as np
from PIL import Image
from pydicom import Dataset as Dicom
from pydicom import dcmread
from pydicom.errors import InvalidDicomError
from pydicom.pixels import apply_modality_lut, apply_voi_lut

_FAILURES = (
    RuntimeError,
    ValueError,
    AttributeError,
    NotImplementedError,
    TypeError,
    IndexError,
)


def opened(data: bytes) -> Image.Image:
    """Return the first frame of a file.

    Raises:
        OSError: It is no DICOM file, or has no pixels that can be decoded here.
    """
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"pydicom(\.|$)")
            found = picture(dcmread(BytesIO(data)))
    except InvalidDicomError as error:
        raise OSError(str(error)) from error
    if found is None:
        raise OSError("a DICOM file without pixels, or packed by a codec that is not installed")
    return found


def picture(dicom: Dicom) -> Image.Image | None:
    """Return the first frame of a file, None where there are no pixels or no codec for them.

    Source: DICOM PS3.3 C.11, modality and value-of-interest tables.
    """
    if "PixelData" not in dicom:
        return None
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"pydicom(\.|$)")
            raw = dicom.pixel_array
            colour = int(dicom.get("SamplesPerPixel", 1)) > 1
            flat = raw[0] if raw.ndim > (3 if colour else 2) else raw
            if not colour:
                flat = apply_voi_lut(apply_modality_lut(flat, dicom), dicom)
    except _FAILURES:
        return None
    values = np.asarray(flat, dtype=np.float64)
    values = values.mean(axis=2) if values.ndim == 3 else values
    low, high = float(values.min()), float(values.max())
    scaled = (values - low) / (high - low or 1.0) * 255
    if dicom.get("PhotometricInterpretation") == "MONOCHROME1":
        scaled = 255 - scaled
    return Image.fromarray(scaled.round().astype(np.uint8))
