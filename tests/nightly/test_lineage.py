"""OpenLineage: one event a night where the client is installed, and no night lost over a service that is away."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Done

Cli = Callable[..., Done]


@pytest.fixture
def service() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    heard: list[dict[str, Any]] = []

    class Hears(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(201)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Hears)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", heard
    server.shutdown()
    thread.join()
    server.server_close()


def job(folder: Path, extract: Path, address: str) -> Path:
    path = folder / "job.toml"
    path.write_text(
        f'state = "state"\nlang = "en"\n[[source]]\npath = "{extract}"\n[output]\nlineage = "{address}"\n'
    )
    return path


def test_an_event_a_night(
    service: tuple[str, list[dict[str, Any]]], nikdedup_cli: Cli, small_extract: Path, tmp_path: Path
) -> None:
    pytest.importorskip("openlineage.client", reason="the extra `lineage` is not installed")
    address, heard = service
    path = job(tmp_path, small_extract, address)
    assert nikdedup_cli("nightly", "run", path, "--dry-run").code == 0
    assert heard == []
    assert nikdedup_cli("nightly", "run", path).code == 0
    [event] = heard
    assert event["eventType"] == "COMPLETE"
    assert event["job"] == {"namespace": "nikdedup", "name": "job.toml", "facets": {}}
    assert [one["name"] for one in event["inputs"]] == ["small.parquet"]
    assert [one["name"] for one in event["outputs"]] == ["state/1"]


def test_a_service_that_is_away(nikdedup_cli: Cli, small_extract: Path, tmp_path: Path) -> None:
    pytest.importorskip("openlineage.client", reason="the extra `lineage` is not installed")
    done = nikdedup_cli("nightly", "run", job(tmp_path, small_extract, "http://127.0.0.1:9"), "--log-json")
    assert done.code == 0
    assert "the lineage service was not told of the night" in done.err


def test_without_the_client(nikdedup_cli: Cli, small_extract: Path, tmp_path: Path) -> None:
    try:
        import openlineage.client  # noqa: F401
    except ModuleNotFoundError:
        path = job(tmp_path, small_extract, "http://127.0.0.1:9")
        done = nikdedup_cli("nightly", "check", path, "--lang", "en")
        assert done.code == 2
        assert 'run: pip install ".[lineage]"' in done.out
        run = nikdedup_cli("nightly", "run", path)
        assert run.code == 2
        assert 'run: pip install ".[lineage]"' in run.err
        assert not (tmp_path / "state").exists()
    else:
        pytest.skip("the client is installed")
