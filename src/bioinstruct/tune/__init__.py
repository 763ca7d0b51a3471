"""L2: LoRA on the kept instructions."""
