"""Types of agent parameters: which values are valid, and how text becomes a value.

A parameter is read when it is used. An invalid value therefore fails the actions that need it, and `start`,
which checks all parameters first. A stop and a probe that do not need it still return the correct result.
"""

from __future__ import annotations

from pacemaker_os.ocf import files
from pacemaker_os.ocf.codes import CONFIGURED, INSTALLED, Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol, TypedDict, Unpack

    from pacemaker_os.ocf.operation import Operation

    class Agent(Protocol):
        """The attributes of an agent that reading a parameter needs: its operation, and a cache of values."""

        operation: Operation
        values: dict[str, object]

    class Common(TypedDict, total=False):
        """Arguments that all types of parameters accept."""

        default: str
        required: bool
        unique_group: str
        reloadable: bool
        deprecated: str
        replaced_with: str
        renamed_from: str


#: Maximum length of a value, in characters.
MAX_LENGTH = 4096

#: Directories in which programs are searched, independent of the PATH of the cluster manager.
PROGRAM_PATH = ("/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin")

TRUE = frozenset({"1", "true", "yes", "y", "on", "ja"})
FALSE = frozenset({"0", "false", "no", "n", "off", "nein"})


class InvalidParameter(Failure):
    """A value is invalid, a required value is missing, or the program or user that it names is missing."""


class Parameter:
    """A string parameter, and the base class of the other types. Its name is that of the class attribute.

    The first sentence of `help` is the short description. `default` is written as in a resource definition.
    The parameters of one `unique_group` together must differ between resources. A `reloadable` parameter can
    change while the service runs (the agent then implements `reload_agent`). A renamed parameter is also read
    from its former name, `renamed_from`, if only that is set.
    """

    content_type = "string"
    options: tuple[str, ...] = ()

    def __init__(
        self,
        help: str,
        *,
        default: str = "",
        required: bool = False,
        unique_group: str = "",
        reloadable: bool = False,
        deprecated: str = "",
        replaced_with: str = "",
        renamed_from: str = "",
    ) -> None:
        self.help = " ".join(help.split())
        self.default, self.required = default, required
        self.unique_group, self.reloadable = unique_group, reloadable
        self.deprecated, self.replaced_with = deprecated, replaced_with
        self.renamed_from = renamed_from
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def former(self) -> Parameter:
        """Return the deprecated parameter with the former name."""
        former = object.__new__(type(self))
        vars(former).update(
            vars(self),
            name=self.renamed_from,
            help=f"Deprecated name of '{self.name}'. {self.help}",
            default="",
            required=False,
            unique_group="",
            deprecated=f"Use '{self.name}'.",
            replaced_with=self.name,
            renamed_from="",
        )
        return former

    def __get__(self, agent: Agent, owner: type | None = None) -> str:
        value: str = self.value(agent)
        return value

    def value(self, agent: Agent) -> Any:
        """Return the value for the agent's operation. Raises InvalidParameter."""
        if self.name not in agent.values:
            given = agent.operation.parameters
            text = given.get(self.name, "")
            former = given.get(self.renamed_from, "") if self.renamed_from and not text else ""
            agent.values[self.name] = self.former().read(former) if former else self.read(text)
        return agent.values[self.name]

    def read(self, text: str) -> object:
        """Return the value of `text`; an empty text means the default. Raises InvalidParameter."""
        if not text and self.required:
            raise InvalidParameter(f"required parameter '{self.name}' is not set: {self.short}", CONFIGURED)
        text = text or self.default
        if len(text) > MAX_LENGTH:
            raise InvalidParameter(
                f"parameter '{self.name}' is too long: {len(text)} characters, the limit is {MAX_LENGTH}",
                CONFIGURED,
            )
        if not text.isprintable():
            raise InvalidParameter(
                f"parameter '{self.name}' contains a character that is not printable", CONFIGURED
            )
        return self.parse(text)

    def parse(self, text: str) -> object:
        """Return the value of a non-empty, printable text. Raises InvalidParameter."""
        return text

    def invalid(self, text: str, expected: str, code: int = CONFIGURED) -> InvalidParameter:
        """Return the error for an invalid `text`, which names the `expected` value."""
        shown = text if len(text) <= 60 else text[:57] + "..."
        return InvalidParameter(f"parameter '{self.name}' is '{shown}', but must be {expected}", code)

    @property
    def short(self) -> str:
        """The first sentence of the help text, without its period."""
        return self.help.split(". ")[0].rstrip(".")


