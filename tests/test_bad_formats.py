"""Sources of every kind that cannot be read: one plain line in both languages, exit code 2, nothing written."""

import shutil
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fsspec
import polars as pl
import pytest

FORMATS = Path(__file__).parent / "cases" / "formats"
OLD, DOCUMENT = (FORMATS / f"penduduk.{ending}" for ending in ("xls", "ods"))
PERSONS = ("6212014107609001", "SITI", "SLAMET", "NURHAYATI")
Make = Callable[[Path], Path | str]


def file(name: str, content: bytes) -> Make:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return make


def document(name: str, change: Callable[[dict[str, bytes]], Any]) -> Make:
    """A workbook of LibreOffice with parts changed."""

    def make(folder: Path) -> Path:
        with zipfile.ZipFile(DOCUMENT) as archive:
            parts = {part: archive.read(part) for part in archive.namelist()}
        change(parts)
        with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
            for part, content in parts.items():
                archive.writestr(part, content)
        return folder / name

    return make


def replaced(old: bytes, new: bytes) -> Callable[[dict[str, bytes]], None]:
    def change(parts: dict[str, bytes]) -> None:
        assert old in parts["content.xml"]
        parts["content.xml"] = parts["content.xml"].replace(old, new, 1)

    return change


def encrypted(parts: dict[str, bytes]) -> None:
    parts["META-INF/manifest.xml"] = (
        b'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry '
        b'manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry></manifest:manifest>'
    )
    parts["content.xml"] = b"\x07" * 200


def old_password() -> bytes:
    """An .xls in which a record without meaning for us says that the rest is encrypted."""
    raw = OLD.read_bytes()
    author = struct.pack("<HH", 0x5C, 0x70)
    assert raw.count(author) == 1
    return raw.replace(author, struct.pack("<HH", 0x2F, 0x70))


def far_cell() -> bytes:
    """An .xls whose last text stands in the last corner of the sheet."""
    raw = bytearray(OLD.read_bytes())
    number = struct.pack("<HHHH", 0x203, 14, 6, 2)  # the NIK that is a number, in row 7 and column C
    at = raw.find(number)
    assert at > 0
    raw[at + 4 : at + 8] = struct.pack("<HH", 65535, 255)
    return bytes(raw)


def large_by_its_own_words() -> bytes:
    """An .xls that says to have a billion rows, for which its reader would make room."""
    raw = OLD.read_bytes()
    own = struct.pack("<HHIIHH", 0x200, 14, 0, 8, 0, 12)
    assert raw.count(own) == 1
    return raw.replace(own, struct.pack("<HHIIHH", 0x200, 14, 0, 1 << 30, 0, 12))


ROW = b"<table:table-row "
TEXT = (
    b'<table:table-cell office:value-type="string"%b><text:p>x</text:p></table:table-cell></table:table-row>'
)
MANY = (
    b'<table:table-row table:number-rows-repeated="9000">' + TEXT % b' table:number-columns-repeated="16000"'
)
FAR = b'<table:table-row table:number-rows-repeated="900000"><table:table-cell/></table:table-row>'
FAR += b"<table:table-row>" + TEXT % b""
DAMAGED = "the workbook is damaged; open it in Excel and save it again"
RUSAK = "buku kerja rusak; buka di Excel dan simpan lagi"
CUT, TERPOTONG = (
    "the workbook is cut off or damaged; copy it again",
    "buku kerja terpotong atau rusak; salin lagi",
)
PASSWORD = "the workbook is protected by a password; save it without one"
SANDI = "buku kerja terkunci kata sandi; simpan tanpa kata sandi"

PEOPLE = pl.DataFrame({"NIK": ["6212014107609001"], "NAMA": ["SITI AMINAH"]})


def parts(*places: str, **columns: str) -> Make:
    """A folder of a Parquet file at each place, with further columns; what is no Parquet file is a text."""

    def make(folder: Path) -> Path:
        for place in places:
            path = folder / "data" / place
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.suffix == ".parquet":
                PEOPLE.with_columns(**{name: pl.lit(value) for name, value in columns.items()}).write_parquet(
                    path
                )
            elif path.suffix:
                path.write_text("x")
            else:
                path.mkdir()
        return folder / "data"

    return make


def delta(change: Callable[[Path], Any]) -> Make:
    """A Delta table with something of it changed."""

    def make(folder: Path) -> Path:
        pytest.importorskip("deltalake", reason="needs the extra delta")
        shutil.copytree(FORMATS / "delta", folder / "data")
        change(folder / "data")
        return folder / "data"

    return make


def without_commits(table: Path) -> None:
    for path in (table / "_delta_log").iterdir():
        path.unlink()


def without_data(table: Path) -> None:
    """Take all commits but the words of the first one that say which columns there are."""
    first, *others = sorted((table / "_delta_log").iterdir())
    for path in others:
        path.unlink()
    lines = [line for line in first.read_text().splitlines() if '"add"' not in line]
    first.write_text("\n".join(lines))


