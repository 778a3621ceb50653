"""A user's own words: written in the channel, or one a line in a file beside it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from lingqu.core.errors import DataError, SpecError
from lingqu.govern.text.words import Word


def read_list(operator: str, option: str, file: str, base: Path) -> list[str]:
    """Return the lines of a file, without blank ones.

    Args:
        operator: For errors.
        option: The option that names the file, for errors.
        file: Path; a relative one starts from `base`.
        base: The folder of channel.yaml.

    Raises:
        DataError: The file cannot be read, or is not UTF-8.
    """
    path = base / Path(file).expanduser()
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        raise DataError(
            "text.no_list", operator=operator, option=option, file=str(path), why=str(error)[:200]
        ) from error
    return [line.strip() for line in lines if line.strip()]


def read_dictionary(operator: str, words: Iterable[str], file: str, base: Path) -> tuple[Word, ...]:
    """Return the words of a channel and of a dictionary file in jieba's form, each once.

    Lines are ``word``, ``word frequency`` or ``word frequency tag``.

    Raises:
        DataError: The file or one of its lines cannot be read.
        SpecError: A word is blank.

    Example:
        >>> read_dictionary("segment", ["灵渠"], "", Path())
        (('灵渠', None, None),)
    """
    found: dict[str, Word] = {}
    for word in words:
        if not word.strip() or len(word.splitlines()) > 1:
            raise SpecError("text.bad_word", operator=operator, received=word)
        found[word] = (word, None, None)
    lines = read_list(operator, "dictionary", file, base) if file else []
    for number, line in enumerate(lines, 1):
        entry = _entry(line)
        if entry is None:
            raise DataError(
                "text.bad_line", operator=operator, file=file, line=number, received=line[:80]
            )
        found[entry[0]] = entry
    return tuple(found.values())


def _entry(line: str) -> Word | None:
    word, *rest = line.split()
    if len(rest) > 2 or (rest and not rest[0].isdecimal()):
        return None
    return word, int(rest[0]) if rest else None, rest[1] if len(rest) == 2 else None
