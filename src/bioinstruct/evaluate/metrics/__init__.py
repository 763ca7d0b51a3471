"""Metrics of written answers that need more than the two texts: an encoder, a lexicon, a licensed vocabulary (docs/metrics.md)."""
