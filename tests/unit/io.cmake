# Tests of io/: each on the real outside thing.
kith_unit_test(keys kith_io)
kith_unit_test(seal kith_io)
kith_unit_test(seal_verify kith_io)
