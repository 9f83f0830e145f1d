"""Files into sorted rows into columns: told apart, checked, grouped."""
