# Tests of broker/.
add_library(kith_broker_world STATIC EXCLUDE_FROM_ALL broker_world.c broker_world_effects.c)
target_link_libraries(kith_broker_world PUBLIC kith_broker_core kith_rules PkgConfig::CMOCKA)
kith_unit_test(broker_core_session kith_broker_world)
kith_unit_test(broker_core_publish kith_broker_world)
kith_unit_test(policy kith_broker_core)
