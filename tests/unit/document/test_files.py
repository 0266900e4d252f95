"""Documents from files."""

from __future__ import annotations

import pytest

from pacemaker_os.cli.support.documents import MAX_BYTES, read_documents
from pacemaker_os.errors import InputError

GOOD = "resources: {a: {agent: 'systemd:a'}}\n"


def messages(*paths: object) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_documents([str(path) for path in paths], {})
    return [problem.message for problem in caught.value.problems]


def test_read_unreadable_file_is_reported(tmp_path):
    (tmp_path / "large").write_bytes(b"a" * (MAX_BYTES + 1))
    (tmp_path / "binary").write_bytes(b"a: \xff\n")
    assert messages(tmp_path / "large") == ["the file is larger than the maximum of 8 MiB"]
    assert messages(tmp_path / "binary") == ["the file is not UTF-8 (byte 4)"]
    assert messages(tmp_path) == ["this is a directory; specify a file"]
    assert messages(tmp_path / "none") == ["file not found; run `pcs-os init` to create a document"]
    assert messages() == ["specify at least one document, for example cluster.cib.yaml"]


def test_read_reports_every_missing_file(tmp_path):
    assert len(messages(tmp_path / "a", tmp_path / "b")) == 2


def test_read_name_defaults_to_file_name(tmp_path):
    path = tmp_path / "web.cib.yaml"
    path.write_text(GOOD)
    document = read_documents([str(path)], {})
    assert (document.name, document.files) == ("web", (str(path),))
    path.write_text("name: shop\n" + GOOD)
    assert read_documents([str(path)], {}).name == "shop"


def test_read_variables_have_precedence(tmp_path, monkeypatch):
    path = tmp_path / "c.cib.yaml"
    path.write_text(
        "vars: {one: a, two: b, three: c}\nproperties: {x: '${one}-${two}-${three}', y: '$${one}', z: $5}\n"
    )
    monkeypatch.setenv("two", "B")
    monkeypatch.setenv("three", "C")
    cib = read_documents([str(path)], {"three": "command"}).cib
    values = {pair.name: pair.value for pair in cib.property_sets[0].nvpairs}
    assert values == {"x": "a-B-command", "y": "${one}", "z": "$5"}


def test_read_merges_files_and_includes(tmp_path):
    (tmp_path / "parts").mkdir()
    main, part, other = tmp_path / "main.cib.yaml", tmp_path / "parts/a.yaml", tmp_path / "other.yaml"
    main.write_text("include: [parts/a.yaml]\nproperties: {x: 1}\norder: [a then b]\n")
    part.write_text("include: ../main.cib.yaml\n" + GOOD)
    other.write_text("resources: {b: {agent: 'systemd:b'}}\nproperties: {y: 2}\n")
    document = read_documents([str(main), str(other)], {})
    assert [resource.id for resource in document.cib.resources] == ["a", "b"]
    assert [pair.name for pair in document.cib.property_sets[0].nvpairs] == ["x", "y"]
    assert document.name == "main"


def test_read_conflicting_files_are_reported(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("properties: {x: 1}\n" + GOOD)
    two.write_text("properties: {x: 2}\n" + GOOD)
    assert messages(one, two) == [
        f"'x' has a different value in {one}:1:14",
        f"'a' has a different value in {one}:2:13",
    ]


def test_read_missing_include_is_reported(tmp_path):
    path = tmp_path / "c.cib.yaml"
    path.write_text("include: nothing.yaml\n" + GOOD)
    (only,) = messages(path)
    assert only.startswith("cannot include 'nothing.yaml': ")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("vpi", "--var: unknown variable 'vpi'; did you mean 'vip'? [unknown-variable]"),
        ("ste", "--var: unknown variable 'ste'; did you mean 'site'? [unknown-variable]"),
        ("zebra", "--var: unknown variable 'zebra'; no document uses or declares it [unknown-variable]"),
    ],
)
def test_read_variable_that_no_document_uses_is_an_error(tmp_path, given, message):
    path = tmp_path / "c.cib.yaml"
    path.write_text("vars: {vip: a, unused: b}\nproperties: {x: '${vip}-${site}'}\n")
    with pytest.raises(InputError) as caught:
        read_documents([str(path)], {"site": "x", "unused": "c", given: "1.2.3.4"})
    assert [str(problem) for problem in caught.value.problems] == [message]
