"""What should happen to records that are one person, or that share a NIK.

constraints  what officers have declared: one person, or two
cases        which records need a decision, and the pairs between them
kinds        the kind of a duplicate pair, A to F
units        persons, holders of one NIK, pairs under review
facts        what a rule may ask, and by what records are ranked
policy       the ordered rules, as data; policy_check finds all their faults
decide       one decision per record, with its reasons
sentences    the reasons in Indonesian and English
"""
