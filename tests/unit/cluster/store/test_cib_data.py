"""CIB files that are compressed, standard input, or symbolic links."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
from pathlib import Path
from types import SimpleNamespace

import pytest
from lxml import etree

from pacemaker_os.cluster import Target, connect
from pacemaker_os.cluster.store import cib_data
from pacemaker_os.cluster.store.file import EMPTY
from pacemaker_os.errors import ClusterError, InputError

COMPRESS = {"bz2": bz2.compress, "gz": gzip.compress, "xz": lzma.compress}


@pytest.mark.parametrize("suffix", COMPRESS)
def test_compressed_cib_is_read_and_not_written(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"pe-input-1.{suffix}"
    path.write_bytes(COMPRESS[suffix](EMPTY))
    cluster = connect(Target(cib_file=str(path)))
    assert cluster.query().cib.get("validate-with") == "pacemaker-3.9"
    with cib_data.plain_file(path) as plain:
        assert plain.read_bytes() == EMPTY
    with pytest.raises(ClusterError, match=r"cannot write .*: it is compressed"):
        cluster.require_writable()
    with pytest.raises(ClusterError, match="cannot write"):
        cluster.store.compare_and_swap(cluster.query(), etree.Element("diff"))


@pytest.mark.parametrize("suffix", COMPRESS)
@pytest.mark.parametrize("damage", [lambda data: data[:-6], lambda data: data[:12] + b"\x00\xff" * 9])
def test_damaged_compressed_cib_is_an_error(tmp_path: Path, suffix: str, damage: object) -> None:
    path = tmp_path / "pe-input"
    path.write_bytes(damage(COMPRESS[suffix](EMPTY)))
    with pytest.raises(ClusterError, match="incomplete or damaged"):
        connect(Target(cib_file=str(path))).query()


def test_compressed_cib_larger_than_maximum_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cib_data, "MAX_BYTES", 1000)
    (tmp_path / "bomb.bz2").write_bytes(bz2.compress(b" " * 100_000))
    with pytest.raises(ClusterError, match="larger than"):
        connect(Target(cib_file=str(tmp_path / "bomb.bz2"))).query()


def test_standard_input_is_read_once_and_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    cib_data._standard_input.cache_clear()
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(bz2.compress(EMPTY))))
    cluster = connect(Target(cib_file="-"))
    assert cluster.query().exists
    assert cluster.query().exists
    assert cluster.name == "standard input"
    with pytest.raises(ClusterError, match="cannot write to standard input; write the CIB to a file"):
        cluster.require_writable()
    cib_data._standard_input.cache_clear()


@pytest.mark.parametrize("link", ["../real/cib.xml", "missing.xml"])
def test_file_behind_link_is_written_and_link_stays(tmp_path: Path, link: str) -> None:
    for name in ("real", "links"):
        (tmp_path / name).mkdir()
    (tmp_path / "real/cib.xml").write_bytes(EMPTY)
    path = tmp_path / "links/cib.xml"
    path.symlink_to(link)
    cluster = connect(Target(cib_file=str(path)))
    base = cluster.query()
    target = etree.fromstring(etree.tostring(base.cib))
    target.find("configuration/crm_config").append(etree.Element("cluster_property_set", id="p"))
    cluster.push(base, target)
    assert path.readlink() == Path(link)
    assert b'"p"' in path.resolve().read_bytes()
    assert str(path.resolve()) in str(cluster.store.history)


@pytest.mark.parametrize(
    "text",
    [
        "<pacemaker-result><cib><configuration/></cib></pacemaker-result>",
        "<x><y><cib/></y></x>",
    ],
)
def test_cib_inside_another_element_names_the_remedy(tmp_path: Path, text: str) -> None:
    (tmp_path / "cib.xml").write_text(text)
    with pytest.raises(InputError, match=r"around a <cib>; save the output of 'cibadmin --query'"):
        connect(Target(cib_file=str(tmp_path / "cib.xml"))).query()
