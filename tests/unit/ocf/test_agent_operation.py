"""The operation that Pacemaker requests, read from the environment."""

from __future__ import annotations

import os

import pytest

from pacemaker_os.ocf.operation import Notification, Operation


def operation(action: str = "monitor", **environ: str) -> Operation:
    return Operation(action, environ)


def test_operation_separates_parameters_and_meta() -> None:
    found = operation(OCF_RESKEY_port="1", OCF_RESKEY_CRM_meta_timeout="20000", PATH="/bin")
    assert found.parameters == {"port": "1"}
    assert found.meta == {"timeout": "20000"}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("20000", 20.0), ("1500", 1.5), ("", 60.0), ("0", 60.0), ("soon", 60.0), ("-5", 60.0)],
)
def test_timeout_is_read_from_meta(text: str, seconds: float) -> None:
    assert operation(OCF_RESKEY_CRM_meta_timeout=text).timeout(60.0) == seconds


@pytest.mark.parametrize(
    ("action", "interval", "is_probe"),
    [("monitor", "0", True), ("monitor", "", True), ("monitor", "10000", False), ("start", "0", False)],
)
def test_is_probe_monitor_without_interval(action: str, interval: str, is_probe: bool) -> None:
    assert operation(action, OCF_RESKEY_CRM_meta_interval=interval).is_probe is is_probe


def test_node_is_read_from_meta() -> None:
    assert operation(OCF_RESKEY_CRM_meta_on_node="remote1").node == "remote1"
    assert operation().node == os.uname().nodename


def test_node_of_bundle_with_host_attributes_is_the_host() -> None:
    meta = {"on_node": "bundle-0", "physical_host": "host1"}
    environ = {f"OCF_RESKEY_CRM_meta_{name}": value for name, value in meta.items()}
    assert operation(**environ).node == "bundle-0"
    assert operation(**environ, OCF_RESKEY_CRM_meta_container_attribute_target="host").node == "host1"


def test_resource_strips_clone_instance_number() -> None:
    found = operation(OCF_RESOURCE_INSTANCE="galera:2")
    assert (found.resource, found.unique_name) == ("galera", "galera_2")


NEW = {"notify_type": "post", "notify_operation": "promote", "notify_promoted_uname": "n1 n2"}
OLD = {"notify_type": "post", "notify_operation": "promote", "notify_master_uname": "n1 n2"}


@pytest.mark.parametrize("meta", [NEW, OLD])
def test_notification_reads_current_and_former_role_names(meta: dict[str, str]) -> None:
    found = Notification(meta)
    assert found.event == "post-promote"
    assert found.nodes("promoted") == {"n1", "n2"}
    assert found.nodes("unpromoted") == frozenset()
