"""A record as we understand it: clean columns, verdicts and evidence beside the originals.

`normalise` is pure and works on any slice of an extract: what can only be seen in
the whole of a source (a truncated column, dragged cells) is in the `Survey`, made
once by `survey`. The columns as they came are never changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import partial

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.columnar.distinct import distinct, map_distinct
from nikdedup.config import FLAG_FIELDS, Config
from nikdedup.residents import names, places, status
from nikdedup.residents.as_of import day_to_read_by
from nikdedup.residents.damage import (
    EVENTS,
    PARENTS,
    Blocks,
    Readings,
    SourceLike,
    Survey,
    births,
    blocks_of,
    damaged_niks,
    date_texts,
    elsewhere,
    examine,
    family_cards,
    identity,
    parents_niks,
    reread,
)
from nikdedup.residents.dates import Dates, parse_dates, split_ttl
from nikdedup.residents.flags import Flags
from nikdedup.residents.further import further_columns, without_damaged_parents
from nikdedup.residents.ids import Decoded, Identifiers, clean_identifiers, decode
from nikdedup.residents.long_cells import shortened
from nikdedup.residents.names import clean_titles
from nikdedup.residents.parents import settle_names
from nikdedup.residents.places import NAMES, PARTS, residence
from nikdedup.runtime.threads import beside, side_by_side
from nikdedup.schema import CLEAN, EVIDENCE, FIELDS, VERDICTS

Mask = npt.NDArray[np.bool_]

ANY_DAY = date(2100, 1, 1)
"""Stands for the reference date where nothing read depends on age or century."""
_EPOCH = date(1970, 1, 1).toordinal()
_FIRST_EVENT, _LAST_EVENT = (date(year, 1, 1).toordinal() - _EPOCH for year in (1990, 2100))
_MANY = 30
_YEAR = 366
_DATE_LENGTH = 5
_NUMBERS_AND_DATES = ("nik", "no_kk", *PARENTS, "tgl_lhr", *EVENTS)
_STANDING = ("ektp_status", *FLAG_FIELDS, "jenis_klmin", "stat_kwn", "stat_hbkel")
_HOMES = ("alamat", "no_rt", "no_rw", "rt_rw", *PARTS, *NAMES)
"""Columns that are read together, in this order; each is asked for nowhere else but beside the names."""


def read_events(frame: pl.DataFrame, config: Config) -> dict[str, Dates]:
    """Return the columns of EVENTS, read as of ANY_DAY; none where the reference date is configured.

    Args:
        frame: fields as they came.
        config: settings of the run.
    """
    if config.reference_date is not None:
        return {}
    names = [name for name in EVENTS if name in frame.columns]
    read = partial(parse_dates, reference_date=ANY_DAY, formats=config.date_formats)
    return dict(zip(names, side_by_side(read, [frame[name] for name in names]), strict=True))


def find_reference_date(events: Mapping[str, Dates], config: Config) -> date | None:
    """Return the date the extract speaks of: configured, else the latest entry, change or recording.

    A date more than a year after 999 in 1000 of all others is a slip and is passed over, as is any outside of
    1990 to 2100. None where there is no such date.

    Args:
        events: as `read_events` gives them.
        config: settings of the run.
    """
    return config.reference_date or latest_event(count_events(read.days for read in events.values()))


def count_events(columns: Iterable[npt.NDArray[np.int32]]) -> npt.NDArray[np.int64]:
    """Return how many of the days in all columns fall on each day from 1990 to 2099."""
    counts = np.zeros(_LAST_EVENT - _FIRST_EVENT, np.int64)
    for days in columns:
        within = days[(days >= _FIRST_EVENT) & (days < _LAST_EVENT)]
        counts += np.bincount(within - _FIRST_EVENT, minlength=len(counts))
    return counts


def latest_event(counts: npt.NDArray[np.int64]) -> date | None:
    """Return the latest day that `count_events` counted, slips aside; None where it counted none."""
    days = np.flatnonzero(counts)
    if not len(days):
        return None
    up_to = np.cumsum(counts)
    if up_to[-1] >= _MANY:
        usual = np.searchsorted(up_to, int(0.999 * (up_to[-1] - 1)), "right")
        days = days[days <= usual + _YEAR]
    return date.fromordinal(_EPOCH + _FIRST_EVENT + int(days[-1]))


def survey(
    frame: pl.DataFrame, *, config: Config, reference_date: date, sources: Sequence[SourceLike] = ()
) -> Survey:
    """Return the damage of a whole extract, to be handed to `normalise` with each part of it.

    frame: columns of `schema.IDENTITY` and `schema.FIELDS`. sources: the reader's notes on each source.
    """
    signs = first_reading(shortened(frame).frame, config, reference_date)[0].signs()
    return examine(signs, sources=sources, names=not config.plain_names)


def normalise(
    frame: pl.DataFrame,
    *,
    config: Config,
    reference_date: date | None,
    survey: Survey | None = None,
    sources: Sequence[SourceLike] = (),
) -> pl.DataFrame:
    """Return the frame with all columns of CLEAN, VERDICTS and EVIDENCE appended, in that order.

    frame: n records with columns of `schema.IDENTITY` and any of `schema.FIELDS` as text. Fields that are
    not there give null columns, `recorded` unknown and no flags; `gelar_clean` stands before CLEAN where the
    extract keeps titles apart. reference_date: without it ages are unknown, and two-digit years and NIKs are read by
    the latest year of birth, see `as_of`. survey: damage of the whole extract; made
    from this frame when not given. Bad data become reason codes in `flags`, never errors.
    """
    return normalise_and_survey(
        frame, config=config, reference_date=reference_date, survey=survey, sources=sources
    )[0]


def normalise_and_survey(
    frame: pl.DataFrame,
    *,
    config: Config,
    reference_date: date | None,
    day: date | None = None,
    survey: Survey | None = None,
    sources: Sequence[SourceLike] = (),
    events: Mapping[str, Dates] | None = None,
    consume: bool = False,
) -> tuple[pl.DataFrame, Survey]:
    """Return what `normalise` does, and the survey it went by.

    The frame given loses them as they are read, so that a large extract does not stand in memory twice, and the
    residents have none of them.

    Args:
        frame: n records as `read` gives them.
        config: settings of the run.
        reference_date: date the extract speaks of; None where there is none.
        day: by which to read without a reference date, that of the whole extract where this is a part of one.
        survey: damage of the whole extract; examined here where None.
        sources: what the reader knows of each source.
        events: what `read_events` says of the frame, where it was asked.
        consume: nobody wants the columns of FIELDS any more.
    """
    short = shortened(frame)
    frame, cut = short.frame, {column.name for column in short.originals}
    events = {name: read for name, read in (events or {}).items() if name not in cut}
    day = reference_date or day or day_to_read_by(frame, config)
    # Names are half of the work and need nothing else: they are read beside the rest.
    with beside(*(partial(part, frame, config) for part in _PEOPLE)) as people:
        readings, decoded = first_reading(frame, config, day, events)
        if survey is None:
            survey = examine(readings.signs(), sources=sources, names=not config.plain_names)
        blocks = blocks_of(frame)
        flags = decoded.flags
        further = further_columns(readings, config)
        without_damaged_parents(further, survey.here(frame))
        readings = reread(readings, survey, blocks, config, day)
        _let_go(frame, _NUMBERS_AND_DATES if consume else ())
        decoded = damaged_niks(decoded, readings, survey, blocks)
        columns = _status(frame, config, flags)
        columns |= _relations(frame, survey, blocks, flags)
        _let_go(frame, _STANDING if consume else ())
        columns |= _homes(frame, decoded, config) | {
            "no_kk_clean": family_cards(readings, survey, blocks, flags, config)
        }
        _let_go(frame, _HOMES if consume else ())
        for found in people:
            columns |= found()
    settle_names(columns, survey.here(frame), flags, plain=config.plain_names)
    parents_niks(readings, survey, flags)
    columns |= births(readings, decoded, columns, survey, blocks, day, ages=reference_date is not None)
    columns |= identity(decoded, readings, columns, config)
    columns["wajib_ktp_clean"] = status.must_hold_ktp(
        columns["tgl_lhr_clean"],
        columns["stat_kwn_clean"],
        citizenship=frame["warganegara"] if "warganegara" in frame.columns else None,
        stated=frame["wajib_ktp"] if "wajib_ktp" in frame.columns else None,
        reference_date=reference_date,
        age=config.wajib_ktp_age,
    )
    flags.add_lists(columns.pop("name_flags"))
    if "_hidden" in frame.columns:
        for code in frame["_hidden"].unique().drop_nulls():
            flags.add(code, (frame["_hidden"] == code).fill_null(False).to_numpy())
    flags.add("cell_long", short.where)
    if "_carried" in frame.columns:
        flags.add("kk_carried_down", frame["_carried"].fill_null(False).to_numpy())
    columns["flags"] = flags.lists()
    columns |= further
    wanted = CLEAN | dict.fromkeys(further, pl.String()) | VERDICTS | EVIDENCE
    if (titles := clean_titles(frame)) is not None:
        frame = frame.with_columns(titles.alias("gelar_clean"))
    _let_go(frame, (*FIELDS, *config.evidence) if consume else ())
    residents = (
        short.restored(frame)
        .drop("_hidden", "_carried", strict=False)
        .with_columns(columns[name].cast(dtype).alias(name) for name, dtype in wanted.items())
    )
    return residents, survey


def _let_go(frame: pl.DataFrame, names: Iterable[str]) -> None:
    """Drop columns from the frame itself, whoever holds it."""
    for name in names:
        if name in frame.columns:
            frame.drop_in_place(name)


def _text(frame: pl.DataFrame, name: str) -> pl.Series:
    """Return a column as text, all null where the extract has none."""
    if name in frame.columns:
        return frame[name]
    return pl.Series(name, [None], dtype=pl.String()).new_from_index(0, len(frame))


def first_reading(
    frame: pl.DataFrame, config: Config, reference_date: date, events: Mapping[str, Dates] | None = None
) -> tuple[Readings, Decoded]:
    """Read identifiers and dates as they stand, before anything is known of damage.

    events: columns of dates read as of another day; they stand where nothing was found that may depend on it.
    """
    opaque = config.nik_scheme == "opaque"
    nik, kk = (
        _opaque(_text(frame, c)) if opaque else clean_identifiers(_text(frame, c)) for c in ("nik", "no_kk")
    )
    structured = clean_identifiers(_text(frame, "no nik")) if opaque else nik
    decoded = decode(structured, reference_date=reference_date, regions=config.region_codes)
    stand = {name: read for name, read in (events or {}).items() if not read.findings.any()}
    dates = {
        name: stand.get(name)
        or parse_dates(texts, reference_date=reference_date, formats=config.date_formats)
        for name, texts in date_texts(frame).items()
    }
    parents = {
        name: clean_identifiers(frame[name]) for name in PARENTS if name in frame.columns and not opaque
    }
    return Readings(frame, nik, decoded.birth, kk, dates, parents), decoded


def _opaque(texts: pl.Series) -> Identifiers:
    """Take ids as they are, trimmed: no digits to read, nothing to find."""
    trimmed = texts.str.strip_chars()
    trimmed = trimmed.to_frame("id").select(pl.when(pl.col("id") != "").then("id"))["id"]
    return Identifiers(trimmed, np.zeros(len(texts), np.int64), np.zeros(len(texts), np.uint16))


def _name(frame: pl.DataFrame, config: Config, *, field: str, skeleton: str) -> dict[str, pl.Series]:
    """Clean one column of names; of the person's own also what it says of others and `name_flags`."""
    own = field == "nama_lgkp"
    clean = names.clean_plain_names if config.plain_names else names.clean_names
    cleaned = clean(_text(frame, field), own=own)
    columns = {f"{field}_clean": cleaned["clean"], skeleton: cleaned["skeleton"]}
    if own:
        return columns | {
            "name_flags": cleaned["flags"],
            **{f"name_{tail}": cleaned[tail] for tail in names.TAILS},
        }
    return columns | {f"{field}_nothing": cleaned["nothing"]}


