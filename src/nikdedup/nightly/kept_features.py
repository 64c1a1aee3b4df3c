"""What the matcher knows of each record of a night, kept beside its tables: arrays that are looked into where they lie.

    features/NUMBER.npy, TEXT.npy, TEXT.arrow    of each record, as match.features.PartFeatures has them
    features/all/…                               of all of them: how common values and sounds are, which word tells whom

What is told of each record is written while the night is at work; what is told of all is made when it is first
asked for.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nikdedup.columnar.arrays import Counts
from nikdedup.match.features import Coded, Frequencies, PartFeatures, Population, Sounds, evidence_in

WHOLE = "all"
NAMES = ("names", "mothers", "fathers")
COUNTS = tuple(one.name for one in fields(Frequencies) if one.name != "further")


@dataclass(frozen=True)
class Whole:
    """What is told of all records of a night.

    shared: by field, how many records share each record's value. word: code of the sound of each telling word,
    sorted; row: the record that bears it.
    """

    population: Population
    shared: dict[str, Counts]
    word: NDArray[np.int64]
    row: NDArray[np.int32]


def can_be_kept(features: PartFeatures) -> bool:
    """Say whether features are those of NIKs and names alone: others are compared as a whole each time.

    Args:
        features: of all records of a night.
    """
    return "id" not in features.texts and not features.further


def write(folder: Path, features: PartFeatures) -> None:
    """Write the features of a night into a new folder, readable by its owner only.

    Args:
        folder: made here.
        features: of all records; not used up.
    """
    folder.mkdir(mode=0o700, parents=True)
    for name, values in features.numbers.items():
        np.save(folder / f"{name}.npy", values)
    for name, text in features.texts.items():
        np.save(folder / f"text-{name}.npy", text.index)
        text.known.rename("text").to_frame().write_ipc(
            folder / f"text-{name}.arrow", compression="uncompressed"
        )
    _close(folder)


def read(folder: Path, *, plain: bool) -> PartFeatures:
    """Return the features of a night; of what lies on the disk no more is read than is looked at.

    Args:
        folder: as `write` has left it.
        plain: as PartFeatures has it.
    """
    numbers, texts = {}, {}
    for path in sorted(folder.glob("*.npy")):
        values = np.load(path, mmap_mode="r")
        if path.stem.startswith("text-"):
            texts[path.stem.removeprefix("text-")] = Coded(_mapped(path.with_suffix(".arrow")), values)
        else:
            numbers[path.stem] = values
    return PartFeatures(numbers, texts, plain)


def _close(folder: Path) -> None:
    """Let nobody but their owner read the files of a folder."""
    for path in folder.iterdir():
        path.chmod(0o600)


def _mapped(path: Path) -> pl.Series:
    """Return the texts of a file where they lie."""
    import pyarrow as pa

    with pa.memory_map(str(path)) as file:
        table = pa.ipc.open_file(file).read_all()
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame["text"]


def whole(folder: Path, features: PartFeatures) -> Whole:
    """Return what is told of all records of a night, and keep it where that is not done yet.

    Args:
        folder: of the features.
        features: as `read` returns them; not used up.
    """
    place = folder / WHOLE
    if not place.exists():
        room = Path(tempfile.mkdtemp(prefix=".nikdedup-", dir=folder))
        try:
            _write_whole(room, features)
            _close(room)
            os.replace(room, place)
        except OSError:
            if not place.exists():  # else somebody else was quicker
                raise
        finally:
            shutil.rmtree(room, ignore_errors=True)
    return _read_whole(place)


def _write_whole(place: Path, features: PartFeatures) -> None:
    row = np.arange(len(features.numbers["birth"]), dtype=np.int32)
    used_up = PartFeatures(dict(features.numbers), dict(features.texts), features.plain)
    e = evidence_in(used_up, row=row)
    for name in COUNTS:
        np.save(place / f"count-{name}.npy", getattr(e.frequencies, name)[:])
    word, bearer = e.telling
    order = np.argsort(word, kind="stable")
    np.save(place / "word.npy", word[order])
    np.save(place / "row.npy", bearer[order])
    np.save(place / "words.npy", e.population.word_counts)
    (place / "absent.json").write_text(json.dumps(e.population.absent), encoding="utf-8")
    for name in NAMES:
        np.savez(place / f"sounds-{name}.npz", **asdict(e.population.sounds[name]))


def _read_whole(place: Path) -> Whole:
    def load(name: str) -> NDArray[np.generic]:
        return np.load(place / f"{name}.npy", mmap_mode="r")  # type: ignore[no-any-return]

    counts = {name: load(f"count-{name}") for name in COUNTS}
    sounds = {}
    for name in NAMES:
        with np.load(place / f"sounds-{name}.npz") as arrays:
            sounds[name] = Sounds(**{key: arrays[key] for key in arrays.files})
    absent = json.loads((place / "absent.json").read_text(encoding="utf-8"))
    population = Population(len(counts["birth"]), load("words"), sounds, None, absent=absent)  # type: ignore[arg-type]
    return Whole(population, counts, load("word"), load("row"))  # type: ignore[arg-type]
