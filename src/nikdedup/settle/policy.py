"""The ordered rules that say what is proposed, read from TOML and checked as a whole.

A rule is data: conditions on the facts of a case, the order in which its records are
kept, the actions and the reason codes. The shipped table is `data/policy.toml`; an office
may replace it, or change only the setting `recording` and keep the rules.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl

from nikdedup.config import text_of, toml_of
from nikdedup.errors import ConfigError
from nikdedup.publish import PolicyKept
from nikdedup.settle.policy_check import (
    COMPARISON,
    CONDITION_WORDS,
    DISPLACING,
    RECORDING,
    faults_of_policy,
)


@dataclass(frozen=True)
class Rule:
    """One row of the policy; `order` holds keys of ORDER_KEYS, best first.

    same_nik: what becomes of further records under the NIK of the one that stays: "settle" or "as_others".
    """

    name: str
    scope: str
    when: dict[str, int | str] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    survivor: str | None = None
    others: str = "verify"
    same_nik: str = "settle"
    reasons: tuple[str, ...] = ()
    text_id: str | None = None
    text_en: str | None = None

    @property
    def displaces(self) -> bool:
        """True where somebody is kept in place of the others, so that `survivor_row` is filled."""
        if self.survivor is None:
            return False
        return self.survivor == "keep" or self.others in DISPLACING

    def fits(self) -> pl.Expr:
        """Return an expression over a table of facts: true where every condition holds."""
        return pl.all_horizontal(
            pl.lit(True), *(_condition(fact, wanted) for fact, wanted in self.when.items())
        )


@dataclass(frozen=True)
class Policy:
    """The rules in their order and the setting `recording`."""

    rules: tuple[Rule, ...]
    recording: str

    def of_scope(self, scope: str) -> list[Rule]:
        """Return the rules of one scope, in order."""
        return [rule for rule in self.rules if rule.scope == scope]

    def order_keys(self, rule: Rule) -> list[str]:
        """Return the rank keys of a rule with `recording` resolved to first or latest."""
        return [f"{self.recording}_recording" if key == "recording" else key for key in rule.order]


def load_policy(path: Path | None = None, *, recording: str | None = None) -> Policy:
    """Return the policy of a TOML file, or the shipped one when `path` is None.

    A file without any [[rule]] takes the shipped rules.

    Args:
        path: TOML file of rules; the shipped ones where None.
        recording: "first" or "latest" overrides the setting of the file.

    Raises:
        ConfigError: names every fault with its line, in one line of text.
    """
    if recording is not None and recording not in RECORDING:
        raise ConfigError(f"recording = {recording!r}; allowed: {', '.join(RECORDING)}")
    policy = _shipped() if path is None else _custom(Path(path))
    return policy if recording is None else Policy(policy.rules, recording)


@lru_cache(maxsize=1)
def _shipped() -> Policy:
    return parse_policy(_shipped_text(), origin="policy.toml", shipped=True)


def _shipped_text() -> str:
    return (files("nikdedup") / "data" / "policy.toml").read_text(encoding="utf-8")


def policy_kept(path: Path | None) -> PolicyKept:
    """Return what `run.json` keeps of a policy: file, SHA-256, and the text if not the shipped one.

    Args:
        path: TOML file of rules; None for the shipped ones.
    """
    text = _shipped_text() if path is None else _read(Path(path))
    digest = sha256(text.encode()).hexdigest()
    return PolicyKept(file=Path(path).name if path else None, sha256=digest, text=text if path else None)


def policy_again(kept: PolicyKept | None, *, recording: str | None) -> Policy:
    """Return the policy of an earlier run from what `policy_kept` kept; the shipped one where nothing was.

    Args:
        kept: what an earlier run kept of its policy.
        recording: as `load_policy` takes it.
    """
    if kept is None or kept.text is None:
        return load_policy(recording=recording)
    policy = parse_policy(kept.text, origin=f"policy {kept.file}")
    return policy if recording is None else Policy(policy.rules, recording)


def _custom(path: Path) -> Policy:
    return parse_policy(_read(path), origin=f"policy {path.name}")


def _read(path: Path) -> str:
    return text_of(path, f"policy {path.name}")


def parse_policy(text: str, *, origin: str, shipped: bool = False) -> Policy:
    """Return the policy in a TOML text; ConfigError lists all faults as `line N: …`.

    shipped: the text is the table whose sentences are shipped too; any other must bring sentences for
    rules that are new, or that act otherwise than the shipped rule of their name.
    """
    table = toml_of(text, origin)
    shipped_actions = (
        None if shipped else {rule.name: (rule.survivor, rule.others) for rule in _shipped().rules}
    )
    faults = faults_of_policy(table, text, shipped_actions)
    if faults:
        raise ConfigError(f"{origin}: {'; '.join(f'line {line}: {fault}' for line, fault in faults)}")
    rules = tuple(_rule(entry) for entry in table.get("rule", []))
    return Policy(rules or _shipped().rules, table.get("recording", RECORDING[0]))


def _rule(entry: dict[str, Any]) -> Rule:
    lists = {key: tuple(entry.get(key, ())) for key in ("order", "reasons")}
    return Rule(**{**entry, **lists})


def _condition(fact: str, wanted: int | str) -> pl.Expr:
    """Return the expression of one condition; `all` and `some` are measured against `records`."""
    count = pl.col(fact)
    if isinstance(wanted, int):
        return count == wanted
    if wanted in CONDITION_WORDS:
        some = (count > 0) & (count < pl.col("records"))
        return {"none": count == 0, "any": count > 0, "all": count == pl.col("records"), "some": some}[wanted]
    found = COMPARISON.fullmatch(wanted)
    assert found is not None, "conditions are checked when the policy is read"
    sign, number = found[1], int(found[2])
    return {">=": count >= number, "<=": count <= number, ">": count > number, "<": count < number}[sign]
