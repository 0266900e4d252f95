"""A plan that adopts a configuration of the corpus shows every error that crm_verify finds in it."""

from __future__ import annotations

import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from test_corpus_schedule import corpus

from pacemaker_os import document
from pacemaker_os.cib import Cib
from pacemaker_os.cluster import Target, connect
from pacemaker_os.cluster.planning.planner import prepare
from pacemaker_os.errors import ClusterError
from pacemaker_os.plan.diff.compare import PlanOptions
from pacemaker_os.plan.prediction.messages import Message, read_messages


def missing(path: Path) -> tuple[str, list[str]]:
    """Return the name of a CIB, and the messages of crm_verify that the plan does not show."""
    data = path.read_bytes()
    done = subprocess.run(["crm_verify", "-VV", "--xml-pipe"], input=data, capture_output=True)
    expected = read_messages(done.stderr.decode())
    adopted = document.load(document.dump(Cib.from_xml(data)))
    try:
        plan = prepare(
            connect(Target(cib_file=str(path))), adopted, name="adopted", options=PlanOptions(adopt=True)
        ).plan
    except ClusterError as error:
        # This Pacemaker is too old for the configuration, which is an error before an apply as well.
        assert error.code in ("newer-pacemaker", "schema")
        return path.name, []
    shown = {Message(each.level, each.text).key for each in plan.verification}
    assert not any(each.refuses for each in plan.verification), path.name
    return path.name, [message.text for message in expected if message.key not in shown]


@pytest.mark.skipif(not corpus(), reason="the scheduler corpus is not available")
@pytest.mark.skipif(not shutil.which("crm_verify"), reason="crm_verify is not installed")
def test_plan_that_adopts_a_configuration_shows_its_errors() -> None:
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(missing, corpus()))
    assert [(name, texts) for name, texts in results if texts] == []