def _birthplace(frame: pl.DataFrame, config: Config) -> dict[str, pl.Series]:
    """Clean the place of birth; what one column lacks another may hold."""
    place = _text(frame, "tmpt_lhr")
    if "ttl" in frame.columns:
        place = place.fill_null(split_ttl(frame["ttl"])[0])
    return {"tmpt_lhr_clean": places.clean_place(_readable(place, config))}


def _readable(texts: pl.Series, config: Config) -> pl.Series:
    """Return texts in Latin letters where other scripts are expected: with plain names."""
    if not config.plain_names or not texts.str.contains(r"[^\x00-\x7F]").any():
        return texts
    return map_distinct(texts, names.in_latin, pl.String())


_PEOPLE = (
    partial(_name, field="nama_lgkp", skeleton="nama_skeleton"),
    partial(_name, field="nama_lgkp_ibu", skeleton="ibu_skeleton"),
    partial(_name, field="nama_lgkp_ayah", skeleton="ayah_skeleton"),
    _birthplace,
)
"""Columns of the person and of both parents that need no other."""


def _status(frame: pl.DataFrame, config: Config, flags: Flags) -> dict[str, pl.Series]:
    """Read recording and life status."""
    texts = _text(frame, "ektp_status")
    recording = status.read_recording(texts, config=config)
    if recording.unknown:
        flags.add("status_unknown", texts.is_in(list(recording.unknown)).fill_null(False).to_numpy())
    alive, unread = status.read_life(frame, config=config)
    flags.add("life_status_unknown", (alive == "unknown").fill_null(False).to_numpy())
    flags.add("flag_code_unknown", unread)
    return {
        "recorded": recording.recorded,
        "recording_class": recording.recording_class,
        "passed_check": recording.passed_check,
        "flag_status_clean": alive,
    }


