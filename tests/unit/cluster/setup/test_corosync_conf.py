from __future__ import annotations

from pacemaker_os.cluster.setup.corosync import CorosyncConf, Member, parse_corosync_conf

PCS = """\
totem {
    version: 2
    cluster_name: ha
    transport: knet
    token: 1000
    interface {
        linknumber: 0
        token: 7
    }
}

nodelist {
    node {
        ring0_addr: 192.0.2.11
        ring1_addr: 2001:db8::11
        name: controller01
        nodeid: 1
    }

    # a comment
    node {
        ring0_addr: controller02
        nodeid: 2
    }
}

quorum {
    provider: corosync_votequorum
    name: not a node's
}
"""

#: What Debian's package brings.
EXAMPLE = """\
totem {
        version: 2
        cluster_name: debian
}
nodelist {
        node {
                name: node1
                nodeid: 1
                ring0_addr: 127.0.0.1
        }
}
"""


def test_conf_has_name_token_and_members() -> None:
    assert parse_corosync_conf(PCS) == CorosyncConf(
        cluster="ha",
        members=(
            Member("controller01", ("192.0.2.11", "2001:db8::11")),
            Member("controller02", ("controller02",)),
        ),
        token=1000,
    )
    assert not parse_corosync_conf(PCS).is_example


def test_example_of_the_package_is_recognized() -> None:
    assert parse_corosync_conf(EXAMPLE).is_example


def test_empty_text_is_a_conf_without_members() -> None:
    assert parse_corosync_conf("") == CorosyncConf("", (), None)
