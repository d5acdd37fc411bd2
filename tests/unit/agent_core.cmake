# Tests of agents/core.
kith_unit_test(core_random kith_world)
kith_unit_test(core_submit kith_world)
kith_unit_test(core_number kith_world)
kith_unit_test(core_publish kith_world)
kith_unit_test(core_verdict kith_world)
kith_unit_test(core_take kith_world)
kith_unit_test(core_quarantine kith_world)
kith_unit_test(core_receipt kith_world)