class String(Parameter):
    """A string of printable characters, or only of those in `allowed`."""

    def __init__(self, help: str, *, allowed: str = "", **common: Unpack[Common]) -> None:
        super().__init__(help, **common)
        self.allowed = frozenset(allowed)

    def parse(self, text: str) -> str:
        strange = "".join(sorted(set(text) - self.allowed)) if self.allowed else ""
        if strange:
            raise self.invalid(text, f"a text without '{strange}'")
        return text


class Choice(Parameter):
    """One of a fixed set of values."""

    content_type = "select"

    def __init__(self, help: str, *, options: tuple[str, ...], **common: Unpack[Common]) -> None:
        super().__init__(help, **common)
        self.options = options

    def parse(self, text: str) -> str:
        if text not in self.options:
            raise self.invalid(text, "one of " + ", ".join(self.options))
        return text


class Integer(Parameter):
    """An integer between two bounds, inclusive."""

    content_type = "integer"

    def __init__(
        self, help: str, *, minimum: int = 0, maximum: int = 2**31, **common: Unpack[Common]
    ) -> None:
        super().__init__(help, **common)
        self.minimum, self.maximum = minimum, maximum

    if TYPE_CHECKING:

        def __get__(self, agent: Agent, owner: type | None = None) -> int: ...  # type: ignore[override]

    def parse(self, text: str) -> int:
        # int() would also accept "1_000" and digits of other scripts.
        digits = text.removeprefix("-")
        if digits.isascii() and digits.isdigit() and self.minimum <= int(text) <= self.maximum:
            return int(text)
        raise self.invalid(text, f"an integer from {self.minimum} to {self.maximum}")


class OptionalInteger(Integer):
    """An integer, or None if the parameter is not set: the service's own configuration counts."""

    if TYPE_CHECKING:

        def __get__(self, agent: Agent, owner: type | None = None) -> int | None: ...  # type: ignore[override]

    def parse(self, text: str) -> int | None:  # type: ignore[override]
        return super().parse(text) if text else None


class Port(Integer):
    """A TCP port."""

    def __init__(self, help: str, **common: Unpack[Common]) -> None:
        super().__init__(help, minimum=1, maximum=65535, **common)


class Boolean(Parameter):
    """A boolean, in any spelling that Pacemaker accepts."""

    content_type = "boolean"

    if TYPE_CHECKING:

        def __get__(self, agent: Agent, owner: type | None = None) -> bool: ...  # type: ignore[override]

    def parse(self, text: str) -> bool:
        word = text.lower()
        if word in TRUE or word in FALSE:
            return word in TRUE
        raise self.invalid(text, "yes or no")


UNITS = {"ms": 0.001, "msec": 0.001, "s": 1.0, "sec": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0, "hr": 3600.0}


class Duration(Parameter):
    """A duration in seconds, or with one of Pacemaker's units: 500ms, 30, 30s, 2min, 1h."""

    if TYPE_CHECKING:

        def __get__(self, agent: Agent, owner: type | None = None) -> float: ...  # type: ignore[override]

    def parse(self, text: str) -> float:
        number = text.rstrip("abcdefghijklmnopqrstuvwxyz")
        unit = text[len(number) :] or "s"
        if number.isascii() and number.isdigit() and len(number) < 10 and unit in UNITS:
            return int(number) * UNITS[unit]
        raise self.invalid(text, "a duration such as 30s or 2min")


class Path(Parameter):
    """An absolute path. The action that uses it checks whether it exists."""

    def parse(self, text: str) -> str:
        if text and not text.startswith("/"):
            raise self.invalid(text, "an absolute path")
        if ".." in text.split("/"):
            raise self.invalid(text, "a path without '..'")
        return text


class Program(Parameter):
    """A program: an absolute path, or a name that is searched in PROGRAM_PATH."""

    def parse(self, text: str) -> str:
        if "/" in text:
            candidates = [text] if text.startswith("/") else []
        else:
            candidates = [f"{folder}/{text}" for folder in PROGRAM_PATH]
        for candidate in candidates:
            if files.is_program(candidate):
                return candidate
        raise self.invalid(text, "a program that is installed on this node", INSTALLED)


class Arguments(Parameter):
    """Command-line arguments, separated and quoted as in a POSIX shell; no expansion takes place."""

    if TYPE_CHECKING:

        def __get__(self, agent: Agent, owner: type | None = None) -> list[str]: ...  # type: ignore[override]

    def parse(self, text: str) -> list[str]:
        from shlex import split

        try:
            return split(text)
        except ValueError as error:
            raise self.invalid(text, f"arguments with complete quotes ({error})") from None


class Account(Parameter):
    """The name of a user that exists on this node."""

    def parse(self, text: str) -> str:
        import pwd

        try:
            pwd.getpwnam(text)
        except KeyError:
            raise self.invalid(text, "a user that exists on this node", INSTALLED) from None
        return text
