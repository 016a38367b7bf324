"""What the desk goes by, from `rules/desk/`: one file and one loader for each capability."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from triage.desk.alerts.policy import AlertPolicy, load_alert_policy
from triage.desk.campaigns.policy import CampaignPolicy, load_campaign_policy
from triage.desk.extraction import ExtractionPolicy, load_extraction_policy
from triage.desk.flood.policy import FloodPolicy, load_flood_policy
from triage.desk.forgetting.policy import Retention, load_retention
from triage.desk.handling.conduct import Conduct, load_conduct
from triage.desk.handling.policy import HandlingPolicy, load_handling_policy
from triage.desk.handover.policy import HandoverPolicy, load_handover_policy
from triage.desk.measures.letters import LetterRules, load_letter_rules
from triage.desk.measures.names import DirectoryRules, load_directory_rules
from triage.desk.measures.pack import Pack, load_pack
from triage.desk.people.policy import AccessPolicy, load_access_policy
from triage.desk.queue.policy import QueuePolicy, load_queue_policy
from triage.desk.supervising.observed import QualityPolicy, load_quality_policy
from triage.desk.supervising.policy import DashboardPolicy, load_dashboard_policy
from triage.engine import Engine


@dataclass(frozen=True)
class Policies:
    """The desk's own rules."""

    queue: QueuePolicy
    alerts: AlertPolicy
    dashboard: DashboardPolicy
    campaigns: CampaignPolicy
    access: AccessPolicy
    handling: HandlingPolicy
    directory: DirectoryRules
    pack: Pack
    letters: LetterRules
    conduct: Conduct
    handover: HandoverPolicy
    extraction: ExtractionPolicy
    retention: Retention
    quality: QualityPolicy
    flood: FloodPolicy


def load_policies(rules: Path, engine: Engine) -> Policies:
    """Those in `rules`. Raises DataError."""
    levels = [level.id for level in engine.assessor.policy.levels]
    directory = load_directory_rules(rules)
    names = {name: one.name for name, one in engine.composer.knowledge.measures.items()}
    pack = load_pack(rules, names, directory.kinds)
    conduct = load_conduct(rules, engine.composer.knowledge.references)
    extraction = load_extraction_policy(rules)
    return Policies(
        queue=load_queue_policy(rules, levels, [*engine.composer.flags]),
        alerts=load_alert_policy(rules, levels),
        dashboard=load_dashboard_policy(rules),
        campaigns=load_campaign_policy(rules, levels),
        access=load_access_policy(rules),
        handling=load_handling_policy(rules),
        directory=directory,
        pack=pack,
        letters=load_letter_rules(rules, pack.cycles),
        conduct=conduct,
        handover=load_handover_policy(
            rules, engine.composer.knowledge.contacts, engine.composer.kinds, directory.kinds
        ),
        extraction=extraction,
        retention=load_retention(rules, conduct.outcomes, extraction.wider),
        quality=load_quality_policy(rules),
        flood=load_flood_policy(rules, levels),
    )
