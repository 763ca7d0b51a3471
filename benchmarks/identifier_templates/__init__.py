"""Sentences with identifiers in known places, and their scoring: what `benchmarks/identifiers.py` measures finders with.

    develop.tsv, held_out.tsv, held_out_second.tsv, held_out_third.tsv
                   templates: kind, genre, text with slots such as {phone} or {date.iso}; kind `none` has no identifier
    words.tsv      names, streets, cities and hosts that slots are filled from; no two parts share any
    values.py      makers of slot values; values_second.py, values_third.py: further ones, for one held-out part each; slots.py: which part has which
    templates.py   reads and fills
    scoring.py     counts and intervals

All of it is made up. It was written from what clinical and research text looks like, without sight of any finder's patterns.
`held_out` was held out at first and has been looked at since; so was `held_out_second`, written after that and apart from the patterns.
`held_out_third` was written on 2026-11-23 by the same rule, without sight of the other held-out templates; its words and most of its makers of values
are its own. It was run once, on the finder of commit af999a8, and looked at after that. `held_out_fourth` was
written after that by the same rule.
"""
