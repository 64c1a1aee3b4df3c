"""Which loops run: the compiled ones, those in numpy, or what the environment asks for."""

import os
import subprocess
import sys

import pytest

import nikdedup
from nikdedup import ConfigError
from nikdedup.runtime import kernels

BUILT = "nikdedup.columnar.grouping_cy"


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch):
    monkeypatch.setattr(kernels, "_taken", {})


def test_numpy_is_taken_where_it_is_asked_for(monkeypatch):
    monkeypatch.setenv(kernels.CHOICE, "py")
    assert not kernels.compiled(BUILT)
    assert not kernels.all_compiled()


def test_a_module_that_was_not_built_is_none(monkeypatch):
    monkeypatch.delenv(kernels.CHOICE, raising=False)
    assert not kernels.compiled("nikdedup.columnar.never_built_cy")


def test_a_module_of_older_sources_is_left_alone(monkeypatch):
    monkeypatch.delenv(kernels.CHOICE, raising=False)
    assert not kernels.compiled(BUILT, edition=1_000)
    assert not kernels.all_compiled()


def test_compiled_loops_alone_may_be_asked_for(monkeypatch):
    monkeypatch.setenv(kernels.CHOICE, "cy")
    with pytest.raises(ConfigError, match=r"never_built_cy was not built; build it, or take py$"):
        kernels.compiled("nikdedup.columnar.never_built_cy")


def test_another_choice_is_refused(monkeypatch):
    monkeypatch.setenv(kernels.CHOICE, "numpy")
    with pytest.raises(ConfigError, match=r"^NIKDEDUP_KERNELS: found 'numpy'; allowed: py, cy$"):
        kernels.compiled(BUILT)


def test_a_wrong_choice_is_one_line_and_exit_2(small_extract, tmp_path):
    command = [sys.executable, "-m", "nikdedup", "dedupe", str(small_extract), "--out", str(tmp_path / "run")]
    env = {
        **os.environ,
        kernels.CHOICE: "fast",
        "PYTHONPATH": os.path.dirname(os.path.dirname(nikdedup.__file__)),
    }
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 2
    assert done.stderr.strip().endswith("NIKDEDUP_KERNELS: found 'fast'; allowed: py, cy")


def test_the_same_bytes_either_way(small_extract, tmp_path):
    made = {}
    for choice in ("py", "any"):
        out = tmp_path / choice
        env = {**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(nikdedup.__file__))}
        env = {name: value for name, value in env.items() if name != kernels.CHOICE}
        command = [sys.executable, "-m", "nikdedup", "dedupe", str(small_extract), "--out", str(out)]
        subprocess.run(
            command,
            env=env | ({kernels.CHOICE: choice} if choice == "py" else {}),
            check=True,
            capture_output=True,
        )
        made[choice] = {path.name: path.read_bytes() for path in out.glob("*.parquet")}
    assert made["py"] == made["any"]
