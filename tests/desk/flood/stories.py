"""Reports as officials write them, and as those write them who want to drown the desk or to harm somebody."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from triage.desk.campaigns.finding import try_index
from triage.desk.evidence import File
from triage.desk.office import Office
from triage.desk.submit import submit
from triage.store import apart, queue
from triage.store.apart import Mark
from triage.store.limit_tables import APART
from triage.store.people import Person, Scope
from triage.store.records import Told

AGENT = Person("agent", "agent@exemple.fr", "Agent", "agent", "", "active", (Scope("", ""),), True, None)
NOW = datetime(2026, 11, 27, 21, 0, tzinfo=UTC)
THREAT = "retire le projet ou ça va mal finir, on sait où tu gares ta voiture et à quelle heure tu pars"
# Twenty officials who got the same message: each tells it in their own words, from where they are.
TOLD = [
    "Je suis maire d'une petite commune. Ce matin sur mon portable : « {} ». Je ne connais pas ce numéro.",
    "Bonjour, adjointe à l'urbanisme, j'ai reçu ceci hier soir : « {} ». Mon mari voudrait que j'arrête tout.",
    "Conseiller municipal depuis 2014, c'est la première fois : « {} ». Est-ce que je dois porter plainte ?",
    "Message trouvé en sortant du conseil. « {} » Deux collègues du secteur l'ont eu aussi d'après ce qu'on me dit.",
    "Je préside l'intercommunalité. On m'a écrit « {} » sur ma messagerie professionnelle, à 23 h 40.",
    "Ma secrétaire a ouvert ce courriel adressé à la mairie : « {} ». Elle est très choquée, moi aussi.",
    "Je vous écris pour ma mère, qui est maire et n'ose pas : elle a reçu « {} » dans la nuit.",
    "Sur la page de la commune, en message privé, un compte sans photo : « {} ». Je l'ai bloqué aussitôt.",
    "Troisième fois cette semaine, mais là ils vont plus loin : « {} ». Je suis adjoint aux travaux.",
    "« {} » : voilà ce que j'ai lu en me levant. Je suis élue d'opposition et j'ai pourtant voté contre ce projet.",
    "Il y a une heure, SMS d'un inconnu. Texte exact : « {} ». Je suis seul à la maison ce soir, j'habite un hameau.",
    "Le parc éolien divise la commune, mais de là à m'écrire « {} »… Que peut faire la gendarmerie ?",
    "Notre maire est en vacances ; j'assure l'intérim et je reçois « {} ». Dois-je prévenir la préfecture ?",
    "Je suis conseillère départementale. Courriel anonyme : « {} ». J'ai gardé l'original et les en-têtes.",
    "Mon fils de douze ans a lu sur ma tablette : « {} ». Il a peur d'aller à l'école demain matin.",
    "Élu depuis mars, je découvre. On me menace par SMS : « {} ». À qui faut-il s'adresser ?",
    "Pour information, reçu aujourd'hui à 18 h 12 : « {} ». Même style que la lettre de l'an dernier.",
    "Un habitant furieux du projet, je pense savoir qui. Il écrit : « {} ». Je préfère vous le signaler.",
    "Nous sommes trois adjoints à avoir reçu « {} ». J'écris au nom des deux autres, qui travaillent.",
    "Je transmets tel quel, sans commentaire, ce qui est arrivé sur le téléphone d'astreinte : « {} ».",
]
# The same report again and again, a word changed here and there.
COPIED = (
    "Bonjour, je suis maire et depuis hier soir un inconnu m'envoie des messages de menace sur mon téléphone portable, "
    "il dit qu'il va venir chez moi avec des amis et que ma famille doit faire attention, je ne sais plus quoi faire "
    "et je demande que quelqu'un me rappelle au plus vite car la situation devient vraiment difficile pour nous tous"
)
_OTHERS = ("hier", "demain", "voisin", "collègue", "mairie", "village", "groupe", "enfants", "maison", "travail")
# Eight people who say the same of the same account, and nothing else.
ACCUSING = [
    "Le compte @jardin.des.lilas me harcèle depuis des semaines, il faut faire quelque chose.",
    "Je signale @jardin.des.lilas, une personne dangereuse qui s'en prend à tous les élus du canton.",
    "Encore des propos inadmissibles de @jardin.des.lilas contre moi, je suis conseiller municipal.",
    "@jardin.des.lilas insulte la mairie tous les jours, je suis adjointe et je n'en peux plus.",
    "Maire depuis dix ans, je n'ai jamais vu ça : @jardin.des.lilas me menace sans arrêt.",
    "Il faut fermer le compte @jardin.des.lilas, c'est lui qui pousse les gens à nous agresser.",
    "Ma collègue et moi sommes visées par @jardin.des.lilas, merci d'intervenir très rapidement.",
    "Je suis élu et j'ai peur à cause de @jardin.des.lilas, il sait beaucoup de choses sur nous.",
]


def near(text: str, seed: int, share: float = 0.06) -> str:
    """`text` with some of its words changed."""
    drawn = random.Random(seed)
    return " ".join(drawn.choice(_OTHERS) if drawn.random() < share else word for word in text.split())


def send(office: Office, text: str, source: int | str, seconds: float = 0, *files: File, **told: Any) -> str:
    """A report, from somewhere, compared with the others; the id of its case."""
    about = Told.model_validate({"text": text, "departement": "35", **told})
    where = office.ring.digest("source", str(source))
    now = NOW + timedelta(seconds=seconds)
    case_id = submit(office, about, list(files), now, source=where).case_id
    try_index(office, case_id, now)
    return case_id


def marks(office: Office) -> list[Mark]:
    """All that is to be looked at."""
    with office.database.read() as connection:
        ids = set(connection.scalars(select(APART.c.case_id)))
        return [one for found in apart.of_cases(connection, ids).values() for one in found]


def held(office: Office, now: datetime = NOW) -> set[str]:
    """The cases beside the queue."""
    return {one.case_id for one in marks(office) if one.back_at and one.back_at > now}


def in_queue(office: Office, now: datetime = NOW) -> set[str]:
    """The cases that an agent is given to take."""
    with office.database.read() as connection:
        return {one.id for one in queue.page(connection, AGENT, queue.Filters("free"), now, 1_000)}
