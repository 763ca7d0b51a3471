"""Sentences with identifiers in known places, and their scoring: what `benchmarks/identifiers.py` measures finders with.

    develop.tsv, held_out.tsv   templates: kind, genre, text with slots such as {phone} or {date.iso}; kind `none` has no identifier
    words.tsv                   names, streets, cities and hosts that slots are filled from; the two parts share none
    values.py                   makers of slot values       templates.py  reads and fills       scoring.py  counts and intervals

All of it is made up. It was written from what clinical and research text looks like, without sight of any finder's patterns.
"""
