"""What comes in: the forms of a request, and its values as typed columns."""
