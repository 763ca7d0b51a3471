"""L3: people look at a sample of the records: a web page for raters on the loopback, and what their answers say.

`run.serve` asks, `run.summarise` tells. Needs the extra `review`; importing this package does not.
"""
