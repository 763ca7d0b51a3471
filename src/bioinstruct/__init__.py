"""Biomedical instruction tuning: generate, curate, tune, evaluate, report."""

__version__ = "0.1.0"
