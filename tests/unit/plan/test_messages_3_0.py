"""The objects and lines of Pacemaker's messages. Its texts differ between versions."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from pacemaker_os.document import Source, read
from pacemaker_os.plan.prediction.messages import Message
from pacemaker_os.plan.verification import element_origins, verification

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases/plan/messages_3.0.yaml").read_text())

WEB = "resources:\n  web: {agent: 'ocf:pacemaker:Dummy', meta: {target-role: Bad}}\n"


def found(document: str, *messages: Message) -> list[list[object]]:
    cib = read([Source("d", document)]).cib
    origins = element_origins(cib)
    every = verification(messages, (), cib.with_ids().to_element(), origins)
    return [[each.level, each.object, (each.position or ("", 0, 0))[1], each.text] for each in every]


@pytest.mark.parametrize("name", CASES)
def test_message_of_pacemaker_3_0_has_its_object_and_line(name: str) -> None:
    expected = CASES[name]["messages"]
    messages = [Message(level, text) for level, _, _, text in expected]
    assert found(CASES[name]["document"], *messages) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Unknown role: Bad",
        "web requires fencing but fencing is disabled",
        "Ignoring 'target-role' for web because 'Bad' is not valid",
    ],
)
def test_message_of_pacemaker_2_1_has_its_object_and_line(text: str) -> None:
    assert found(WEB, Message("error", text)) == [["error", "web", 2, text]]


def test_role_is_found_in_any_case() -> None:
    text = "Support for the Slave role is deprecated and will be removed in a future release"
    document = WEB.replace("Bad", "slave")
    assert found(document, Message("warning", text)) == [["warning", "web", 2, text]]
