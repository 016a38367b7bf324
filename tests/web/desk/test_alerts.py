"""The pages of alerts: what rings, for supervisors; what left, and the webhooks, for administrators."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from tests.desk.alerts.conftest import case
from tests.web.desk.conftest import Desk
from triage.desk.alerts.raising import look
from triage.store.desk_tables import DELIVERIES, EXCLUSIONS, WEBHOOKS
from triage.store.people import Scope
from triage.store.people_tables import AUDIT


def test_a_supervisor_sees_what_rings_in_their_places(desk: Desk) -> None:
    chief = desk.person("supervisor", Scope("35"))
    now = datetime.now(UTC)
    mine, far = (case(desk.office, departement=place, now=now) for place in ("35", "64"))
    look(desk.office, now, mail=True)
    shown = desk.browser(chief).get("/desk/alertes").text
    assert f"/desk/dossiers/{mine}" in shown and far not in shown
    for words in ("À prendre tout de suite", "personne n'est joint", "Aucun serveur de courriel"):
        assert words in shown
    with desk.office.database.write() as connection:
        row = {"id": 32 * "e", "case_id": mine, "person_id": chief.id, "at": now, "by": chief.id, "reason": b""}
        connection.execute(EXCLUSIONS.insert().values(**row))
    assert mine not in desk.browser(chief).get("/desk/alertes").text


def test_what_was_given_up_is_seen_sent_again_or_left(desk: Desk) -> None:
    desk.person("supervisor", login="chef@exemple.fr")
    admin = desk.browser(desk.person("administrator"))
    now = datetime.now(UTC)
    for _ in range(2):
        case(desk.office, "urgent", now=now - timedelta(hours=2))
    look(desk.office, now, mail=True)
    with desk.office.database.write() as connection:
        connection.execute(update(DELIVERIES).values(state="dead", tries=8, error="Le service a répondu 500."))
        first, second = connection.scalars(select(DELIVERIES.c.id).order_by(DELIVERIES.c.next_at)).all()
    woken: list[bool] = []
    desk.app.state.wake = lambda: woken.append(True)
    shown = admin.get("/desk/envois").text
    assert "Abandonnés (2)" in shown and "Le service a répondu 500." in shown and "En retard" in shown
    assert admin.post(f"/desk/envois/{first}/renvoyer").status_code == 303 and woken
    assert admin.post(f"/desk/envois/{second}/laisser").status_code == 303
    assert "Abandonnés (0)" in (after := admin.get("/desk/envois").text) and "En attente (1)" in after
    assert admin.post(f"/desk/envois/{second}/renvoyer").status_code == 400
    with desk.office.database.read() as connection:
        done = connection.scalars(select(AUDIT.c.what).where(AUDIT.c.what.like("delivery%"))).all()
    assert sorted(done) == ["delivery.again", "delivery.leave"]


def test_the_secret_of_a_webhook_is_shown_once(desk: Desk) -> None:
    admin = desk.browser(desk.person("administrator"))
    fields = {"name": "Astreinte", "url": "https://astreinte.exemple.fr/alertes", "departement": "35", "force": ""}
    answer = admin.post("/desk/envois/services", data=fields)
    secret = answer.text.split('class="code-shown">')[1].split("<")[0]
    assert answer.status_code == 201 and len(secret) > 40
    assert secret not in (again := admin.get("/desk/envois").text) and "Astreinte" in again
    with desk.office.database.read() as connection:
        row = connection.execute(select(WEBHOOKS)).one()
    assert desk.office.ring.wrapping.open(row.secret).decode() == secret
    assert admin.post(f"/desk/envois/services/{row.id}/arreter").status_code == 303
    assert "Reprendre" in admin.get("/desk/envois").text
    assert admin.post(f"/desk/envois/services/{row.id}/supprimer").status_code == 400
    assert admin.post(f"/desk/envois/services/{32 * '0'}/arreter").status_code == 400
    refused = admin.post("/desk/envois/services", data=fields | {"url": "http://exemple.fr/"})
    assert refused.status_code == 400 and "https://" in refused.text and 'value="Astreinte"' in refused.text


def test_each_page_is_for_its_own(desk: Desk) -> None:
    enters = {
        role: [
            desk.browser(desk.person(role)).get(f"/desk/{page}").status_code
            for page in ("alertes", "envois", "gardes", "tableau")
        ]
        for role in ("agent", "supervisor", "analyst", "administrator")
    }
    assert enters == {
        "agent": [403, 403, 200, 403],
        "supervisor": [200, 403, 200, 200],
        "analyst": [403, 403, 403, 200],
        "administrator": [403, 200, 403, 403],
    }
