"""What analysts look at: pure functions on tables of texts, labels and decisions; the notebooks only call them."""

from triage.learning.analysis.frames import own
from triage.learning.analysis.sampling import sample, sampled
from triage.learning.analysis.workshop import Workshop

__all__ = ["Workshop", "own", "sample", "sampled"]
