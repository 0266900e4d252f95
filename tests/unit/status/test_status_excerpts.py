"""Lines of logs for display."""

import pytest

from pacemaker_os.status.health.excerpts import excerpt, mask, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("login with password=hunter2 failed", "login with password=***** failed"),
        ("mysql --password hunter2 -h db", "mysql --password ***** -h db"),
        ("mysql --password=hunter2", "mysql --password=*****"),
        ('{"passwd": "hunter 2", "user": "x"}', '{"passwd": *****, "user": "x"}'),
        ("transport_url = rabbit://nova:hunter2@c01:5672/", "transport_url = rabbit://nova:*****@c01:5672/"),
        ("X-Auth-Token: gAAAAhunter2", "X-Auth-Token: *****"),
        ("Authorization: Basic aHVudGVyMg==", "Authorization: Basic *****"),
        ("memcache_secret_key='hunter2'", "memcache_secret_key=*****"),
        ("CREATE USER x IDENTIFIED BY 'hunter2'", "CREATE USER x IDENTIFIED BY *****"),
        ("admin_token: hunter2", "admin_token: *****"),
        ("api-key=hunter2,", "api-key=*****,"),
        ("no password given", "no password given"),
        ("the passwords differ", "the passwords differ"),
        ("token ring", "token ring"),
    ],
)
def test_mask_hides_what_looks_like_a_secret(text: str, shown: str) -> None:
    assert mask(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m text", "red text"),
        ("\x1b]0;title\x07text", "text"),
        ("a\tb\r\nc\x00d\x7f", "a b c d"),
        ("bidi \u202egnp.exe", "bidi gnp.exe"),
        ("x" * 300, "x" * 197 + "..."),
    ],
)
def test_printable_has_one_line_without_control_characters(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_excerpt_has_the_last_distinct_lines() -> None:
    assert excerpt(["a", "b", "", "b", "c"], 2) == ("b", "c")
    assert excerpt([]) == ()


def test_secret_at_the_end_of_a_long_line_is_hidden_before_it_is_shortened() -> None:
    (line,) = excerpt(["x" * 180 + " password=hunter2"])
    assert "hunter" not in line
