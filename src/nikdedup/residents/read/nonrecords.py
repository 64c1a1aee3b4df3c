"""Rows of an extract that are no records: repeated headers, totals, group titles, signatures, footers, blanks.

A row with a name or a NIK is a record, whatever else is wrong with it. Only what stands in those cells of a
header, of its line of column numbers, of a totals line or of a signature is told apart from a name; and in a
list that is printed, the lone words behind a total or the head of a signature, and the rest of a wrapped name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from nikdedup.residents.read.wording import field_of_key, header_key, variants

REASONS = ("title", "header_repeated", "total", "blank", "footer", "continued")
"""continued: the rest of a long cell, joined to the record above."""

OTHER_HEADER = "other_header"
"""A header of another order of columns in the middle of a table: what follows it cannot be read by the first."""

TOTAL = r"(?i)^\W*(?:(?:sub|grand)[\s-]*)?(?:jumlah|jml|total|rekap(?:itulasi)?)(?:\W|$)"
FOOTER = (
    r"(?i)^\W*(?:hal(?:aman)?|page|lembar)\W*\d"
    r"|^\W*(?:dicetak|tanggal cetak|tgl\.? cetak|printed|keterangan\s*:|catatan\s*:|sumber\s*:|n\.?b\.?\s*:)"
    r"|^\W*(?:mengetahui|menyetujui|disetujui|diperiksa|dibuat|disahkan|disusun) *(?:oleh)?\W*$|^\W*mengetahui\b"
    r"|^\W*(?:(?:a\.?n|plt|pj|plh)\.?\W+)?(?:kepala|sekretaris|kasi|kabid|kasubbag|ketua|penanggung jawab) *"
    r"(?:desa|dusun|dinas|kampung|kantor|badan|bidang|seksi|sub|upt|disduk\w*|wilayah|suku|rt|rw|bpd|lingkungan|,|$)"
    r"|^\W*(?:petugas|operator|admin|verifikator) *(?:siak|desa|kecamatan|entri|pendata\w*|registrasi|data)\b"
    r"|^\W*nip\W*(?:\d[\d ]{13,}|[.\-_…]{3,}|$)"
    r"|^\W*(?:ttd|tanda tangan)\W*$"
)
SIGNER = (
    r"(?i)^\W*(?:(?:a\.?n|plt|pj|plh)\.?\W+)?(?:lurah|camat|kades|sekdes|sekcam|bupati|wali ?kota|petugas|operator)\b"
    r"|^[a-z .'-]+, *(?:tgl\.?|tanggal)? *(?:\d{1,2}[-/ ]+\d{1,2}|\d{1,2}[-/ ]*(?:[a-z]{3,}|[._…]{2,})"
    r"|[._…]{2,}[-/ ]*(?:[a-z]{3,}|\d{1,2}|[._…]{2,}))[-/ ]*(?:\d{4})?\W*$"
)
"""Who signs, and where and when: no name where nothing else stands in the row."""
GROUP = r"(?i)^\W*(?:desa|kelurahan|kel|kecamatan|kec|distrik|dusun)\b\s*(?:/\s*\w+)?\s*[.:]?\s*[a-z]"
"""What stands above the records of a place."""
COLUMN_NUMBER = r"^\(?\d{1,2}\)?(?: ?= ?[\d+\-x*/ ()]+)?$"
COLUMN_LETTER = r"^\(?[A-Za-z]\)?$"
COLUMN_NOTE = r"^\(.*\)$"
"""What stands below a header: 1 2 3, or 5=3+4; a b c; (16 digits), (L/P)."""
NUMBER = r"^[\d.,\s]+$"
COUNT = (
    r"(?i)^\W*[\d.,]+\s*(?:\([^)]*\))?\s*(?:orang|jiwa|warga|penduduk|kk|laki|perempuan|data|baris|nik|l|p)\b"
)
_EVIDENCE = ("tgl_lhr", "ttl", "no_kk")
_WORDS = ("nama_lgkp", "nama_lgkp_ibu", "nama_lgkp_ayah", "alamat", "tmpt_lhr", "ektp_status")
"""Fields that are wrapped over rows where cells are narrow."""
_NEWBORN = r"(?i)^\W*(?:bayi|by|nn|anak)\b"
_LONE = 2
"""Filled cells of a row that may be a line of a signature, or the rest of a record."""
_WRAPPED = 4
"""Filled cells of the rest of a record whose name, place and status were all wrapped."""
_STATUS = r"(?i)^\W*(?:belum|sudah|tidak|ya)\b|\w\W+\w"
"""A status that says something by itself, and so is nobody else's rest."""
_FULL = 5
"""Filled fields of a record beside which such a row is no record of its own."""


