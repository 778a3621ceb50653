"""What each kind of column takes, and how it is brought to its canonical type."""
