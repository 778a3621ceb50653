"""How far around its answers a model reaches, from what it said of held-out rows."""
