"""Which reports are found to be one campaign, and which are not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, func, select

from tests.conftest import office_at
from tests.desk.campaigns.stories import INSULT, MAYORS, NOW, QUIET, SMS, UNRELATED, campaign_of, members_of, send
from triage.desk.campaigns import finding
from triage.desk.erasing import erase
from triage.desk.evidence import File
from triage.desk.follow_up import tell_facts
from triage.desk.office import Office
from triage.desk.submit import submit
from triage.engine import Engine
from triage.store.campaign_tables import BANDS, CAMPAIGN_CASES, CAMPAIGNS, FINGERPRINTS, SIGNATURES
from triage.store.cases import Ranking
from triage.store.people_tables import AUDIT
from triage.store.records import Told
from triage.store.tables import CASES

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c626001000000ffff03000006000557bfabd40000000049454e44ae426082"
)


def test_the_same_message_quoted_by_three_mayors_in_their_own_words_is_one_campaign(each_office: Office) -> None:
    sent = [send(each_office, text, place) for text, place in zip(MAYORS, ("07", "26", "43"), strict=True)]
    found = {campaign_of(each_office, one) for one in sent}
    assert len(found) == 1 and None not in found
    assert {one.ground for one in members_of(each_office, found.pop() or "")} == {"text"}
    with each_office.database.read() as connection:
        joined = connection.scalars(select(AUDIT.c.case_id).where(AUDIT.c.what == "campaign.join")).all()
    assert sorted(joined) == sorted(sent)


def test_reports_that_only_tell_of_the_same_subject_are_no_campaign(office: Office) -> None:
    sent = [send(office, text) for text in (MAYORS[0], *UNRELATED)]
    assert [campaign_of(office, one) for one in sent] == [None] * len(sent)


def test_what_the_guided_path_writes_brings_nobody_together(office: Office) -> None:
    guided = office.service.guided
    text = f"{guided.who_text['moi']} {guided.touched[0].happens[3].text}"
    assert [campaign_of(office, send(office, text)) for _ in range(2)] == [None, None]


def test_a_part_of_a_long_message_is_enough(office: Office) -> None:
    long = f"Vous n'avez rien compris à ce que veulent les gens d'ici. {SMS}. Le compte à rebours a commencé pour vous."
    first, second = send(office, f"Reçu par courriel : « {long} »"), send(office, MAYORS[0], "26")
    assert campaign_of(office, first) == campaign_of(office, second) is not None


def test_an_address_that_is_none_hides_nothing_else(office: Office) -> None:
    """« http://[ » cannot be taken apart; what is told beside it is compared all the same."""
    one = send(office, "Voir http://[ et https://a[b : il m'appelle la nuit du 06 12 34 56 78.")
    other = send(office, "Appels anonymes, affiché : +33612345678, jour et nuit.", "26")
    assert campaign_of(office, one) == campaign_of(office, other) is not None


@pytest.mark.parametrize(
    ("ground", "first", "second"),
    [
        ("phone", "Il m'appelle la nuit du 06 12 34 56 78.", "Appels anonymes, affiché : +33612345678, jour et nuit."),
        ("phone", "Appels du 0033 6 12 34 56 78 sans cesse.", "Un homme m'insulte du 06.12.34.56.78 chaque soir."),
        (
            "author",
            "Le compte @Zorglub_76 m'insulte.",
            "On me traite de voleur, voir https://x.com/zorglub_76/status/9",
        ),
        ("link", "Publié ici : https://rumeurs.exemple.fr/a?utm_source=x", "Voir rumeurs.exemple.fr/a en entier."),
        ("mail", "Un courriel de corbeau@exemple.fr me menace.", "Encore des injures de CORBEAU@exemple.fr hier."),
        ("iban", "Il veut un virement sur FR76 3000 6000 0112 3456 7890 189.", "Virez à FR7630006000011234567890189 ?"),
    ],
)
def test_the_same_thing_written_otherwise_is_a_campaign(office: Office, ground: str, first: str, second: str) -> None:
    one, other = send(office, first), send(office, second, "26")
    campaign = campaign_of(office, one)
    assert campaign and campaign == campaign_of(office, other)
    assert {member.ground for member in members_of(office, campaign)} == {ground}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("On m'attaque sur https://www.facebook.com/ tous les jours.", "Insultes lues sur facebook.com, que faire ?"),
        (
            "J'ai lu https://www.service-public.fr/aide avant.",
            "Vu sur service-public.fr/aide : puis-je porter plainte ?",
        ),
        ("Copie faite à pref@ardeche.gouv.fr hier.", "La préfecture (pref@ardeche.gouv.fr) ne répond pas."),
        ("Je suis @maire, insulté sur https://x.com/home.", "Un élu, @maire lui aussi, a vu x.com/home hier soir."),
    ],
)
def test_what_everybody_shares_brings_nobody_together(office: Office, first: str, second: str) -> None:
    assert [campaign_of(office, send(office, text)) for text in (first, second)] == [None, None]


