"""Lines of logs that are quoted in comments."""

from __future__ import annotations

import pytest

from pytest_indexcache.drafts.texts.quotes import Quotes


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("error: /home/pavel/a is not /home/pavel/b", "error: /folder1 is not /folder2"),
        ("`/home/pavel/a` and /home/pavel/a", "`/folder1` and /folder1"),
        ("foo @ file:///home/pavel/a (*)", "foo @ file:///folder1 (*)"),
        ("C:\\Users\\Jane Doe\\a.txt, ~/b", "/folder1, /folder2"),
        ("login failed for pavel at jane doe", "login failed for user1 at jane doe"),
        ("pavels pavel_x", "pavels user1_x"),
        (
            "UV_TOKEN=abc --index=https://me:pw@a.example/simple",
            "UV_TOKEN=… --index=https://a.example/simple",
        ),
        ("--index nv=https://me:pw@a.example/?key=1.", "--index nv=https://a.example/."),
        ("at https://me:pw@a.example/x; see", "at https://a.example/x; see"),
        ("https://[::1/x", "https://…"),
        ("six>=1,<2 / or 3.11/3.12", "six>=1,<2 / or 3.11/3.12"),
    ],
)
def test_quote_has_no_names_of_the_machine(text: str, quoted: str) -> None:
    """Paths, users, credentials and values are replaced, and equal ones by equal words."""
    assert Quotes(["pavel", "Jane Doe", "root", "me"]).quoted(text) == quoted


def test_many_users_are_replaced_in_linear_time() -> None:
    """A log with many names of users does not make each quote slow."""
    quotes = Quotes(f"user-name-{number}" for number in range(5_000))
    assert quotes.quoted("of user-name-7 in /home/user-name-9/x") == "of user8 in /folder1"
    assert [quotes.quoted("plain") for _ in range(50)] == ["plain"] * 50
