"""Files that are no documents end in a sentence, whatever they are."""

from __future__ import annotations

import pytest

from pacemaker_os.cli.support.documents import MAX_BYTES, read_documents
from pacemaker_os.errors import InputError

GOOD = "resources: {a: {agent: 'systemd:a'}}\n"


def said(*paths: object) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_documents([str(path) for path in paths], {})
    return [problem.message for problem in caught.value.problems]


def test_what_is_no_text_file(tmp_path):
    (tmp_path / "large").write_bytes(b"a" * (MAX_BYTES + 1))
    (tmp_path / "binary").write_bytes(b"a: \xff\n")
    assert said(tmp_path / "large") == ["the file is larger than the maximum of 8 MiB"]
    assert said(tmp_path / "binary") == ["the file is not UTF-8 (byte 4)"]
    assert said(tmp_path) == ["this is a directory; specify a file"]
    assert said(tmp_path / "none") == ["file not found; run `pcs-os init` to create a document"]
    assert said() == ["specify at least one document, for example cluster.cib.yaml"]


def test_every_file_is_told(tmp_path):
    assert len(said(tmp_path / "a", tmp_path / "b")) == 2


def test_name_and_files(tmp_path):
    path = tmp_path / "web.cib.yaml"
    path.write_text(GOOD)
    document = read_documents([str(path)], {})
    assert (document.name, document.files) == ("web", (str(path),))
    path.write_text("name: shop\n" + GOOD)
    assert read_documents([str(path)], {}).name == "shop"


def test_variables(tmp_path, monkeypatch):
    path = tmp_path / "c.cib.yaml"
    path.write_text(
        "vars: {one: a, two: b, three: c}\nproperties: {x: '${one}-${two}-${three}', y: '$${one}', z: $5}\n"
    )
    monkeypatch.setenv("two", "B")
    monkeypatch.setenv("three", "C")
    cib = read_documents([str(path)], {"three": "command"}).cib
    values = {pair.name: pair.value for pair in cib.property_sets[0].nvpairs}
    assert values == {"x": "a-B-command", "y": "${one}", "z": "$5"}


def test_include_and_several_files(tmp_path):
    (tmp_path / "parts").mkdir()
    main, part, other = tmp_path / "main.cib.yaml", tmp_path / "parts/a.yaml", tmp_path / "other.yaml"
    main.write_text("include: [parts/a.yaml]\nproperties: {x: 1}\norder: [a then b]\n")
    part.write_text("include: ../main.cib.yaml\n" + GOOD)
    other.write_text("resources: {b: {agent: 'systemd:b'}}\nproperties: {y: 2}\n")
    document = read_documents([str(main), str(other)], {})
    assert [resource.id for resource in document.cib.resources] == ["a", "b"]
    assert [pair.name for pair in document.cib.property_sets[0].nvpairs] == ["x", "y"]
    assert document.name == "main"


def test_what_two_files_say_differently(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("properties: {x: 1}\n" + GOOD)
    two.write_text("properties: {x: 2}\n" + GOOD)
    assert said(one, two) == [
        f"'x' has a different value in {one}:1:14",
        f"'a' has a different value in {one}:2:13",
    ]


def test_an_include_that_is_not_there(tmp_path):
    path = tmp_path / "c.cib.yaml"
    path.write_text("include: nothing.yaml\n" + GOOD)
    (only,) = said(path)
    assert only.startswith("cannot include 'nothing.yaml': ")
