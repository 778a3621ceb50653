"""Pre-trained models that write: decoders, and pairs of an encoder and a decoder."""
