"""What a server tells beside predictions: health, description, use, and open questions."""