def _relations(frame: pl.DataFrame, survey: Survey, blocks: Blocks, flags: Flags) -> dict[str, pl.Series]:
    """Read sex, marital status and relation to the head of the family."""
    texts = _text(frame, "jenis_klmin")
    sex = status.read_sex(texts)
    if (english := survey.where(blocks, len(frame), "english_sex")).any():
        sex = status.read_sex(texts, english=True).zip_with(pl.Series(english), sex)
    flags.add("sex_unreadable", (sex.is_null() & texts.is_not_null()).to_numpy())
    return {
        "jenis_klmin_clean": sex,
        "stat_kwn_clean": status.read_marital(_text(frame, "stat_kwn")),
        "stat_hbkel_clean": status.read_relation(_text(frame, "stat_hbkel")),
    }


def _homes(frame: pl.DataFrame, decoded: Decoded, config: Config) -> dict[str, pl.Series]:
    """Clean address, RT, RW and region of residence; what one column lacks another may hold."""
    codes, numbers = residence(frame, home=config.home_region or "", extra=config.region_codes)
    decoded.flags.add("nik_region_elsewhere", elsewhere(decoded.values, numbers, config))
    cleaned = places.clean_address(_readable(_text(frame, "alamat"), config))
    rt, rw = cleaned["rt"], cleaned["rw"]
    if "rt_rw" in frame.columns:
        both = places.split_rt_rw(frame["rt_rw"])
        rt, rw = both["rt"].fill_null(rt), both["rw"].fill_null(rw)
    if "no_rt" in frame.columns:
        rt = places.clean_rt(frame["no_rt"]).fill_null(rt)
    if "no_rw" in frame.columns:
        rw = places.clean_rt(frame["no_rw"]).fill_null(rw)
    for column in ("no_rt", "no_rw", "rt_rw"):
        if column in frame.columns:
            decoded.flags.add("rt_rw_was_date", _turned_into_date(frame[column]))
    return {
        "alamat_clean": cleaned["clean"],
        "no_rt_clean": rt,
        "no_rw_clean": rw,
        "wilayah_clean": codes,
    }


def _turned_into_date(texts: pl.Series) -> Mask:
    """Return which cells Excel made a date of: 5/3 became 2026-03-05, 05-Mar or the like."""
    if not (texts.str.len_bytes() >= _DATE_LENGTH).any():
        return np.zeros(len(texts), bool)
    known, index = distinct(texts)
    dated = known.str.contains(r"^\d{4}-\d{1,2}-\d{1,2}|^\d{1,2}[-/ ][A-Za-z]{3}|^[A-Za-z]{3}[-/ ]\d{1,2}")
    return np.concatenate([[False], dated.to_numpy()])[index].astype(bool)
