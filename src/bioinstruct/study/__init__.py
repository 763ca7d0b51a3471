"""Which instructions help which task: cells of mixture, size, seed and base, and the transfer matrix that they give."""
