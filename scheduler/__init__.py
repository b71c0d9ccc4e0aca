"""When, where, and who must be told: the schedule, the writer, the command line."""
