"""How sure a month is, what drives it and how it grows."""
