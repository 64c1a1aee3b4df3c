"""Families: who lives with whom, how old, with which parents. Arrays, no text yet.

A household is a head, often a wife, their children (now and then twins), a
grandparent, another relative. Heads and wives descend from origin families, so
that grown brothers and sisters with the same parents live in several houses.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from nikdedup.lab.rates import PeopleRates, Rates
from nikdedup.lab.words import (
    FEMALE,
    MALE,
    WORDS,
    Codes,
    Flags,
    Floats,
    Ints,
    add_family,
    draw_families,
    draw_names,
    vocabulary,
)

HEAD, WIFE, CHILD, TWIN, GRANDPARENT, RELATIVE = range(6)
_DAYS = 365.2425
TRAPS = ("", "twin", "father_son", "common_name_default_date", "twin_name_within")


@dataclass(frozen=True)
class People:
    """One value per person, ordered by household. Dates are days since 1970-01-01; names are token codes."""

    household: Ints
    role: Ints
    culture: Ints
    sex: Ints
    birth: Ints
    name: Codes
    mother: Codes
    father: Codes
    trap: Ints  # index into TRAPS
    keep_mother: Flags  # look-alikes: the mother's name must stay, it tells them apart

    def take(self, rows: Ints) -> People:
        """Return the people at `rows`, in that order."""
        return replace(self, **{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    def __len__(self) -> int:
        return len(self.role)


def years(days: Ints) -> Ints:
    """Return the calendar year of each day number."""
    return days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


def make_people(count: int, rates: Rates, rng: np.random.Generator) -> People:
    """Return exactly `count` people in households; the last household may be cut short."""
    people = _families(max(8, int(count / 2.45) + 40), rates, rng)
    while len(people) < count:
        people = _families(int(len(people) * 1.5), rates, rng)
    people = people.take(np.arange(count))
    people = _father_and_son(people, rates, rng)
    return _common_names(people, rates, rng)


def _families(houses: int, rates: Rates, rng: np.random.Generator) -> People:
    today = int(np.datetime64(rates.reference_date, "D").astype(np.int64))
    p = rates.people
    shares = np.array([rates.cultures.get(name, 0.0) for name in vocabulary(p.names).cultures])
    culture = rng.choice(len(shares), size=houses, p=shares / shares.sum())
    head_age = 19 + 66 * rng.beta(1.9, 2.6, houses)
    married = rng.random(houses) < p.married_head
    head_sex = np.where(married, MALE, (rng.random(houses) < 0.68)).astype(np.int64)
    wife_age = np.clip(head_age - rng.normal(4, 4.2, houses), 17.2, None)
    mother_age = np.where(married, wife_age, np.where(head_sex == FEMALE, head_age, head_age - 4))
    alone = ~married & (rng.random(houses) < 0.35)
    child_house, child_age, twin = _children(mother_age, alone, p, rng)

    grand = np.flatnonzero((rng.random(houses) < p.grandparent) & (head_age < 62))
    other = np.flatnonzero(rng.random(houses) < p.other_relative)
    everyone = np.arange(houses)
    wives, twins = everyone[married], child_house[twin]
    house = np.concatenate([everyone, wives, child_house, twins, grand, other])
    role = np.repeat(np.arange(6), [houses, len(wives), len(child_house), len(twins), len(grand), len(other)])
    age = np.concatenate([
        head_age, wife_age[married], child_age, child_age[twin],
        head_age[grand] + rng.uniform(18, 36, len(grand)),
        np.clip(head_age[other] + rng.normal(0, 7, len(other)), 3, 88),
    ])  # fmt: skip
    sex = (rng.random(len(role)) < 0.485).astype(np.int64)
    sex[:houses] = head_sex
    sex[role == WIFE] = FEMALE
    sex[role == GRANDPARENT] = np.where(rng.random(len(grand)) < 0.72, FEMALE, MALE)
    same_sex = rng.random(len(twins)) < 0.66
    sex[role == TWIN] = np.where(same_sex, sex[role == CHILD][twin], sex[role == TWIN])
    birth = _default_dates((today - age * _DAYS).astype(np.int64), today, p, rng)
    birth[role == TWIN] = birth[role == CHILD][twin]
    return _named(house, role, culture, sex, birth, married, head_sex, twin, p, rng)


def _children(
    mother_age: Floats, alone: Flags, p: PeopleRates, rng: np.random.Generator
) -> tuple[Ints, Floats, Flags]:
    """Return house, age and "has a twin" of every child still at home."""
    expected = np.interp(mother_age, [17, 20, 27, 36, 44, 55, 66], [0.2, 0.6, 1.5, 2.3, 2.1, 0.9, 0.25])
    number = np.where(alone, 0, np.minimum(rng.poisson(expected), 7))
    house = np.repeat(np.arange(len(number)), number)
    oldest = np.clip(mother_age[house] - 17.5, 0.1, 30)
    youngest = np.clip(mother_age[house] - 44, 0, oldest)
    age = youngest + (oldest - youngest) * rng.random(len(house))
    return house, age, rng.random(len(house)) < p.twin_births


def _default_dates(birth: Ints, today: int, p: PeopleRates, rng: np.random.Generator) -> Ints:
    """Give adults the dates officers write when the day is not known; more often the older they are."""
    age = (today - birth) / _DAYS
    factor = np.where(age < 17, 0, np.clip((age - 10) / 33, 0.25, 2.2))
    start_of_year = birth.astype("datetime64[D]").astype("datetime64[Y]")
    start_of_month = birth.astype("datetime64[D]").astype("datetime64[M]")
    july = (
        (start_of_year.astype("datetime64[M]") + np.timedelta64(6, "M"))
        .astype("datetime64[D]")
        .astype(np.int64)
    )
    december = (start_of_year + np.timedelta64(1, "Y")).astype("datetime64[D]").astype(np.int64) - 1
    january = start_of_year.astype("datetime64[D]").astype(np.int64)
    fifteenth = start_of_month.astype("datetime64[D]").astype(np.int64) + 14
    shares = np.cumsum([p.default_july, p.default_december, p.default_january, p.default_fifteenth])
    dice = rng.random(len(birth)) / np.maximum(factor, 1e-9)
    which = np.searchsorted(shares, dice, side="right")
    return np.select(
        [which == 0, which == 1, which == 2, which == 3], [july, december, january, fifteenth], birth
    )


def _named(
    house: Ints, role: Ints, culture_of: Ints, sex: Ints, birth: Ints, married: Flags, head_sex: Ints,
    twin: Flags, p: PeopleRates, rng: np.random.Generator,
) -> People:  # fmt: skip
    """Name everybody after their culture, their parents after the people who are their parents."""
    houses = len(culture_of)
    culture = culture_of[house].copy()
    outsider = (role == WIFE) & (rng.random(len(role)) < 0.18)
    culture[outsider] = rng.permutation(culture_of)[house[outsider]]
    family = draw_families(culture_of, p, rng)[house]
    family[outsider] = draw_families(culture[outsider], p, rng)
    name = add_family(draw_names(culture, sex, years(birth), p, rng), family)
    rows = {r: np.flatnonzero(role == r) for r in range(6)}
    first, second = rows[CHILD][twin], rows[TWIN]
    within = _name_twins(name, first, second, sex, family, p, rng)

    mother, father = _origins(culture, birth, family, role, p, rng)
    head_row = rows[HEAD]
    wife_row = np.full(houses, -1, dtype=np.int64)
    wife_row[house[rows[WIFE]]] = rows[WIFE]
    children = np.r_[rows[CHILD], rows[TWIN]]
    home = house[children]
    has_wife, has_mother = married[home], head_sex[home] == FEMALE
    own_mother = np.where(has_wife, wife_row[home], head_row[home])
    absent_mother, absent_father = _absent(culture[head_row], birth[head_row], family[head_row], p, rng)
    knows_mother = (has_wife | has_mother)[:, None]
    mother[children] = np.where(knows_mother, name[own_mother], absent_mother[home])
    father[children] = np.where(has_mother[:, None], absent_father[home], name[head_row[home]])

    old = rows[GRANDPARENT]
    line = np.where((sex[old] == FEMALE)[:, None], mother[head_row[house[old]]], father[head_row[house[old]]])
    name[old] = line
    relatives = rows[RELATIVE]
    mother[relatives], father[relatives] = (
        mother[head_row[house[relatives]]],
        father[head_row[house[relatives]]],
    )

    trap = np.zeros(len(role), dtype=np.int64)
    trap[second] = trap[first] = np.where(within, TRAPS.index("twin_name_within"), TRAPS.index("twin"))
    order = np.lexsort((role, house))
    blank = np.zeros(len(role), dtype=np.bool_)
    people = People(house, role, culture, sex, birth, name, mother, father, trap, blank)
    order = _twins_beside(order, role, first, second)
    return people.take(order)


def _absent(
    culture: Ints, birth: Ints, family: Codes, p: PeopleRates, rng: np.random.Generator
) -> tuple[Codes, Codes]:
    """Return the mother and the father of a house's children for the case that one lives elsewhere."""
    year = years(birth)
    mother = draw_names(culture, np.full(len(culture), FEMALE), year, p, rng)
    father = add_family(draw_names(culture, np.full(len(culture), MALE), year, p, rng), family)
    return mother, father


