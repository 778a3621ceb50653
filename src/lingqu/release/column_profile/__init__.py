"""The profile of a column: one pass, any number of batches, parts that merge.

`column.profile_of` makes the accumulator of a kind, `table.TableProfile` one of every column.
"""
