"""The loop through desa and kelurahan: who counts, what is asked of a village, what it answers, where to go.

roll       every resident of a run, once, with place and standing; homes: what kecamatan and desa they live in
target     coverage as a run itself says it; tally: by kecamatan, desa, sex and age, with the effect of each cause
targets    shares that an office wants to reach
lists      what is asked of a village; words: how its answers are read
grids      a file that came back; returned: its answers, by key or by what a row shows
book       every answer, who gave it and where; agreed: those that hold, and what follows
agreement  how far the villages agree with what was proposed
places     where teams may go; trips: how they may go there; program, optimiser, visits: the plan
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
