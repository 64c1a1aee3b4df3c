"""A run's folder: written whole or not at all, by one writer at a time, and read as one run or refused.

layout      what lies in a folder, and which run it holds
publishing  the way of a run into its folder, on one screen
switch      the change from the earlier run to the new one, and what a killed one left put right
lock        one writer at a time
folders     made for what is written, and what stands in the way
opening     the readers' side
record      what a run says of itself, typed; run_json: as bytes
files       single files: private, synced, moved
"""

from nikdedup.publish.files import (
    create_private,
    sync,
    sync_folder,
    write_in_parts,
    write_parquet,
    written_whole,
)
from nikdedup.publish.folders import in_the_way, make_folder
from nikdedup.publish.layout import OUTPUTS, PRIVATE, RUN, WORKBOOK, held, shown
from nikdedup.publish.lock import one_writer
from nikdedup.publish.opening import OpenRun, opened, opened_whole
from nikdedup.publish.publishing import Files, check_folder, publish, writing
from nikdedup.publish.record import (
    SCHEMA_VERSION,
    Check,
    Cost,
    Coverage,
    Covered,
    DecoyCurve,
    DecoysFound,
    Histogram,
    Input,
    NikCounts,
    OfficersKept,
    PolicyKept,
    Quality,
    RefusedKept,
    RunCounts,
    RunRecord,
    Skipped,
    Source,
    Unused,
)
from nikdedup.publish.run_json import written

__all__ = [
    "Check",
    "Cost",
    "Coverage",
    "Covered",
    "DecoyCurve",
    "DecoysFound",
    "Files",
    "Histogram",
    "Input",
    "NikCounts",
    "OUTPUTS",
    "OfficersKept",
    "OpenRun",
    "PRIVATE",
    "PolicyKept",
    "Quality",
    "RUN",
    "RefusedKept",
    "RunCounts",
    "RunRecord",
    "SCHEMA_VERSION",
    "Skipped",
    "Source",
    "Unused",
    "WORKBOOK",
    "check_folder",
    "create_private",
    "held",
    "in_the_way",
    "make_folder",
    "one_writer",
    "opened",
    "opened_whole",
    "publish",
    "shown",
    "sync",
    "sync_folder",
    "write_in_parts",
    "write_parquet",
    "writing",
    "written",
    "written_whole",
]