def _twins_beside(order: Ints, role: Ints, first: Ints, second: Ints) -> Ints:
    """Place each twin right after its brother or sister, so that their NIKs are neighbours."""
    place = np.empty(len(order), dtype=np.float64)
    place[order] = np.arange(len(order))
    place[second] = place[first] + 0.5
    return np.argsort(place, kind="stable")


def _name_twins(
    name: Codes, first: Ints, second: Ints, sex: Ints, family: Codes, p: PeopleRates, rng: np.random.Generator
) -> Flags:
    """Name some twins of one sex as parents do: with one first word, or with first words that rhyme.

    Of a few the second bears the name of the first and a word more. Returns which.
    """
    one_sex, dice = sex[first] == sex[second], rng.random(len(first))
    shares = one_sex & (dice < 0.45) & (name[first, 1] >= 0) & (name[second, 1] >= 0)
    shares &= name[first, 1] != name[second, 1]
    name[second[shares], 0] = name[first[shares], 0]
    rhymes = one_sex & (dice > 0.75)
    name[second[rhymes], 0] = vocabulary(p.names).rhyme[name[first[rhymes], 0]]
    within: Flags = one_sex & (dice >= 0.5) & (dice < 0.5 + p.twins_within)
    within &= _one_word_more(name, first, second, family, within)
    same = (name[first] == name[second]).all(axis=1)
    donors = rng.permutation(len(name))
    for _ in range(5):
        clash = np.flatnonzero(same)
        if not len(clash):
            break
        pick = donors[rng.integers(0, len(donors), len(clash))]
        fits = sex[pick] == sex[second[clash]]
        name[second[clash[fits]]] = name[pick[fits]]
        same = (name[first] == name[second]).all(axis=1)
    return within


