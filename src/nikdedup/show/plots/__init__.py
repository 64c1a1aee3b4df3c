"""Pictures of a run: Vega-Lite specifications made from its tables, and the altair charts that users get.

Every file makes one picture as a plain dict, from counts alone: nothing grows with the number of residents. `look`
has the colours, `grammar` the words of a specification, `chart` makes a dict an altair chart that saves without a
network. Nobody can be seen in a picture: NIKs and names are masked before they are written into it.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
