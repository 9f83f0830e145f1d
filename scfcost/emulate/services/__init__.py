"""Services that functions use, behind tunnels that count."""