def reasons(
    fields: pl.DataFrame,
    headers: Mapping[str, Sequence[str]],
    others: pl.DataFrame,
    *,
    printed: bool = True,
    titled: bool = True,
) -> pl.DataFrame:
    """Return `index` (UInt32) and `reason` of the rows that are no records, in order of `index`.

    fields: mapped fields as text, null where blank. headers: field -> the header or headers it came from.
    others: unmapped columns of the same rows as text, possibly none. printed: rows stand as somebody laid them
    out, so that a row may be understood by those around it; not so in a Parquet file. titled: a row of one cell is a
    title; not so in a frame either.
    """
    table, rest = _odd_rows(fields, headers, others, printed=printed)
    if table.is_empty():
        return table.select("index", reason=pl.lit(None, pl.String))
    reason = _reason(fields.columns, rest, headers, printed=printed, titled=titled and printed)
    table = table.with_columns(reason=reason)
    if printed and table.height and table["reason"].null_count():
        table = table.with_columns(reason=_by_neighbours(table, fields, rest))
    return table.select("index", "reason").drop_nulls("reason")


def plain_rows(fields: pl.DataFrame, headers: Mapping[str, Sequence[str]], others: pl.DataFrame) -> pl.Series:
    """Return which rows are records whatever stands around them, and tell nothing of the rows above.

    Arguments as for `reasons`. A table that is cut above such a row has the same records as the whole.
    """
    odd, _ = _odd_rows(fields, headers, others, printed=True)
    return ~pl.int_range(fields.height, dtype=pl.UInt32, eager=True).is_in(odd["index"].implode())


def _odd_rows(
    fields: pl.DataFrame, headers: Mapping[str, Sequence[str]], others: pl.DataFrame, *, printed: bool
) -> tuple[pl.DataFrame, list[str]]:
    """Return the rows worth a closer look, with their `index`, and the names that the unmapped columns have there."""
    doubtful = fields.select(pl.arg_where(_doubtful(fields))).to_series()
    rest = (others[doubtful] if others.width else others).rename(
        {c: f"_other_{i}" for i, c in enumerate(others.columns)}
    )
    table = fields[doubtful].hstack(rest).with_columns(index=doubtful)
    odd = _no_plain_name(set(field_of_key()) | _said(headers, "nama_lgkp"))
    table = table.filter(odd | _is_lone(fields.columns, rest.columns, most=_WRAPPED) if printed else odd)
    return table, rest.columns


def _doubtful(fields: pl.DataFrame) -> pl.Expr:
    """Rows worth a closer look: no name, or in the NIK's place nothing, little, or no digit first."""
    no_name = pl.col("nama_lgkp").is_null()
    if "nik" not in fields.columns:
        return pl.repeat(True, pl.len(), dtype=pl.Boolean)
    nik = pl.col("nik")
    return no_name | nik.is_null() | (nik.str.len_bytes() < 8) | (nik > ":") | (nik < "0")


def _no_plain_name(header_keys: set[str]) -> pl.Expr:
    """Names that may be none: empty, a number, a word of totals or footers, or their own header."""
    name = pl.col("nama_lgkp")
    odd = [
        name.str.contains(pattern)
        for pattern in (NUMBER, COLUMN_NUMBER, COLUMN_LETTER, COLUMN_NOTE, TOTAL, FOOTER, COUNT)
    ]
    return name.is_null() | _any([*odd, _key(name).is_in(sorted(header_keys))])


def _is_lone(fields: Sequence[str], others: Sequence[str], *, most: int = _LONE) -> pl.Expr:
    """Rows of at most so many cells, without a number of any kind: a record would have a line number at least."""
    cells = [pl.col(c) for c in [*fields, *others]]
    filled = _count((cell.str.strip_chars() != "") & cell.is_not_null() for cell in cells)
    return (
        (filled <= most) & ~_any(cell.str.contains(r"^\W*\d+\W*$") for cell in cells) & ~_has_evidence(fields)
    )


def _has_evidence(fields: Sequence[str]) -> pl.Expr:
    """A NIK, or the digits of a birth date or a family card."""
    nik = [pl.col("nik").str.count_matches(r"\d") >= 8] if "nik" in fields else []
    least = {f: 5 if f == "ttl" else 6 for f in _EVIDENCE if f in fields}  # "Puruk Cahu, 8 Januari 2001"
    return _any([*nik, *(pl.col(f).str.count_matches(r"\d") >= n for f, n in least.items())])


