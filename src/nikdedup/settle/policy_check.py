"""Everything that can be wrong in a policy, found at once, each fault with its line.

tomllib does not tell lines, so the keys are looked up in the text.
"""

from __future__ import annotations

import re
from typing import Any

from nikdedup.schema import ACTIONS, DISPLACED
from nikdedup.settle.facts import FACTS, ORDER_KEYS
from nikdedup.settle.wording import templates

SCOPES = ("person", "shared_nik", "review")
RECORDING = ("first", "latest")
DISPLACING = (*DISPLACED, "correct_nik")
SAME_NIK = ("settle", "as_others")
CONDITION_WORDS = ("none", "any", "some", "all")
COMPARISON = re.compile(r"(>=|<=|>|<)\s*(\d{1,9})")

_ORDER_NAMES = (*ORDER_KEYS, "recording")
_KEYS = ("name", "scope", "when", "order", "survivor", "others", "same_nik", "reasons", "text_id", "text_en")
_PLACES = frozenset(("row", "survivor", "other"))
_Fault = tuple[str | None, str]


def faults_of_policy(
    table: dict[str, Any], text: str, shipped: dict[str, tuple[str | None, str]] | None
) -> list[tuple[int, str]]:
    """Return (line, fault) for everything wrong in a policy, by line; empty if it can be used.

    shipped: actions of the shipped rules by name, whose sentences fit no other action; None to skip that.
    """
    lines = _Lines(text)
    faults = [(lines.top(key), fault) for key, fault in _faults_of_settings(table)]
    entries = table.get("rule", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return [*faults, (lines.top("rule"), "rule is no table list; write each rule under its own [[rule]]")]
    for number, entry in enumerate(entries):
        found = _faults_of(entry)
        if shipped is not None and not found:
            found = _faults_of_text(entry, shipped)
        faults += [(lines.key(number, key), fault) for key, fault in found]
    faults += [(lines.key(number, None), fault) for number, fault in _faults_between(entries)]
    return sorted(faults, key=lambda found: found[0])


def _faults_of_settings(table: dict[str, Any]) -> list[tuple[str, str]]:
    known = ("recording", "rule")
    faults = [(key, f"unknown key {key!r}; allowed: {', '.join(known)}") for key in table if key not in known]
    recording = table.get("recording", RECORDING[0])
    if recording not in RECORDING:
        faults.append(("recording", f"recording = {recording!r}; allowed: {', '.join(RECORDING)}"))
    return faults


def _faults_of(entry: dict[str, Any]) -> list[_Fault]:
    """Return (key, fault) for everything wrong inside one rule."""
    faults: list[_Fault] = [
        (key, f"unknown key {key!r}; allowed: {', '.join(_KEYS)}") for key in entry if key not in _KEYS
    ]
    faults += [
        (None, f"{key} is missing") for key in ("name", "scope", "others", "reasons") if key not in entry
    ]
    name = entry.get("name", "rule")
    if not isinstance(name, str) or not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        faults.append(("name", f"name = {name!r}; allowed: lower case letters, digits and _"))
    if entry.get("scope", "person") not in SCOPES:
        faults.append(("scope", f"scope = {entry['scope']!r}; allowed: {', '.join(SCOPES)}"))
    faults += _faults_of_when(entry.get("when", {}))
    faults += _faults_of_list(entry, "order", _ORDER_NAMES) + _faults_of_list(entry, "reasons", None)
    faults += _faults_of_actions(entry)
    for key in ("text_id", "text_en"):
        if key in entry and not (isinstance(entry[key], str) and entry[key].strip()):
            faults.append((key, f"{key} is no text"))
        elif key in entry and not _PLACES.issuperset(re.findall(r"\{(.*?)\}", entry[key])):
            faults.append((key, f"{key} has a place that is unknown; allowed: {', '.join(sorted(_PLACES))}"))
    return faults


def _faults_of_when(when: Any) -> list[_Fault]:
    if not isinstance(when, dict):
        return [("when", 'when is no table; write when = { recorded = "any" }')]
    faults: list[_Fault] = []
    for fact, wanted in when.items():
        if fact not in FACTS:
            faults.append(("when", f"unknown fact {fact!r}; allowed: {', '.join(sorted(FACTS))}"))
        elif not _is_condition(wanted):
            faults.append(
                ("when", f'{fact} = {wanted!r}; allowed: a number, ">=2", {", ".join(CONDITION_WORDS)}')
            )
    return faults


def _faults_of_list(entry: dict[str, Any], key: str, allowed: tuple[str, ...] | None) -> list[_Fault]:
    values = entry.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        return [(key, f"{key} is no list of texts")]
    faults: list[_Fault] = []
    for value in values:
        if allowed is not None and value not in allowed:
            faults.append((key, f"{key} has {value!r}; allowed: {', '.join(allowed)}"))
        elif allowed is None and not re.fullmatch(r"[a-z][a-z0-9_]*", value):
            faults.append((key, f"{key} has {value!r}; allowed: lower case letters, digits and _"))
    return faults


def _faults_of_actions(entry: dict[str, Any]) -> list[_Fault]:
    faults: list[_Fault] = []
    if "others" in entry and entry["others"] not in ACTIONS:
        faults.append(("others", f"others = {entry['others']!r}; allowed: {', '.join(ACTIONS)}"))
    if "survivor" in entry and entry["survivor"] not in ("keep", "record"):
        faults.append(("survivor", f"survivor = {entry['survivor']!r}; allowed: keep, record"))
    if bool(entry.get("order")) != ("survivor" in entry):
        faults.append((None, "order and survivor belong together: give both or neither"))
    if "survivor" not in entry and entry.get("others") in DISPLACING:
        faults.append(
            ("others", f"others = {entry['others']!r} displaces every record; give order and survivor")
        )
    if entry.get("scope") == "review" and "survivor" in entry:
        faults.append(("survivor", "a review displaces nobody; allowed in scope review: others"))
    return faults + _faults_of_same_nik(entry)


def _faults_of_same_nik(entry: dict[str, Any]) -> list[_Fault]:
    """Return the faults by which the NIK of the record that stays would be sent for deactivation."""
    same = entry.get("same_nik", SAME_NIK[0])
    if same not in SAME_NIK:
        return [("same_nik", f"same_nik = {same!r}; allowed: {', '.join(SAME_NIK)}")]
    fault = f"others = {entry.get('others')!r} would send the survivor's own NIK"
    if entry.get("others") == "propose_deactivation":
        if entry.get("scope") == "shared_nik":
            return [("others", f"{fault}; in scope shared_nik all hold it")]
        if same == "as_others":
            return [("same_nik", f"{fault}; leave same_nik out")]
    return []


def _faults_of_text(entry: dict[str, Any], shipped: dict[str, tuple[str | None, str]]) -> list[_Fault]:
    """Return the fault of a rule whose sentence would be missing, or would say another action."""
    if "text_id" in entry and "text_en" in entry:
        return []
    name = entry["name"]
    if name not in shipped or name not in templates()["rule"]:
        return [("name", f"rule {name!r} is none of the shipped rules; give it text_id and text_en")]
    if shipped[name] != (entry.get("survivor"), entry["others"]):
        return [("name", f"rule {name!r} acts otherwise than the shipped one; give it text_id and text_en")]
    return []


def _faults_between(entries: list[dict[str, Any]]) -> list[tuple[int, str]]:
    """Return (rule number, fault) for names used twice, rules never reached, and scopes left open."""
    faults, names, closed = [], set(), set()
    for number, entry in enumerate(entries):
        name, scope = entry.get("name"), entry.get("scope")
        if isinstance(name, str) and name in names:
            faults.append((number, f"name {name!r} is used twice"))
        if isinstance(scope, str) and scope in closed:
            faults.append(
                (number, f"rule {name!r} is never reached: a rule above it in scope {scope} has no condition")
            )
        names.add(name if isinstance(name, str) else number)
        if not entry.get("when") and isinstance(scope, str):
            closed.add(scope)
    open_scopes = [scope for scope in SCOPES if scope not in closed]
    if entries and open_scopes:
        text = "the last rule of a scope has no condition, so that every case is decided"
        faults.append((len(entries) - 1, f"{text}; missing for: {', '.join(open_scopes)}"))
    return faults


def _is_condition(wanted: Any) -> bool:
    if isinstance(wanted, bool):
        return False
    if isinstance(wanted, int):
        return wanted >= 0
    return isinstance(wanted, str) and (wanted in CONDITION_WORDS or COMPARISON.fullmatch(wanted) is not None)


class _Lines:
    """Where keys stand in a TOML text; tomllib does not tell."""

    def __init__(self, text: str) -> None:
        self._rules: list[dict[str | None, int]] = []
        self._top: dict[str, int] = {}
        for number, line in enumerate(text.splitlines(), start=1):
            if re.match(r"\s*\[\[\s*rule\s*\]\]", line):
                self._rules.append({None: number})
            elif found := re.match(r"\s*\[+\s*([\w.-]+)", line):
                section = found[1].removeprefix("rule.") if self._rules else found[1]
                target = self._rules[-1] if self._rules and found[1].startswith("rule.") else self._top
                target.setdefault(section, number)
            elif found := re.match(r"\s*[\"']?([\w-]+)[\"']?\s*[=.]", line):
                (self._rules[-1] if self._rules else self._top).setdefault(found[1], number)

    def top(self, key: str) -> int:
        return self._top.get(key, 1)

    def key(self, rule: int, key: str | None) -> int:
        where = self._rules[rule] if rule < len(self._rules) else {}
        return where.get(key, where.get(None, 1))
