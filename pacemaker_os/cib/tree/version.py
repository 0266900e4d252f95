"""The version of a CIB: what a compare-and-swap compares."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """What `<cib>` says of itself; ordered as Pacemaker orders it.

    A change of the configuration raises `epoch` by one and sets `num_updates` to 0; a change of the
    status raises `num_updates`; only people raise `admin_epoch` (Pacemaker Administration, "CIB").
    """

    admin_epoch: int
    epoch: int
    num_updates: int

    @classmethod
    def of(cls, cib: etree._Element) -> Version:
        """Read the version of a `<cib>`; what is not said counts as 0, as Pacemaker has it."""
        return cls(*(int(cib.get(name) or 0) for name in cls.__slots__))

    @classmethod
    def parse(cls, text: str) -> Version:
        """Read `0.42.7`, the way people write versions."""
        admin_epoch, epoch, num_updates = map(int, text.split("."))
        return cls(admin_epoch, epoch, num_updates)

    def __str__(self) -> str:
        return f"{self.admin_epoch}.{self.epoch}.{self.num_updates}"

    @property
    def configuration(self) -> tuple[int, int]:
        """The part that changes exactly when the configuration does."""
        return self.admin_epoch, self.epoch

    def next(self) -> Version:
        """The version right after one change of the configuration."""
        return Version(self.admin_epoch, self.epoch + 1, 0)

    def attributes(self) -> dict[str, str]:
        """The attributes that say this version in XML."""
        return {name: str(getattr(self, name)) for name in type(self).__slots__}
