"""Options that all tests share."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--thorough",
        action="store_true",
        help="campaigns too, and as many rounds of races and random changes as a release needs",
    )
    parser.addoption(
        "--debian",
        choices=["trixie", "bookworm"],
        default="trixie",
        help="the release on the nodes of the lab that tests share",
    )
    parser.addoption(
        "--services",
        default="",
        help="which services the tests' cloud offers, with blanks; tests of others are skipped, and say so",
    )
    parser.addoption(
        "--computes",
        type=int,
        default=2,
        help="how many compute nodes that cloud has, where there are instances",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave campaigns, which take half an hour each, to those who ask for them."""
    if config.getoption("thorough"):
        return
    campaigns = [item for item in items if item.get_closest_marker("campaign")]
    items[:] = [item for item in items if item not in campaigns]
    config.hook.pytest_deselected(items=campaigns)
