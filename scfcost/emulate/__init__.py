"""The user's own server under the platform's rules: run, cut, recorded."""
