"""`rules/retention.yaml` holds together, says the same as the parts that apply it, and is what the documents say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT
from triage.desk.forgetting.policy import load_retention
from triage.desk.forgetting.table import as_markdown
from triage.desk.office import Office
from triage.desk.people import sessions
from triage.errors import DataError


def load(office: Office, rules: Path) -> object:
    return load_retention(rules, office.policies.conduct.outcomes, office.policies.extraction.wider)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("outcomes: [plainte]", "outcomes: [transmis]"), "issue de cet état"),
        (lambda text: text.replace("id: transmis\n", "id: transmis\n    days: 10\n"), "n'a pas d'échéance"),
        (lambda text: text.replace("taken: false", "taken: true"), "une règle pour tous"),
        (lambda text: text.replace("id: ombre", "id: ombres"), "ombres"),
        (lambda text: text.replace("wait: 92", "wait: 93"), "comptes_en_attente"),
        (lambda text: text.replace("departement: regions", "departement: planetes"), "planetes"),
        (lambda text: text.replace("id: clos_court", "id: clos"), "deux fois"),
    ],
)
def test_what_is_wrong_is_said(office: Office, tmp_path: Path, change: Callable[[str], str], said: str) -> None:
    shipped = (ROOT / "rules" / "retention.yaml").read_text(encoding="utf-8")
    changed = change(shipped)
    assert changed != shipped
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "retention.yaml").write_text(changed, encoding="utf-8")
    with pytest.raises(DataError) as wrong:
        load(office, tmp_path / "rules")
    assert said in str(wrong.value)


def test_what_others_delete_is_said_as_they_do(office: Office) -> None:
    policies, retention = office.policies, office.policies.retention
    assert retention.other("alertes").days == policies.alerts.kept
    assert retention.other("sessions").time == sessions._KEPT
    assert (retention.other("empreintes").days or 0) >= policies.campaigns.rules.days
    assert (retention.other("echantillon").days or 0) >= max(one.days for one in policies.dashboard.periods)
    assert (retention.other("gardes").days or 0) * 24 > policies.alerts.longest_shift


def test_the_documents_have_the_same_table(office: Office) -> None:
    told = (ROOT / "docs" / "conservation.md").read_text(encoding="utf-8")
    assert as_markdown(office.policies.retention) in told, "refaites-le : triage purge --table"
