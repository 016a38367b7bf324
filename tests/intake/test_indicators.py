"""Addresses, numbers and amounts, checked by the libraries that know them."""

from __future__ import annotations

import pytest

from triage.intake.indicators import find


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Il m'écrit de jean.bon@exemple.fr", [("email", "jean.bon@exemple.fr")]),
        ("voir https://www.exemple.fr/page?id=3.", [("url", "https://www.exemple.fr/page?id=3")]),
        ("un lien hxxps://impots[.]top/payer", [("url", "https://impots.top/payer")]),
        ("allez sur ameli-remboursement.info", [("url", "ameli-remboursement.info")]),
        ("appelé par le 06 12 34 56 78", [("phone", "+33612345678")]),
        ("un numéro belge +32 470 12 34 56", [("phone", "+32470123456")]),
        ("RIB FR76 3000 6000 0112 3456 7890 189", [("iban", "FR7630006000011234567890189")]),
        ("faux IBAN FR76 3000 6000 0112 3456 7890 188", []),
        ("le compte @corbeau_34 encore", [("handle", "@corbeau_34")]),
        ("ils veulent 3 500 € ou 0,8 bitcoin", [("amount", "3500 €"), ("amount", "0.8 bitcoin")]),
        ("connexion depuis 203.0.113.7 cette nuit", [("ip", "203.0.113.7")]),
        ("version 999.1.2.3 du logiciel", []),
        ("sur bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", [("crypto", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq")]),
        ("il est arrivé.Je suis parti", []),
        ("réunion à 17h30 salle 12", []),
    ],
)
def test_found(text: str, found: list[tuple[str, str]]) -> None:
    assert [(one.kind, one.value) for one in find(text)] == found


def test_offsets_point_at_the_words() -> None:
    text = "Écrivez à a@b.fr ou au 01 23 45 67 89."
    assert [text[i.start : i.end] for i in find(text)] == ["a@b.fr", "01 23 45 67 89"]