def test_the_same_image_is_a_campaign(each_office: Office) -> None:
    def sent(text: str) -> str:
        case_id = submit(each_office, Told(text=text), [File("montage.png", PNG)], NOW).case_id
        finding.try_index(each_office, case_id, NOW)
        return case_id

    first, second = sent("Un montage me montre en prison."), sent("Notre adjointe est visée par cette image.")
    assert campaign_of(each_office, first) == campaign_of(each_office, second) is not None


def test_two_reports_of_one_person_are_no_campaign_until_another_is_hit(office: Office) -> None:
    own = {"contact": "06 11 22 33 44"}
    first, second = (send(office, text, **own) for text in MAYORS[:2])
    assert (campaign_of(office, first), campaign_of(office, second)) == (None, None)
    other = send(office, MAYORS[2], "26", contact="06 55 66 77 88")
    assert {campaign_of(office, one) for one in (first, second)} == {campaign_of(office, other)} != {None}


def test_the_persons_own_number_leads_to_nobody(office: Office) -> None:
    texts = ("On m'insulte, rappelez-moi au 06 11 22 33 44.", "Je suis menacé, joignable au 06 11 22 33 44.")
    sent = [send(office, text, contact="0611223344") for text in texts]
    assert [campaign_of(office, one) for one in sent] == [None, None]


def test_a_case_is_said_to_be_maybe_of_the_same_person_when_it_may_be(office: Office) -> None:
    first, second = (send(office, text, commune="Saint-Zénon") for text in MAYORS[:2])
    with office.database.read() as connection:
        found = finding.similar(office, connection, first)
    assert [(one.case_id, one.ground, one.person) for one in found] == [(second, "text", "maybe")]
    assert campaign_of(office, first) is not None


def test_a_case_merged_into_another_counts_as_that_one(office: Office) -> None:
    kept, merged = send(office, "Récit court."), send(office, MAYORS[0])
    with office.database.write() as connection:
        office.cases.stand(connection, merged, merged_into=kept)
    third = send(office, MAYORS[1], "26")
    assert campaign_of(office, kept) == campaign_of(office, third) is not None
    assert campaign_of(office, merged) is None


def test_closed_cases_received_long_ago_are_left_alone_and_open_ones_are_not(office: Office) -> None:
    days = office.policies.campaigns.rules.days
    long_after = {"minutes": (days + 1) * 24 * 60}
    closed = send(office, MAYORS[0])
    with office.database.write() as connection:
        office.cases.set_state(connection, closed, "closed", NOW)
    assert campaign_of(office, send(office, MAYORS[1], **long_after)) is None
    with office.database.write() as connection:
        office.cases.set_state(connection, closed, "open", NOW)
    assert campaign_of(office, send(office, MAYORS[2], **long_after)) is not None


def test_what_is_added_to_a_case_is_compared_soon_after(office: Office) -> None:
    first, second = send(office, "Un compte m'insulte chaque jour."), send(office, "Le compte @zorglub_76 me menace.")
    assert campaign_of(office, first) is None
    tell_facts(office, first, {"addresses": ("https://x.com/zorglub_76",)}, NOW)
    assert finding.catch_up(office, lambda: NOW) == 1
    assert campaign_of(office, first) == campaign_of(office, second) is not None
    assert finding.catch_up(office, lambda: NOW) == 0


def test_a_case_that_did_not_change_keeps_its_prints(each_office: Office) -> None:
    case_id = send(each_office, f"{MAYORS[0]} Du 06 12 34 56 78. « {MAYORS[1]} »")

    def kept() -> set[str]:
        with each_office.database.read() as connection:
            return set(connection.scalars(select(SIGNATURES.c.id)))

    before = kept()
    finding.index(each_office, case_id, NOW)
    assert kept() == before != set()


URGENT = Ranking("urgent", 3, ("menace",), ())
MOST_QUESTIONS = {"postgresql": 24, "sqlite": 95}  # SQLite is asked band by band: it is in the same process


def test_a_report_is_compared_in_few_questions_to_the_store(each_office: Office) -> None:
    said = "Du 06 12 34 56 78, par le compte @corbeau."
    first, _ = (send(each_office, f"{text} {said}") for text in MAYORS[:2])
    asked: list[str] = []
    event.listen(each_office.database.engine, "before_cursor_execute", lambda *about: asked.append(about[2]))
    with each_office.database.write() as connection:
        case_id = each_office.cases.add(connection, Told(text=f"{MAYORS[2]} {said}"), URGENT, NOW, None, None)
    asked.clear()
    found = finding.index(each_office, case_id, NOW)
    assert len(asked) <= MOST_QUESTIONS[each_office.database.engine.dialect.name], asked
    assert found == campaign_of(each_office, first) is not None


