"""The dashboard in a browser: login and project overview, with screenshots."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from browser import open_browser
from lab_cloud import LabCloud, needs

pytestmark = pytest.mark.cluster

#: Directory of screenshots.
PICTURES = Path(__file__).parents[2] / "build" / "dashboard"


def test_dashboard_login_shows_overview(cloud: LabCloud, tmp_path: Path) -> None:
    needs(cloud, "horizon")
    with open_browser(tmp_path) as browser:
        browser.open(f"http://{cloud.vip}/horizon/auth/login/")
        browser.picture(PICTURES / "login.png")
        fields = {"id_username": "admin", "id_password": cloud.password}
        if browser.run("document.getElementById('id_domain') != null"):
            fields["id_domain"] = "Default"
        for name, value in fields.items():
            browser.run(f"document.getElementById('{name}').value = {json.dumps(value)}")
        # A button may be named `submit`, which hides the method of the form.
        browser.run("HTMLFormElement.prototype.submit.call(document.querySelector('form'))")
        browser.wait("!location.pathname.includes('/auth/login')", "the login")
        browser.open(f"http://{cloud.vip}/horizon/project/")
        browser.wait("document.body.innerText.includes('Overview')", "the overview")
        browser.picture(PICTURES / "overview.png")
        text = browser.run("document.body.innerText")
        assert "Limit Summary" in text
        assert "admin" in text
        assert not browser.run("document.querySelector('.alert-danger') != null"), text
