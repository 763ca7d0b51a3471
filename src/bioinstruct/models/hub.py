"""Files of the Hugging Face hub, by the address that pandas, DuckDB and huggingface_hub know them by.

    hf://datasets/OWNER/NAME/PATH    hf://datasets/OWNER/NAME@REVISION/PATH

A file is fetched once into the hub's own cache; with `HF_HUB_OFFLINE=1` only what lies there is used (extra `hub`).
"""

from __future__ import annotations

import re
from pathlib import Path

from bioinstruct.core.errors import DataError, MissingExtra, Problem

PREFIX = "hf://"
_ADDRESS = re.compile(r"hf://datasets/([\w.-]+/[\w.-]+)(?:@([^/]+))?/(.+)")


def local(name: str) -> Path:
    """The path of a file: `name` itself, or where a file of the hub lies after it was fetched.

    Raises:
        DataError: the address is none, or the hub does not give the file; carries its words.
        MissingExtra: huggingface_hub is not installed.
    """
    if not name.startswith(PREFIX):
        return Path(name)
    found = _ADDRESS.fullmatch(name)
    if found is None:
        raise DataError(
            name, got="an address that names no file", allowed="hf://datasets/OWNER/NAME/PATH or hf://datasets/OWNER/NAME@REVISION/PATH"
        )
    try:
        from huggingface_hub import hf_hub_download
    except ImportError:
        raise MissingExtra("huggingface_hub", "hub") from None
    repository, revision, path = found.groups()
    try:
        return Path(hf_hub_download(repository, path, repo_type="dataset", revision=revision))
    except (OSError, ValueError) as error:  # the hub's own errors are of these kinds, and so are those of the network
        words = " ".join(str(error).split())[:200]
        allowed = "a file that the hub has and this machine can reach, or a local file"
        raise DataError(name, got=f"{type(error).__name__}: {words}", allowed=allowed) from None


def problems(place: str, name: str) -> list[Problem]:
    """What would stop `local`, told of the recipe field `place`; a file of the hub is fetched."""
    try:
        local(name)
    except MissingExtra as error:
        return [Problem(place, f"'{name}', a file of the hub", str(error))]
    except DataError as error:
        return [Problem(place, f"'{name}': {error.got}", error.allowed)]
    return []
