"""`python -m nikdedup.cli`: the command line, as `python -m nikdedup` is."""

from nikdedup.cli import main

if __name__ == "__main__":
    main()
