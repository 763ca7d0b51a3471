"""What a run has made, in the forms of other tools: files of records, configurations of other trainers, repositories of the hub."""
