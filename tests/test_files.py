"""What must not enter the repository: large files, numbers that could be somebody's NIK, foreign traces."""

import importlib.util
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
_spec = importlib.util.spec_from_file_location("check_files", ROOT / "scripts" / "check_files.py")
assert _spec is not None
assert _spec.loader is not None
check = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(check)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        pytest.param("621201" + "010780" + "0001", True, id="first serial of a real kecamatan"),
        pytest.param("621201" + "410780" + "9000", True, id="last serial that could be issued, woman"),
        pytest.param("621201" + "410780" + "9001", False, id="serial that is never reached"),
        pytest.param("621299" + "010780" + "0001", False, id="kecamatan 99"),
        pytest.param("621201" + "010780" + "0000", False, id="serial 0000"),
        pytest.param("621201" + "320780" + "0001", False, id="day 32"),
        pytest.param("621201" + "010080" + "0001", False, id="month 00"),
        pytest.param("0" * 13 + "123", False, id="temporary number of a village"),
        pytest.param("1" * 16, False, id="one digit repeated"),
    ],
)
def test_could_be_issued(number: str, expected: bool) -> None:
    assert check.could_be_issued(number) is expected


def test_findings_name_the_place_and_mask_the_number(tmp_path: Path) -> None:
    number = "621201" + "010780" + "0001"
    (tmp_path / "a.csv").write_text(f"NIK\n{number}\n1{number}\n")
    [line] = check.findings(tmp_path / "a.csv")
    assert line.startswith(f"{tmp_path / 'a.csv'}:2: 621201...01 ")
    assert number not in line


def test_large_and_binary_files(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"\xff" * (check.LARGEST_BYTES + 1))
    [line] = check.findings(tmp_path / "a.bin")
    assert "1,000,001 bytes" in line


def test_repository_holds_none() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    files = [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    assert files
    assert [line for file in files for line in check.findings(file)] == []
