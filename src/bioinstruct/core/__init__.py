"""L0: what every stage shares. No third-party import but pydantic and PyYAML."""
