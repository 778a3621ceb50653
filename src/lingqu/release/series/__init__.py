"""Time series at prediction time: steps of a grid, tails, and the numbers made of them."""
