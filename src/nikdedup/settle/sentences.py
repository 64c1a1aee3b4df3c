"""The sentences of a decision, in Indonesian and English, from templates in `data/sentences.toml`.

Each says the rule and what to do, the strongest evidence, how sure, what else stands on the
record, and what would change it. Records are named by their row, never by NIK, name or address.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping

import polars as pl

from nikdedup.columnar.distinct import by_line
from nikdedup.match import NameLevel
from nikdedup.settle.policy import Policy
from nikdedup.settle.wording import templates

LANGUAGES = ("id", "en")
EVIDENCE = ("name", "birth", "mother", "father", "nik", "kk", "sex")
"""Evidence columns `<field>_evidence` in the order in which a sentence lists them."""

_LEVEL_CODES = {
    NameLevel.DIFFERENT: "differs",
    NameLevel.ONE_WORD: "one_word",
    NameLevel.SIMILAR: "similar",
    NameLevel.CLOSE: "close",
    NameLevel.SAME_SOUND: "same_sound",
    NameLevel.EQUAL: "equal",
    NameLevel.EXCHANGED: "exchanged",
}
_PLACES = ("row", "survivor", "other")
_ROLE_OF = {"drop_copy": "copy", "close_kk": "card"}
"""Roles for which a rule of that action has its own words."""


def level_code(field: str) -> pl.Expr:
    """Return the reason code of `level_<field>` (name, mother, father); null where a side is missing."""
    codes = {level: f"{field}_{word}" for level, word in _LEVEL_CODES.items()}
    return pl.col(f"level_{field}").replace_strict(codes, default=None, return_dtype=pl.String)


def row_label(row: str, source_row: str | None, origin: str | None, lang: str) -> pl.Expr:
    """Return how a record is called in a sentence: its row in the source, else its record number.

    row, source_row, origin: column names; origin (file and sheet) is added when there are several.
    """
    frame = templates()["frame"]
    plain = _fill(frame["record"][lang], {"number": pl.col(row).cast(pl.String)})
    if source_row is None:
        return plain
    number = pl.col(source_row).cast(pl.String)
    suffix = pl.lit("") if origin is None else pl.concat_str(pl.lit(" ("), origin, pl.lit(")")).fill_null("")
    return pl.coalesce(_fill(frame["row"][lang], {"number": number}) + suffix, plain)


def write_sentences(decided: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Return `decided` with reasons_id and reasons_en.

    decided: rule, role (survivor, other, copy, card, damaged or tie), weight_log2, probability, `notes` (codes by
    comma), link_who, link_when, link_until, link_line and link_source, the same of a status with said_, the columns
    <field>_evidence, split_reason, chain_records and chain_links (a refused join), shape_<lang>, and row_id … b_en, the
    labels of the records. The order of rows is kept.
    """
    told = decided.with_columns(_chances())
    return decided.with_columns(_reasons(told, policy, lang).alias(f"reasons_{lang}") for lang in LANGUAGES)


def _reasons(told: pl.DataFrame, policy: Policy, lang: str) -> pl.Series:
    """Return all that is said of each decision in one language, one sentence after the other.

    What many decisions say in the same words is worded once.
    """
    rule = _rule_sentences(told, policy, lang)
    evidence = by_line(told, _listed("for", lang), _listed("against", lang))
    sure, notes = by_line(told, _sure(lang)), by_line(told, _notes(lang))
    rare = by_line(told, _split(lang), _declared("said", lang), _declared("link", lang))
    parts = [
        rule["rule"], told[f"shape_{lang}"], *_evidence(evidence, told[f"other_{lang}"], lang),
        sure["sure"], rare["split"], notes["notes"], rare["said"], rare["link"], rule["change"],
    ]  # fmt: skip
    return pl.select(pl.concat_str(parts, separator=" ", ignore_nulls=True)).to_series()


def _rule_sentences(told: pl.DataFrame, policy: Policy, lang: str) -> pl.DataFrame:
    """Return rule and change: the templates of each rule and role, filled."""
    texts = _texts(policy, lang)
    frame = templates()["frame"]["change"][lang]
    places = {name: pl.col(f"{name}_{lang}") for name in _PLACES}
    written = []
    labels = told.select("rule", "role", *places.values()).with_row_index("_place")
    for (rule, role), rows in labels.partition_by("rule", "role", as_dict=True).items():
        sentence, changes = texts[str(rule), str(role)]
        change = pl.lit(frame.replace("{change}", changes)).alias("change")
        written.append(rows.select("_place", _fill(sentence, places).alias("rule"), change))
    return pl.concat(written).sort("_place")


