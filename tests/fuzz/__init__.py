"""A harness that makes broken inputs without end: `make fuzz`, or `python -m tests.fuzz --seconds 600`.

mutations: how an input is spoilt, knowing its structure. targets: what is done with it, and what may come of that.
worker: a process in which this happens, for it may die. guided: the readers, led by coverage (atheris).
"""
