"""placeholder until the report room is written."""
def render(document): return str(document)
