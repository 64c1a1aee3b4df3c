"""Figures of a night for Prometheus: a text file that its node exporter reads."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from nikdedup.errors import RunError, reason_of
from nikdedup.nightly.one_night import Night
from nikdedup.nightly.past import COUNTS
from nikdedup.runtime.extras import needed


def write_metrics(night: Night, path: Path, *, job: str) -> None:
    """Write what a night came to, in one step; RunError where the file cannot be written.

    Of a night that was not published `nikdedup_night_published` is 0.
    """
    with needed("a file for Prometheus"):
        from prometheus_client import CollectorRegistry, Gauge, write_to_textfile
    registry = CollectorRegistry()

    def gauge(name: str, text: str, value: float, **labels: str) -> None:
        found = known.get(name)
        if found is None:
            found = known[name] = Gauge(f"nikdedup_{name}", text, ["job", *labels], registry=registry)
        found.labels(job=job, **labels).set(value)

    known: dict[str, Gauge] = {}
    ended = datetime.now(UTC).timestamp()
    gauge("night_run", "Number of the last night.", night.run)
    gauge("night_published", "Whether the last night was published.", int(night.published))
    gauge("night_end_timestamp_seconds", "When the last night ended.", ended)
    gauge("night_failed_checks", "Health checks of the last night that failed.", len(night.checks))
    gauge("night_drift_warnings", "Warnings that the judgement in use has drifted.", len(night.drift))
    for name in COUNTS:
        gauge(
            f"night_{name}",
            f"{name.replace('_', ' ')} of the last night.",
            getattr(night.result.record.counts, name),
        )
    for kind, number in night.happened.items():
        gauge("night_events", "Events of the last night.", number, kind=kind)
    for stage, told in night.result.timing.items():
        gauge("night_stage_seconds", "Seconds of each stage.", told["seconds"], stage=stage)
        if told.get("peak_mb") is not None:
            gauge(
                "night_stage_peak_megabytes",
                "Peak memory at the end of each stage.",
                told["peak_mb"],
                stage=stage,
            )
    try:
        write_to_textfile(str(path), registry)
    except OSError as fault:
        raise RunError(f"{path.name}: {reason_of(fault)}; the night itself is as it was told") from None
