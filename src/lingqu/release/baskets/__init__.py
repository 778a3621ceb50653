"""What users took, at prediction time: histories, and lists of what to take next."""
