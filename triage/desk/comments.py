"""What exports of comments in a case come to: how far their sorting is, and what it says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from triage.comments.running import Progress
from triage.comments.verdict import Verdict, verdict
from triage.desk.inputs import Sorting
from triage.desk.office import Office
from triage.store.records import Case, Run


def progresses(case: Case) -> list[Progress]:
    """How far the sorting of each export is."""
    return [Progress.from_json(dict(one.progress)) for one in case.runs]


def verdicts(office: Office, case: Case) -> list[Verdict]:
    """What the comments sorted so far come to, export by export."""
    return [one.verdict for one in sortings(office, case)]


def sortings(office: Office, case: Case) -> Iterator[Sorting]:
    """The same, each with the exhibit that it is about."""
    for run, progress in zip(case.runs, progresses(case), strict=True):
        if progress.position:
            yield Sorting(run.exhibit_id, verdict(progress.kept, progress.tally, office.comments))


def unfinished(runs: Sequence[Run]) -> list[Run]:
    """The sortings that go on."""
    return [one for one in runs if not one.done]
