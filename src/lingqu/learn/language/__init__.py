"""Language models: a decoder that is trained from scratch, its alphabet, and how it writes."""
