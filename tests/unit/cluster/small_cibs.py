"""Small CIBs for tests."""

from __future__ import annotations

from lxml import etree

from pacemaker_os.cib.parser import parse_cib


def cib(
    *values: str, epoch: int = 10, num_updates: int = 3, feature_set: str = "3.16.1", status: str = ""
) -> etree._Element:
    """Return a `<cib>` with one Dummy resource per value."""
    resources = "".join(
        f'<primitive id="r{n}" class="ocf" provider="pacemaker" type="Dummy">'
        f'<instance_attributes id="r{n}-i"><nvpair id="r{n}-i-fake" name="fake" value="{value}"/>'
        "</instance_attributes></primitive>"
        for n, value in enumerate(values)
    )
    return parse_cib(
        f'<cib crm_feature_set="{feature_set}" validate-with="pacemaker-3.9" admin_epoch="0" '
        f'epoch="{epoch}" num_updates="{num_updates}"><configuration><crm_config/><nodes/>'
        f"<resources>{resources}</resources><constraints/></configuration><status>{status}</status></cib>"
    )
