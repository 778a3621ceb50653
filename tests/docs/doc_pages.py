"""Read a page of the docs, walk its blocks, and compare or refresh what it shows.

A page is a story in one folder. Blocks by the words after the fence:

- ``console``: lines ``$ command`` run in order in one shell; the lines below each must be
  printed, in that order. ``…`` stands for lines left out. ``# exit 1`` after a command is the
  exit code it must end with. ``console services`` needs servers that only the test starts.
- ``yaml``: a channel, or sections of one that are laid over the page's channel; with a file name
  after it, it is written there.
- ``python``: runs in the same folder; with a file name after it, it is only written there.

``python tests/docs/doc_pages.py PAGE FOLDER`` runs a page in a folder and writes what came out
into the page.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = "…"
HOME = "/home/you/clinic"
"""What pages show for the folder they ran in."""
PLAIN = re.compile(r"lingqu [^$|<>;&`\n]+")
"""A command that needs no shell."""
READER_S = 2.0
"""What a reader needs to type `lingqu watch`: rows reach the log a moment after the answer."""
SECRET = re.compile(r"lq_[\w-]+")
FENCE = re.compile(r"^```(\w+)?[ ]?(.*)$")
EXIT = re.compile(r"\s+# (?:exit|退出码) (\d)$")
VARIES = re.compile(
    r"lq_[\w-]+"  # secrets of keys
    r"|\d{8}T\d{6}-[0-9a-f]+"  # runs
    r"|https?://[\w.:-]+"
    r"|/[\w.@-]+(?:/[\w.@-]+)+"  # paths of this machine
    r"|\b(?=[0-9a-f]*\d)[0-9a-f]{12,64}\b"  # digests
    r"|\b[0-9a-f]{12,64}\b"
    r"|\b(?=[a-z]*\d)(?=\d*[a-z])[a-z0-9]{8}(?:-[0-9a-f]+)?\b"  # ids of keys and answers
    r"|─+"  # as long as the widest cell
    r"|[-+]?\d[\d.,:T%-]*(?:e[-+]?\d+)?"  # numbers, times
)


@dataclass
class Block:
    """A fenced block: its language, the words after it, its lines and where it stands."""

    language: str
    words: str
    lines: list[str]
    first: int

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"


@dataclass
class Step:
    """A command of a console block and the lines the page shows below it."""

    command: str
    shown: list[str]
    expected: int


def blocks(page: str) -> list[Block]:
    """Return the fenced blocks of a page."""
    found: list[Block] = []
    inside: Block | None = None
    for number, line in enumerate(page.splitlines()):
        fence = FENCE.match(line)
        if inside is None and fence and fence[1]:
            inside = Block(fence[1], fence[2].strip(), [], number + 1)
        elif inside is not None and line == "```":
            found.append(inside)
            inside = None
        elif inside is not None:
            inside.lines.append(line)
    return found


def steps(block: Block) -> Iterator[Step]:
    """Return the commands of a console block."""
    step: Step | None = None
    for line in block.lines:
        if line.startswith("$ "):
            if step is not None:
                yield step
            code = EXIT.search(line)
            step = Step(EXIT.sub("", line[2:]), [], int(code[1]) if code else 0)
        elif line.startswith("> ") and step is not None and not step.shown:
            step.command += "\n" + line[2:]
        elif step is not None:
            step.shown.append(line)
    if step is not None:
        yield step


def masked(line: str) -> str:
    """Return a line without what differs from run to run.

    Example:
        >>> masked("Run 20261121T220813-aa76ea took  8.81 s")
        'Run # took # s'
    """
    return " ".join(VARIES.sub("#", line.replace(LEFT_OUT, "")).split())


@dataclass
class Shell:
    """A shell in a folder: what one command exports, the next one knows.

    A plain ``lingqu …`` runs in this process, which saves its start; the rest goes to bash, and
    so does everything once libraries must see what was exported when they are imported.
    """

    folder: Path
    language: str
    services: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.variables = environment(self.language)
        self.known: dict[str, str] = dict(self.services)
        self.secret = ""

    def run(self, command: str) -> tuple[int, list[str]]:
        """Run a command and return its exit code and the lines it printed."""
        told = self.told(command)
        if told.startswith("lingqu watch"):
            time.sleep(READER_S)
        plain = PLAIN.fullmatch(told) and not self.services and "PYTHONPATH" not in self.variables
        code, out, err = self._inside(shlex.split(told)[1:]) if plain else self._bash(told)
        said = (out + (err if code else "")).replace(str(self.folder), HOME)
        self.secret = next(iter(SECRET.findall(said)), self.secret)
        return code, [line.rstrip() for line in said.splitlines()]

    def _inside(self, words: list[str]) -> tuple[int, str, str]:
        from lingqu.cli.main import main

        out, err, before = io.StringIO(), io.StringIO(), dict(os.environ)
        try:
            os.environ.clear()
            os.environ.update(self.variables)
            with chdir(self.folder), redirect_stdout(out), redirect_stderr(err):
                code = main(words)
        finally:
            os.environ.clear()
            os.environ.update(before)
        return code, out.getvalue(), err.getvalue()

    def _bash(self, command: str) -> tuple[int, str, str]:
        state = self.folder.parent / f"{self.folder.name}.env"
        script = f"{command}\ncode=$?\nenv -0 >{shlex.quote(str(state))}\nexit $code"
        done = self._process(["bash", "-c", script])
        pairs = state.read_text(encoding="utf-8").rstrip("\0").split("\0")
        self.variables = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
        return done.returncode, done.stdout, done.stderr

    def _process(self, words: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words,
            cwd=self.folder,
            env=self.variables,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def python(self, source: str) -> list[str]:
        """Run a Python block and return the lines it printed."""
        done = self._process([sys.executable, "-W", "error", "-c", source])
        if done.returncode:
            raise AssertionError(f"{source}\n{done.stderr}")
        return done.stdout.splitlines()

    def told(self, command: str) -> str:
        """Return a command with the ids that this run printed, in place of the page's."""
        for page, here in sorted(self.known.items(), key=lambda pair: -len(pair[0])):
            command = command.replace(page, here)
        return SECRET.sub(self.secret, command) if self.secret else command

    def learn(self, shown: str, printed: str) -> None:
        """Remember what stands here for an id that the page shows."""
        for page, here in zip(VARIES.findall(shown), VARIES.findall(printed), strict=False):
            if len(page) >= 12:
                self.known[page] = here
            if SECRET.fullmatch(page) and SECRET.fullmatch(here):
                # One id in five has no digit and would not be taken for an id elsewhere.
                self.known[page.split("_")[1]] = here.split("_")[1]


