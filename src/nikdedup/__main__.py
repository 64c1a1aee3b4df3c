"""`python -m nikdedup`: the command line, where the `nikdedup` script is not on the path."""

from nikdedup.cli import main

if __name__ == "__main__":
    main()
