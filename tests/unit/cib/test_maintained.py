"""Names of the state that Pacemaker and agents write into the configuration."""

from __future__ import annotations

import pytest

from pacemaker_os.cib.maintained import ATTRIBUTE, LOCATION, PROPERTY, UTILIZATION, maintained

NODE_UTILIZATION = "ocf:heartbeat:NodeUtilization"


@pytest.mark.parametrize(
    ("kind", "name", "set_id"),
    [
        (PROPERTY, "dc-version", "cib-bootstrap-options"),
        (PROPERTY, "anything", "redis_replication"),
        (PROPERTY, "db_REPL_INFO", "mysql_replication"),
        (PROPERTY, "hana_ha1_glob_srHook", "SAPHanaSR"),
        (PROPERTY, "azure-events_globalPullState", "cib-bootstrap-options"),
        (ATTRIBUTE, "rmq-node-attr-last-known-rabbitmq", "nodes-1"),
        (ATTRIBUTE, "pgsql-data-status", "nodes-1"),
        (ATTRIBUTE, "master-drbd", "nodes-1"),
        (ATTRIBUTE, "lpa_ha1_lpt", "nodes-1"),
        (ATTRIBUTE, "hana_ha1_site", "nodes-1"),
        (ATTRIBUTE, "db2hadr_db2inst1_sample_fal", "nodes-1"),
        (LOCATION, "drbd-fence-by-handler-r0-ms-drbd", ""),
    ],
)
def test_state_of_agents_is_maintained(kind: str, name: str, set_id: str) -> None:
    assert maintained(kind, name, set_id)


@pytest.mark.parametrize(
    ("kind", "name", "set_id"),
    [
        (PROPERTY, "no-quorum-policy", "cib-bootstrap-options"),
        (ATTRIBUTE, "rack", "nodes-1"),
        # Operators set these for an agent to read.
        (ATTRIBUTE, "db_mysql_master_IP", "nodes-1"),
        (ATTRIBUTE, "redis-tunnel-port", "nodes-1"),
        (LOCATION, "cli-ban-a-on-n1", ""),
    ],
)
def test_settings_are_not_maintained(kind: str, name: str, set_id: str) -> None:
    assert not maintained(kind, name, set_id)


def test_utilization_of_nodes_is_maintained_only_with_its_agent() -> None:
    assert not maintained(UTILIZATION, "cpu")
    assert maintained(UTILIZATION, "cpu", "", frozenset({NODE_UTILIZATION})) == NODE_UTILIZATION
