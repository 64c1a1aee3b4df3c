"""A run of made-up residents, of whom some have died or moved, and its report in both languages."""

from __future__ import annotations

import pytest

import nikdedup
from nikdedup.run.ktp_coverage import ktp_coverage
from nikdedup.run.result import Result
from nikdedup.show import page
from nikdedup.show.report import report_html

LANGS = ("id", "en")


@pytest.fixture(scope="session")
def found(tmp_path_factory: pytest.TempPathFactory) -> Result:
    path = tmp_path_factory.mktemp("page") / "extract.parquet"
    nikdedup.generate(path, rows=4000, seed=1907)
    return nikdedup.dedupe(path)


@pytest.fixture(scope="session")
def seen(found: Result) -> page.Seen:
    return page.Seen(found.pairs, found.scanned, ktp_coverage(found), found.profile.as_dict())


@pytest.fixture(scope="session")
def html(found: Result, seen: page.Seen) -> dict[str, str]:
    return {lang: report_html(found.record, found.decisions, lang, seen=seen) for lang in LANGS}
