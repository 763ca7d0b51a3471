"""Identifiers in free text through openmed, whose models run on this machine; package and model are installed by the user."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from bioinstruct.core.errors import InputError, Problem
from bioinstruct.curate.identifiers.addresses import STATES
from bioinstruct.curate.identifiers.found import Found

NAME = "openmed"
MODEL = "OpenMed/OpenMed-PII-SuperClinical-Small-44M-v1"
"""openmed's own default for English."""
KIND_OF = {
    "PERSON": "name",
    "FIRST_NAME": "name",
    "MIDDLE_NAME": "name",
    "LAST_NAME": "name",
    "EMAIL": "email",
    "PHONE": "phone",
    "URL": "url",
    "LOCATION": "address",
    "STREET_ADDRESS": "address",
    "BUILDING_NUMBER": "address",
    "ZIPCODE": "address",
    "GPS_COORDINATES": "address",
    "DATE": "date",
    "DATE_OF_BIRTH": "date",
    "AGE": "age_over_89",
    "SSN": "ssn",
    "ACCOUNT_NUMBER": "account",
    "IBAN": "account",
    "CREDIT_CARD": "card",
    "IP_ADDRESS": "ip",
    "MAC_ADDRESS": "device",
    "IMEI": "device",
    "DEVICE_IDENTIFIER": "device",
    "VIN": "vehicle",
    "VEHICLE_REGISTRATION": "vehicle",
    "ID_NUM": "medical_record",
}
"""openmed's canonical label -> ours; the labels of a model itself, which say more, stand in `_KIND_OF_LABEL`."""
_KIND_OF_LABEL = {
    "faxnumber": "fax",
    "fax": "fax",
    "healthplanbeneficiarynumber": "health_plan",
    "certificatelicensenumber": "licence",
    "drivinglicense": "licence",
    "driverslicense": "licence",
}
_YEAR_ALONE = re.compile(r"(?:19|20)\d{2}s?")
_OVER_89 = re.compile(r"(?<!\d)(?:9\d|1[01]\d|12[0-5])(?!\d)|(?i:ninety|hundred)")
_OFFLINE = ("OPENMED_OFFLINE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")


def problems() -> list[Problem]:
    """What keeps openmed from being used; nothing is loaded and no network is asked."""
    missing = [package for package in ("openmed", "transformers", "torch") if find_spec(package) is None]
    if missing:
        allowed = f"pip install 'openmed[hf]' (and its model {MODEL}); or finders without 'openmed'"
        return [Problem("curate.finders", f"'openmed', but {', '.join(missing)} is not installed", allowed)]
    return []


class OpenMedFinder:
    """openmed with one model that labels words, in English.

    Args:
        model: Hub id or folder; a hub id that is not on this machine is downloaded, unless `HF_HUB_OFFLINE` or `OPENMED_OFFLINE` is set.

    Raises:
        InputError: The model is not there and cannot be had, or openmed refuses it.
    """

    name = NAME

    def __init__(self, model: str = MODEL) -> None:
        self._extract: Any = import_module("openmed").extract_pii
        self._canonical: Any = import_module("openmed.core.labels").normalize_label
        self._model = model
        try:
            self._loader: Any = import_module("openmed.core.models").ModelLoader()
            self._entities("This loads the model.")
        except Exception as error:  # openmed's own errors share no base with those of the hub and of transformers
            offline = [name for name in _OFFLINE if os.environ.get(name)]
            hint = f" (and {', '.join(offline)} is set)" if offline else ""
            raise InputError(
                f"curate.finders: got 'openmed', whose model {model} does not load{hint}: {error}; allowed: a machine on which it lies in "
                f"the hub's cache (hf download {model}) or can be downloaded, or finders without 'openmed'"
            ) from error

    def find(self, texts: Sequence[str]) -> list[list[Found]]:
        """What openmed finds in each text, but for bare years, ages up to 89 and the names of states."""
        return [self._found(text) for text in texts]

    def _entities(self, text: str) -> list[Any]:
        return list(self._extract(text, model_name=self._model, lang="en", loader=self._loader).entities)

    def _found(self, text: str) -> list[Found]:
        # openmed takes no empty text, and counts from the first character that is no space, whatever it is asked.
        stripped = text.strip()
        if not stripped:
            return []
        offset = len(text) - len(text.lstrip())
        found = []
        for entity in self._entities(stripped):
            value = stripped[entity.start : entity.end]
            kind = self._kind(entity.label, value)
            if kind is not None and value:
                found.append(Found(entity.start + offset, entity.end + offset, kind, NAME))
        return found

    def _kind(self, label: str, value: str) -> str | None:
        plain = re.sub(r"[^a-z]", "", label.lower())
        kind = _KIND_OF_LABEL.get(plain) or KIND_OF.get(self._canonical(label))
        allowed = (
            (kind == "date" and _YEAR_ALONE.fullmatch(value.strip()))
            or (kind == "age_over_89" and not _OVER_89.search(value))
            or (kind == "address" and value.strip() in STATES)
        )
        return None if allowed else kind
