# Tests of agents/ beside core and work: configuration, store, api, links, seals, watches.
add_library(kith_agent_world STATIC EXCLUDE_FROM_ALL agent_world.c)
target_link_libraries(kith_agent_world PUBLIC kith_agent_parts kith_test_lib kith_rules
  PkgConfig::CMOCKA)
kith_unit_test(agent_conf kith_agent_world)
kith_unit_test(agent_store kith_agent_world)
kith_unit_test(agent_watch kith_agent_parts kith_test_lib)
kith_unit_test(agent_seal kith_agent_parts)
kith_unit_test(agent_links kith_agent_parts)
target_link_libraries(test_agent_links PRIVATE PkgConfig::ZMQ)
