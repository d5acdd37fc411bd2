# Tests of the `kith` command: its pure parts, then the program against an agent of the tests.
find_program(KITH_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)

kith_unit_test(import_csv kith_cli_parts)
kith_unit_test(import_dates kith_cli_parts)
kith_unit_test(import_map kith_cli_parts)
target_compile_definitions(test_import_map PRIVATE
  MAPS="${PROJECT_SOURCE_DIR}/config/maps" FIXTURES="${PROJECT_SOURCE_DIR}/tests/fixtures")

kith_unit_test(cli_args kith_cli_parts)
kith_unit_test(cli_text kith_cli_parts)
kith_unit_test(cli_event kith_cli_parts)

kith_unit_test(json kith_io)
kith_unit_test(json_message kith_io)
add_executable(json_of EXCLUDE_FROM_ALL json_of.c)
target_link_libraries(json_of PRIVATE kith_rules kith_io)
add_dependencies(unit_tests json_of)
add_test(NAME unit.json_golden COMMAND ${KITH_PYTHON}
  ${CMAKE_CURRENT_SOURCE_DIR}/test_json_golden.py $<TARGET_FILE:json_of>
  ${PROJECT_SOURCE_DIR}/proto)
set_tests_properties(unit.json_golden PROPERTIES LABELS unit TIMEOUT 120)

# The whole command against an agent written in Python.
set(cli_asks ${PROJECT_SOURCE_DIR}/proto)
set(cli_publish ${PROJECT_SOURCE_DIR}/proto ${PROJECT_SOURCE_DIR}/config/maps
  ${PROJECT_SOURCE_DIR}/tests/fixtures)
set(cli_feed ${PROJECT_SOURCE_DIR}/proto)
set(cli_households ${PROJECT_SOURCE_DIR}/proto)
set(cli_shows ${PROJECT_SOURCE_DIR}/proto ${PROJECT_SOURCE_DIR}/config)
foreach(name cli_asks cli_feed cli_households cli_publish cli_shows)
  add_test(NAME unit.${name} COMMAND ${KITH_PYTHON}
    ${CMAKE_CURRENT_SOURCE_DIR}/test_${name}.py $<TARGET_FILE:kith> ${${name}})
  set_tests_properties(unit.${name} PROPERTIES LABELS unit TIMEOUT 300)
endforeach()
# Hundreds of short commands, half of their time the search for leaks: the others search.
set_tests_properties(unit.cli_asks unit.cli_shows PROPERTIES
  ENVIRONMENT ASAN_OPTIONS=detect_leaks=0)
