"""What is seen of the use: logs, labels, counters, their sums over processes, and traces."""
