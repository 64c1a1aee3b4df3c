"""Life status: texts of the shipped list, and codes that mean what the office says and nothing else."""

import doctest

import polars as pl
import pytest

import nikdedup
from nikdedup.config import FLAG_FIELDS, Config
from nikdedup.errors import ConfigError
from nikdedup.residents.status import life
from nikdedup.schema import LIFE

TEXTS = [
    ("HIDUP", "alive"),
    ("Mati", "dead"),
    ("MENINGGAL DUNIA", "dead"),
    ("PINDAH DALAM NEGERI", "moved"),
    ("PINDAH LUAR NEGERI", "abroad"),
    ("NON-AKTIF", "inactive"),
    ("TIDAK DIKETAHUI", "unknown"),
    ("0", "unknown"),
    ("2", "unknown"),
    ("-", None),
    (None, None),
]


FIELDS = pytest.mark.parametrize("field", life.TEXT_FIELDS)


@FIELDS
@pytest.mark.parametrize(("text", "expected"), TEXTS)
def test_texts(text, expected, field):
    read = life.read_flag(pl.Series([text], dtype=pl.String), field, config=Config())
    assert read.to_list() == [expected]


def test_life_codes_are_the_offices_own():
    config = Config(life_status={"0": "alive", "2": "dead"})
    assert life.read_flag(pl.Series(["0", "2", "3"]), "stat_hidup", config=config).to_list() == [
        "alive",
        "dead",
        "unknown",
    ]
    with pytest.raises(ConfigError, match="'gone' is no life status; allowed: alive, dead"):
        Config.of({"life_status": {"0": "gone"}})


OFFICE = Config(
    life_status={"sudah pindah": "moved"},
    flag_codes={
        "flag_status": {"0": "alive", "9": "inactive"},
        "stat_hidup": {"1": "alive", "2": "dead"},
        "stat_ktp": {"1": "unknown", "2": "unknown"},
        "flag_pindah": {"0": "alive", "1": "moved"},
    },
)


@pytest.mark.parametrize(
    ("columns", "config", "expected", "unread"),
    [
        pytest.param({}, OFFICE, None, False, id="no such column"),
        pytest.param({"flag_status": "0"}, OFFICE, "alive", False, id="mapped"),
        pytest.param({"flag_status": "00"}, OFFICE, "alive", False, id="leading zero"),
        pytest.param({"flag_status": "Sudah Pindah"}, OFFICE, "moved", False, id="own text beside codes"),
        pytest.param({"flag_status": "3"}, OFFICE, "unknown", False, id="not mapped"),
        pytest.param({"flag_pindah": "1"}, OFFICE, "moved", False, id="moved"),
        pytest.param({"flag_pindah": "1"}, Config(), None, True, id="moved, not mapped"),
        pytest.param({"stat_hidup": "1"}, Config(), "unknown", False, id="one code, not mapped"),
        pytest.param({"stat_ktp": "AKTIF"}, Config(), None, True, id="no text is guessed of the card"),
        pytest.param({"stat_ktp": "1"}, OFFICE, None, False, id="mapped to say nothing"),
        pytest.param({"stat_ktp": "-"}, Config(), None, False, id="blank"),
        pytest.param(
            {"stat_hidup": "HIDUP", "flag_pindah": "1"}, OFFICE, "moved", False, id="alive, but moved"
        ),
        pytest.param(
            {"stat_hidup": "HIDUP", "flag_pindah": "1"}, Config(), "alive", True, id="alive, other code unread"
        ),
        pytest.param(
            {"flag_status": "0", "stat_hidup": "2", "stat_ktp": "1", "flag_pindah": "1"},
            OFFICE, "dead", False, id="dead before moved",
        ),
        pytest.param({"flag_status": "9", "flag_pindah": "0"}, OFFICE, "inactive", False, id="inactive"),
        pytest.param({"flag_status": "7", "stat_hidup": "1"}, OFFICE, "alive", True, id="one known, one not"),
        pytest.param(
            {"flag_status": "7", "stat_hidup": None}, OFFICE, "unknown", False, id="unknown says it already"
        ),
        pytest.param({"flag_status": "1", "stat_hidup": "1"}, OFFICE, "alive", True, id="a code per column"),
    ],
)  # fmt: skip
def test_columns_together(columns, config, expected, unread):
    cells = {name: pl.Series([value], dtype=pl.String) for name, value in {"nik": "1", **columns}.items()}
    frame = pl.DataFrame(cells)
    read, mask = life.read_life(frame, config=config)
    assert read.to_list() == [expected]
    assert mask.tolist() == [unread]


