"""A secret prints as stars."""

from pacemaker_os.secret import Secret

VALUE = "correct horse"


def test_secret_prints_as_stars() -> None:
    secret = Secret(VALUE)
    assert VALUE not in f"{secret} {secret!r} {secret:>20} {[secret]} {secret!s}"
    assert secret.reveal() == VALUE