def _one_word_more(name: Codes, first: Ints, second: Ints, family: Codes, which: Flags) -> Flags:
    """Name the second of two as the first, with a word of its own before the family name; return where one fits."""
    done = np.zeros(len(first), dtype=np.bool_)
    for at in np.flatnonzero(which):
        words = name[first[at]][name[first[at]] >= 0]
        own = [word for word in name[second[at]] if word >= 0 and word not in words]
        own = [word for word in own if word != family[second[at]]]
        if own and len(words) < WORDS:
            last = len(words) - int(len(words) > 1 and words[-1] == family[first[at]])
            name[second[at]] = -1
            name[second[at], : len(words) + 1] = np.insert(words, last, own[-1])
            done[at] = True
    return done


def _origins(
    culture: Ints, birth: Ints, family: Codes, role: Ints, p: PeopleRates, rng: np.random.Generator
) -> tuple[Codes, Codes]:
    """Return mother and father of everyone; grown people of near age and one culture share them in groups."""
    n = len(role)
    grown = np.flatnonzero((role == HEAD) | (role == WIFE))
    near = birth[grown] + rng.normal(0, 3000, len(grown))
    order = grown[np.lexsort((near, family[grown], culture[grown]))]
    new = rng.random(len(order)) < 1 / p.sibling_families
    changed = (culture[order][1:] != culture[order][:-1]) | (family[order][1:] != family[order][:-1])
    new[:1] = True
    new[1:] |= changed
    group = np.arange(n)
    group[order] = order[np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))]
    year = years(birth)[group]
    mother = draw_names(culture, np.full(n, FEMALE), year - 25, p, rng)[group]
    father = draw_names(culture, np.full(n, MALE), year - 29, p, rng)
    return mother, add_family(father, family)[group]


