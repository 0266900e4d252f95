"""Nova's fake hypervisor with a memory, for labs: what it runs outlives nova-compute, as guests do.

`compute_driver = lasting.LastingDriver`. Nova looks for drivers in this folder alone.

- GUESTS is what is defined here: the power state of each guest, and the boot of the node that it was seen in.
  One that is said to run, but was started before the node was, is off: its node had no power meanwhile.
- JOURNAL has a line for everything that happened: TIME BOOT WHAT INSTANCE, in seconds since 1970.
"""

import json
import time
from pathlib import Path

from nova.compute import power_state
from nova.virt import fake

GUESTS = Path("/var/lib/nova/guests.json")
JOURNAL = Path("/var/lib/nova/guests.journal")


def this_boot():
    """When the node's first process started, in clock ticks of the machine that the container is on."""
    return Path("/proc/1/stat").read_text().rpartition(")")[2].split()[19]


#: Since 2023.1 a hypervisor says which host it is (its number is kept in a file); this fake one says the same
#: after each start.
BASE = getattr(fake, "FakeDriverWithoutFakeNodes", fake.FakeDriver)


class LastingDriver(BASE):
    """The fake driver, which writes down what it does and begins with what is written."""

    def init_host(self, host):
        super().init_host(host)
        self.boot = this_boot()
        for uuid, (name, state, boot) in self._read().items():
            if boot != self.boot:
                state = power_state.SHUTDOWN
            self.instances[uuid] = fake.FakeInstance(name, state, uuid)
        self._write()
        self._note("begin", host)

    def spawn(self, context, instance, *arguments, **options):
        found = "spawn" if instance.uuid not in self.instances else "spawn-again"
        super().spawn(context, instance, *arguments, **options)
        self._done(found, instance)

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
        # As libvirt's driver does: a hard reboot, which starts what is off.
        self.reboot(context, instance, None, "HARD")

    def _done(self, what, instance):
        self._write()
        self._note(what, instance.uuid)

    def _note(self, what, whom):
        with JOURNAL.open("a") as journal:
            journal.write(f"{time.time():.2f} {self.boot} {what} {whom}\n")

    def _read(self):
        return json.loads(GUESTS.read_text()) if GUESTS.exists() else {}

    def _write(self):
        said = {uuid: (each.name, each.state, self.boot) for uuid, each in self.instances.items()}
        fresh = GUESTS.with_suffix(".new")
        fresh.write_text(json.dumps(said, indent=1))
        fresh.replace(GUESTS)
