"""Steps on hosts: looking, preparing, and writing the files of services."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from threading import Lock

from pacemaker_os.install import agents
from pacemaker_os.install.changes.host_changes import HostWork, host_work
from pacemaker_os.install.changes.systemd_overrides import HAND_OVER, handed_over
from pacemaker_os.install.context.context import Run, together
from pacemaker_os.install.facts.host_facts import HOSTS, look, settings_of
from pacemaker_os.install.hosts import host_actions as carry
from pacemaker_os.openstack import render
from pacemaker_os.openstack.catalogue import CATALOGUE
from pacemaker_os.openstack.wanted import WantedFile

#: Held while what is known of a node is changed: jobs of several services end at the same time.
_NOTING = Lock()


def look_at_all(run: Run) -> None:
    """Find out what every node shall have and has."""
    together(lambda node: look_at(run, node), run.addresses)


def look_at(run: Run, node: str) -> None:
    """Find out what one node shall have and has."""
    host = run.cloud.host(node)
    with run.step(node, "gather facts"):
        wanted = handed_over(render.wanted_host(run.cloud, host, run.secrets))
        run.facts[node] = look(run.transports[node], wanted, run.addresses)
        run.wanted[node] = wanted


def work_of(run: Run, node: str) -> HostWork:
    """What is to be done on a node, as far as is known."""
    return host_work(run.wanted[node], run.facts[node], run.addresses)


def prepare(run: Run, node: str) -> None:
    """Names, packages, units in Pacemaker's hands, agents."""
    work, transport = work_of(run, node), run.transports[node]
    names = [file for file in work.files if file.path == HOSTS]
    if names:
        with run.step(node, "names of the nodes"):
            carry.write_files(transport, names, ())
        run.note_change(node, HOSTS)
    if work.leftover and not work.packages:
        with run.step(node, "end an installation that was cut off"):
            transport.run(["rm", "-f", *work.leftover])
        run.note_change(node, " ".join(work.leftover))
    if work.packages:
        with run.step(node, f"install {len(work.packages)} packages"):
            carry.install_packages(transport, run.cloud.family, work.packages)
        run.note_change(node, f"packages {' '.join(work.packages)}")
        # What packages bring is known only now: units that start by themselves above all.
        look_at(run, node)
        work = work_of(run, node)
    handed = [file for file in work.files if file.service == HAND_OVER and file.path != HOSTS]
    if work.disable or work.mask or handed:
        with run.step(node, "take units from systemd's hands"):
            carry.settle_units(transport, work)
            carry.write_files(transport, handed, ())
        run.note_change(node, f"units {' '.join((*work.disable, *work.mask)) or 'taken over'}")
    _install_agents(run, node)


def _install_agents(run: Run, node: str) -> None:
    host = run.cloud.host(node)
    if "front" in host.roles:
        return
    with run.step(node, "agents"):
        if agents.install(run.transports[node], run.release).changed:
            run.note_change(node, "agents")


def write_service_files(run: Run, node: str, services: Collection[str]) -> None:
    """Write the files of services on a node, and load what is the kernel's of them."""
    work, transport = work_of(run, node), run.transports[node]
    files = [file for file in work.files if file.service in services]
    owned = {path for name in services for path in CATALOGUE[name].folders}
    folders = [pair for pair in work.folders if pair[0] in owned]
    settings = {
        file.path for file in run.wanted[node].files if file.service in services and settings_of(file)
    }
    load = [path for path in settings if path in work.settings or path in {file.path for file in files}]
    if not (files or folders or load):
        return
    with run.step(node, _files_words(files, folders)):
        carry.write_files(transport, files, folders)
        carry.load_settings(transport, load)
    for file in files:
        run.note_change(node, file.path)
    for path, _ in folders:
        run.note_change(node, path)


def start_systemd_units(run: Run, node: str) -> None:
    """Start what stays with systemd, now and at boot."""
    work = work_of(run, node)
    if work.enable:
        with run.step(node, f"start {' '.join(work.enable)}"):
            run.transports[node].run(["systemctl", "enable", "--now", *work.enable], timeout=120)
        run.note_change(node, f"started {' '.join(work.enable)}")


def done_with(run: Run, node: str, stamp: str, digest: str) -> None:
    """Remember in the facts of a node that a job is done."""
    with _NOTING:
        facts = run.facts[node]
        run.facts[node] = replace(facts, stamps={**facts.stamps, stamp: digest})


def _files_words(files: Collection[WantedFile], folders: Collection[tuple[str, str]]) -> str:
    services = sorted({file.service for file in files})
    what = f"{len(files)} files" if files else f"{len(folders)} folders"
    return f"{what} of {', '.join(services)}" if services else what
