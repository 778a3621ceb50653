"""Messages are checked in English unless a test says otherwise."""

import os

os.environ["LINGQU_LANGUAGE"] = "en"
