"""Gender is changed as somebody of that gender would write, and nothing else is."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
import yaml

from tests.learning.analysis.frames import judged
from triage.errors import DataError
from triage.learning.analysis.agreement import feminine, gender_of, masculine
from triage.learning.analysis.counterfactual import flips, moved, pairs, summary
from triage.learning.analysis.groups import grouped
from triage.learning.analysis.swaps import CounterfactualFile, Pair, load_counterfactual, swapped
from triage.learning.noise import Noise, load_noise
from triage.settings import Settings


@pytest.fixture(scope="module")
def rules() -> CounterfactualFile:
    return load_counterfactual(Settings().rules)


@pytest.fixture(scope="module")
def noise() -> Noise:
    return load_noise(Settings().rules)


BOTH = [
    ("Je suis le maire du village.", "Je suis la maire du village."),
    ("Je suis adjoint et je suis très inquiet.", "Je suis adjointe et je suis très inquiète."),
    ("Monsieur le Maire, on m'a menacé.", "Madame la Maire, on m'a menacée."),
    ("On a écrit au maire et à l'élu.", "On a écrit à la maire et à l'élue."),
    (
        "Le premier adjoint et cet ancien conseiller municipal.",
        "La première adjointe et cette ancienne conseillère municipale.",
    ),
    ("Mon adjoint a vu ce député.", "Mon adjointe a vu cette députée."),
    ("J'ai été insulté, je ne suis pas rassuré.", "J'ai été insultée, je ne suis pas rassurée."),
]


@pytest.mark.parametrize(("him", "her"), BOTH, ids=[him for him, _ in BOTH])
def test_in_the_other_gender(him: str, her: str, rules: CounterfactualFile) -> None:
    assert feminine(him, rules.gender) == her
    assert masculine(her, rules.gender) == him


@pytest.mark.parametrize(
    "text",
    [
        "La mairie est fermée.",
        "On m'a demandé de l'argent et volé mon sac.",
        "Je me suis demandé quoi faire.",
        "Les élus et les adjoints sont visés.",
        "Mon mari est adjoint.",
        "Il est député.",
    ],
)
def test_what_stays(text: str, rules: CounterfactualFile) -> None:
    assert feminine(text, rules.gender) == text


@pytest.mark.parametrize(
    ("text", "gender"),
    [
        ("Je suis inquiète.", "f"),
        ("Je suis l'adjointe au maire.", "f"),
        ("On m'a menacé hier.", "m"),
        ("Je suis conseiller municipal.", "m"),
        ("On m'a demandé de payer.", None),
        ("Je suis maire.", None),
        ("Je suis menacé, dit-il. Je suis inquiète.", None),
    ],
)
def test_the_gender_that_a_text_shows(text: str, gender: str | None, rules: CounterfactualFile) -> None:
    assert gender_of(text, rules.gender) == gender


SWAPS = [
    (
        "mandat_parlementaire",
        "Je suis maire. L'adjoint au maire le sait.",
        "Je suis député. L'adjoint au maire le sait.",
    ),
    ("mandat_maire", "La députée a reçu un colis.", "La maire a reçu un colis."),
    ("accents", "J'ai été menacé à la sortie.", "J'ai ete menace a la sortie."),
    ("ponctuation", "Bonjour. On m'a menacé !", "bonjour on m'a menacé "),
]


@pytest.mark.parametrize(("swap", "text", "told"), SWAPS, ids=[swap for swap, _, _ in SWAPS])
def test_the_same_facts_told_otherwise(
    swap: str, text: str, told: str, rules: CounterfactualFile, noise: Noise
) -> None:
    one = next(one for one in rules.swaps if one.id == swap)
    assert swapped(text, one, rules.gender, noise) == Pair(text, told)
    assert swapped("Rien ici.", one, rules.gender, noise) is None or swap == "ponctuation"


def test_two_names_are_compared_with_each_other(rules: CounterfactualFile, noise: Noise) -> None:
    swap = next(one for one in rules.swaps if one.how == "lead")
    told = swapped("On me menace.", swap, rules.gender, noise)
    assert told is not None
    both = list(zip(swap.control, swap.instead, strict=True))
    assert (told.one.removesuffix("On me menace."), told.other.removesuffix("On me menace.")) in both
    texts = [f"On me menace {i}." for i in range(60)]
    used = {made.one[:20] for text in texts if (made := swapped(text, swap, rules.gender, noise))}
    assert len(used) == len(swap.control)


def test_flips_are_counted_with_their_direction(rules: CounterfactualFile, noise: Noise) -> None:
    texts = judged(("a", "x", "x", "agent", "agent"), ("b", "x", "x", "agent", "agent"))
    texts["text"] = ["Je suis inquiet.", "Je suis inquiète."]
    twice = pairs(texts, rules, noise)
    assert sorted(twice[twice["swap"] == "feminin"]["source"].unique()) == ["a"]
    assert sorted(twice[twice["swap"] == "masculin"]["source"].unique()) == ["b"]

    def afraid_of_women(frame):  # type: ignore[no-untyped-def]
        told = ["agent" if "inquiète" in text.lower() else "urgent" for text in frame["text"]]
        return frame.assign(engine_primary="menace", engine_disposition=told)

    flipped = flips(twice, afraid_of_women)
    told = summary(flipped, rules).set_index("swap")
    assert (told.loc["feminin", "down"], told.loc["feminin", "up"], told.loc["feminin", "types"]) == (1, 0, 0)
    assert (told.loc["masculin", "down"], told.loc["masculin", "up"]) == (0, 1)
    assert told.loc["outre_mer", "levels"] == 0
    assert {"feminin", "masculin"} <= set(moved(flipped)["swap"])


def test_groups_say_who_tells(rules: CounterfactualFile, noise: Noise) -> None:
    texts = judged(*((name, "x", "x", "agent", "agent") for name in "abc"), who=["conjoint", "maire_ville", "outremer"])
    texts["text"] = [
        "Je suis inquiète pour lui.",
        "ke faire tjr les memes menaces ds ma boite et personne ne repond depuis des semaines merci de votre aide",
        "Je suis maire.",
    ]
    told = grouped(texts, rules, noise)
    assert told["teller"].tolist() == ["Proche", "Élu", ""]
    assert told["gender"].tolist() == ["Femme", "", ""]
    assert told["mandate"].tolist() == ["", "Maire", ""]
    assert told["overseas"].tolist() == ["Hexagone ou non dit", "Hexagone ou non dit", "Outre-mer"]
    assert told["writing"].tolist() == ["Soignée", "Négligée", "Soignée"]


def test_every_fault_is_said_with_its_line(tmp_path: Path) -> None:
    content = yaml.safe_load((Settings().rules / "counterfactual.yaml").read_text(encoding="utf-8"))
    content["swaps"] = [
        {"id": "a", "title": "A", "how": "lead"},
        {"id": "b", "title": "B", "how": "replace", "replace": [["(", "x"]]},
        {"id": "c", "title": "C", "how": "lead", "control": ["Ici. "], "instead": ["Là. ", "Là-bas. "]},
    ]
    (tmp_path / "counterfactual.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_counterfactual(tmp_path)
    said = str(caught.value)
    assert "« control » et « instead » vont avec « how: lead »" in said
    assert "expression régulière fausse « ( »" in said
    assert "ont autant de phrases l'un que l'autre" in said
    assert "counterfactual.yaml:" in said


def test_dates_drawn_are_the_same_every_time() -> None:
    from triage.learning.analysis.simulated import dated, decided

    texts = judged(("a", "x", "x", "agent", "agent"), ("b", "x", "y", "agent", "agent"))
    until = datetime(2026, 3, 1)
    one, other = dated(texts, ["35", "44"], until), dated(texts, ["44", "35"], until)
    assert one.equals(other)
    assert (one["received_at"] <= until).all()
    assert decided(texts)["decision"].tolist() == ["confirmed", "corrected"]
    assert decided(texts.assign(decision="confirmed"))["decision"].tolist() == ["confirmed", "confirmed"]
