"""L2: from seeds to candidate instructions."""
