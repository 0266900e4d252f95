"""Debian archives for node images."""

from __future__ import annotations

import pytest

from pacemaker_os.lab.sources import read_sources
from pacemaker_os.transport.fake import Expect, FakeTransport

COMMAND = ("apt-get", "indextargets", "--format", "$(CREATED_BY)|$(ORIGIN)|$(LABEL)|$(REPO_URI)")

PROXY = Expect(("apt-config", "dump", "--format", "%v%n", "Acquire::http::Proxy"))

DEBIAN = """\
Packages|Debian|Debian|http://mirror.example/debian/
Packages|Debian|Debian|http://other.example/debian/
Packages|Debian|Debian-Security|http://mirror.example/debian-security/
Translations|Debian|Debian|http://wrong.example/
Packages|Other|Debian|http://wrong.example/
"""

UBUNTU = "Packages|Ubuntu|Ubuntu|http://archive.example/ubuntu/\n"


@pytest.fixture(autouse=True)
def no_override(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PCS_OS_MIRROR", raising=False)


def test_read_sources_uses_archives_of_apt() -> None:
    sources = read_sources(FakeTransport([PROXY, Expect(COMMAND, stdout=DEBIAN)]))
    assert sources.mirror == "http://mirror.example/debian/"
    assert sources.apt_lines("trixie") == (
        "deb http://mirror.example/debian/ trixie main\n"
        "deb http://mirror.example/debian/ trixie-updates main\n"
        "deb http://mirror.example/debian-security/ trixie-security main\n"
    )


@pytest.mark.parametrize("output", ["", UBUNTU, "Packages|Debian|Debian-Security|http://x.example/\n"])
def test_read_sources_without_debian_lets_debootstrap_choose(output: str) -> None:
    sources = read_sources(FakeTransport([PROXY, Expect(COMMAND, stdout=output)]))
    assert sources.mirror is None
    assert sources.apt_lines("trixie") is None


def test_read_sources_prefers_environment_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PCS_OS_MIRROR", "http://mine.example/debian")
    assert read_sources(FakeTransport([PROXY])).mirror == "http://mine.example/debian"


def test_read_sources_uses_proxy_of_apt() -> None:
    proxy = Expect(PROXY.argv, stdout="http://127.0.0.1:3142\n")
    assert (
        read_sources(FakeTransport([proxy, Expect(COMMAND, stdout=DEBIAN)])).proxy == "http://127.0.0.1:3142"
    )
