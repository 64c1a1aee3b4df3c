"""What a state says of itself: whatever stands there, one line tells what is wrong."""

from __future__ import annotations

import json

import pytest

from nikdedup.errors import NikdedupError
from nikdedup.nightly.past import runs
from nikdedup.nightly.place import DESCRIPTION
from nikdedup.nightly.state import reading, writing

NO_ADDRESS = "no address that SQLAlchemy knows; allowed: such as"
POSTGRES = "postgresql+psycopg://nightly@127.0.0.1:1/ledger"


@pytest.fixture
def state(tmp_path):
    with writing(tmp_path / "state", make=True):
        pass
    return tmp_path / "state"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"ledger": None}, "state.json is unreadable"),
        ({"ledger": ""}, "state.json is unreadable"),
        ({"ledger": 5}, "state.json is unreadable"),
        ({"state_id": None}, "state.json is unreadable"),
        ({"nikdedup_state": "1"}, "state.json is unreadable"),
        ({"nikdedup_state": 99}, "a state of a newer version; update nikdedup"),
        ({"ledger": "nonsense"}, NO_ADDRESS),
        ({"ledger": "nosuch+driver://host/ledger"}, NO_ADDRESS),
        ({"ledger": "postgresql+psycopg://host:port/ledger"}, NO_ADDRESS),
        ({"ledger": POSTGRES, "password": "word"}, "state.json is unreadable"),
        ({"ledger": POSTGRES, "password": {"env": 5}}, "state.json is unreadable"),
        ({"ledger": POSTGRES, "password": {"env": "NOT_SET"}}, "the variable NOT_SET is not set"),
    ],
)
def test_a_description_that_is_not_one(state, changed, said):
    path = state / DESCRIPTION
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changed), "utf-8")
    with pytest.raises(NikdedupError, match=said), reading(state):
        pass


def test_what_a_newer_version_adds_is_left_alone(state):
    path = state / DESCRIPTION
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"kept_by": "somebody"}), "utf-8")
    with reading(state) as store:
        assert store.current() is None


def test_a_state_before_its_first_night_has_no_runs(state):
    with reading(state) as store:
        assert runs(store).is_empty()