def language_of(path: Path) -> str:
    """Return the language of a page: of `docs/zh` and `README.zh-CN.md` Chinese."""
    return "zh" if "zh" in path.parts or ".zh-" in path.name else "en"


def environment(language: str) -> dict[str, str]:
    """Return what commands of the docs see: a plain user's environment, in one language.

    The packages with real data are where `make test` unpacks them.
    """
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LINGQU_", "PYT"))}
    fixed = {
        "LINGQU_LANGUAGE": language,
        "LINGQU_ASSETS": os.environ.get("LINGQU_ASSETS", str(ROOT / ".assets")),
        "COLUMNS": "100",
        "OMP_NUM_THREADS": "1",
    }
    return {**kept, **fixed, "PATH": programs}


def failures(path: Path, folder: Path, services: Mapping[str, str] | None = None) -> list[str]:
    """Run a page and return what is not as it says.

    Args:
        path: The page.
        folder: Where its commands run.
        services: What stands here for addresses in the page; without, such blocks are left out.
    """
    shell = Shell(folder, language_of(path), services or {})
    wrong: list[str] = []
    for block in blocks(path.read_text(encoding="utf-8")):
        if block.language == "console" and (not block.words or services is not None):
            for step in steps(block):
                code, printed = shell.run(step.command)
                missing = compared(step, printed, shell)
                if missing or code != step.expected:
                    wrong += [f"$ {step.command} (exit {code})", *missing, "printed:", *printed]
        elif block.language in ("yaml", "python") and block.words:
            (folder / block.words).write_text(block.text, encoding="utf-8")
        elif block.language == "python":
            shell.python(block.text)
    return wrong


