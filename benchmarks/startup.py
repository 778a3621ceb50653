"""Start-up: what `lingqu --help` and `import lingqu` cost and import, and what an install weighs.

python benchmarks/startup.py [--install]     # --install also measures a fresh core install
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

from figures import PEERS, ROOT, Figure, report

LINGQU = Path(sys.executable).with_name("lingqu")
HEAVY = ("sqlalchemy", "pandas", "torch", "sklearn")
RUNS = 7


def wall(command: list[str]) -> float:
    """Return the median wall seconds of a command over a few runs."""
    seconds = []
    for _ in range(RUNS + 1):
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds[1:])


def imported(code: str) -> list[str]:
    """Return which heavy packages a piece of code imports."""
    script = f"import sys, json\n{code}\nprint('\\n' + json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    modules = json.loads(done.stdout.strip().rpartition("\n")[2])
    return [name for name in HEAVY if name in modules]


def installed_mb() -> float:
    """Install the core (no extras) into a fresh environment and return its size, MB = 10^6."""
    folder = PEERS / "core"
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", "--no-cache-dir"]
    subprocess.run([*pip, "-c", str(ROOT / "constraints.txt"), str(ROOT)], check=True)
    subprocess.run([str(folder / "bin" / "lingqu"), "--help"], check=True, capture_output=True)
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files) / 1e6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--install", action="store_true")
    options = parser.parse_args()
    help_s = wall([str(LINGQU), "--help"])
    import_s = wall([sys.executable, "-c", "import lingqu"])
    bare_s = wall([sys.executable, "-c", "pass"])
    call_help = (
        "import lingqu.cli.main as m, contextlib, io\n"
        "with contextlib.redirect_stdout(io.StringIO()): m.main(['--help'])"
    )
    heavy = [*imported(call_help), *imported("import lingqu")]
    figures = [
        Figure("lingqu --help, wall s", help_s, bare_s, "<= 0.3", help_s <= 0.3),
        Figure("import lingqu, wall s", import_s, bare_s, "<= 0.3", import_s <= 0.3),
        Figure("heavy packages imported by them", len(heavy), None, "0", not heavy),
    ]
    notes = [f"peer column: a bare Python process; heavy means {', '.join(HEAVY)}"]
    if options.install:
        size = installed_mb()
        figures.append(
            Figure("fresh install of the core with pip, MB", size, None, "<= 750", size <= 750)
        )
        notes.append("the environment is whole: interpreter links, pip and every dependency")
    else:
        notes.append("--install also measures the size of a fresh install")
    return report("start-up", figures, notes)


if __name__ == "__main__":
    sys.exit(main())
