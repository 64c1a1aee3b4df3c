"""A policy is read as a whole: every fault at once, with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from nikdedup.config import Config
from nikdedup.errors import ConfigError
from nikdedup.schema import ACTIONS
from nikdedup.settle.facts import FACTS, ORDER_KEYS
from nikdedup.settle.policy import load_policy, parse_policy
from nikdedup.settle.policy_check import SCOPES
from nikdedup.settle.wording import templates
from tests.settle.household import decided, outcome

A, B = "6212010107809001", "6212035703809002"
CLOSING = "\n".join(
    f"""
[[rule]]
name = "{name}"
scope = "{scope}"
others = "{action}"
reasons = []"""
    for name, scope, action in (
        ("not_decidable", "person", "verify"),
        ("nik_owner_unclear", "shared_nik", "separate"),
        ("review", "review", "verify"),
    )
)
GOOD = """[[rule]]
name = "recorded_twice"
scope = "person"
when = { recorded = ">=2" }
order = ["passed_check", "recording"]
survivor = "keep"
others = "propose_deactivation"
reasons = ["recorded_twice"]
"""
FAULTS = {
    "unknown setting": (f'recordings = "first"\n{GOOD}{CLOSING}', "line 1: unknown key 'recordings'"),
    "unknown recording": (
        f'\nrecording = "newest"\n{GOOD}{CLOSING}',
        "line 2: recording = 'newest'; allowed: first",
    ),
    "unknown key": (GOOD.replace("order", "ordered") + CLOSING, "line 5: unknown key 'ordered'"),
    "unknown fact": (
        GOOD.replace('{ recorded = ">=2" }', "{ rekam = 2 }") + CLOSING,
        "line 4: unknown fact 'rekam'",
    ),
    "wrong condition": (
        GOOD.replace(">=2", "many") + CLOSING,
        "line 4: recorded = 'many'; allowed: a number",
    ),
    "negative": (GOOD.replace('">=2"', "-1") + CLOSING, "line 4: recorded = -1; allowed: a number"),
    "truth value": (GOOD.replace('">=2"', "true") + CLOSING, "line 4: recorded = True; allowed: a number"),
    "when is no table": (GOOD.replace('{ recorded = ">=2" }', '"any"') + CLOSING, "line 4: when is no table"),
    "unknown order": (
        GOOD.replace("passed_check", "oldest") + CLOSING,
        "line 5: order has 'oldest'; allowed: recorded",
    ),
    "order is no list": (
        GOOD.replace('["passed_check", "recording"]', '"recording"') + CLOSING,
        "line 5: order is no",
    ),
    "unknown action": (
        GOOD.replace('"propose_deactivation"', '"delete"') + CLOSING,
        "line 7: others = 'delete'",
    ),
    "survivor may not be displaced": (
        GOOD.replace('"keep"', '"separate"') + CLOSING,
        "line 6: survivor = 'separate'",
    ),
    "unknown scope": (
        GOOD.replace('"person"', '"household"') + CLOSING,
        "line 3: scope = 'household'; allowed: person",
    ),
    "no order": (
        GOOD.replace('order = ["passed_check", "recording"]\n', "") + CLOSING,
        "line 1: order and survivor",
    ),
    "all displaced": (
        GOOD.replace('order = ["passed_check", "recording"]\nsurvivor = "keep"\n', "") + CLOSING,
        "line 5: others = 'propose_deactivation' displaces every record",
    ),
    "review displaces nobody": (
        GOOD.replace('"person"', '"review"') + CLOSING,
        "line 6: a review displaces nobody",
    ),
    "wrong name": (
        GOOD.replace('"recorded_twice"\n', '"Rekam dua"\n') + CLOSING,
        "line 2: name = 'Rekam dua'",
    ),
    "no text": (GOOD + 'text_id = ""\n' + CLOSING, "line 9: text_id is no text"),
    "unknown place": (
        GOOD + 'text_id = "Lihat {nik}."\ntext_en = "See {row}."\n' + CLOSING,
        "line 9: text_id has a place that is unknown; allowed: other, row, survivor",
    ),
    "wrong reason": (
        GOOD.replace('["recorded_twice"]', '["Dua kali"]') + CLOSING,
        "line 8: reasons has 'Dua kali'",
    ),
    "missing keys": ("[[rule]]\n" + CLOSING, "line 1: others is missing"),
    "name twice": (GOOD + GOOD + CLOSING, "line 9: name 'recorded_twice' is used twice"),
    "never reached": (
        CLOSING + "\n" + GOOD,
        "is never reached: a rule above it in scope person has no condition",
    ),
    "open scope": (GOOD, "missing for: person, shared_nik, review"),
    "rule is no list": ('rule = "first"', "line 1: rule is no table list"),
    "new rule without sentences": (
        GOOD.replace('name = "recorded_twice"', 'name = "kantor_kami"') + CLOSING,
        "line 2: rule 'kantor_kami' is none of the shipped rules; give it text_id and text_en",
    ),
    "shipped sentence for another action": (
        GOOD.replace("propose_deactivation", "verify") + CLOSING,
        "line 2: rule 'recorded_twice' acts otherwise than the shipped one",
    ),
    "no TOML": ("[[rule]", "not readable as TOML"),
}


@pytest.mark.parametrize(("text", "message"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_named_with_its_line(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_policy(text, origin="policy kantor.toml")
    assert message in str(caught.value)
    assert str(caught.value).startswith("policy kantor.toml: ")
    assert "\n" not in str(caught.value) or "TOML" in message


def test_all_faults_come_at_once_by_line() -> None:
    text = 'recording = "x"\n' + GOOD.replace(">=2", "many").replace("passed_check", "oldest") + CLOSING
    with pytest.raises(ConfigError) as caught:
        parse_policy(text, origin="policy")
    found = [part.split(":")[0] for part in str(caught.value).removeprefix("policy: ").split("; line ")]
    assert [int(part.removeprefix("line ")) for part in found] == [1, 5, 6]


def test_the_shipped_policy_is_sound() -> None:
    policy = load_policy()
    names = [rule.name for rule in policy.rules]
    assert len(names) == len(set(names))
    assert set(templates()["rule"]) == set(names)
    assert {code for rule in policy.rules for code in rule.reasons} <= set(templates()["code"])
    for scope in SCOPES:
        assert not policy.of_scope(scope)[-1].when
    for rule in policy.rules:
        assert set(rule.when) <= set(FACTS)
        assert set(policy.order_keys(rule)) <= set(ORDER_KEYS)
        assert rule.others in ACTIONS
        sentences = templates()["rule"][rule.name]
        assert set(sentences) == ({"survivor", "other", "change"} if rule.survivor else {"other", "change"})


def test_a_policy_without_rules_changes_the_setting_only(tmp_path: Path) -> None:
    path = tmp_path / "kantor.toml"
    path.write_text('recording = "latest"\n', encoding="utf-8")
    policy = load_policy(path)
    assert policy.recording == "latest"
    assert policy.rules == load_policy().rules
    assert load_policy(path, recording="first").recording == "first"


def test_a_custom_policy_decides_in_its_own_words(tmp_path: Path) -> None:
    path = tmp_path / "kantor.toml"
    own = GOOD.replace('"recorded_twice"\n', '"newest_address"\n').replace(
        '{ recorded = ">=2" }', "{ records = 2 }"
    )
    own = own.replace('["passed_check", "recording"]', '["latest_activity"]')
    own += 'text_id = "Kebijakan kantor untuk {row}."\ntext_en = "Office policy for {row}."\n'
    path.write_text(own + CLOSING, encoding="utf-8")
    config = Config().with_options(policy=path)
    story = f"""0 nik={A} class=unique changed=2020-01-01
        1 nik={B} class=belum changed=2024-01-01
        0~1 same_person confirmed 20"""
    decisions = decided(story, config=config)
    assert outcome(decisions) == {0: ("propose_deactivation", 1), 1: ("keep", 1)}
    assert decisions["reasons_id"][0].startswith("Kebijakan kantor untuk data nomor 0.")
    assert decisions["reasons_en"][1].startswith("Office policy for record number 1.")


@pytest.mark.parametrize("missing", ["nirgends.toml", "."], ids=["no file", "a folder"])
def test_an_unreadable_policy_is_one_plain_line(tmp_path: Path, missing: str) -> None:
    with pytest.raises(ConfigError, match=r"no such file|cannot be read"):
        load_policy(tmp_path / missing)


def test_an_unknown_recording_option_is_refused() -> None:
    with pytest.raises(ConfigError, match="allowed: first, latest"):
        load_policy(recording="newest")
