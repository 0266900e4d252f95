"""Plans and survival checks of random documents agree with Pacemaker's own tools.

By default, a few documents are checked; with --thorough 300 of them.
"""

from __future__ import annotations

import re
import shutil

import brute_force
import claims
import pytest
from cibs import writable
from clusters import clusters
from hypothesis import HealthCheck, Phase, given, settings
from lxml import etree
from test_corpus_predictions import three_claims

from pacemaker_os import document
from pacemaker_os.cib import Cib

#: Number of documents without and with --thorough.
DOCUMENTS, MANY_DOCUMENTS = 20, 300

#: Three nodes without resources.
EMPTY = """
<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" admin_epoch="0" epoch="1" num_updates="0">
<configuration><crm_config/><nodes><node id="1" uname="n1"/><node id="2" uname="n2"/><node id="3" uname="n3"/>
</nodes><resources/><constraints/></configuration><status/></cib>"""

#: The reasons for which a plan or a check of a valid document may be refused: the scheduler itself fails.
REFUSED = (r"Pacemaker's scheduler aborts because of constraint '[^']+'; change or remove it",)

pytestmark = pytest.mark.skipif(not shutil.which("crm_simulate"), reason="crm_simulate is not installed")


def differences(cib: Cib) -> list[str]:
    """Return the differences of the four claims for one document."""
    try:
        found = claims.make_plan(etree.fromstring(EMPTY), document.load(document.dump(cib)))
        return [*three_claims(found), *claims.wrong_survival(found.pushed)]
    except brute_force.Refused as error:
        if any(re.search(each, str(error)) for each in REFUSED):
            return []
        return [f"refused: {error}"]


def test_plans_and_checks_of_random_documents_agree_with_the_scheduler(
    request: pytest.FixtureRequest,
) -> None:
    number = MANY_DOCUMENTS if request.config.getoption("thorough") else DOCUMENTS

    @settings(
        max_examples=number,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
    )
    @given(clusters().map(writable))
    def every(cib: Cib) -> None:
        assert differences(cib) == []

    every()