def without_a_file(table: Path) -> None:
    next(iter(sorted(table.rglob("*.parquet")))).unlink()


class Refusing(fsspec.spec.AbstractFileSystem):  # type: ignore[misc]
    """A store that wants credentials."""

    protocol = "refusing"

    def info(self, path: str, **_: Any) -> Any:
        raise type("NoCredentialsError", (Exception,), {})("secret")


fsspec.register_implementation("refusing", Refusing, clobber=True)

CASES: list[Any] = [
    pytest.param(
        parts("KEC=MURUNG/a.parquet", KEC="BERIWIT"),
        "a.parquet: column 'KEC' holds another value than the partition folder it lies in; export it again",
        "a.parquet: kolom 'KEC' berisi nilai lain daripada folder partisinya; ekspor lagi",
        id="a partition column that contradicts the file",
    ),
    pytest.param(
        parts("KEC=A/a.parquet", "a.parquet"),
        "data: files beside partition folders; name the one or the other",
        "data: ada berkas di luar folder partisi; sebutkan salah satu",
        id="files beside partitions",
    ),
    pytest.param(
        parts("KEC=A/a.parquet", "KEC=B/lain/a.parquet"),
        "data: a folder among the partition folders has no name=value; take it out",
        "data: satu folder di antara folder partisi tidak bernama nama=nilai; keluarkan",
        id="a folder that is no partition",
    ),
    pytest.param(
        parts("KEC=A/a.csv"),
        "data: a.csv is no Parquet file; partition folders hold Parquet alone",
        "data: a.csv bukan berkas Parquet; folder partisi hanya memuat Parquet",
        id="partitions of CSV",
    ),
    pytest.param(
        parts("KEC=A/DESA=B"),
        "data: partition folders without a file",
        "data: folder partisi tanpa berkas",
        id="partitions without a file",
    ),
    pytest.param(
        parts("KEC=A/a.parquet", "DESA=B/a.parquet"),
        "data: partition folders of different columns; give them as separate inputs",
        "data: folder partisi dengan kolom yang berbeda; sebutkan sebagai masukan terpisah",
        id="partitions of different columns",
    ),
    pytest.param(
        parts("KEC=A/KEC=B/a.parquet"),
        "data: a column is parted by twice in one path; give the folders as they came",
        "data: satu kolom dipakai dua kali dalam satu jalur partisi; berikan folder seperti asalnya",
        id="one column twice in a path",
    ),
    pytest.param(
        delta(without_commits),
        "data: the log of the Delta table cannot be read (TableNotFoundError)",
        "data: log tabel Delta tidak dapat dibaca (TableNotFoundError)",
        id="a Delta log without a commit",
    ),
    pytest.param(
        delta(without_data),
        "data: a Delta table without data",
        "data: tabel Delta tanpa data",
        id="a Delta log without data",
    ),
    pytest.param(
        delta(without_a_file),
        "data: the log of the Delta table names a file that is not there",
        "data: log tabel Delta menyebut berkas yang tidak ada",
        id="a Delta log of a file that is gone",
    ),
    pytest.param(
        lambda folder: "refusing://kantor/rahasia/juni.parquet",
        "refusing://…/juni.parquet: not allowed, or no credentials (NoCredentialsError); give them as the store asks, "
        "for s3 in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        "refusing://…/juni.parquet: tidak diizinkan, atau tanpa kredensial (NoCredentialsError); berikan seperti yang "
        "diminta penyimpannya, untuk s3 di AWS_ACCESS_KEY_ID dan AWS_SECRET_ACCESS_KEY",
        id="an address without credentials",
    ),
    pytest.param(
        lambda folder: "s4://kantor/juni.parquet",
        "s4://…/juni.parquet: no such kind of address; allowed: s3, gs, az, https and others of fsspec",
        "s4://…/juni.parquet: jenis alamat tidak dikenal; yang boleh: s3, gs, az, https, dan lainnya dari fsspec",
        id="no kind of address",
    ),
    pytest.param(
        lambda folder: "memory://kantor/ada.parquet",
        "memory://…/ada.parquet: no such file",
        "memory://…/ada.parquet: berkas tidak ada",
        id="an address of nothing",
    ),
    pytest.param(document("a.ods", encrypted), f"a.ods: {PASSWORD}", f"a.ods: {SANDI}", id="ods, password"),
    pytest.param(
        document("a.ods", lambda parts: parts.update({"encrypted-package": b"x"})),
        f"a.ods: {PASSWORD}",
        f"a.ods: {SANDI}",
        id="ods, encrypted as a whole",
    ),
    pytest.param(
        document("a.ods", lambda parts: parts.pop("content.xml")),
        f"a.ods: {DAMAGED}",
        f"a.ods: {RUSAK}",
        id="ods without contents",
    ),
    pytest.param(
        document("a.ods", replaced(b"</table:table>", b"</table:tabel>")),
        f"a.ods: {DAMAGED}",
        f"a.ods: {RUSAK}",
        id="ods, broken XML",
    ),
    pytest.param(
        file("a.ods", DOCUMENT.read_bytes()[:-500]), f"a.ods: {CUT}", f"a.ods: {TERPOTONG}", id="ods cut off"
    ),
    pytest.param(
        document(
            "a.ods", lambda parts: parts.update({"mimetype": b"application/vnd.oasis.opendocument.text"})
        ),
        "a.ods: a zip file but no workbook; open it in Excel and save as .xlsx",
        "a.ods: berkas zip, bukan buku kerja; buka di Excel dan simpan sebagai .xlsx",
        id="a letter called ods",
    ),
    pytest.param(
        document(
            "a.ods",
            replaced(ROW, MANY + ROW),
        ),
        "a.ods: packed contents of more than 100 times their size, as an extract never has; export it again, or raise "
        "limits.expansion",
        "a.ods: isi termampat lebih dari 100 kali ukurannya, yang tidak pernah ada pada tarikan; ekspor lagi, atau "
        "naikkan limits.expansion",
        id="ods, one cell repeated all over",
    ),
    pytest.param(
        document("a.ods", replaced(ROW, FAR + ROW)),
        "a.ods: a sheet of 900,009 rows and 12 columns with 69 filled cells; clear the cells far from the table, or "
        "raise limits.blank_cells (4,000,000)",
        "a.ods: lembar dengan 900,009 baris dan 12 kolom, 69 sel terisi; kosongkan sel yang jauh dari tabel, "
        "atau naikkan limits.blank_cells (4,000,000)",
        id="ods, a cell far below",
    ),
    pytest.param(
        document("a.ods", replaced(b"<text:p>SLAMET", b'<text:p><text:s text:c="2000000000"/>SLAMET')),
        "a.ods: packed contents of more than 100 times their size, as an extract never has; export it again, or raise "
        "limits.expansion",
        "a.ods: isi termampat lebih dari 100 kali ukurannya, yang tidak pernah ada pada tarikan; ekspor lagi, atau "
        "naikkan limits.expansion",
        id="ods, two billion spaces",
    ),
    pytest.param(file("a.xls", old_password()), f"a.xls: {PASSWORD}", f"a.xls: {SANDI}", id="xls, password"),
    pytest.param(
        file("a.xls", far_cell()),
        "a.xls: a sheet of 65,536 rows and 256 columns with 68 filled cells; clear the cells far from the table, or "
        "raise limits.blank_cells (4,000,000)",
        "a.xls: lembar dengan 65,536 baris dan 256 kolom, 68 sel terisi; kosongkan sel yang jauh dari tabel, "
        "atau naikkan limits.blank_cells (4,000,000)",
        id="xls, a cell in the last corner",
    ),
    pytest.param(
        file("a.xls", large_by_its_own_words()),
        f"a.xls: {DAMAGED}",
        f"a.xls: {RUSAK}",
        id="xls of a billion rows",
    ),
    pytest.param(
        file("a.xls", OLD.read_bytes()[:2000]), f"a.xls: {DAMAGED}", f"a.xls: {RUSAK}", id="xls cut off"
    ),
    pytest.param(
        file("a.xls", b"\xef\xbb\xbf<!DOCTYPE html><html><table><tr><td>NIK</td></tr></table></html>"),
        "a.xls: a web page (HTML) that is only named a workbook; open it in Excel and save as .xlsx",
        "a.xls: halaman web (HTML) yang hanya dinamai buku kerja; buka di Excel dan simpan sebagai .xlsx",
        id="xls that is html",
    ),
    pytest.param(
        file(
            "a.xls", b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">'
        ),
        "a.xls: XML of Excel 2003 that is only named a workbook; open it in Excel and save as .xlsx",
        "a.xls: XML dari Excel 2003 yang hanya dinamai buku kerja; buka di Excel dan simpan sebagai .xlsx",
        id="xls that is xml",
    ),
    pytest.param(
        file("a.xls", b"NIK\tNAMA\r\n1\tA\r\n"),
        "a.xls: text with separators that is only named a workbook; rename it to .csv",
        "a.xls: teks dengan pemisah yang hanya dinamai buku kerja; ganti namanya menjadi .csv",
        id="xls that is text",
    ),
]


@pytest.mark.parametrize(("make", "english", "indonesian"), CASES)
def test_one_line_in_both_languages(
    make: Make, english: str, indonesian: str, tmp_path: Path, nikdedup_cli: Callable[..., Any]
) -> None:
    source = make(tmp_path)
    for lang, message in (("en", english), ("id", indonesian)):
        done = nikdedup_cli("dedupe", source, "--out", tmp_path / "run", "--lang", lang)
        assert (done.code, done.err) == (2, f"nikdedup: {message}\n")
        assert not (tmp_path / "run").exists()
        assert not [person for person in PERSONS if person in done.err]
