"""Everything that would stop a page tonight, checked: what, why it matters, what to do."""
