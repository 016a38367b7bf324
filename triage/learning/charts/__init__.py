"""Charts of the notebooks, for print first: greys that tell apart, direct labels, titles that say what is seen.

Needs Altair (`pip install triage[notebooks]`): nothing that serves imports this package.
"""

from triage.errors import TriageError

try:
    import altair  # noqa: F401
except ModuleNotFoundError as error:
    raise TriageError("Les figures demandent Altair : installez « triage[notebooks] ».") from error

from triage.learning.charts.theme import begin
from triage.learning.charts.writing import number, percent, table

__all__ = ["begin", "number", "percent", "table"]
