"""Identifiers in texts: those Safe Harbor classes that patterns, check digits and context find, offline; more through optional models.

>>> from bioinstruct.curate.identifiers import find, mask
>>> text = "Seen by Dr. Osei on 03/14/2021, MRN 4471-209."
>>> [(one.kind, text[one.start : one.end]) for one in find(text)]
[('name', 'Osei'), ('date', '03/14/2021'), ('medical_record', '4471-209')]
>>> mask(text, find(text))
'Seen by Dr. [NAME] on [DATE], MRN [MEDICAL_RECORD].'

A text without findings is not thereby de-identified: `docs/identifiers.md` says what is not found, and how much was on templates.
"""

from __future__ import annotations

from bioinstruct.curate.identifiers.finders import Identifiers, finders, problems
from bioinstruct.curate.identifiers.found import KINDS, Finder, Found, mask
from bioinstruct.curate.identifiers.patterns import find

__all__ = ["KINDS", "Finder", "Found", "Identifiers", "find", "finders", "mask", "problems"]
