"""What every `Driver` must do. An adapter is done when it passes unchanged."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lingqu.core.errors import GateError
from lingqu.core.ports import Driver


class DriverContract:
    """Subclass it and give the fixtures `driver` and `release`."""

    @pytest.fixture
    def driver(self) -> Driver:
        """Return a driver that is not open; what the test opens is closed after it."""
        raise NotImplementedError

    @pytest.fixture
    def release(self) -> Path:
        """Return the folder of a release."""
        raise NotImplementedError

    def test_is_a_driver(self, driver: Driver) -> None:
        assert isinstance(driver, Driver)
        assert driver.name

    def test_opens_answers_for_itself_and_closes(self, driver: Driver, release: Path) -> None:
        assert not driver.status()["alive"]
        opened = driver.open(str(release))
        assert opened["alive"]
        assert driver.status()["state"] == "open"
        driver.close()
        assert not driver.status()["alive"]
        assert driver.status()["state"] == "closed"

    def test_closing_what_is_closed_does_nothing(self, driver: Driver, release: Path) -> None:
        driver.close()
        driver.open(str(release))
        driver.close()
        driver.close()
        assert not driver.status()["alive"]

    def test_refuses_a_release_that_was_changed(
        self, driver: Driver, release: Path, tmp_path: Path
    ) -> None:
        changed = tmp_path / "changed"
        shutil.copytree(release, changed)
        golden = changed / "golden.json"
        golden.write_bytes(golden.read_bytes() + b" ")
        with pytest.raises(GateError):
            driver.open(str(changed))
        assert not driver.status()["alive"]
