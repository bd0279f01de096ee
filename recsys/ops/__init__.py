"""Pure functions on arrays and frames, used by two axes or more."""
