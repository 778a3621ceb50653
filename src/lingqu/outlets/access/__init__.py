"""Who may call, and how much: keys, tokens, places, quotas, and what was used."""
