"""A second opinion on every chain the tests make: written from the specification alone, sharing no code."""
