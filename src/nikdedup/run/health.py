"""What must hold for a run to be believed; a check that does not makes the exit code 3."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nikdedup.publish import Check, NikCounts, RunRecord, Unused
from nikdedup.residents.damage import share_at_most
from nikdedup.schema import FURTHER
from nikdedup.wording import Texts

MAIN_PASSES = ("birth_sex", "nik")
"""Passes that must be complete; the others bring back what these cannot see, within their budgets."""
AGREE = 0.8
"""Share of rows in which NIK and column agree in a sound source, at the least; 1 % of dates differ for good."""
FEWEST = 5
"""Rows with both, at the least; of fewer nobody can tell."""
KK_AS_NIK = 0.1
"""Share of a source's NIKs that may be family card numbers: slips of a few rows are told by their flags."""
DEAR = frozenset({"nik", "tgl_lhr", "ttl", "ektp_status"})
"""Fields without which a run says little; a column that may be one of them must be named by the office."""
_NAMES = ("name", "mother", "father")
SHARED_BY = {"nik": 200, "kk": 200, "parents": 200, "name_year": 1_000, "birth_sex": 1_000, "birth": 1_000}
SHARED_BY |= dict.fromkeys(_NAMES, 1_000)
"""Pass or value -> records that may have one, whatever the size of the extract: no card holds so many people."""
SHARED_SHARE = {"nik": 0.01, "kk": 0.01, "parents": 0.01, "name_year": 0.1, "birth_sex": 0.5, "birth": 0.5}
SHARED_SHARE |= dict.fromkeys(_NAMES, 0.1)
"""Pass or value -> share of all records that may. A card, a NIK or a couple of a hundredth of them is a filled-down
column; a tenth of names may be what clerks enter where they know none."""
TAKEN_AWAY = {
    "nik": ("nik_filled_down", "nik_on_many_people", "nik_crowded"),
    "kk": ("kk_crowded",),
    "birth": ("birth_crowded",),
    "name": ("name_on_many", "name_crowded"),
    "mother": ("mother_on_many", "mother_crowded"),
    "father": ("father_on_many", "father_crowded"),
}
"""Value -> reason codes of the records that lost it because it stands on too many: no pass sees it any more."""
TELLING = ("nik", "no_kk", "tgl_lhr", "nama_lgkp_ibu", "nama_lgkp_ayah", "alamat")
"""Fields that tell people of one name apart; half of the records must have one of them."""
COPIED = 0.01
"""Share of records that may be copies of others many times over."""
SHOWN = 5
"""Sources named in a sentence, at the most."""


def health_checks(run: RunRecord) -> list[Check]:
    """Return every check of a run with its sentence in both languages.

    run: complete but for `health`.
    """
    holds_niks = run.config.nik_scheme == "nik" and "nik" in run.input.mapping
    return [
        *([_nik_column_sound(run), *_nik_agrees(run), _nik_is_not_kk(run)] if holds_niks else []),
        _columns_used(run),
        _birth_dates_read(run),
        _status_understood(run),
        _values_vary(run),
        _people_told_apart(run),
        *_few_copies(run),
        _nothing_skipped(run),
    ]


def _nik_column_sound(run: RunRecord) -> Check:
    """Count the numbers that lost digits; those that are whole but another's have checks of their own."""
    verdicts, flags = run.quality.nik_verdicts, run.quality.flags
    foreign = sum(flags.get(code, 0) for code in ("nik_of_other_row", "nik_is_kk", "nik_crowded"))
    damaged = max(0, verdicts["suspect_truncated"] + verdicts["invalid"] - foreign)
    return _check("nik_column_sound", damaged <= _records(run) / 2, damaged=damaged, records=_records(run))


def _nik_agrees(run: RunRecord) -> Iterable[Check]:
    """Compare NIKs with birth dates and sexes, source by source: one bad sheet must not hide among ten good ones."""
    sources = run.quality.niks
    for what in ("birth", "sex"):
        known, agree = (
            sum(getattr(one, f"{what}_{count}") for one in sources) for count in ("known", "agrees")
        )
        if not known:
            continue
        bad = {
            _name(one): f"{getattr(one, f'{what}_agrees')}/{getattr(one, f'{what}_known')}"
            for one in sources
            if _differs(one, what)
        }
        yield _check(f"nik_agrees_with_{what}", not bad, known=known, agree=agree, sources=_listed(bad))


def _differs(source: NikCounts, what: str) -> bool:
    """Say whether NIK and column agree too rarely in a source to be luck."""
    known, agrees = getattr(source, f"{what}_known"), getattr(source, f"{what}_agrees")
    return bool(known >= FEWEST and share_at_most(agrees, known) < AGREE)


