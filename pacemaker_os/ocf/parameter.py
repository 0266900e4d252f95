"""The parameters of an agent: what each may be, and how its text becomes a value.

A parameter is read when it is used. So a wrong one fails the actions that need it (and `start`,
which checks all of them first), while a stop and a probe that do not need it still tell the truth.
"""

from __future__ import annotations

from pacemaker_os.ocf import files
from pacemaker_os.ocf.codes import CONFIGURED, INSTALLED, Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol, TypedDict, Unpack

    from pacemaker_os.ocf.operation import Operation

    class Agent(Protocol):
        """What reading a parameter needs of an agent: its operation, and a cache of values."""

        operation: Operation
        values: dict[str, object]

    class Common(TypedDict, total=False):
        """What every parameter can be given."""

        default: str
        required: bool
        unique_group: str
        reloadable: bool
        deprecated: str
        replaced_with: str
        renamed_from: str


#: Longer texts are refused: none of the things that parameters name is as long, in characters.
MAX_LENGTH = 4096

#: Where programs are looked for, whatever PATH the cluster manager was started with.
PROGRAM_PATH = ("/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin")

TRUE = frozenset({"1", "true", "yes", "y", "on", "ja"})
FALSE = frozenset({"0", "false", "no", "n", "off", "nein"})


class InvalidParameter(Failure):
    """A parameter's text is no value, a required one is missing, or what one names is not there."""


class Parameter:
    """A text. Base of the types below; the name is that of the attribute it is assigned to.

    `help` is read by people: its first sentence is the short description. `default` is written as an
    operator would write it. Parameters of one `unique_group` must differ, taken together, between
    resources. A `reloadable` one can change while the service runs (the agent then has `reload_agent`).
    A parameter that was renamed is still read from its former name, `renamed_from`, if only that is set.
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
        """The deprecated parameter of the former name."""
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
        """The value that this operation was given. Raises InvalidParameter."""
        if self.name not in agent.values:
            given = agent.operation.parameters
            text = given.get(self.name, "")
            former = given.get(self.renamed_from, "") if self.renamed_from and not text else ""
            agent.values[self.name] = self.former().read(former) if former else self.read(text)
        return agent.values[self.name]

    def read(self, text: str) -> object:
        """The value that `text` says; an empty text says the default. Raises InvalidParameter."""
        if not text and self.required:
            raise InvalidParameter(f"parameter '{self.name}' is missing: {self.short}", CONFIGURED)
        text = text or self.default
        if len(text) > MAX_LENGTH:
            raise InvalidParameter(
                f"parameter '{self.name}' has {len(text)} characters, more than {MAX_LENGTH}", CONFIGURED
            )
        if not text.isprintable():
            raise InvalidParameter(
                f"parameter '{self.name}' has a character that cannot be printed", CONFIGURED
            )
        return self.parse(text)

    def parse(self, text: str) -> object:
        """The value of a clean text. Raises InvalidParameter."""
        return text

    def invalid(self, text: str, expected: str, code: int = CONFIGURED) -> InvalidParameter:
        """The error that says what was wanted instead of `text`."""
        shown = text if len(text) <= 60 else text[:57] + "..."
        return InvalidParameter(f"parameter '{self.name}' is '{shown}', but must be {expected}", code)

    @property
    def short(self) -> str:
        """The first sentence, without its full stop."""
        return self.help.split(". ")[0].rstrip(".")


class String(Parameter):
    """A text of printable characters. With `allowed`, of those characters alone."""

    def __init__(self, help: str, *, allowed: str = "", **common: Unpack[Common]) -> None:
        super().__init__(help, **common)
        self.allowed = frozenset(allowed)

    def parse(self, text: str) -> str:
        strange = "".join(sorted(set(text) - self.allowed)) if self.allowed else ""
        if strange:
            raise self.invalid(text, f"free of '{strange}'")
        return text


class Choice(Parameter):
    """One of a few words."""

    content_type = "select"

    def __init__(self, help: str, *, options: tuple[str, ...], **common: Unpack[Common]) -> None:
        super().__init__(help, **common)
        self.options = options

    def parse(self, text: str) -> str:
        if text not in self.options:
            raise self.invalid(text, "one of " + ", ".join(self.options))
        return text


class Integer(Parameter):
    """A whole number between two bounds, the bounds included."""

    content_type = "integer"

    def __init__(
        self, help: str, *, minimum: int = 0, maximum: int = 2**31, **common: Unpack[Common]
    ) -> None:
        super().__init__(help, **common)
        self.minimum, self.maximum = minimum, maximum

    if TYPE_CHECKING:

        def __get__(self, agent: Agent, owner: type | None = None) -> int: ...  # type: ignore[override]

    def parse(self, text: str) -> int:
        # int() would also take "1_000" and digits of other scripts.
        digits = text.removeprefix("-")
        if digits.isascii() and digits.isdigit() and self.minimum <= int(text) <= self.maximum:
            return int(text)
        raise self.invalid(text, f"a whole number from {self.minimum} to {self.maximum}")


class Port(Integer):
    """A TCP port."""

    def __init__(self, help: str, **common: Unpack[Common]) -> None:
        super().__init__(help, minimum=1, maximum=65535, **common)


class Boolean(Parameter):
    """Yes or no, in any of the words that Pacemaker takes."""

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
    """A time in seconds, or with a unit as Pacemaker writes it: 500ms, 30, 30s, 2min, 1h."""

    if TYPE_CHECKING:

        def __get__(self, agent: Agent, owner: type | None = None) -> float: ...  # type: ignore[override]

    def parse(self, text: str) -> float:
        number = text.rstrip("abcdefghijklmnopqrstuvwxyz")
        unit = text[len(number) :] or "s"
        if number.isascii() and number.isdigit() and len(number) < 10 and unit in UNITS:
            return int(number) * UNITS[unit]
        raise self.invalid(text, "a time such as 30s or 2min")


class Path(Parameter):
    """An absolute path. Whether something is there is the business of the action that needs it."""

    def parse(self, text: str) -> str:
        if text and not text.startswith("/"):
            raise self.invalid(text, "an absolute path")
        if ".." in text.split("/"):
            raise self.invalid(text, "a path without '..'")
        return text


class Program(Parameter):
    """A program: an absolute path, or a name that is looked for where the system's programs are."""

    def parse(self, text: str) -> str:
        if "/" in text:
            candidates = [text] if text.startswith("/") else []
        else:
            candidates = [f"{folder}/{text}" for folder in PROGRAM_PATH]
        for candidate in candidates:
            if files.is_program(candidate):
                return candidate
        raise self.invalid(text, "a program that is installed on this node", INSTALLED)


class Account(Parameter):
    """A user of this node, by name."""

    def parse(self, text: str) -> str:
        import pwd

        try:
            pwd.getpwnam(text)
        except KeyError:
            raise self.invalid(text, "a user that this node has", INSTALLED) from None
        return text
