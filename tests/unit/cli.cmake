# Tests of the `kith` command: its pure parts, then the program itself against an agent of the tests.
kith_unit_test(import_csv kith_cli_parts)
kith_unit_test(import_dates kith_cli_parts)
kith_unit_test(import_map kith_cli_parts)
target_compile_definitions(test_import_map PRIVATE
  MAPS="${PROJECT_SOURCE_DIR}/config/maps" FIXTURES="${PROJECT_SOURCE_DIR}/tests/fixtures")
