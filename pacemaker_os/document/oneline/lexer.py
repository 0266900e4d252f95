"""The tokens of one-line forms (`promote a then start b (optional)`): words, brackets and options."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pacemaker_os.dataclass import dataclass

_TOKEN = re.compile(
    r"""\s*(?:(?P<mark>[(){}\[\],])|"(?P<d>[^"]*)"|'(?P<s>[^']*)'|(?P<bare>[^\s'"(){}\[\],]+))"""
)

_BARE = re.compile(r"[^\s'\"(){}\[\],]+")


class LineError(Exception):
    """A syntax error in a line; `column` counts from 0, None means the whole line."""

    def __init__(self, message: str, column: int | None = None, hint: str = "") -> None:
        where = "" if column is None else f" (character {column + 1})"
        super().__init__(f"{message}{where}{hint}")


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a bracket. A quoted token is always a name, never a bracket or a keyword."""

    text: str
    column: int
    quoted: bool = False


class Line:
    """A line of tokens, read from left to right."""

    __slots__ = ("_at", "_end", "_tokens")

    def __init__(self, text: str) -> None:
        self._tokens: list[Token] = []
        self._at = 0
        self._end = len(text)
        position, length = 0, len(text.rstrip())
        while position < length:
            match = _TOKEN.match(text, position)
            if match is None:
                raise LineError("missing closing quotation mark", position)
            kind = match.lastgroup or ""
            self._tokens.append(Token(match[kind], match.start(kind), kind in "ds"))
            position = match.end()

    def __bool__(self) -> bool:
        return self._at < len(self._tokens)

    def peek(self, ahead: int = 0) -> str | None:
        """Return the next keyword or bracket, None at the end or before a quoted word."""
        at = self._at + ahead
        if at >= len(self._tokens) or self._tokens[at].quoted:
            return None
        return self._tokens[at].text

    def has(self, ahead: int) -> bool:
        """Return whether the line has a token at this distance."""
        return self._at + ahead < len(self._tokens)

    @property
    def column(self) -> int:
        """The position of the next token, from 0."""
        return self._tokens[self._at].column if self else self._end

    def take(self, *expected: str) -> str | None:
        """Consume the next token if it is one of `expected`."""
        if (word := self.peek()) in expected:
            self._at += 1
            return word
        return None

    def expect(self, *expected: str) -> str:
        """Consume the next token, which must be one of `expected`."""
        if (word := self.take(*expected)) is None:
            raise self.error("expected " + " or ".join(f"'{each}'" for each in expected))
        return word

    def name(self, what: str) -> str:
        """Consume a name; `what` names it in messages."""
        if not self or (not self._tokens[self._at].quoted and self._tokens[self._at].text in "(){}[],"):
            raise self.error(f"expected {what}")
        self._at += 1
        return self._tokens[self._at - 1].text

    def names(self, closing: str) -> tuple[str, ...]:
        """Consume names separated by commas, up to the closing bracket."""
        found = [self.name("a name")]
        while self.expect(",", closing) == ",":
            found.append(self.name("a name"))
        return tuple(found)

    def options(self) -> list[str]:
        """Consume `(option, key=value)` at the end of the line, if present."""
        found: list[str] = []
        if self.take("("):
            option: list[str] = []
            while (mark := self.take(",", ")")) != ")":
                if mark:
                    found.append(" ".join(option))
                    option = []
                else:
                    option.append(self.name("')'"))
            found.append(" ".join(option))
        if self:
            raise self.error("expected the end of the line")
        return found

    def error(self, message: str, hint: str = "") -> LineError:
        """Return an error at the next token."""
        found = self._tokens[self._at].text if self else None
        message = f"{message}, not '{found}'" if found else f"{message} at the end of the line"
        return LineError(message, self.column, hint)


def split_options(options: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Return the options without a value, and the `key=value` options."""
    pairs = dict(option.split("=", 1) for option in options if "=" in option)
    return [option for option in options if "=" not in option], pairs


def quote(word: str | None) -> str:
    """Return `word` as a single token, in quotes if necessary."""
    word = word or ""
    if _BARE.fullmatch(word):
        return word
    mark = "'" if '"' in word else '"'
    return f"{mark}{word}{mark}"
