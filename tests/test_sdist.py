"""The source archive holds the repository: what tests, examples and documents need is not left behind."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BY_ITSELF = {"MANIFEST.in", "README.md", "LICENSE", "pyproject.toml"}
"""What setuptools puts in without being asked: the metadata and what they name."""

LISTED = """
import sys
from setuptools.command.egg_info import FileList

files = FileList()
for line in open("MANIFEST.in", encoding="utf-8"):
    if line.split("#")[0].strip():
        files.process_template_line(line.strip())
sys.stdout.buffer.write("\\0".join(files.files).encode())
"""


def archived() -> set[str]:
    """Return what MANIFEST.in says, read by setuptools; nothing is built and no network is used."""
    done = subprocess.run([sys.executable, "-c", LISTED], cwd=ROOT, capture_output=True, check=True)
    return {Path(name).as_posix() for name in done.stdout.decode().split("\0")} | BY_ITSELF


@pytest.mark.skipif(importlib.util.find_spec("setuptools") is None, reason="no setuptools here")
def test_the_archive_holds_the_repository_and_nothing_built() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    files = {name for name in listed.stdout.split("\0") if (ROOT / name).is_file()} - {""}
    found = archived()
    assert len(files) > 300
    assert files - found == set()
    built = {".so", ".pyd", ".pyc", ".cpp"}
    assert [name for name in found if Path(name).suffix in built or name.startswith("benchmarks/data/")] == []
