"""The chapters of the story that `make demo` tells, each a function that goes on where the one before ended."""
