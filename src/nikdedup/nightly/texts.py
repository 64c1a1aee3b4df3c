"""Every sentence of this room, in Indonesian and English, from data/nightly.toml."""

from __future__ import annotations

from nikdedup.wording import Texts

say = Texts("nightly.toml").say
"""Returns the text `group.name` in a language, with {places} filled in.

>>> say("event.birth", "id"), say("event.birth", "en")
('orang baru', 'new person')
"""