def test_what_goes_wrong_while_comparing_never_keeps_a_report_out(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(finding, "prints_of", lambda *_: 1 / 0)
        sent = send(office, MAYORS[0])
    assert office.cases
    send(office, MAYORS[1])
    assert campaign_of(office, sent) is None
    assert finding.catch_up(office, lambda: NOW) == 1
    assert campaign_of(office, sent) is not None


def test_an_erased_case_leaves_no_print(each_office: Office) -> None:
    case_id = send(each_office, "Le compte @zorglub m'insulte : « " + "tu n'as rien à faire à la mairie, pars » " * 3)
    send(each_office, "Le compte @zorglub m'insulte aussi.", "26")
    assert campaign_of(each_office, case_id)
    with each_office.database.write() as connection:
        each_office.cases.stand(connection, case_id, level="advice", rank=0)
    assert erase(each_office, case_id, NOW) == "erased"
    with each_office.database.read() as connection:
        for table in (SIGNATURES, BANDS, FINGERPRINTS, CAMPAIGN_CASES):
            where = table.c.case_id == case_id
            assert connection.scalar(select(func.count()).select_from(table).where(where)) == 0, table.name


def test_two_stores_with_other_keys_have_no_digest_in_common(engine: Engine, tmp_path_factory: object) -> None:
    seen = []
    for name in ("one", "other"):
        office = office_at(engine, tmp_path_factory.mktemp(name))  # type: ignore[attr-defined]
        send(office, f"{MAYORS[0]} Le numéro : 06 12 34 56 78.")
        with office.database.read() as connection:
            digests = {*connection.scalars(select(BANDS.c.digest))}
            digests |= {*connection.scalars(select(FINGERPRINTS.c.digest))}
            digests |= {*connection.scalars(select(SIGNATURES.c.minhash))}
        office.database.close()
        seen.append(digests)
    assert len(seen[0]) > 30 and not seen[0] & seen[1]


@pytest.mark.whole
def test_fifty_reports_of_one_campaign_at_once_are_one_campaign(each_office: Office) -> None:
    def one(number: int) -> str:
        return send(each_office, f"Récit {number} d'un maire. {MAYORS[number % 3]}", f"{number % 9 + 10}")

    with ThreadPoolExecutor(16) as pool:
        sent = list(pool.map(one, range(50)))
    finding.catch_up(each_office, lambda: NOW)  # a writer that waited too long left its case to the worker
    assert len({campaign_of(each_office, case_id) for case_id in sent} - {None}) == 1
    with each_office.database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(CAMPAIGNS)) == 1
        assert connection.scalar(select(func.count()).select_from(CAMPAIGN_CASES)) == 50


def test_many_cases_of_a_campaign_in_little_time_raise_their_level_and_say_nothing_of_the_others(
    office: Office,
) -> None:
    rule = office.policies.campaigns.rules.raids.campaign
    sent = [send(office, f"{INSULT} Vu à {name}.", "26", i) for i, name in enumerate(("a", "b", "c", "d"))]
    assert {_standing(office, one).level for one in sent} == {"guided"}
    last = send(office, f"{INSULT} Vu ici aussi.", "07", 10)
    for one in (*sent, last):
        assert _standing(office, one).level == rule.level and _standing(office, one).queued
        with office.database.read() as connection:
            events = [event.detail for event in office.cases.get(connection, one).events if event.kind == "raid"]
        assert len(events) == 1 and "campagne" not in events[0] and "autre" not in events[0]


def test_a_raid_never_raises_more_cases_than_the_rules_say(office: Office) -> None:
    most = office.policies.campaigns.rules.raids.campaign.most
    for number in range(most + 4):
        send(office, f"{INSULT} Vu à {number}.", "26", number)
    with office.database.read() as connection:
        raised = connection.scalar(select(func.count()).select_from(CASES).where(CASES.c.level == "agent"))
    assert raised == most


def test_a_harmless_message_that_many_report_is_no_raid(office: Office) -> None:
    sent = [send(office, f"{QUIET} Vu à {number}.", "26", number) for number in range(6)]
    assert {_standing(office, one).level for one in sent} == {"advice"}
    assert len({campaign_of(office, one) for one in sent}) == 1


INSULTS = (
    "On m'a insultée sur Facebook : « sale vendue, bonne à rien ».",
    "Un avis me traite de crapaud et d'incapable, en public.",
    "Sous ma photo, un homme écrit : « quelle abrutie ».",
)
ODDITIES = ("J'ai reçu un SMS douteux, sans cliquer.", "Un courriel douteux, effacé.", "Une offre étrange.")


def test_many_reports_of_one_person_raise_their_level(office: Office) -> None:
    calm = [send(office, text, "26", i, mail="elue@exemple.fr") for i, text in enumerate(ODDITIES)]
    assert {_standing(office, one).level for one in calm} == {"advice"}
    sent = [send(office, text, "26", 10 + i, mail="elue@exemple.fr") for i, text in enumerate(INSULTS)]
    assert {_standing(office, one).level for one in sent} == {office.policies.campaigns.rules.raids.person.level}


def test_far_apart_reports_are_no_raid(office: Office) -> None:
    hours = office.policies.campaigns.rules.raids.person.hours
    sent = [send(office, text, "26", i * hours * 60, mail="elue@exemple.fr") for i, text in enumerate(INSULTS)]
    assert {_standing(office, one).level for one in sent} == {"guided"}


def _standing(office: Office, case_id: str):
    with office.database.read() as connection:
        return office.cases.standing(connection, case_id)
