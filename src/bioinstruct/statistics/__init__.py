"""L1: resampling intervals and paired tests on plain numpy arrays; knows nothing of models or tasks."""
