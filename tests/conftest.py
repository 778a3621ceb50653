"""Every test speaks English, whatever the machine speaks."""

from __future__ import annotations

import os

os.environ["LINGQU_LANGUAGE"] = "en"
