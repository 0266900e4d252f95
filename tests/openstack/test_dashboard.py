"""The dashboard in a real browser: login, and the overview of the project; pictures of both are kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from browser import open_browser
from lab_cloud import LabCloud, needs

pytestmark = pytest.mark.cluster

#: Where pictures are kept.
PICTURES = Path(__file__).parents[2] / "build" / "dashboard"


def test_an_administrator_logs_in_and_sees_the_overview(cloud: LabCloud, tmp_path: Path) -> None:
    needs(cloud, "horizon")
    with open_browser(tmp_path) as browser:
        browser.open(f"http://{cloud.vip}/horizon/auth/login/")
        browser.picture(PICTURES / "login.png")
        fields = {"id_username": "admin", "id_password": cloud.password}
        if browser.run("document.getElementById('id_domain') != null"):
            fields["id_domain"] = "Default"
        for name, value in fields.items():
            browser.run(f"document.getElementById('{name}').value = {json.dumps(value)}")
        # By the class's own function: a button may be called `submit`.
        browser.run("HTMLFormElement.prototype.submit.call(document.querySelector('form'))")
        browser.wait("!location.pathname.includes('/auth/login')", "the login")
        browser.open(f"http://{cloud.vip}/horizon/project/")
        browser.wait("document.body.innerText.includes('Overview')", "the overview")
        browser.picture(PICTURES / "overview.png")
        seen = browser.run("document.body.innerText")
        assert "Limit Summary" in seen
        assert "admin" in seen
        assert not browser.run("document.querySelector('.alert-danger') != null"), seen