def _nik_is_not_kk(run: RunRecord) -> Check:
    rows = run.quality.flags.get("nik_is_kk", 0)
    bad = {_name(one): one.is_kk for one in run.quality.niks if one.is_kk > KK_AS_NIK * one.niks}
    return _check("nik_is_not_kk", not bad, rows=rows, sources=_listed(bad))


def _columns_used(run: RunRecord) -> Check:
    """Look for columns that may be a field which the run lacks: nobody guesses, and nobody must overlook it."""
    open_ones = [one for one in run.input.unused if set(one.may_be) & DEAR]
    names = {f"{_name(one)}: {one.header or one.column}": ", ".join(one.may_be) for one in open_ones}
    return _check("columns_used", not names, columns=_listed(names))


def _birth_dates_read(run: RunRecord) -> Check:
    mapping, read = run.input.mapping, run.quality.present["tgl_lhr"]
    asked = "tgl_lhr" in mapping or "ttl" in mapping
    bad = {
        _name(one): f"{one.rows - one.birth_unreadable}/{one.rows}"
        for one in run.quality.niks
        if 2 * one.birth_unreadable > one.rows
    }
    read = max(read, run.quality.flags.get("birth_crowded", 0))  # those were read, and then taken away
    ok = not asked or (read >= _records(run) / 2 and not bad)
    where = f"; {_listed(bad)}" if bad else ""
    return _check("birth_dates_read", ok, read=read, records=_records(run), where=where)


def _status_understood(run: RunRecord) -> Check:
    records = _records(run)
    known = records - run.quality.recording_classes["unknown"]
    asked = "ektp_status" in run.input.mapping
    return _check("status_understood", not asked or known > records / 2, known=known, records=records)


def _values_vary(run: RunRecord) -> Check:
    """Look for one value on so many records that it says nothing of them: it was taken away, or compared in part."""
    records, flags = _records(run), run.quality.flags
    most = {one.name: one.largest_block for one in run.passes if one.name in SHARED_BY}
    for name, codes in TAKEN_AWAY.items():
        most[name] = max(most.get(name, 0), sum(flags.get(code, 0) for code in codes))
    bad = {
        name: rows for name, rows in most.items() if rows > max(SHARED_BY[name], SHARED_SHARE[name] * records)
    }
    named: Any = _TEXTS.table["values_vary"]["named"]
    said = {
        lang: _listed({named[name][lang]: f"{rows}/{records}" for name, rows in bad.items()}, most=len(bad))
        for lang in ("id", "en")
    }
    return _check("values_vary", not bad, values=said)


def _people_told_apart(run: RunRecord) -> Check:
    """Look for anything beside a name: of names alone nobody can say whose they are."""
    own = [name for name, one in run.config.evidence.items() if one["kind"] != "category"]
    told = max(run.quality.present.get(field, 0) for field in (*TELLING, *FURTHER, *own))
    return _check("people_told_apart", 2 * told >= _records(run), told=told, records=_records(run))


def _few_copies(run: RunRecord) -> Iterable[Check]:
    """Look at records that are copied many times over, where there are any: an export that was joined to itself."""
    for found in run.passes:
        if found.name == "copies":
            copies, most = found.candidates, found.largest_block
            few = copies <= COPIED * _records(run)
            yield _check("few_copies", few, copies=copies, most=most, records=_records(run))


def _nothing_skipped(run: RunRecord) -> Check:
    skipped = sum(one.skipped_pairs for one in run.passes if one.name in MAIN_PASSES)
    return _check("nothing_skipped", skipped == 0, skipped=skipped)


def _records(run: RunRecord) -> int:
    return max(1, run.counts.records)


def _name(source: NikCounts | Unused) -> str:
    """Name a source by file and sheet; a frame has neither."""
    return " / ".join(str(part) for part in (source.file, source.sheet) if part is not None) or "data"


def _listed(sources: Mapping[str, Any], *, most: int = SHOWN) -> str:
    """Name the first sources, each with its figure, and say how many more there are."""
    shown = [f"{name} ({figure})" for name, figure in list(sources.items())[:most]]
    more = len(sources) - len(shown)
    return ", ".join(shown) + (f", +{more}" if more else "")


_TEXTS = Texts("health.toml")


def _check(name: str, ok: bool, **values: Any) -> Check:
    end = "ok" if ok else "failed"
    said = {f"text_{lang}": _TEXTS.say(f"{name}.{end}", lang, **values) for lang in ("id", "en")}
    return Check(check=name, ok=bool(ok), **said)
