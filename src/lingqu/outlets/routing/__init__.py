"""Which release answers: the split of a route, and what goes on beside and after an answer."""
