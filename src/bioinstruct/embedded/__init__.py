"""L1: the offline default - a small made-up world, not reviewed by a clinician. Teacher and test share an author."""
