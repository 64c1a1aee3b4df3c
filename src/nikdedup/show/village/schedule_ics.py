"""schedule.ics: the visits as a calendar that every program reads (RFC 5545), one event per team, day and place."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from nikdedup.runtime.extras import needed
from nikdedup.show.texts import say


def calendar_bytes(found: Any) -> bytes:
    """Return the calendar: whole days, from the day a team leaves; nobody is named, no reason is given.

    Args:
        found: run.outreach.Outreach.

    Raises:
        ConfigError: where icalendar is not installed.
    """
    with needed("a calendar"):
        from icalendar import Calendar, Event
    calendar = Calendar()
    calendar.add("prodid", "-//nikdedup//outreach//")
    calendar.add("version", "2.0")
    for one in found.plan.visits:
        event = Event()
        named = f"{one.leaves}/{one.day}/{one.team}/{one.place.name}"
        event.add("uid", f"{hashlib.sha256(named.encode()).hexdigest()[:24]}@nikdedup")
        event.add("dtstamp", datetime(2000, 1, 1, tzinfo=UTC))  # the same plan gives the same bytes
        event.add("dtstart", one.leaves)
        event.add("dtend", one.day + timedelta(days=1))
        event.add("summary", say("plan.event", found.lang, team=one.team, place=one.place.name))
        event.add("description", say("plan.event_text", found.lang, people=one.reached, home=one.home))
        event.add("location", one.place.name)
        if one.place.lat is not None and one.place.lon is not None:
            event.add("geo", (one.place.lat, one.place.lon))
        calendar.add_component(event)
    return bytes(calendar.to_ical())
