"""Only the public addresses of attackers' content may be signalled, and each other one says why not."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.desk.handover.cases import ADDRESS, handled, told_of
from triage.desk.handover.pharos import Address, Listing, as_csv, listing
from triage.desk.office import Office
from triage.dossier.casefile import CaseFile, Comments, Remark

PUBLIC = "Il a publié sur sa page, à la vue de tous : « il faut brûler ces sales étrangers, à mort ». "


def listed(office: Office, text: str = PUBLIC, addresses: tuple[str, ...] = (), **told: object) -> Listing:
    case_id, person = handled(office, (), text=text, addresses=addresses, **told)
    gathered = told_of(office, case_id, person)
    return listing(office, gathered.file, gathered.case.told)


def why(office: Office, text: str = PUBLIC, addresses: tuple[str, ...] = ()) -> dict[str, str]:
    """Each address, and the name of the reason why it is left aside."""
    names = {said: name for name, said in office.policies.handover.pharos.reasons.items()}
    return {one.url: names.get(one.aside, "") for one in listed(office, text, addresses).addresses}


ADDRESSES = {
    ADDRESS: "",
    "https://www.facebook.com/groups/1/posts/2": "",
    "https://t.me/canalhaine/34": "",
    "t.me/+AbCdEf": "private",
    "https://wa.me/33639981234": "private",
    "https://www.facebook.com/messages/t/123": "private",
    "https://mail.google.com/mail/u/0/#inbox/1": "private",
    "https://www.service-public.fr/particuliers/x": "service",
    "https://www.prefectures.gouv.fr/page": "service",
    "https://exemple.fr/actualites/3": "own",
    "https://blog.exemple.fr/actualites/3": "own",
    "https://facebook.com/": "whole",
    "https://192.168.1.4/video/1": "local",
    "http://serveur.local/page/1": "local",
    "https://[::1": "local",
}


def test_each_address_that_is_given_is_judged(office: Office) -> None:
    assert why(office, addresses=tuple(ADDRESSES)) == ADDRESSES


def test_the_persons_own_page_is_left_aside(office: Office) -> None:
    text = (
        "Sur ma page officielle https://www.facebook.com/jeanne.elue/posts/1 il y a des insultes. "
        "Il a écrit aussi là : https://www.facebook.com/corbeau/posts/2 « je vais te tuer »."
    )
    assert why(office, text) == {
        "https://www.facebook.com/jeanne.elue/posts/1": "own",
        "https://www.facebook.com/corbeau/posts/2": "",
    }


def test_a_page_given_again_as_such_stays_ones_own(office: Office) -> None:
    own = "https://www.facebook.com/jeanne.elue/posts/1"
    assert why(office, f"Sur ma page officielle {own} il m'insulte.", (own,)) == {own: "own"}


def test_whether_pharos_is_for_this_case_is_said_by_the_rules(office: Office) -> None:
    public = listed(office, PUBLIC, (ADDRESS,))
    assert public.contact.id == "pharos" and public.ground and not public.not_here


def test_a_private_message_is_not_for_pharos(office: Office) -> None:
    private = listed(office, "Il m'a envoyé un SMS : « sale étrangère, retourne d'où tu viens ».")
    assert not private.ground and private.not_here and not private.kept


def test_comments_are_signalled_by_their_own_type(office: Office) -> None:
    case_id, person = handled(office, (), text=PUBLIC, addresses=())
    gathered = told_of(office, case_id, person)
    labels, when = office.comments.labels, datetime(2026, 11, 20, 12, tzinfo=UTC)
    remarks = tuple(
        Remark("a", when, "x", f"https://x.com/a/status/{i}", (labels[name],), "")
        for i, name in enumerate(("menace", "injure"))
    )
    comments = Comments(2, 0, (), 1, when, when, (), remarks, ())
    file = CaseFile(**{**vars(gathered.file), "comments": comments})
    found = listing(office, file, gathered.case.told)
    (kept,) = found.kept
    assert (kept.url, kept.when) == ("https://x.com/a/status/0", "vue le 20 novembre 2026")
    assert [one.url for one in found.aside] == ["https://x.com/a/status/1"]


def test_a_spreadsheet_runs_nothing(office: Office) -> None:
    contact = office.engine.composer.knowledge.contacts["pharos"]
    made = as_csv(
        Listing(contact, "", "", (Address("=cmd()", "", "x", ""), Address("https://a.fr/1", "", "", "", "no")))
    )
    assert made.decode("utf-8-sig").splitlines() == ["adresse;date;nature;source", "'=cmd();;x;"]
