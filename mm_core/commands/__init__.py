"""One command a file: ``add_parser(subparsers)`` describes it, ``run(arguments)`` does it and returns the exit
status. Parsers are made at every start, so these modules import what is heavy inside ``run``."""
