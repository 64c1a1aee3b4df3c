"""A run's folder: written whole or not at all, by one writer at a time, and read as one run or refused.

layout      what lies in a folder, and which run it holds
publishing  the way of a run into its folder, on one screen
switch      the change from the earlier run to the new one, and what a killed one left put right
lock        one writer at a time
opening     the readers' side; record: what they need of run.json
files       single files: private, synced, moved
"""

from nikdedup.publish.files import write_parquet, written_whole
from nikdedup.publish.layout import OUTPUTS, PRIVATE, RUN, WORKBOOK, held
from nikdedup.publish.opening import OpenRun, opened, opened_whole
from nikdedup.publish.publishing import check_folder, publish, writing

__all__ = [
    "OUTPUTS",
    "OpenRun",
    "PRIVATE",
    "RUN",
    "WORKBOOK",
    "check_folder",
    "held",
    "opened",
    "opened_whole",
    "publish",
    "write_parquet",
    "writing",
    "written_whole",
]
