"""Nova's fake hypervisor driver with persistent guests, for labs: guests survive a restart of nova-compute.

`compute_driver = lasting.LastingDriver`. Nova loads drivers from this directory only.

- GUESTS contains the power state of each guest, and the boot of the node in which it was recorded. A running
  guest of an earlier boot is off, because its node lost power since then.
- JOURNAL contains a line per event: TIME BOOT EVENT INSTANCE, with the time in seconds since 1970.
"""

import json
import time
from pathlib import Path

from nova.compute import power_state
from nova.virt import fake

GUESTS = Path("/var/lib/nova/guests.json")
JOURNAL = Path("/var/lib/nova/guests.journal")


def this_boot():
    """Return the start time of the first process of the node, in clock ticks of the host of the container."""
    return Path("/proc/1/stat").read_text().rpartition(")")[2].split()[19]


#: Since 2023.1, a hypervisor reports its host UUID, which nova-compute stores in a file. This driver reports
#: the same UUID after each start.
BASE = getattr(fake, "FakeDriverWithoutFakeNodes", fake.FakeDriver)


class LastingDriver(BASE):
    """The fake driver, with guests in a file that it reads at its start."""

    def init_host(self, host):
        super().init_host(host)
        self.boot = this_boot()
        for uuid, (name, state, boot) in self._read().items():
            if boot != self.boot:
                state = power_state.SHUTDOWN
            self.instances[uuid] = fake.FakeInstance(name, state, uuid)
        self._write()
        self._log("begin", host)

    def spawn(self, context, instance, *arguments, **options):
        event = "spawn" if instance.uuid not in self.instances else "spawn-again"
        super().spawn(context, instance, *arguments, **options)
        self._done(event, instance)

    def destroy(self, context, instance, *arguments, **options):
        super().destroy(context, instance, *arguments, **options)
        self._done("destroy", instance)

    def power_off(self, instance, *arguments, **options):
        super().power_off(instance, *arguments, **options)
        self._done("off", instance)

    def power_on(self, context, instance, *arguments, **options):
        super().power_on(context, instance, *arguments, **options)
        self._done("on", instance)

    def finish_revert_migration(self, context, instance, *arguments, **options):
        super().finish_revert_migration(context, instance, *arguments, **options)
        self._done("revert", instance)

    def resume_state_on_host_boot(self, context, instance, *arguments, **options):
        # Like the libvirt driver: a hard reboot, which starts guests that are off.
        self.reboot(context, instance, None, "HARD")

    def _done(self, event, instance):
        self._write()
        self._log(event, instance.uuid)

    def _log(self, event, subject):
        with JOURNAL.open("a") as journal:
            journal.write(f"{time.time():.2f} {self.boot} {event} {subject}\n")

    def _read(self):
        return json.loads(GUESTS.read_text()) if GUESTS.exists() else {}

    def _write(self):
        guests = {uuid: (each.name, each.state, self.boot) for uuid, each in self.instances.items()}
        part = GUESTS.with_suffix(".new")
        part.write_text(json.dumps(guests, indent=1))
        part.replace(GUESTS)
