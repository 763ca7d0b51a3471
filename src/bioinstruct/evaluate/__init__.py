"""L2: ask the models, grade, compare."""
