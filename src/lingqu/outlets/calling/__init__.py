"""The callers' side: clients of a server outlet, and what writes one for TypeScript."""
