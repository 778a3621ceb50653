"""Every test speaks English, whatever the machine speaks, and finds the real data."""

from __future__ import annotations

import os
from pathlib import Path

os.environ["LINGQU_LANGUAGE"] = "en"
# Where `make test` unpacks the packages that hold real data.
os.environ.setdefault("LINGQU_ASSETS", str(Path(__file__).resolve().parent.parent / ".assets"))
