# The judge of what a run has left.
kith_unit_test(judge kith_judge)
kith_unit_test(judge_hub kith_judge)
