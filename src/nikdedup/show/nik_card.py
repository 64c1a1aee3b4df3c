"""One NIK, read for a person: where, when and as whom it was issued, and what is wrong with it."""

from __future__ import annotations

from datetime import date

from nikdedup.config import reference_day
from nikdedup.errors import ConfigError, argument
from nikdedup.residents import REASONS
from nikdedup.residents.ids import Nik
from nikdedup.show.numbers import day

LABELS = {
    "id": ("NIK", "Penilaian", "Wilayah terbit", "Tanggal lahir", "Jenis kelamin", "Nomor urut", "Catatan"),
    "en": ("NIK", "Verdict", "Issued in", "Birth date", "Sex", "Serial", "Note"),
}
VERDICTS = {
    "id": {
        "valid": "sah", "warning": "perlu perhatian", "invalid": "tidak sah", "missing": "kosong",
        "suspect_truncated": "diduga terpotong", "temporary": "nomor sementara desa",
    },
    "en": {
        "valid": "valid", "warning": "warning", "invalid": "invalid", "missing": "missing",
        "suspect_truncated": "suspected truncated", "temporary": "temporary village number",
    },
}  # fmt: skip
SEXES = {"id": {"L": "laki-laki", "P": "perempuan"}, "en": {"L": "male", "P": "female"}}
CENTURY_OPEN = {"id": "abad terbuka, beri --reference-date", "en": "century open, give --reference-date"}


def nik_text(number: str, *, reference_date: str | None, lang: str, show_identities: bool = False) -> str:
    """Return what one NIK says, a line per part; masked unless `show_identities`.

    Args:
        number: the NIK as it was typed.
        reference_date: ISO text, decides the century.
        lang: `id` or `en`.
        show_identities: show NIKs and names in full; masked otherwise.

    Raises:
        ConfigError: where it is no date.
    """
    reference = _day(reference_date) if reference_date is not None else None
    nik = Nik(number, reference_date=reference)
    birth = (
        day(nik.birth, lang) if nik.birth else (CENTURY_OPEN[lang] if nik.sex and reference is None else "-")
    )
    shown = (nik.digits or "-") if show_identities else (nik.masked or "-")
    region = f"{nik.region} ({nik.kecamatan})" if nik.region else (nik.kecamatan or "-")
    serial = "-" if nik.serial is None else f"{nik.serial:04d}"
    values = [shown, VERDICTS[lang][nik.verdict], region, birth, SEXES[lang].get(nik.sex or "", "-"), serial]
    width = max(len(label) for label in LABELS[lang]) + 2
    lines = [f"{label:<{width}}{value}" for label, value in zip(LABELS[lang], values, strict=False)]
    notes = [getattr(REASONS[code], lang) for code in nik.reasons]
    return "\n".join(lines + [f"{LABELS[lang][-1]:<{width}}{note}" for note in notes])


def _day(text: str) -> date:
    try:
        return reference_day(text)
    except ValueError as fault:
        raise ConfigError(f"{argument('reference_date', text)}; allowed: {fault}") from None