def _by_neighbours(table: pl.DataFrame, fields: pl.DataFrame, others: list[str]) -> pl.Series:
    """Return the reasons with those that rows around tell.

    Lone rows that follow a total, or the head of a signature, without a record between are a footer. A lone row
    right below a record, with words only where that record has some, is the rest of its cells.
    """
    lone = _is_lone(fields.columns, others)
    ends = pl.col("reason").is_in(["total", "footer"]).fill_null(False)
    blank = (pl.col("reason") == "blank").fill_null(False)
    begins = (pl.col("index").cast(pl.Int64).diff().fill_null(1) != 1) | ~(lone | ends | blank)
    status = pl.col("ektp_status").is_not_null() if "ektp_status" in fields.columns else pl.lit(False)
    rest = lone | (_is_lone(fields.columns, others, most=_WRAPPED) & status)
    frame = table.with_columns(
        lone.alias("_lone"), rest.alias("_rest"), ends.alias("_ends"), begins.cum_sum().alias("_run")
    )
    behind = pl.col("_ends").cast(pl.UInt8).cum_max().over("_run") > 0
    footer = pl.col("reason").is_null() & pl.col("_lone") & behind
    frame = frame.with_columns(reason=pl.when(footer).then(pl.lit("footer")).otherwise("reason"))
    rest_of = _is_rest(frame, fields)
    return frame.select(pl.when(rest_of).then(pl.lit("continued")).otherwise("reason").alias("reason"))[
        "reason"
    ]


def _is_rest(frame: pl.DataFrame, fields: pl.DataFrame) -> pl.Series:
    """Return which lone rows hold words alone, where the record right above has words too."""
    words = [name for name in _WORDS if name in fields.columns]
    rigid = [name for name in fields.columns if name not in words]
    at = frame["index"].cast(pl.Int64) - 1
    full = _count(pl.col(name).is_not_null() for name in fields.columns) >= _FULL
    above = fields[at.clip(0).cast(pl.UInt32)].select(
        *(pl.col(name).is_not_null().alias(name) for name in words),
        (_has_evidence(fields.columns) & full).alias("_person"),
    )
    there = above.rename(lambda name: f"above_{name}")
    held = [pl.col(name).is_null() | pl.col(f"above_{name}") for name in words]
    if "ektp_status" in words:
        held.append(~pl.col("ektp_status").str.contains(_STATUS).fill_null(False))
    rest = (
        pl.col("reason").is_null() & pl.col("_rest") & pl.col("above__person") & pl.all_horizontal(held)
        & pl.all_horizontal([pl.col(name).is_null() for name in rigid] or [pl.lit(True)])
        & ~pl.col("nama_lgkp").str.contains(_NEWBORN).fill_null(False) & pl.Series(at >= 0)
    )  # fmt: skip
    return frame.hstack(there).select(rest.fill_null(False).alias("rest"))["rest"]


