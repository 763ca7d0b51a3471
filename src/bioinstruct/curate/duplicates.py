"""Records that stand there already: the same, nearly the same, or of the same meaning.

    duplicate        the three fields are equal after normalising (compatibility forms, case, white space)
    near_duplicate   the whole records share most of their word 3-grams (`curate.minhash`)
    similar          the vectors that an encoder gives to the whole records have nearly one direction (`curate.meaning`)

Records are judged in order. One that is like none before it stands, whatever later rules decide about it; one that is like a standing one
is named with it, and stands for nothing itself. How the records are cut into calls changes nothing. The costly part, `Prints`, needs no
other record and may be done anywhere; `Duplicates` takes what it gives, in order.

    >>> records = [Record("Name the drug class.", "metformin", "biguanide"), Record("Name  the DRUG class.", "Metformin", "biguanide")]
    >>> Duplicates().screen(Prints().of(records), ["a", "b"])
    [None, Duplicate(how='duplicate', of='a', score=1.0)]
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from operator import attrgetter
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from bioinstruct.core.errors import InputError
from bioinstruct.core.text import normalise
from bioinstruct.curate.contamination import Record
from bioinstruct.curate.meaning import Directions, Encoder
from bioinstruct.curate.minhash import MOST, Buckets, Near, shingles

How = Literal["duplicate", "near_duplicate", "similar"]
BLOCK, BLOCK_SHINGLES = 4096, 1_000_000
"""Most records, and about how many shingles, that are looked up at once."""
_DIGEST = 16


class Fingerprint(NamedTuple):
    """What of a record is compared."""

    exact: bytes
    """Digest of the normalised fields, 16 bytes."""
    shingles: npt.NDArray[np.uint64] | None
    """Hashes of its different word 3-grams in ascending order; None = not asked for."""
    vector: npt.NDArray[np.float32] | None
    """Its direction, of length 1; None = not asked for."""


class Prints:
    """Fingerprints of records: a pure function of each record, whichever others come with it. Can be pickled.

    Args:
        near: Whether shingles are wanted.
        encoder: Gives the vectors; None = none are wanted.
    """

    def __init__(self, near: bool = False, encoder: Encoder | None = None) -> None:
        self._near = near
        self._encoder = encoder

    def of(self, records: Sequence[Record]) -> list[Fingerprint]:
        """One fingerprint a record, in order."""
        fields = [[normalise(text) for text in record] for record in records]
        sets = shingles(["\n".join(one) for one in fields]) if self._near else [None] * len(fields)
        vectors = self._encoder.vectors([_whole(record) for record in records]) if self._encoder else [None] * len(fields)
        return [Fingerprint(_digest(one), found, vector) for one, found, vector in zip(fields, sets, vectors, strict=True)]


def _whole(record: Record) -> str:
    return "\n".join(text for text in record if text)


def _digest(fields: Sequence[str]) -> bytes:
    digest = blake2b(digest_size=_DIGEST)
    for text in fields:
        data = text.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "little"))  # keeps the fields apart, whatever they hold
        digest.update(data)
    return digest.digest()


@dataclass(frozen=True)
class Duplicate:
    """A standing record that a later one is like."""

    how: How
    of: str
    """Id of the standing record: the first that is equal, or else the nearest."""
    score: float
    """1 for equal records; Jaccard similarity of the shingles; cosine of the vectors."""


class _Judge(Protocol):
    """One way in which records are alike; records have numbers from 0 in the order in which they came to stand."""

    def open(self, values: Sequence[Any], look: bool, /) -> None:
        """Begin a block with what is compared of each record; `look` = `nearest` will be asked."""

    def nearest(self, row: int, /) -> tuple[int, float] | None:
        """Number and score of the standing record that this one of the block is like; None = it is like none."""

    def stand(self, row: int, number: int, /) -> None:
        """Let this record of the block stand."""

    def close(self) -> None:
        """End the block."""


class Duplicates:
    """Remembers what stands.

    Memory per standing record: 45 bytes and its id; with `near` also 8 bytes a word, 45, and 8 a band (16 bands at 0.8, at most 61),
    about 880 in all for records of 65 words; with `similar` also 4 bytes a component of the vectors (benchmarks/duplicates.py).

    Args:
        exact: Whether equal records are looked for.
        near: Jaccard similarity from which a record is a near-duplicate; None = not looked for.
        similar: Cosine likewise.

    Raises:
        InputError: a threshold is out of range (`near`: 0.1 to 1; `similar`: above 0, up to 1).
    """

    def __init__(self, *, exact: bool = True, near: float | None = None, similar: float | None = None) -> None:
        self._judges: list[tuple[How, Callable[[Fingerprint], Any], _Judge]] = []
        if exact:
            self._judges.append(("duplicate", attrgetter("exact"), _Exact()))
        if near is not None:
            self._judges.append(("near_duplicate", attrgetter("shingles"), Near(near)))
        if similar is not None:
            self._judges.append(("similar", attrgetter("vector"), Directions(similar)))
        self._ids = _Ids()

    def __len__(self) -> int:
        """How many records stand."""
        return len(self._ids)

    def screen(self, prints: Sequence[Fingerprint], ids: Sequence[str]) -> list[Duplicate | None]:
        """For each record in order the standing one it is like, or None, and then it stands.

        Raises:
            InputError: a fingerprint lacks what is compared, or has a vector of another length; nothing of the call is remembered then.
        """
        return self._take(prints, ids, look=True)

    def remember(self, prints: Sequence[Fingerprint], ids: Sequence[str]) -> None:
        """Let all of these records stand, as those of earlier rounds do, also where they are alike.

        Raises:
            InputError: as in `screen`.
        """
        self._take(prints, ids, look=False)

    def _take(self, prints: Sequence[Fingerprint], ids: Sequence[str], look: bool) -> list[Duplicate | None]:
        self._check(prints, ids)
        found: list[Duplicate | None] = []
        for block in _blocks(prints):
            for _, value, judge in self._judges:
                judge.open([value(one) for one in prints[block]], look)
            for row, name in enumerate(ids[block]):
                found.append(self._like(row) if look else None)
                if found[-1] is None:
                    number = self._ids.append(name)
                    for _, _, judge in self._judges:
                        judge.stand(row, number)
            for _, _, judge in self._judges:
                judge.close()
        return found

    def _like(self, row: int) -> Duplicate | None:
        for how, _, judge in self._judges:
            if (found := judge.nearest(row)) is not None:
                return Duplicate(how, self._ids[found[0]], found[1])
        return None

    def _check(self, prints: Sequence[Fingerprint], ids: Sequence[str]) -> None:
        if len(prints) != len(ids):
            raise InputError(f"duplicates: got {len(prints)} fingerprints and {len(ids)} ids; allowed: one id for each")
        for how, value, judge in self._judges:
            if any(value(one) is None for one in prints):
                raise InputError(f"duplicates: got a fingerprint without what '{how}' compares; allowed: Prints made for it")
            if isinstance(judge, Directions):
                judge.check([value(one) for one in prints])
        if len(self) + len(prints) > MOST:
            raise InputError(f"duplicates: got more than {MOST} records; allowed: so many")


def _blocks(prints: Sequence[Fingerprint]) -> Iterator[slice]:
    """Cuts that keep what is held for a block small; where they lie changes no decision."""
    first = size = 0
    for place, one in enumerate(prints):
        size += 0 if one.shingles is None else len(one.shingles)
        if place + 1 - first == BLOCK or size >= BLOCK_SHINGLES:
            yield slice(first, place + 1)
            first, size = place + 1, 0
    if first < len(prints):
        yield slice(first, len(prints))


class _Exact:
    """Digests of standing records, 16 bytes each beside their buckets."""

    def __init__(self) -> None:
        self._buckets = Buckets(1)
        self._digests = bytearray()
        self._block: Sequence[bytes] = []

    def open(self, digests: Sequence[bytes], look: bool) -> None:
        self._block = digests
        self._buckets.open(np.frombuffer(b"".join(digests), "<u8").reshape(len(digests), 2)[:, :1].astype(np.uint64), look)

    def nearest(self, row: int) -> tuple[int, float] | None:
        own = self._block[row]
        equal = (n for n in self._buckets.candidates(row).tolist() if self._digests[n * _DIGEST : (n + 1) * _DIGEST] == own)
        first = next(equal, None)
        return None if first is None else (first, 1.0)

    def stand(self, row: int, number: int) -> None:
        self._digests += self._block[row]
        self._buckets.stand(row, number)

    def close(self) -> None:
        self._buckets.close()
        self._block = []


class _Ids:
    """Ids in one buffer: 8 bytes and their letters, where a list of strings takes 57 more."""

    def __init__(self) -> None:
        self._letters = bytearray()
        self._ends = array("Q", [0])

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, number: int) -> str:
        return self._letters[self._ends[number] : self._ends[number + 1]].decode("utf-8", "surrogatepass")

    def append(self, name: str) -> int:
        self._letters += name.encode("utf-8", "surrogatepass")
        self._ends.append(len(self._letters))
        return len(self) - 1
