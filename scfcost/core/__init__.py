"""What every room stands on: errors, warnings, units, money, files."""
