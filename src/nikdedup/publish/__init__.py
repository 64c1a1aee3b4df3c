"""A run's folder: written whole or not at all, by one writer at a time, and read as one run or refused.

layout      what lies in a folder, and which run it holds
publishing  the way of a run into its folder, on one screen
switch      the change from the earlier run to the new one, and what a killed one left put right
lock        one writer at a time
folders     made for what is written, and what stands in the way
opening     the readers' side
record      what a run says of itself, typed; found: what it has read, learnt and counted; run_json: as bytes
files       single files: private, synced, moved
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
