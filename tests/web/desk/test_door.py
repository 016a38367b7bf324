"""Nobody is at the desk without having entered; what was asked for is found again after."""

from __future__ import annotations

from tests.web.desk.conftest import Desk


def test_a_stranger_is_sent_to_the_door(desk: Desk) -> None:
    answer = desk.browser().get("/desk")
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/entrer?vers=/desk")


def test_an_administrator_does_not_read_cases(desk: Desk) -> None:
    answer = desk.browser(desk.person("administrator")).get("/desk/dossiers/" + 32 * "0")
    assert answer.status_code == 403 and "pas ouverte à votre compte" in answer.text
