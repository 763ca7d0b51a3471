"""L3: one offline page and its JSON."""
