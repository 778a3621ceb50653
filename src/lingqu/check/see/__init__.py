"""What can be looked at: a map of test rows, what answers rest on, the surest mistakes."""
