"""``python -m vnjournal``."""

from vnjournal.cli.main import main

if __name__ == "__main__":
    main()
