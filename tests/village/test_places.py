"""Where teams may go: the CSV of places, who is expected at each, and every fault of the file at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from nikdedup.errors import InputError
from nikdedup.village import Candidates, candidates_of, read_places, standing_of
from nikdedup.village.places import Place, kilometres, read_distances
from tests.village.test_agreed import entries, said
from tests.village.test_tally import roll

HEAD = "kind,code,name,lat,lon,access,need,cost,travel_days,closed\n"
NOT = {"recorded": "no"}
OTHER = {"desa_code": "6212012002", "desa": "JUKING PAJANG"}


def file(folder: Path, *lines: str, head: str = HEAD) -> Path:
    path = folder / "places.csv"
    path.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def found(*people: dict[str, Any], listed: Path | None = None, told: Any = None) -> Candidates:
    residents = roll(*({"record_key": f"k{i}"} | one for i, one in enumerate(people)))
    return candidates_of(residents, standing_of(residents, "ktp"), told, listed)


def test_every_desa_with_somebody_to_record_is_a_place() -> None:
    here = found({}, NOT, NOT, NOT | OTHER, {"desa_code": None} | NOT)
    assert [(one.name, one.pool, one.need) for one in here.places] == [
        ("BERIWIT (MURUNG)", "6212012001", 2),
        ("JUKING PAJANG (MURUNG)", "6212012002", 1),
    ]
    assert (here.due, here.held, here.reachable) == (5, 1, 3)


def test_who_is_not_there_is_not_expected_and_who_needs_it_is_visited_at_home() -> None:
    answers = entries(
        said("away", "k0"), said("prison", "k1"), said("unknown", "k2"), said("home_visit", "k3")
    )
    [one] = found(NOT, NOT, NOT, NOT, NOT, told=answers).places
    assert (one.need, one.home) == (2, 1)


def test_a_desa_of_the_file_says_how_to_get_there(tmp_path: Path) -> None:
    listed = file(tmp_path, "desa,62.12.01.2001,x,-0.5,114.5,river,,500000,2,2026-12-24..2026-12-26 jumat")
    [one] = found(NOT, NOT, listed=listed).places
    assert (one.name, one.need, one.river, one.cost, one.days_on_the_way) == (
        "BERIWIT (MURUNG)",
        2,
        True,
        500_000,
        2,
    )
    assert [day in one.closed for day in (date(2026, 12, 25), date(2026, 12, 18), date(2026, 12, 21))] == [
        True,
        True,
        False,
    ]


def test_schools_have_their_own_need_or_those_who_turn_17_there(tmp_path: Path) -> None:
    listed = file(
        tmp_path,
        "school,6212012001,SMA 1,,,,,,,",
        "campus,621201,STIE,,,,40,,,",
        "school,6212012002,SMA 2,,,,,,,",
    )
    young = {"wajib_ktp": False, "birth": date(2010, 1, 1), "recorded": "no"}
    places = {
        one.name: one for one in found(young, young, young | {"recorded": "yes"}, NOT, listed=listed).places
    }
    assert (places["SMA 1"].need, places["SMA 1"].counts, places["STIE"].need) == (2, False, 40)
    assert "SMA 2" not in places, "nobody turns 17 there"


def test_a_public_place_records_residents_of_its_desa_and_nobody_twice(tmp_path: Path) -> None:
    here = found(
        NOT, NOT, NOT, listed=file(tmp_path, "public,6212012001,Pasar,,,,2,,,", "public,,Polres,,,,5,,,")
    )
    assert [(one.name, one.pool, one.counts) for one in here.places[1:]] == [
        ("Pasar", "6212012001", True),
        ("Polres", None, False),
    ]
    assert here.reachable == 3 + 5


def test_days_on_which_nobody_goes_anywhere(tmp_path: Path) -> None:
    here = found(NOT, listed=file(tmp_path, "closed,,Natal,,,,,,,2026-12-25", "closed,,Sabtu,,,,,,,sabtu"))
    assert date(2026, 12, 25) in here.closed
    assert date(2026, 12, 26) in here.closed
    assert date(2026, 12, 28) not in here.closed


def test_semicolons_decimal_commas_and_old_encodings(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(
        (HEAD + "school,,Sekolah é,'x'\n").replace(",", ";").replace("'x'", "-0,6;114,6").encode("cp1252")
    )
    [one] = read_places(path)
    assert (one.lat, one.lon, one.name) == (-0.6, 114.6, "Sekolah é")


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        pytest.param("kantor,,x,,,,,,,", "line 2: unknown kind", id="unknown kind"),
        pytest.param("desa,621201,x,,,,,,,", "line 2: a desa needs its code", id="a desa without its code"),
        pytest.param("desa,62120A2001,x,,,,,,,", "line 2: code is no code", id="letters in a code"),
        pytest.param("school,,x,95,114,,,,,", "line 2: lat or lon", id="no such latitude"),
        pytest.param("school,,x,-0.5,,,,,,", "line 2: lat and lon go together", id="half a place"),
        pytest.param("school,,x,utara,114,,,,,", "line 2: lat or lon", id="a word for a latitude"),
        pytest.param("school,,x,nan,114,,,,,", "line 2: lat or lon", id="no number"),
        pytest.param("school,,x,,,air,,,,", "line 2: access is neither road nor river", id="by air"),
        pytest.param("school,,x,,,,-5,,,", "line 2: need is no whole number", id="below nobody"),
        pytest.param("school,,x,,,,2.5e3,,,", "line 2: need is no whole number", id="not whole"),
        pytest.param(
            "public,,x,,,,,,,", "line 2: a public place needs its need", id="a public place of nobody"
        ),
        pytest.param("school,,x,,,,,gratis,,", "line 2: cost is no whole number", id="a word for a cost"),
        pytest.param("school,,x,,,,,,99,", "line 2: travel_days is no whole number of 0 to 10", id="99 days"),
        pytest.param("school,,x,,,,,,,besok", "line 2: closed holds no day", id="a word for a day"),
        pytest.param("school,,x,,,,,,,2026-02-30", "line 2: closed holds no day", id="no such day"),
        pytest.param("school,,x,,,,,,,2026-12-31..2026-12-01", "line 2: closed holds a span", id="backwards"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(line: str, fault: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=fault):
        read_places(file(tmp_path, line))


def test_all_faults_are_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"line 2.*line 4") as fault:
        read_places(file(tmp_path, "x,,a,,,,,,,", "office,,b,,,,,,,", "y,,c,,,,,,,"))
    assert "\n" not in str(fault.value)


@pytest.mark.parametrize("head", ["nama,kode\n", "kind,name,harga\n", "\n"])
def test_other_columns_are_refused(head: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="wrong columns"):
        read_places(file(tmp_path, "a,b", head=head))


def test_distances_that_are_given_go_before_those_of_the_crow(tmp_path: Path) -> None:
    roads = tmp_path / "roads.csv"
    roads.write_text("from;to;km\noffice;62.12.01.2001;12,5\nBeriwit;Juking Pajang;7\n", encoding="utf-8")
    told = read_distances(roads)
    assert told == {
        frozenset(("office", "6212012001")): 12.5,
        frozenset(("beriwit", "juking pajang")): 7,
    }
    residents = roll(NOT, NOT | OTHER)
    office = file(tmp_path, "office,,Dinas,-0.6,114.6,,,,,", "desa,6212012001,x,-0.6,114.6,,,,,")
    here = candidates_of(residents, standing_of(residents, "ktp"), None, office, roads)
    first, second = here.places
    assert here.office is not None
    assert here.kilometres(here.office, first) == here.kilometres(first, here.office) == 12.5
    assert here.kilometres(first, second) == 7
    assert here.kilometres(here.office, second) is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param("a,b,jauh", "line 2: from, to and km", id="a word"),
        pytest.param("a,,3", "line 2: from, to and km", id="to nowhere"),
        pytest.param("a,b,-3", "line 2: from, to and km", id="below zero"),
        pytest.param("a,b,nan", "line 2: from, to and km", id="no number"),
    ],
)
def test_distances_that_are_none(text: str, fault: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"from,to,km\n{text}\n", encoding="utf-8")
    with pytest.raises(InputError, match=fault):
        read_distances(path)
    path.write_text("dari,ke\na,b\n", encoding="utf-8")
    with pytest.raises(InputError, match="wrong columns"):
        read_distances(path)


def test_distances() -> None:
    one, other = (Place("desa", "", None, 1, lat=lat, lon=114.0) for lat in (0.0, 1.0))
    km = kilometres(one, other)
    assert km is not None
    assert abs(km - 111.2) < 0.1
    assert kilometres(one, Place("desa", "", None, 1)) is None
