"""The machine a run works on: time, threads, memory, files, and a command watched from outside."""
