"""The data contract: rules as data, judged in one pass over the table."""
