"""What an assessment rests on: rules and model are told apart, and each word leads to its rule."""

from __future__ import annotations

from datetime import UTC, datetime

from triage.desk.handling.reading import Reading, reading
from triage.desk.office import Office
from triage.desk.understanding import understand
from triage.engine import Engine, without_model
from triage.store.records import Told
from triage.web.desk.marking import ruled

NOW = datetime(2026, 11, 27, 21, 0, tzinfo=UTC)
THREAT = "Je suis maire. Un homme m'a écrit par SMS hier : « je sais où tu habites, je vais te tuer »."


def read(office: Office, text: str = THREAT, engine: Engine | None = None, **told: object) -> Reading:
    whole = Told(text=text, **told)
    return reading(office, whole, understand(engine or office.engine, whole, NOW, NOW))


def test_a_type_that_rules_and_model_find_rests_on_both(office: Office) -> None:
    found = read(office)
    threat = next(one for one in found.types if one.id == "menace")
    assert {"rule", "model"} <= set(threat.sources)
    assert any("je vais te tuer" in word for word in threat.words)


def test_each_flag_leads_to_the_rules_that_raised_it(office: Office) -> None:
    found = read(office)
    by_rules = [one for one in found.flags if one.sources == ("rule",)]
    assert by_rules and all(one.rules and one.words for one in by_rules)
    numbers = {rule.number: rule for rule in found.rules}
    assert all(one.label in numbers[one.rules[0]].speaks for one in by_rules)


def test_the_model_has_its_own_say_apart(office: Office) -> None:
    found = read(office)
    assert {one.sort for one in found.opinions} == {"Type", "Drapeau", "Niveau"}
    assert all(0 <= one.probability <= 1 for one in found.opinions)
    assert any(one.words for one in found.opinions if one.label == "Menaces" or one.sort == "Type")


def test_without_a_model_the_rules_alone_are_shown(office: Office) -> None:
    found = read(office, engine=without_model(office.engine))
    assert found.opinions == () and found.rules
    assert all("model" not in one.sources for one in (*found.types, *found.flags))


def test_what_the_person_says_it_is_is_told_as_theirs(office: Office) -> None:
    found = read(office, "On se moque de mes choix de voirie.", corrections={"type": "injure"})
    assert "official" in found.types[0].sources


def test_a_denied_threat_is_shown_as_set_aside(office: Office) -> None:
    found = read(
        office, "Il critique mes choix mais il ne m'a jamais menacé de mort, il n'a pas dit « je vais te tuer »."
    )
    assert found.set_aside and all(one.why for one in found.set_aside)


def test_indicators_say_whether_the_report_or_a_piece_holds_them(office: Office) -> None:
    told = Told(text="Il m'écrit depuis corbeau@exemple.fr.")
    whole = understand(office.engine, told, NOW, NOW, ["Appelez le 06 12 34 56 78 et payez"])
    found = reading(office, told, whole).indicators
    assert ("email", "corbeau@exemple.fr", True) in found
    assert ("phone", "+33612345678", False) in found


def test_words_of_the_report_are_marked_with_their_rule_and_nothing_is_markup(office: Office) -> None:
    text = f"<script>alert(1)</script> {THREAT}"
    html = ruled(text, read(office, text).rules)
    assert "<script>" not in html and "&lt;script&gt;" in html
    assert "<mark" in html and 'href="#regle-1"' in html
