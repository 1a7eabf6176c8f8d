"""Long comparisons of the program with a second opinion, on random input: `make campaign`."""
