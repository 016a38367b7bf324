"""Reports of invented officials, and the campaigns that they make."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from triage.desk.campaigns.finding import try_index
from triage.desk.office import Office
from triage.desk.submit import submit
from triage.store import campaigns
from triage.store.campaigns import Member
from triage.store.records import Told

NOW = datetime(2026, 11, 27, 21, 0, tzinfo=UTC)
SMS = "On connaît ta voiture et l'école de tes gamins, renonce à ton parc d'éoliennes ou tout brûlera cet hiver"
INSULT = (
    "Sous la page de la commune, on écrit de moi : « grosse incapable, tu pues la magouille, "
    "rends ton écharpe sale vendue »."
)
QUIET = (
    "SMS reçu : « Votre colis attend au dépôt depuis trois jours, confirmez votre adresse de livraison ». Pas cliqué."
)
MAYORS = (
    f"Je suis maire d'un village de l'Ardèche. J'ai trouvé ceci sur mon téléphone ce matin : « {SMS} ». J'ai peur.",
    f"Bonjour, un numéro inconnu a écrit à notre élue : « {SMS} !! ». Elle est conseillère municipale, que faire ?",
    f"Message reçu hier à 23 h.\n« {SMS.lower()} »\nMon époux veut que je démissionne de la mairie.",
)
UNRELATED = (
    "Je suis maire. Une association me menace depuis un mois de tout casser si le parc éolien se construit à côté.",
    "Quelqu'un m'a dit au marché qu'il connaissait ma voiture et l'école de mes enfants, il est contre les éoliennes.",
    "On m'insulte sur un réseau : « sale con ».",
    "Un commentaire sous ma photo dit « sale con », et un autre « démission ».",
)


def send(office: Office, text: str, departement: str = "07", minutes: int = 0, **told: object) -> str:
    """A report, compared with the others; the id of its case."""
    about = Told.model_validate({"text": text, "departement": departement, **told})
    now = NOW + timedelta(minutes=minutes)
    case_id = submit(office, about, [], now).case_id
    try_index(office, case_id, now)
    return case_id


def campaign_of(office: Office, case_id: str) -> str | None:
    """The campaign that a case is in."""
    with office.database.read() as connection:
        return campaigns.of_cases(connection, [case_id]).get(case_id)


def members_of(office: Office, campaign_id: str) -> list[Member]:
    """The cases of a campaign."""
    with office.database.read() as connection:
        return campaigns.members(connection, [campaign_id])