def with_continued(fields: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Return the fields with the words of rows that are the rest of the row above joined to it."""
    rest = found.filter(pl.col("reason") == "continued")["index"]
    if rest.is_empty():
        return fields
    owners = (rest - 1).cast(pl.UInt32)
    for name in (name for name in _WORDS if name in fields.columns):
        parts = pl.DataFrame({"own": fields[name][owners], "more": fields[name][rest]})
        whole = parts.select(pl.concat_str("own", "more", separator=" ", ignore_nulls=True).alias(name))[name]
        whole = whole.to_frame().select(pl.when(pl.col(name) != "").then(name))[name]
        fields = fields.with_columns(fields[name].scatter(owners, whole))
    return fields


def _key(cell: pl.Expr) -> pl.Expr:
    """`header_key` of each cell, for headers without diacritics."""
    return cell.str.to_uppercase().str.replace_all(r"[^A-Z0-9]", "")


def _said(headers: Mapping[str, Sequence[str]], field: str) -> set[str]:
    """Return the keys under which a repeated header of this field is known."""
    return {header_key(header) for header in [*headers.get(field, ()), *variants().get(field, ())]}


def _reason(
    fields: list[str],
    others: list[str],
    headers: Mapping[str, Sequence[str]],
    *,
    printed: bool,
    titled: bool,
) -> pl.Expr:
    cells = [pl.col(c) for c in [*fields, *others]]
    filled = _count(pl.col(c).is_not_null() for c in fields)
    nik = pl.col("nik") if "nik" in fields else pl.lit(None, pl.String)
    name = pl.col("nama_lgkp")
    anonymous = name.is_null() & nik.is_null()
    summed = _any(cell.str.contains(TOTAL) for cell in (*(pl.col(c) for c in others), nik))
    worded = _any(cell.str.contains(r"[A-Za-z]") for cell in cells)  # a figure beside "Perempuan", say
    known = _count(_key(pl.col(f)).is_in(sorted(field_of_key())) for f in [*fields, *others])
    return (
        pl.when(_is_header(fields, headers, filled))
        .then(pl.lit("header_repeated"))
        .when(
            (known > _LONE)
            & (2 * known >= filled)
            & (nik.fill_null("").str.count_matches(r"\d") < 8)
            & _are_different(fields)
        )
        .then(pl.lit(OTHER_HEADER))
        .when(_says(TOTAL, cells) & _is_nobody(fields, name, nik, TOTAL, counted=summed))
        .then(pl.lit("total"))
        .when(_says(FOOTER, cells) & _is_unnamed(name, nik) & ~(name.is_not_null() & (filled >= _FULL)))
        .then(pl.lit("footer"))
        .when(_says(GROUP, cells) & _is_lone(fields, others) & printed)
        .then(pl.lit("title"))
        .when(_says(SIGNER, cells) & _is_lone(fields, others) & (printed & name.is_not_null()))
        .then(pl.lit("footer"))
        .when(anonymous & (filled == 0) & ~_any(pl.col(c).str.contains(r"[^\d\s.]") for c in others))
        .then(pl.lit("blank"))
        .when(anonymous & (filled < 2) & titled)
        .then(pl.lit("title"))
        .when(name.is_null() & (filled < 2) & (nik.str.count_matches(r"\d") < 4) & worded & titled)
        .then(pl.lit("title"))
    )


def _are_different(fields: list[str]) -> pl.Expr:
    """Return where two cells at least say different things: a word that fills a row is no header."""
    said = [pl.col(field) for field in fields]
    return pl.max_horizontal(said).ne(pl.min_horizontal(said)).fill_null(False)


def _is_header(fields: list[str], headers: Mapping[str, Sequence[str]], filled: pl.Expr) -> pl.Expr:
    """At least half of the filled cells, with the name's or two, say their own header; or all number or explain it."""
    match = {f: _key(pl.col(f)).is_in(sorted(_said(headers, f))) for f in fields}
    matches = _count(match.values())
    numbers = _count(pl.col(f).str.contains(COLUMN_NUMBER) for f in fields)
    named, nik = (pl.col(f).is_not_null() if f in fields else pl.lit(False) for f in ("nama_lgkp", "nik"))
    below = [
        _count(pl.col(f).str.contains(sign) for f in fields) == filled
        for sign in (COLUMN_LETTER, COLUMN_NOTE)
    ]
    in_order = pl.concat_list(fields).list.drop_nulls().list.n_unique() == filled
    noted = (below[0] & in_order & (filled >= _FULL)) | (below[1] & nik)
    own = match["nama_lgkp"].fill_null(False) | ((matches > 1) & ~named)
    return (own & (2 * matches >= filled)) | (named & (numbers == filled) & (filled > 1)) | noted


def _says(words: str, cells: list[pl.Expr]) -> pl.Expr:
    return _any(cell.str.contains(words) for cell in cells)


def _is_nobody(fields: list[str], name: pl.Expr, nik: pl.Expr, words: str, *, counted: pl.Expr) -> pl.Expr:
    """No name but those words or a count, and neither a NIK, a birth nor a family card. counted: words say so."""
    no_name = name.is_null() | name.str.contains(words) | name.str.contains(NUMBER)
    no_name |= counted & name.str.contains(COUNT)
    digits = nik.fill_null("").str.count_matches(r"\d")
    evidence = [pl.col(f) for f in _EVIDENCE if f in fields]
    alive = _any(e.str.count_matches(r"\d") >= 6 for e in evidence)
    return no_name & (digits < 8) & ~alive


def _is_unnamed(name: pl.Expr, nik: pl.Expr) -> pl.Expr:
    """No name but the words of a footer, and no NIK; a date may be that of the signature."""
    no_name = name.is_null() | name.str.contains(FOOTER) | name.str.contains(NUMBER)
    signed = nik.str.contains(r"(?i)^\W*nip\b").fill_null(False)
    return no_name & ((nik.fill_null("").str.count_matches(r"\d") < 8) | signed)


def _any(tests: Iterable[pl.Expr]) -> pl.Expr:
    found = [test.fill_null(False) for test in tests]
    return pl.any_horizontal(found) if found else pl.lit(False)


def _count(tests: Iterable[pl.Expr]) -> pl.Expr:
    return pl.sum_horizontal([test.fill_null(False).cast(pl.UInt32) for test in tests])
