"""One-line forms (`promote a then start b (optional)`): words, brackets and options."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""\s*(?:(?P<mark>[(){}\[\],])|"(?P<d>[^"]*)"|'(?P<s>[^']*)'|(?P<bare>[^\s'"(){}\[\],]+))"""
)

_BARE = re.compile(r"[^\s'\"(){}\[\],]+")


class LineError(Exception):
    """A line cannot be read; `column` counts from 0 within it, None when it is about all of it."""

    def __init__(self, message: str, column: int | None = None) -> None:
        where = "" if column is None else f" (character {column + 1})"
        super().__init__(f"{message}{where}")


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a bracket; a quoted one is never a bracket or a key word."""

    text: str
    column: int
    quoted: bool = False


class Line:
    """A line of tokens that is read from left to right."""

    __slots__ = ("_at", "_end", "_tokens")

    def __init__(self, text: str) -> None:
        self._tokens: list[Token] = []
        self._at = 0
        self._end = len(text)
        position, length = 0, len(text.rstrip())
        while position < length:
            match = _TOKEN.match(text, position)
            if match is None:
                raise LineError("a quotation mark without its counterpart", position)
            kind = match.lastgroup or ""
            self._tokens.append(Token(match[kind], match.start(kind), kind in "ds"))
            position = match.end()

    def __bool__(self) -> bool:
        return self._at < len(self._tokens)

    def peek(self, ahead: int = 0) -> str | None:
        """Return the key word or bracket that comes next, None at the end or before a quoted word."""
        at = self._at + ahead
        if at >= len(self._tokens) or self._tokens[at].quoted:
            return None
        return self._tokens[at].text

    def has(self, ahead: int) -> bool:
        """Tell whether there is a token so far ahead."""
        return self._at + ahead < len(self._tokens)

    @property
    def column(self) -> int:
        """Where the next token stands."""
        return self._tokens[self._at].column if self else self._end

    def take(self, *wanted: str) -> str | None:
        """Take the next token when it is one of `wanted`."""
        if (word := self.peek()) in wanted:
            self._at += 1
            return word
        return None

    def expect(self, *wanted: str) -> str:
        """Take the next token, which must be one of `wanted`."""
        if (word := self.take(*wanted)) is None:
            raise self.error(" or ".join(f"'{each}'" for each in wanted) + " was expected")
        return word

    def name(self, what: str) -> str:
        """Take a word that names something."""
        if not self or (not self._tokens[self._at].quoted and self._tokens[self._at].text in "(){}[],"):
            raise self.error(f"{what} was expected")
        self._at += 1
        return self._tokens[self._at - 1].text

    def names(self, closing: str) -> tuple[str, ...]:
        """Take names between commas, up to the closing bracket."""
        found = [self.name("a name")]
        while self.expect(",", closing) == ",":
            found.append(self.name("a name"))
        return tuple(found)

    def options(self) -> list[str]:
        """Take `(one, key=value)` at the end of the line, if it is there."""
        found: list[str] = []
        if self.take("("):
            words: list[str] = []
            while (mark := self.take(",", ")")) != ")":
                if mark:
                    found.append(" ".join(words))
                    words = []
                else:
                    words.append(self.name("')'"))
            found.append(" ".join(words))
        if self:
            raise self.error("the end was expected")
        return found

    def error(self, message: str, hint: str = "") -> LineError:
        """Return an error at the next token, naming it."""
        found = self._tokens[self._at].text if self else None
        said = f"{message}, not '{found}'" if found else f"{message} at the end"
        return LineError(said + hint, self.column)


def split_options(options: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Return the plain words, and the pairs that were written `key=value`."""
    pairs = dict(option.split("=", 1) for option in options if "=" in option)
    return [option for option in options if "=" not in option], pairs


def quote(word: str | None) -> str:
    """Return `word` as one word of a line: in quotes when it would be read as several, or as none."""
    word = word or ""
    if _BARE.fullmatch(word):
        return word
    mark = "'" if '"' in word else '"'
    return f"{mark}{word}{mark}"
