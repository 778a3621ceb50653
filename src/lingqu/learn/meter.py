"""What a training used: seconds, memory and energy.

Source: energy is read from Intel's and AMD's RAPL counters where the kernel lets us
(``/sys/class/powercap``). They count whole sockets, other programs included. Elsewhere it is an
estimate, and says so: 12 W per busy core and 0.3725 W per GB of memory, the defaults for an unknown
machine of Lannelongue, Grealey and Inouye, "Green Algorithms", 2021, doi:10.1002/advs.202100707.
Neither counts a GPU, the power supply or the cooling.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from pathlib import Path

from lingqu.core.nouns import Json
from lingqu.engine.worker import cpu_seconds, peak_mb

RAPL = Path("/sys/class/powercap")
CORE_W, GB_W = 12.0, 0.3725


@dataclass(frozen=True)
class Used:
    """What was used between the making of a meter and its reading.

    Args:
        cpu_s: CPU seconds of this process, all its threads together.
        wall_s: Seconds on the clock.
        peak_mb: Peak resident memory of the process so far, in MB of 2^20 bytes.
        energy_j: Joules.
        energy_by: ``rapl`` if they were counted, ``estimate`` if they were not.
    """

    cpu_s: float
    wall_s: float
    peak_mb: float
    energy_j: float
    energy_by: str

    def note(self) -> dict[str, Json]:
        """Return it as a note, with as many digits as mean something."""
        told = asdict(self).items()
        return {name: float(f"{v:.4g}") if isinstance(v, float) else v for name, v in told}


class Meter:
    """Counts from when it is made.

    Args:
        folder: Where the kernel shows its energy counters.

    Example:
        >>> used = Meter(Path("/nowhere")).read()
        >>> used.cpu_s >= 0, used.peak_mb > 1, used.energy_by
        (True, True, 'estimate')
    """

    def __init__(self, folder: Path = RAPL) -> None:
        self._counters = _counters(folder)
        self._energy = [_number(path / "energy_uj") for path in self._counters]
        self._cpu, self._wall = cpu_seconds(), time.perf_counter()

    def read(self) -> Used:
        """Return what was used so far."""
        cpu, wall = cpu_seconds() - self._cpu, time.perf_counter() - self._wall
        peak = peak_mb()
        if self._counters:
            return Used(cpu, wall, peak, self._counted(), "rapl")
        return Used(cpu, wall, peak, CORE_W * cpu + GB_W * peak / 1024 * wall, "estimate")

    def _counted(self) -> float:
        joules = 0.0
        for path, before in zip(self._counters, self._energy, strict=True):
            now = _number(path / "energy_uj")
            if now < before:  # the counter began anew
                now += _number(path / "max_energy_range_uj")
            joules += 1e-6 * (now - before)
        return joules


def _counters(folder: Path) -> list[Path]:
    """Return the counters of whole sockets that this user may read."""
    found = []
    for path in sorted(folder.glob("intel-rapl:*")):
        if path.name.count(":") == 1:  # `intel-rapl:0:0` is a part of `intel-rapl:0`
            try:
                _number(path / "energy_uj")
            except OSError:  # since 2020 kernels show them to root only
                return []
            found.append(path)
    return found


def _number(path: Path) -> float:
    return float(path.read_text())
