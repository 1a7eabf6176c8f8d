"""The program's version. Reading the installed package's metadata would cost more than all of `--version`."""

VERSION = "0.1.0"
