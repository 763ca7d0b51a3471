"""The inner loop of `novelty_index.py`, compiled by numba.

For every text, in order: find the nearest text of the pool whose ROUGE-L F1 reaches the threshold num/den; take the text in if there is
none. All comparisons are of integers. What is looked at, and why nothing is missed (m, n: words of the two texts; d: different ones;
r = m - d):

    length     LCS <= min(m, n), so n lies between m * num / (2 den - num) and its inverse
    prefix     2 LCS / (m + n) >= num / den needs `need` common words, of which at least need - r are different ones; both texts leave
               fewer than d - (need - r) different words out, so their rarest common word lies among the rarest d - (need - r) + 1 of each
               (prefix filtering: Chaudhuri, Ganti, Kaushik 2006; Bayardo, Ma, Srikant 2007)
    position   where the k-th rarest word is the first common one, at most d - k different words are common (Xiao et al., PPJoin, 2008)
    signature  192 hashed bits of the different words: each bit that differs is a word that is not common
    words      the pool text's words are counted until too many are missing here
    LCS        bit-parallel (Hyyro 2004), 64 words at a time
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import intrinsic

U = np.uint64
CLASSES = 40
"""Lists of a word: one for every two lengths up to 31 words, one for every eight beyond, and one for all that are longer."""
ENTRY = 4
"""Numbers of one list entry: three of the signature, and index, length and different words of the text."""
SCREEN, TAKE, LOOK = 0, 1, 2
LONGEST = 65535
"""Words of a text that an entry can tell."""


@intrinsic  # type: ignore[untyped-decorator]
def _bits_set(typing_context: Any, word: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), generate


def _class_of(n: int) -> int:
    if n < 32:
        return n >> 1
    place = 16 + ((n - 32) >> 3)
    return place if place < CLASSES else CLASSES - 1


def _shortest(place: int) -> int:
    return 2 * place if place < 16 else 32 + 8 * (place - 16)


def _needed(total: int, num: int, den: int) -> int:
    """Fewest common words of two texts with `total` words together."""
    return (num * total + 2 * den - 1) // (2 * den)


def _lcs(masks: Any, slots: Any, seen: Any, query: int, words: Any, low: int, high: int, m: int, rows: Any) -> int:
    """Length of the longest common subsequence of the query (as masks) and words[low:high]."""
    width = (m + 63) // 64
    for w in range(width):
        rows[w] = ~U(0)
    for place in range(low, high):
        word = words[place]
        if seen[word] != query:
            continue  # no match: the rows stay as they are
        slot = slots[word]
        carry = U(0)
        for w in range(width):
            row, mask = rows[w], masks[slot, w]
            both = row & mask
            once = row + both
            first = U(1) if once < row else U(0)
            twice = once + carry
            second = U(1) if twice < once else U(0)
            carry = first | second
            rows[w] = twice | (row & ~mask)
    length = 0
    for w in range(width):
        zeros = ~rows[w]
        if w == width - 1 and (m & 63) != 0:
            zeros &= (U(1) << U(m & 63)) - U(1)
        length += bits_set(zeros)
    return length


def _screen(
    tokens: Any, offsets: Any, begin: int, num: int, den: int, strict: bool, purpose: int,
    lists: Any, arena: Any, pool_offsets: Any, pool_words: Any, seen: Any, slots: Any, stamps: Any, state: Any,
    nearest: Any, lengths: Any,
) -> Any:  # fmt: skip
    """Screen the texts from number `begin` on; gives back the number of the first that was not done: the arena must grow before it is.

    Args:
        tokens: Words of the texts as numbers, the rarer the higher, int32.
        offsets: Where each text begins, int64, one more than texts.
        begin: First text to do.
        num: Numerator of the threshold.
        den: Denominator of the threshold.
        strict: Only scores above the threshold count.
        purpose: `SCREEN` = look, and take the text in if it is new; `TAKE` = take it in without looking; `LOOK` = do not take it in.
        lists: Of each word and class: size, start in the arena, room; int32, shape (words, CLASSES, 3).
        arena: Entries, uint64, shape (room, ENTRY).
        pool_offsets: Where each text of the pool begins in `pool_words`.
        pool_words: Words of the pool's texts.
        seen: Number of the last text that has the word, int64, -1 at first.
        slots: The word's row in the masks of that text.
        stamps: Number of the last text that was compared with this one of the pool.
        state: Texts in the pool, entries used in the arena, texts done since the index was made.
        nearest: Out: index of the nearest text, -1 = none, the text was taken in.
        lengths: Out: their longest common subsequence.
    """
    longest = 1
    for text in range(offsets.shape[0] - 1):
        longest = max(longest, offsets[text + 1] - offsets[text])
    masks = np.zeros((longest, (longest + 63) // 64), np.uint64)
    rows = np.empty((longest + 63) // 64, np.uint64)
    for text in range(begin, offsets.shape[0] - 1):
        low, m = offsets[text], offsets[text + 1] - offsets[text]
        nearest[text] = -1
        pool = state[0]
        if m == 0 and purpose == LOOK:
            state[2] += 1
            continue
        if m == 0:
            pool_offsets[pool + 1] = pool_offsets[pool]
            state[0] += 1
            state[2] += 1
            continue
        query = state[2]
        different = np.unique(tokens[low : low + m])
        d = different.shape[0]
        repeated = m - d
        fewest = (m * num + 2 * den - num - 1) // (2 * den - num)  # common words with the shortest text that can reach it
        prefix = min(d, m - fewest + 1)
        room = 0
        for k in range(prefix):
            word = different[d - 1 - k]
            if lists[word, class_of(m), 0] == lists[word, class_of(m), 2]:
                room += max(2, 2 * lists[word, class_of(m), 2])
        if state[1] + room > arena.shape[0]:
            return text
        s0, s1, s2 = U(0), U(0), U(0)
        width = (m + 63) // 64
        for k in range(d):
            word = different[k]
            bit = (((U(word) * U(0x9E3779B97F4A7C15)) >> U(48)) * U(192)) >> U(16)
            if bit < U(64):
                s0 |= U(1) << bit
            elif bit < U(128):
                s1 |= U(1) << (bit - U(64))
            else:
                s2 |= U(1) << (bit - U(128))
            seen[word] = query
            slots[word] = k
            for w in range(width):
                masks[k, w] = U(0)
        for k in range(m):
            masks[slots[tokens[low + k]], k >> 6] |= U(1) << U(k & 63)
        best, best_length, best_total = np.int64(-1), 0, 1
        if purpose != TAKE:
            last_class = class_of(m * (2 * den - num) // num)
            for k in range(prefix):
                word = different[d - 1 - k]
                for place in range(class_of(fewest), last_class + 1):
                    if needed(m + max(shortest(place), fewest), num, den) > d - k + repeated:
                        break  # position: too few different words are left for texts this long, and longer ones need more
                    start = lists[word, place, 1]
                    for entry in range(start, start + lists[word, place, 0]):
                        told = arena[entry, 3]
                        n = np.int64(told & U(0xFFFF))
                        other = np.int64((told >> U(16)) & U(0xFFFF))
                        apart = bits_set(s0 ^ arena[entry, 0]) + bits_set(s1 ^ arena[entry, 1]) + bits_set(s2 ^ arena[entry, 2])
                        if den * (d + other - apart + 2 * min(repeated, n - other)) < num * (m + n):
                            continue
                        index = np.int64(told >> U(32))
                        if stamps[index] == query:
                            continue
                        stamps[index] = query
                        missing = n - needed(m + n, num, den)
                        if missing < 0:
                            continue
                        first = pool_offsets[index]
                        for spot in range(first, first + n):
                            if seen[pool_words[spot]] != query:
                                missing -= 1
                                if missing < 0:
                                    break
                        if missing < 0:
                            continue
                        length = lcs(masks, slots, seen, query, pool_words, first, first + n, m, rows)
                        total = m + n
                        if 2 * length * den < num * total or (strict and 2 * length * den == num * total):
                            continue
                        ours, theirs = length * best_total, best_length * total
                        if best < 0 or ours > theirs or (ours == theirs and index < best):
                            best, best_length, best_total = index, length, total
        state[2] += 1
        nearest[text], lengths[text] = best, best_length
        if best >= 0 or purpose == LOOK:
            continue
        base = pool_offsets[pool]
        for k in range(m):
            pool_words[base + k] = tokens[low + k]
        pool_offsets[pool + 1] = base + m
        place = class_of(m)
        for k in range(prefix):
            word = different[d - 1 - k]
            size, start = lists[word, place, 0], lists[word, place, 1]
            if size == lists[word, place, 2]:
                for entry in range(size):
                    for part in range(ENTRY):
                        arena[state[1] + entry, part] = arena[start + entry, part]
                start = state[1]
                lists[word, place, 1], lists[word, place, 2] = start, max(2, 2 * size)
                state[1] += max(2, 2 * size)
            arena[start + size, 0], arena[start + size, 1], arena[start + size, 2] = s0, s1, s2
            arena[start + size, 3] = (U(pool) << U(32)) | (U(d) << U(16)) | U(m)
            lists[word, place, 0] = size + 1
        state[0] += 1
    return offsets.shape[0] - 1


def _compiled(function: Any, **options: Any) -> Any:
    """Compiled, and kept on disk where there is a place for it."""
    try:
        return njit(cache=True, **options)(function)
    except RuntimeError:  # numba finds no folder that it may write to
        return njit(**options)(function)


@njit(inline="always")  # type: ignore[untyped-decorator]
def bits_set(word: Any) -> Any:
    """Number of ones of a uint64."""
    return _bits_set(word)


class_of = njit(inline="always")(_class_of)
shortest = njit(inline="always")(_shortest)
needed = njit(inline="always")(_needed)
lcs = _compiled(_lcs)
screen = _compiled(_screen)