def _father_and_son(people: People, rates: Rates, rng: np.random.Generator) -> People:
    """Give some sons the full name of the father in whose house they live, and mark both."""
    sons = np.flatnonzero((people.role == CHILD) & (people.sex == MALE))
    heads = np.flatnonzero(people.role == HEAD)
    head_of = np.full(int(people.household.max()) + 1, -1, dtype=np.int64)
    head_of[people.household[heads]] = heads
    sons = sons[(head_of[people.household[sons]] >= 0) & (people.trap[sons] == 0)]
    sons = sons[people.sex[head_of[people.household[sons]]] == MALE]
    _, first = np.unique(people.household[sons], return_index=True)
    sons = sons[first]
    wanted = min(len(sons), round(rates.traps.father_son * len(people)))
    chosen = np.sort(rng.choice(sons, size=wanted, replace=False))
    fathers = head_of[people.household[chosen]]
    name, trap = people.name.copy(), people.trap.copy()
    name[chosen] = name[fathers]
    trap[chosen] = trap[fathers] = TRAPS.index("father_son")
    return replace(people, name=name, trap=trap)


def _common_names(people: People, rates: Rates, rng: np.random.Generator) -> People:
    """Make pairs of strangers of one common name and one birth date, with different mothers.

    Most get a default date (marked in `trap`), some an ordinary one (not marked).
    """
    trap, name, birth = people.trap.copy(), people.name.copy(), people.birth.copy()
    keep = people.keep_mother.copy()
    year = years(birth)
    for sex, (popular, cumulative, _) in vocabulary(rates.people.names).popular.items():
        free = np.flatnonzero((people.sex == sex) & (people.role >= RELATIVE) & (trap == 0) & (year < 1992))
        singles = _without_children(people)
        free = np.union1d(
            free, singles[(people.sex[singles] == sex) & (trap[singles] == 0) & (year[singles] < 1992)]
        )
        free = free[np.argsort(birth[free], kind="stable")]
        pairs = free[: len(free) // 2 * 2].reshape(-1, 2)
        pairs = pairs[year[pairs[:, 0]] == year[pairs[:, 1]]]
        pairs = pairs[(people.mother[pairs[:, 0]] != people.mother[pairs[:, 1]]).any(axis=1)]
        pairs = pairs[people.household[pairs[:, 0]] != people.household[pairs[:, 1]]]
        pairs = rng.permutation(pairs)
        marked = round(rates.traps.common_name_default_date * len(people) / 2)
        plain = round(rates.traps.lookalike * len(people) / 2)
        pairs = pairs[: marked + plain]
        dice = rng.random(len(pairs)) ** 0.7
        name[pairs] = popular[np.searchsorted(cumulative, dice, side="right")][:, None, :]
        new_year = (year[pairs[:, 0]] - 1970).astype("datetime64[Y]")
        july = (
            (new_year.astype("datetime64[M]") + np.timedelta64(6, "M"))
            .astype("datetime64[D]")
            .astype(np.int64)
        )
        birth[pairs[:marked]] = july[:marked, None]
        birth[pairs[marked:, 1]] = birth[pairs[marked:, 0]]
        trap[pairs[:marked]] = TRAPS.index("common_name_default_date")
        keep[pairs] = True
    return replace(people, name=name, birth=birth, trap=trap, keep_mother=keep)


def _without_children(people: People) -> Ints:
    """Return heads and wives in whose house no child lives: nobody's record bears their name."""
    has_child = np.zeros(int(people.household.max()) + 1, dtype=np.bool_)
    has_child[people.household[people.role >= CHILD]] = True
    return np.flatnonzero((people.role <= WIFE) & ~has_child[people.household])
