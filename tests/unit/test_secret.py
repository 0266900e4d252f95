"""A secret shows itself to nobody who does not ask."""

from pacemaker_os.secret import Secret

WORD = "correct horse"


def test_prints_as_stars() -> None:
    secret = Secret(WORD)
    assert WORD not in f"{secret} {secret!r} {secret:>20} {[secret]} {secret!s}"
    assert secret.reveal() == WORD
