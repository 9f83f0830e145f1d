"""`python -m scfcost`."""

from scfcost.cli.app import main

if __name__ == "__main__":
    main()
