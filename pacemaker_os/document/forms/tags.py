"""Tags.

tags: {databases: [galera, redis]}
"""

from __future__ import annotations

from pacemaker_os.cib.administration import Tag
from pacemaker_os.cib.table import layout
from pacemaker_os.document.forms.common import decode_names
from pacemaker_os.document.forms.reader import Reader
from pacemaker_os.document.forms.writer import Writer
from pacemaker_os.document.yaml.plain import Plain
from pacemaker_os.document.yaml.tree import Node


def decode_tags(node: Node, reader: Reader) -> list[Tag]:
    """Return the tags; each is a list of ids."""
    members = layout(Tag).children[0]
    return [
        Tag(id=name, members=decode_names(members, value, reader), origin=key.origin)
        for name, key, value in reader.mapping(node, "'tags'")
    ]


def encode_tags(tags: tuple[Tag, ...], writer: Writer) -> Plain:
    return {tag.id or "": [member.id for member in tag.members] for tag in tags}
