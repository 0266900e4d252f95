"""Jobs and their stamps."""

from dataclasses import replace

import pytest

from pacemaker_os.errors import CommandFailed
from pacemaker_os.install.facts.host_facts import HostFacts
from pacemaker_os.install.jobs.job import job_digest, job_stamp, run_job
from pacemaker_os.openstack.desired import DesiredJob
from pacemaker_os.secret import Secret
from pacemaker_os.transport.fake import Expect, FakeTransport

JOB = DesiredJob(
    name="Keystone's tables",
    service="keystone",
    host="controller01",
    argv=("keystone-manage", "db_sync"),
    user="keystone",
    unless=(),
    stdin=None,
    env=(("PASSWORD", Secret("hidden")),),
    timeout=60,
    retry_timeout=0,
    success_statuses=(0,),
)
FACTS = HostFacts(host="controller01", packages={"keystone": "22", "glance-api": "25"})
LOCK = ("flock", "--wait", "60", "/run/lock/pcs-os-keystone")
LINE = (*LOCK, "runuser", "-u", "keystone", "--", "keystone-manage", "db_sync")


def test_run_job_uses_user_and_environment() -> None:
    node = FakeTransport([Expect(LINE, env={"PASSWORD": "hidden"})])
    assert run_job(node, JOB)
    node.finish()


def test_run_job_skips_completed_job() -> None:
    node = FakeTransport([Expect((*LOCK, "test", "-e", "/x"))])
    assert not run_job(node, replace(JOB, user="root", unless=("test", "-e", "/x")))
    node.finish()


def test_run_job_runs_incomplete_job() -> None:
    node = FakeTransport([Expect((*LOCK, "test", "-e", "/x"), status=1), Expect((*LOCK, "true"))])
    assert run_job(node, replace(JOB, user="root", argv=("true",), unless=("test", "-e", "/x")))
    node.finish()


@pytest.mark.parametrize(("ok", "status"), [((0, 2), 2), ((0,), 0)])
def test_run_job_accepts_success_statuses(ok: tuple[int, ...], status: int) -> None:
    node = FakeTransport([Expect(LINE, status=status)])
    assert run_job(node, replace(JOB, success_statuses=ok))


def test_run_job_already_done_message_means_no_change() -> None:
    job = replace(JOB, already_done_message="already exists")
    node = FakeTransport([Expect(LINE, status=1, stderr="ConflictException: 409: it already exists.")])
    assert not run_job(node, job)
    with pytest.raises(CommandFailed):
        run_job(FakeTransport([Expect(LINE, status=1, stderr="503: try again")]), job)


def test_run_job_raises_on_failure() -> None:
    with pytest.raises(CommandFailed):
        run_job(FakeTransport([Expect(LINE, status=2)]), JOB)


def test_job_stamp_is_a_file_name() -> None:
    assert job_stamp(JOB) == "keystone-keystone-s-tables"


@pytest.mark.parametrize(
    ("job", "packages", "same"),
    [
        (JOB, {"keystone": "22", "glance-api": "26"}, True),
        (JOB, {"keystone": "23", "glance-api": "25"}, False),
        (replace(JOB, argv=("keystone-manage", "db_sync", "--check")), FACTS.packages, False),
        (replace(JOB, env=(("PASSWORD", Secret("other")),)), FACTS.packages, False),
        (replace(JOB, timeout=90, retry_timeout=5), FACTS.packages, True),
    ],
)
def test_job_digest_changes_with_content_of_job(
    job: DesiredJob, packages: dict[str, str], same: bool
) -> None:
    before, after = job_digest(JOB, FACTS), job_digest(job, replace(FACTS, packages=packages))
    assert (before == after) is same
    assert "hidden" not in before
