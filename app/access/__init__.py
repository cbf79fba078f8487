"""Who is asking, and what they may do: one table of rights, asked by every page and every API route."""
