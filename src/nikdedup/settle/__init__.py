"""What should happen to records that are one person, or that share a NIK.

declared     what officers and villages have declared, as a list that is read
constraints  pairs that are one person, or two; statuses: people who are dead or gone; officers: both, tied to rows
cases        which records need a decision, and the pairs between them
kinds        the kind of a duplicate pair, A to F
units        persons, holders of one NIK, pairs under review
facts        what a rule may ask, and by what records are ranked
policy       the ordered rules, as data; policy_check finds all their faults
decide       one decision per record, with its reasons
sentences    the reasons in Indonesian and English
"""

from nikdedup.settle.cases import rows_involved
from nikdedup.settle.constraints import check_entries, closed_links
from nikdedup.settle.decisions import decide
from nikdedup.settle.declared import CONSTRAINTS, load_constraints, named_in, with_villages
from nikdedup.settle.officers import Officers
from nikdedup.settle.policy import load_policy, policy_again, policy_kept
from nikdedup.settle.shapes import shape_of, shape_text
from nikdedup.settle.statuses import DECLARED, with_declared
from nikdedup.settle.wording import templates

__all__ = [
    "CONSTRAINTS",
    "DECLARED",
    "Officers",
    "check_entries",
    "closed_links",
    "decide",
    "load_constraints",
    "load_policy",
    "named_in",
    "policy_again",
    "rows_involved",
    "shape_of",
    "shape_text",
    "templates",
    "policy_kept",
    "with_declared",
    "with_villages",
]