def _texts(policy: Policy, lang: str) -> Mapping[tuple[str, str], tuple[str, str]]:
    """Return (rule, role) -> (sentence, what would change it); own texts of a policy go first."""
    frame, shipped = templates()["frame"], templates()["rule"]
    texts = {}
    for rule in policy.rules:
        own = rule.text_id if lang == "id" else rule.text_en
        said = shipped.get(rule.name, {})
        changes = said["change"][lang] if said and own is None else frame["custom_change"][lang]
        other = own or said["other"][lang]
        texts[rule.name, "other"] = (other, changes)
        texts[rule.name, "survivor"] = (own or said.get("survivor", said.get("other"))[lang], changes)
        for role in ("tie", "copy", "card", "damaged"):
            texts[rule.name, role] = frame[role][lang], frame[f"{role}_change"][lang]
        if rule.others in _ROLE_OF:
            texts[rule.name, _ROLE_OF[rule.others]] = other, changes
    return texts


def _fill(template: str, values: Mapping[str, pl.Expr]) -> pl.Expr:
    """Return the template as one expression, its {places} replaced by columns."""
    parts: list[pl.Expr] = []
    for text, place, _, _ in string.Formatter().parse(template):
        parts += [pl.lit(text)] if text else []
        parts += [values[place].fill_null("-")] if place else []
    return pl.concat_str(parts)


def _evidence(listed: pl.DataFrame, other: pl.Series, lang: str) -> Iterator[pl.Series]:
    """Give what speaks for and against, null where nothing does. other: how the counterparts are called."""
    frame, table = templates()["frame"], listed.with_columns(other.alias("other"))
    for part, template in (("for", "evidence"), ("against", "against")):
        said = _fill(frame[template][lang], {"other": pl.col("other"), "list": pl.col(part)})
        yield table.select(pl.when(pl.col(part) != "").then(said)).to_series()


def _listed(part: str, lang: str) -> pl.Expr:
    words = {code: entry[lang] for code, entry in templates()["code"].items() if entry["part"] == part}
    said = [
        pl.col(f"{field}_evidence").replace_strict(words, default=None, return_dtype=pl.String)
        for field in EVIDENCE
    ]
    return pl.concat_str(said, separator=", ", ignore_nulls=True).alias(part)


def _chances() -> list[pl.Expr]:
    """Return weight and probability as sentences round them: percent, and whether it is beyond what is said of it."""
    percent = pl.col("probability") * 100
    return [
        pl.col("weight_log2").round(1).alias("_weight"),
        percent.clip(0.1, 99.9).round(1).alias("_percent"),
        (percent > 99.9).alias("_over"),
        (percent < 0.1).alias("_under"),
    ]


def _sure(lang: str) -> pl.Expr:
    """Say the weight with one decimal and the probability in percent, never as a round 0 or 100."""
    more, less = ("lebih dari ", "kurang dari ") if lang == "id" else ("over ", "under ")
    sign = pl.when("_over").then(pl.lit(more)).when("_under").then(pl.lit(less)).otherwise(pl.lit(""))
    weight = pl.col("_weight").cast(pl.String)
    chance = sign + pl.col("_percent").cast(pl.String) + "%"
    if lang == "id":
        weight, chance = (text.str.replace(".", ",", literal=True) for text in (weight, chance))
    frame = templates()["frame"]
    known = pl.col("_weight").is_not_null()
    sentence = _fill(frame["sure"][lang], {"weight": weight, "probability": chance})
    return pl.when(known).then(sentence).otherwise(pl.lit(frame["unsure"][lang])).alias("sure")


def _declared(about: str, lang: str) -> pl.Expr:
    """Say who declared a link or a status, when, until when and where it is written; null where nobody did."""
    frame, form = templates()["frame"], "%d-%m-%Y" if lang == "id" else "%Y-%m-%d"
    places = {
        "who": pl.col(f"{about}_who"),
        "when": pl.col(f"{about}_when").dt.strftime(form),
        "until": pl.col(f"{about}_until").dt.strftime(form),
        "line": pl.col(f"{about}_line").cast(pl.String),
        "source": pl.col(f"{about}_source"),
    }
    said = (
        pl.when(pl.col(f"{about}_source").is_not_null())
        .then(_fill(frame["answered"][lang], places))
        .when(pl.col(f"{about}_until").is_null())
        .then(_fill(frame["declared"][lang], places))
        .otherwise(_fill(frame["declared_until"][lang], places))
    )
    return pl.when(pl.col(f"{about}_who").is_not_null()).then(said).alias(about)


def _split(lang: str) -> pl.Expr:
    """Say why a strong pair was not joined; null where none was refused."""
    places = {name: pl.col(f"{name}_{lang}") for name in ("third", "a", "b")}
    places |= {
        "records": pl.col("chain_records").cast(pl.String),
        "links": pl.col("chain_links").cast(pl.String),
    }
    return pl.coalesce(
        pl.when(pl.col("split_reason") == reason).then(_fill(said[lang], places))
        for reason, said in templates()["split"].items()
    ).alias("split")


def _notes(lang: str) -> pl.Expr:
    """Return the sentences of the note codes, null where there are none."""
    words = {code: entry[lang] for code, entry in templates()["code"].items()}
    said = pl.element().replace_strict(words, default=None, return_dtype=pl.String)
    sentences = pl.col("notes").str.split(",").list.eval(said).list.drop_nulls().list.join(" ")
    return sentences.replace("", None).alias("notes")