def test_every_status_has_a_rank():
    assert sorted(life._STRONGEST) == sorted(LIFE)


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        pytest.param(
            {"pindah": {"1": "moved"}},
            "flag_codes: 'pindah' is no column of flags; allowed: flag_status, stat_hidup, stat_ktp, flag_pindah",
            id="column",
        ),
        pytest.param(
            {"flag_pindah": {"1": "gone"}},
            "flag_codes: 'gone' is no life status; allowed: alive, dead, moved, abroad, inactive, unknown",
            id="status",
        ),
        pytest.param(
            {"flag_pindah": "moved"},
            "flag_codes.flag_pindah = 'moved'; allowed: a table of keys",
            id="no table",
        ),
    ],
)
def test_faults_of_the_config(codes, message):
    with pytest.raises(ConfigError) as caught:
        Config().with_options(flag_codes=codes)
    assert str(caught.value) == message


DUMP = pl.DataFrame(
    {
        "NIK": [f"62120101079090{i:02d}" for i in range(1, 7)],
        "NAMA_LGKP": [
            "SITI AMINAH",
            "BUDI SANTOSO",
            "SRI WAHYUNI",
            "RUSLAN EFENDI",
            "DEWI SARTIKA",
            "UMAR ALI",
        ],
        "FLAG_STATUS": ["0"] * 6,
        "STAT_HIDUP": ["1", "1", "1", "1", "1", "2"],
        "STAT_KTP": ["1", "2", "1", "2", "1", None],
        "FLAG_PINDAH": ["0", "0", "0", "5", "1", "0"],
    }
)


def counted(config):
    found = nikdedup.profile(DUMP, reference_date="2026-06-30", config=config).frame
    texts = found.filter(section="texts").select("column", "value", "measure", "count").rows()
    reasons = found.filter(section="reasons").select("measure", "count").rows()
    return [line for line in texts if line[0] in FLAG_FIELDS], dict(reasons)


def test_a_dump_with_all_flags_is_read_and_unmapped_codes_are_counted():
    texts, reasons = counted(Config())
    assert texts == [
        ("flag_status", "0", "unknown", 6),
        ("stat_hidup", "1", "unknown", 5),
        ("stat_hidup", "2", "unknown", 1),
        ("stat_ktp", "1", "unknown", 3),
        ("stat_ktp", "2", "unknown", 2),
        ("flag_pindah", "0", "unknown", 4),
        ("flag_pindah", "1", "unknown", 1),
        ("flag_pindah", "5", "unknown", 1),
    ]
    assert reasons["life_status_unknown"] == 6
    assert "flag_code_unknown" not in reasons


def test_mapped_codes_are_told_with_their_meaning():
    texts, reasons = counted(OFFICE)
    assert texts == [
        ("flag_status", "0", "alive", 6),
        ("stat_hidup", "1", "alive", 5),
        ("stat_hidup", "2", "dead", 1),
        ("stat_ktp", "1", "unknown", 3),
        ("stat_ktp", "2", "unknown", 2),
        ("flag_pindah", "0", "alive", 4),
        ("flag_pindah", "1", "moved", 1),
        ("flag_pindah", "5", "unknown", 1),
    ]
    assert "life_status_unknown" not in reasons
    assert reasons["flag_code_unknown"] == 1


def test_a_run_reads_the_mapped_codes_and_counts_the_others():
    result = nikdedup.dedupe(DUMP, reference_date="2026-06-30", config=OFFICE)
    assert result.residents["flag_status_clean"].to_list() == ["alive"] * 4 + ["moved", "dead"]
    assert result.run["config"]["flag_codes"] == OFFICE.flag_codes
    assert result.run["quality"]["flags"]["flag_code_unknown"] == 1


def test_doctests():
    failed, ran = doctest.testmod(life)
    assert ran
    assert not failed
