# Tests of the `kith` command: its pure parts, then the program itself against an agent of the tests.
kith_unit_test(import_csv kith_cli_parts)
kith_unit_test(import_dates kith_cli_parts)
