"""Valid and invalid values of parameters."""

from __future__ import annotations

import pytest

from pacemaker_os.ocf import codes
from pacemaker_os.ocf.parameter import (
    Account,
    Arguments,
    Boolean,
    Choice,
    Duration,
    Integer,
    InvalidParameter,
    Parameter,
    Path,
    Port,
    Program,
    String,
)

GOOD = [
    (String("x"), "a b", "a b"),
    (String("x", default="d"), "", "d"),
    (String("x", allowed="ab"), "abba", "abba"),
    (Integer("x", minimum=-5), "-5", -5),
    (Integer("x", default="7"), "", 7),
    (Port("x"), "65535", 65535),
    (Boolean("x"), "TRUE", True),
    (Boolean("x"), "on", True),
    (Boolean("x"), "N", False),
    (Duration("x"), "30", 30.0),
    (Duration("x"), "500ms", 0.5),
    (Duration("x"), "2min", 120.0),
    (Choice("x", options=("a", "b")), "b", "b"),
    (Path("x"), "/var/lib/x", "/var/lib/x"),
    (Path("x"), "", ""),
    (Program("x"), "sh", "/usr/bin/sh"),
    (Program("x"), "/bin/sh", "/bin/sh"),
    (Account("x"), "root", "root"),
    (Arguments("x"), "", []),
    (Arguments("x"), "--a='b c' d\\ e", ["--a=b c", "d e"]),
]

BAD = [
    (String("x", required=True), "", codes.CONFIGURED),
    (String("x"), "a\nb", codes.CONFIGURED),
    (String("x"), "\x1b[31m", codes.CONFIGURED),
    (String("x"), "a" * 5000, codes.CONFIGURED),
    (String("x", allowed="ab"), "abc", codes.CONFIGURED),
    (Integer("x"), "-1", codes.CONFIGURED),
    (Integer("x"), "1_000", codes.CONFIGURED),
    (Integer("x"), "٣", codes.CONFIGURED),
    (Integer("x"), "1e3", codes.CONFIGURED),
    (Integer("x"), "9" * 4000, codes.CONFIGURED),
    (Port("x"), "65536", codes.CONFIGURED),
    (Boolean("x"), "maybe", codes.CONFIGURED),
    (Duration("x"), "-1s", codes.CONFIGURED),
    (Duration("x"), "1 week", codes.CONFIGURED),
    (Duration("x"), "s", codes.CONFIGURED),
    (Choice("x", options=("a", "b")), "c", codes.CONFIGURED),
    (Path("x"), "etc/passwd", codes.CONFIGURED),
    (Path("x"), "/var/../etc/shadow", codes.CONFIGURED),
    (Program("x"), "no-such-program", codes.INSTALLED),
    (Program("x"), "../sh", codes.INSTALLED),
    (Program("x"), "/etc", codes.INSTALLED),
    (Account("x"), "no-such-user", codes.INSTALLED),
    (Arguments("x"), "--charset='utf8", codes.CONFIGURED),
    (Arguments("x"), "a\\", codes.CONFIGURED),
]


@pytest.mark.parametrize(("parameter", "text", "value"), GOOD)
def test_read_valid_text(parameter: Parameter, text: str, value: object) -> None:
    read = parameter.read(text)
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(("parameter", "text", "code"), BAD)
def test_read_invalid_text_is_rejected(parameter: Parameter, text: str, code: int) -> None:
    with pytest.raises(InvalidParameter) as caught:
        parameter.read(text)
    assert caught.value.code == code
    assert len(caught.value.reason) < 300
