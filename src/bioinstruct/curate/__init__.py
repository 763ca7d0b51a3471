"""L2: which candidates are kept, and why the others are not."""
