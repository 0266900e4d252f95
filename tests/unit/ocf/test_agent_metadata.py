"""The metadata of an agent, for both versions of OCF."""

from __future__ import annotations

import pytest
from lxml import etree

from pacemaker_os.ocf.metadata import requested_version, xml
from tests.unit.ocf.lamps import Lamp


def tree(version: str) -> etree._Element:
    return etree.fromstring(xml(Lamp, version).encode())


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_metadata_texts_are_escaped(version: str) -> None:
    found = tree(version)
    assert found.findtext("shortdesc") == "A lamp & a <shade>"
    assert found.findtext("longdesc") == (
        'A lamp that is on while its file exists; <it> & its "words" need escaping.'
    )
    assert found.xpath("//parameter[@name='label']/longdesc/text()") == ['Text on the lamp: "this".']


def test_metadata_first_sentence_is_the_short_description() -> None:
    assert tree("1.1").xpath("//parameter[@name='file']/shortdesc/text()") == ["The file"]


def test_metadata_of_ocf_1_1() -> None:
    found = tree("1.1")
    assert found.xpath("//action[@name='monitor']/@role") == ["Unpromoted", "Promoted"]
    assert found.xpath("//action[@name='reload-agent']")
    assert found.xpath("//parameter[@reloadable='1']/@name") == ["watts"]
    assert found.xpath("//parameter/@unique-group") == ["lamp"]
    assert found.xpath("//parameter[@name='colour']/content/option/@value") == ["red", "green"]
    assert found.xpath("//parameter[@name='old']/deprecated/replaced-with/@name") == ["label"]


def test_metadata_of_ocf_1_0() -> None:
    found = tree("1.0")
    assert found.xpath("//action[@name='monitor']/@role") == ["Unpromoted", "Promoted"]
    assert not found.xpath("//action[@name='reload-agent'] | //@reloadable | //@unique-group | //deprecated")
    assert found.xpath("//parameter[@unique='1']/@name") == ["file"]
    assert found.xpath("//parameter[@name='colour']/content/@type") == ["string"]


@pytest.mark.parametrize(
    ("major", "minor", "version"),
    [
        ("1", "1", "1.1"),
        ("1", "2", "1.1"),
        ("1", "0", "1.0"),
        ("", "", "1.0"),
        ("1", "x", "1.0"),
        ("2", "1", "1.0"),
    ],
)
def test_requested_version_follows_environment(major: str, minor: str, version: str) -> None:
    assert requested_version({"OCF_RA_VERSION_MAJOR": major, "OCF_RA_VERSION_MINOR": minor}) == version
