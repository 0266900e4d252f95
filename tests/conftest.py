"""Options of all tests."""

import signal

import hypothesis
import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--thorough",
        action="store_true",
        help="include campaigns, and run the number of races and random changes that a release requires",
    )
    parser.addoption(
        "--debian",
        choices=["trixie", "bookworm"],
        default="trixie",
        help="Debian release of the shared lab",
    )
    parser.addoption(
        "--lab",
        default="",
        help="name of an existing lab to use and to keep, instead of a shared lab of its own",
    )
    parser.addoption(
        "--services",
        default="",
        help="services of the test cloud, separated by spaces; tests of other services are skipped",
    )
    parser.addoption(
        "--computes",
        type=int,
        default=2,
        help="number of compute nodes of the test cloud, if it has instances",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Generate the same examples in each run, so that a lane fails only after a change.

    `--thorough` explores new ones. Signals have their default actions, even in a run in the background or
    under nohup: the commands under test leave an ignored signal ignored.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    hypothesis.settings.register_profile("reproducible", derandomize=True)
    if not config.getoption("thorough"):
        hypothesis.settings.load_profile("reproducible")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect campaigns, which take half an hour each, unless --thorough is given."""
    if config.getoption("thorough"):
        return
    campaigns = [item for item in items if item.get_closest_marker("campaign")]
    items[:] = [item for item in items if item not in campaigns]
    config.hook.pytest_deselected(items=campaigns)
