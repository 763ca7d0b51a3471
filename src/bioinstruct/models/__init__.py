"""L1: things that answer - a server, a local checkpoint, the embedded teacher - and what they cost."""
