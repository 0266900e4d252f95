"""The dashboard's sessions are in the database, and one controller removes expired ones."""

from __future__ import annotations

from dataclasses import replace

import pytest
from clouds import CLOUDS, desired, secrets

from pacemaker_os.openstack.jobs import desired_jobs
from pacemaker_os.openstack.services import horizon

USERS = {"debian": "www-data", "redhat": "apache"}


@pytest.mark.parametrize("family", USERS)
def test_sessions_of_all_controllers_are_in_the_database(family: str) -> None:
    cloud = replace(CLOUDS["three-controllers"], family=family)
    for host in cloud.with_role("controller"):
        files = {file.path: file.content.reveal() for file in desired(cloud, host).files}
        (settings,) = (text for path, text in files.items() if path.endswith("_90_openstack.py"))
        names: dict[str, object] = {}
        # The lines before need the dashboard's database driver.
        exec(settings.partition("SESSION_ENGINE")[1] + settings.partition("SESSION_ENGINE")[2], names)
        assert names["SESSION_ENGINE"] == "django.contrib.sessions.backends.db"
        assert f'"HOST": "{cloud.vip("galera")}"' in settings
        compile(settings, "settings", "exec")
        assert f"\nUser={USERS[family]}\n" in files["/etc/systemd/system/horizon-sessions.service"]


@pytest.mark.parametrize("family", USERS)
def test_session_table_is_created_by_the_user_of_the_dashboard(family: str) -> None:
    """As root, the command would leave a file that the dashboard cannot read."""
    cloud = replace(CLOUDS["three-controllers"], family=family)
    first, *_ = desired_jobs(cloud, horizon.SERVICE, secrets(cloud))
    assert first.user == USERS[family]
    assert "migrate" in first.argv
