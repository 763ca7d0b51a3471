"""A data set's description in Croissant (https://docs.mlcommons.org/croissant), version 1.0, with its terms for responsible AI."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bioinstruct.core.categories import listed
from bioinstruct.report import cards

_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
FIELDS = {
    "instruction": "What is asked",
    "input": "What it is asked about; empty where the instruction needs nothing",
    "output": "The answer that a model is trained to give",
    "id": "Sixteen hexadecimal digits of the SHA-256 of the three texts",
    "category": "One of the kinds that the records are counted by",
}
"""Columns that are described -> what they hold."""


def describe(data: Mapping[str, Any], file: str, sha256: str, size: int, licence: str | None) -> str:
    """The description as JSON-LD.

    Args:
        data: `report.json`'s value.
        file: The Parquet file with the records, relative to the description.
        sha256: Of that file.
        size: Its bytes.
        licence: The one licence that all records state; None = said to be unknown.
    """
    found = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": cards.one_line(data["title"]),
        "description": " ".join([*([data["label"] + "."] if data["label"] else []), cards.made(data)]),
        "license": licence or "unknown",
        "isLiveDataset": False,
        "keywords": [*cards.keywords(data), "instruction tuning"],
        "inLanguage": "en",
        "rai:dataCollection": cards.made(data),
        "rai:dataPreprocessingProtocol": [f"{step['rule']}: {step['dropped']} dropped" for step in data["funnel"]],
        "rai:dataUseCases": cards.intended(data),
        "rai:dataLimitations": cards.limits(data),
        "rai:personalSensitiveInformation": cards.identifiers(data["identifiers"]),
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": "records-file",
                "name": file.rpartition("/")[2],
                "contentUrl": file,
                "contentSize": f"{size} B",
                "encodingFormat": "application/x-parquet",
                "sha256": sha256,
            }
        ],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": "records",
                "name": "records",
                "key": {"@id": "records/id"},
                "field": [_field(name, meaning) for name, meaning in _fields(data).items()],
            }
        ],
    }
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def _fields(data: Mapping[str, Any]) -> dict[str, str]:
    """`FIELDS`, with the names of the categories where they are counted."""
    return FIELDS | ({"category": listed(list(data["categories"]))} if data["categories"] else {})


def _field(name: str, meaning: str) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"records/{name}",
        "name": name,
        "description": meaning,
        "dataType": "sc:Text",
        "source": {"fileObject": {"@id": "records-file"}, "extract": {"column": name}},
    }
