"""The version of a CIB, on which a compare-and-swap is based."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """The version of a CIB. Versions are ordered as Pacemaker orders them.

    A change of the configuration increments `epoch` and sets `num_updates` to 0. A change of the status
    increments `num_updates`. Only an operator changes `admin_epoch` (Pacemaker Administration, "CIB").
    """

    admin_epoch: int
    epoch: int
    num_updates: int

    @classmethod
    def of(cls, cib: etree._Element) -> Version:
        """Return the version of a `<cib>`. As in Pacemaker, a missing attribute counts as 0."""
        return cls(*(int(cib.get(name) or 0) for name in cls.__slots__))

    @classmethod
    def parse(cls, text: str) -> Version:
        """Parse a version in dotted notation, such as `0.42.7`.

        Raises:
            ValueError: `text` is something else.
        """
        admin_epoch, epoch, num_updates = map(int, text.split("."))
        return cls(admin_epoch, epoch, num_updates)

    def __str__(self) -> str:
        return f"{self.admin_epoch}.{self.epoch}.{self.num_updates}"

    @property
    def configuration(self) -> tuple[int, int]:
        """The part that changes whenever the configuration changes, and only then."""
        return self.admin_epoch, self.epoch

    def next(self) -> Version:
        """Return the version after one change of the configuration."""
        return Version(self.admin_epoch, self.epoch + 1, 0)

    def attributes(self) -> dict[str, str]:
        """Return the XML attributes of the version."""
        return {name: str(getattr(self, name)) for name in type(self).__slots__}
