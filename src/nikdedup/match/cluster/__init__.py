"""Which records are one person, and what must stay apart."""

from nikdedup.match.cluster.constraints import CERTAIN_LOG2, Constraints
from nikdedup.match.cluster.people import Edges, cluster
from nikdedup.match.cluster.refused import Refused

__all__ = ["CERTAIN_LOG2", "Edges", "Refused", "Constraints", "cluster"]
