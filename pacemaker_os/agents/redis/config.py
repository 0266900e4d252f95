"""redis.conf, read with the syntax of Redis itself.

See redis.conf of Redis 7: a line is a directive with arguments, separated by white space. Arguments in
double quotes have the escapes of C, those in single quotes only \\'. The last one of a directive counts, but
some (rename-command, save) may occur several times. The path of an `include` may be a pattern.
"""

from __future__ import annotations

from pacemaker_os.ocf import files
from pacemaker_os.ocf.codes import CONFIGURED, INSTALLED
from pacemaker_os.ocf.parameter import InvalidParameter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: Maximum depth of nested `include` directives.
MAX_DEPTH = 8

ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "a": "\a"}


class Config:
    """The directives of a configuration file, each a list of its name and its arguments."""

    def __init__(self, directives: list[list[str]]) -> None:
        self.directives = directives

    def all(self, name: str) -> list[list[str]]:
        """Return the arguments of each occurrence of a directive."""
        return [words[1:] for words in self.directives if words[0] == name]

    def arguments(self, name: str, default: list[str] | None = None) -> list[str]:
        """Return the arguments of the last occurrence of a directive."""
        found = self.all(name)
        return found[-1] if found else default or []

    def get(self, name: str, default: str = "") -> str:
        """Return the first argument of the last occurrence of a directive."""
        arguments = self.arguments(name)
        return arguments[0] if arguments else default

    def renamed_commands(self) -> dict[str, str]:
        """Return the new names of renamed commands, in upper case; an empty name disables a command."""
        pairs = (words for words in self.all("rename-command") if len(words) == 2)
        return {command.upper(): name for command, name in pairs}


def read_config(path: str) -> Config:
    """Return the directives of a file and of the files that it includes.

    Raises InvalidParameter if a file cannot be read, or a line cannot be parsed.
    """
    return Config(list(directives(path, 0)))


def directives(path: str, depth: int) -> Iterator[list[str]]:
    """Yield the directives of a file; those of included files in their place."""
    text = files.read(path)
    if text is None:
        raise InvalidParameter(f"cannot read configuration file {path}", INSTALLED)
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.strip().startswith("#"):
            continue
        try:
            words = split_line(line)
        except ValueError as error:
            raise InvalidParameter(f"{path}:{number}: {error}", CONFIGURED) from None
        words[0] = words[0].lower()
        if words[0] == "include" and len(words) == 2 and depth < MAX_DEPTH:
            for included in matching(words[1]):
                yield from directives(included, depth + 1)
        else:
            yield words


def matching(pattern: str) -> list[str]:
    """Return the files that match the pattern of an `include`; a path without wildcards must exist."""
    if not set(pattern) & set("*?["):
        return [pattern]
    from glob import glob

    return sorted(glob(pattern))  # noqa: PTH207  # pathlib takes more time than a whole monitor has


def split_line(line: str) -> list[str]:
    """Return the words of a line. Raises ValueError if a quote is not closed, or text follows a quote."""
    words, place = [], 0
    while place < len(line):
        if line[place].isspace():
            place += 1
        elif line[place] in "'\"":
            word, place = quoted(line, place)
            words.append(word)
        else:
            end = place
            while end < len(line) and not line[end].isspace() and line[end] not in "'\"":
                end += 1
            word, place = line[place:end], end
            if place < len(line) and line[place] in "'\"":
                rest, place = quoted(line, place)
                word += rest
            words.append(word)
    return words


def quoted(line: str, place: int) -> tuple[str, int]:
    """Return the text of a quoted word that begins at `place`, and the place after its closing quote."""
    quote, word = line[place], ""
    place += 1
    while place < len(line):
        letter, following = line[place], line[place + 1 : place + 2]
        if letter == quote:
            if following and not following.isspace():
                raise ValueError("a space must follow the closing quote")
            return word, place + 1
        if letter == "\\" and following and (quote == '"' or following == "'"):
            code = line[place + 2 : place + 4]
            if quote == '"' and following == "x" and is_hexadecimal(code):
                word, place = word + chr(int(code, 16)), place + 4
            else:
                word, place = word + (ESCAPES.get(following, following) if quote == '"' else "'"), place + 2
        else:
            word, place = word + letter, place + 1
    raise ValueError("a quote is not closed")


def is_hexadecimal(code: str) -> bool:
    """Return whether a text consists of two hexadecimal digits."""
    return len(code) == 2 and set(code) <= set("0123456789abcdefABCDEF")