def compared(step: Step, printed: list[str], shell: Shell) -> list[str]:
    """Return the lines of the page that were not printed, and learn the ids of those that were."""
    missing, at = [], 0
    for line in step.shown:
        wanted = masked(shell.told(line))
        if not wanted:
            continue
        for number in range(at, len(printed)):
            now = masked(printed[number])
            if now == wanted or (LEFT_OUT in line and now.startswith(wanted)):
                shell.learn(line, printed[number])
                at = number + 1
                break
        else:
            missing.append(line)
    return missing


def refreshed(step: Step, printed: list[str]) -> list[str]:
    """Return what the page should show: all that was printed, or the lines it has chosen."""
    while printed and not printed[0]:
        printed = printed[1:]
    wanted = [line[1:] for line in step.shown if line.startswith("~")]
    if wanted:
        return chosen(wanted, printed)
    if not any(line.strip() == LEFT_OUT for line in step.shown):
        return printed
    lines, at = [], 0
    for line in step.shown:
        if LEFT_OUT in line or not line.strip():  # of a line that ends so, the beginning holds
            lines.append(line)
            continue
        found = [n for n in range(at, len(printed)) if masked(printed[n]) == masked(line)]
        lines.append(printed[found[0]] if found else f"??? {line}")
        at = found[0] + 1 if found else at
    return lines


MOST = 3
"""Most lines that one pattern chooses."""


def chosen(patterns: list[str], printed: list[str]) -> list[str]:
    """Return the printed lines that match; a new page writes ``~pattern`` below a command."""
    lines: list[str] = []
    left = {pattern: MOST for pattern in patterns}
    for line in printed:
        hit = next((p for p, n in left.items() if n and re.search(p, line)), None)
        if hit is not None:
            left[hit] -= 1
            lines.append(line)
        elif line and (not lines or lines[-1] != LEFT_OUT):
            lines.append(LEFT_OUT)
    return lines


def refresh(path: Path, folder: Path, services: Mapping[str, str] | None = None) -> str:
    """Run a page and return its text with the outputs of this run."""
    shell = Shell(folder, language_of(path), services or {})
    lines = path.read_text(encoding="utf-8").splitlines()
    shift = 0
    for block in blocks("\n".join(lines)):
        new = list(block.lines)
        if block.language == "console" and (not block.words or services is not None):
            new = []
            for step in steps(block):
                code, printed = shell.run(step.command)
                compared(step, printed, shell)
                if code != step.expected:
                    print(f"exit {code}: {step.command}", *printed, sep="\n", file=sys.stderr)
                mark = f"   # exit {step.expected}" if step.expected else ""
                now_said = step.command if block.words else shell.told(step.command)
                first, *rest = now_said.splitlines()
                new += [f"$ {first}{mark}", *(f"> {line}" for line in rest)]
                now = refreshed(step, printed)
                new += now
                for old, line in zip(step.shown, now, strict=False):
                    shell.learn(old, line)
        elif block.language in ("yaml", "python") and block.words:
            (folder / block.words).write_text(block.text, encoding="utf-8")
        elif block.language == "python":
            shell.python(block.text)
        start = block.first + shift
        lines[start : start + len(block.lines)] = new
        shift += len(new) - len(block.lines)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    page, place = Path(sys.argv[1]), Path(sys.argv[2])
    page.write_text(refresh(page, place), encoding="utf-8")
