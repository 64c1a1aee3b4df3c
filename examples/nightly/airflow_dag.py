"""A night under Airflow: check the job, run it, and leave exit codes 3 and 4 for people to look at.

A health check that failed (3) fails the task at once, and so does a state that somebody else holds (4): neither
gets better by being tried again. Anything else is tried once more.
"""

from __future__ import annotations

import subprocess
from datetime import datetime, timedelta

from airflow.decorators import dag, task
from airflow.exceptions import AirflowException, AirflowFailException

JOB = "/srv/nikdedup/job.toml"


def nikdedup(*arguments: str) -> None:
    done = subprocess.run(["nikdedup", *arguments], capture_output=True, text=True, check=False)
    print(done.stdout, done.stderr)
    if done.returncode in (2, 3, 4):
        raise AirflowFailException(f"exit code {done.returncode}")
    if done.returncode:
        raise AirflowException(f"exit code {done.returncode}")


@dag(schedule="0 1 * * *", start_date=datetime(2026, 1, 1), catchup=False, max_active_runs=1)
def nikdedup_nightly() -> None:
    @task(retries=0)
    def check() -> None:
        nikdedup("nightly", "check", JOB)

    @task(retries=1, retry_delay=timedelta(minutes=10), execution_timeout=timedelta(hours=2))
    def run() -> None:
        nikdedup("nightly", "run", JOB, "--log-json")

    check() >> run()


nikdedup_nightly()
