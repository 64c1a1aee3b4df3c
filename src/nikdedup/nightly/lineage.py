"""A night told to an OpenLineage service: what it read, what it wrote and how it ended, by names of files alone."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import nikdedup
from nikdedup.masking import mask_numbers
from nikdedup.nightly.one_night import Night
from nikdedup.runtime.extras import needed
from nikdedup.runtime.journal import tell

NAMESPACE = "nikdedup"


def tell_lineage(night: Night, address: str, *, job: str, state: Path) -> None:
    """Send an event about a night that has ended; where the service is away, that is told and nothing else happens.

    Args:
        night: what it came to.
        address: of the service, as https://lineage.example.
        job: name of the job file.
        state: folder of the state.
    """
    with needed("OpenLineage"):
        from openlineage.client import OpenLineageClient
        from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState

        try:
            record = night.result.record
            files = sorted({source.file or "table" for source in record.input.sources})
            event = RunEvent(
                eventTime=datetime.now(UTC).isoformat(),
                producer=f"urn:nikdedup:{nikdedup.__version__}",
                run=Run(runId=str(uuid5(NAMESPACE_URL, f"{state.absolute()}#{night.run}"))),
                job=Job(namespace=NAMESPACE, name=mask_numbers(job)),
                eventType=RunState.COMPLETE if night.published else RunState.FAIL,
                inputs=[InputDataset(namespace=NAMESPACE, name=mask_numbers(name)) for name in files],
                outputs=[OutputDataset(namespace=NAMESPACE, name=mask_numbers(f"{state.name}/{night.run}"))],
            )
            OpenLineageClient(config={"transport": {"type": "http", "url": address}}).emit(event)
        except ModuleNotFoundError:
            raise
        except Exception as fault:  # what a service or its transport raises is its own affair
            told = f"the lineage service was not told of the night ({type(fault).__name__})"
            tell("lineage", told, level=logging.WARNING)
