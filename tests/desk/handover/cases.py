"""A case with all that a hand-over tells, and somebody to hand it over."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from PIL import Image

from triage.desk import case as desk
from triage.desk import evidence, follow_up
from triage.desk.evidence import File
from triage.desk.handover.gathering import Handover, gather
from triage.desk.handover.masking import Mask
from triage.desk.handover.proposing import mask_of, proposals
from triage.desk.office import Office
from triage.desk.queue.claiming import claim
from triage.desk.submit import submit
from triage.store import people
from triage.store.people import Person, Scope
from triage.store.records import Told

NOW = datetime(2026, 11, 27, 21, 0, tzinfo=UTC)
TEXT = (
    "Je m'appelle Jeanne Valmont et je suis maire de Saint-Aubin-des-Prés. Hier, M. Bertrand Kergoat a écrit sur "
    "https://www.facebook.com/groups/stop/posts/8812 : « je sais que tu habites 12 bis rue des Lilas, je vais te tuer "
    "». Il m'a aussi appelée du 06 39 98 12 34 le 25 novembre 2026 à 22 h. Kergoat connaît ma fille Clara."
)
MAIL = "De : bertrand.kergoat@exemple.org\n\nJEANNE VALMONT, tu vas mourir. Jeanne\nValmont, 12 bis rue des\nLilas.\n"
ADDRESS = "https://x.com/corbeau34/status/19887"


def image(words: str = "") -> bytes:
    """A small picture, which says nothing."""
    made = io.BytesIO()
    Image.new("RGB", (60, 40), "steelblue").save(made, "PNG")
    return made.getvalue()


def handled(
    office: Office, files: tuple[File, ...] | None = None, *, read: bool = True, **told: object
) -> tuple[str, Person]:
    """A case that an agent holds; its files are read, unless they need not be."""
    files = (
        files if files is not None else (File("menaces-Jeanne_VALMONT.txt", MAIL.encode()), File("vue.png", image()))
    )
    facts = {
        "text": TEXT,
        "contact": "Jeanne Valmont, 06 39 98 45 67",
        "mail": "jeanne.valmont@exemple.fr",
        "addresses": (ADDRESS,),
        "traits": ("role:maire",),
        "departement": "07",
    }
    case_id = submit(office, Told(**facts | told), files, NOW).case_id
    for one in evidence.waiting(office) if read else ():
        evidence.read_exhibit(office, one, NOW)
    follow_up.write(office, case_id, "official", "Il est revenu devant chez moi, rue des Lilas.", NOW)
    return case_id, taken(office, case_id)


def agent(office: Office, login: str = "agent@exemple.fr", role: people.Role = "agent") -> Person:
    """Somebody of the desk, who may see everything."""
    with office.database.write() as connection:
        made = people.add(connection, login, "Camille Agent", role, [Scope()], "", NOW)
        people.change(connection, made, state="active")
        return people.get(connection, made)


def taken(office: Office, case_id: str) -> Person:
    """An agent who has claimed the case."""
    person = agent(office)
    claim(office, person, case_id, NOW)
    return person


def told_of(office: Office, case_id: str, person: Person, to: str = "") -> Handover:
    return gather(office, desk.load(office, case_id), person, to, "Guichet d'essai", NOW)


def whole_mask(office: Office, told: Handover, *more: str) -> Mask:
    """All that is proposed, masked."""
    found = proposals(office, told)
    return mask_of(office, found, {one.term.text for one in found}, more)
