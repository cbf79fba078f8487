"""A phone network on your desk. It speaks the carrier's HTTP, and knows the product by its addresses only."""
