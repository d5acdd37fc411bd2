# Tests of agents/work: each rule of the field in a small world of agencies.
add_library(kith_work_world STATIC EXCLUDE_FROM_ALL work_world.c work_world_run.c
  work_world_feed.c work_faults.c)
target_link_libraries(kith_work_world PUBLIC kith_agent_work kith_test_lib kith_rules
  PkgConfig::CMOCKA)
set(work_parts
  event
  referral
  referral_life
  referral_clock
  alert
  alert_climb
  alert_life
  alert_again
  alert_mute
  household
  household_close
  lead
  converge
  check
  feed
  shield
  link
  mail
  directory
  task
  faults
  faults_alert
  faults_feed
  faults_together
  fold
  fresh
  load
  rules
  rule_states
  snooze
  round
  round_year
  offer
  find
  expected
  underlap
  assessment
  plan
  small_help
  disagreement
  plan_reach)
foreach(part ${work_parts})
  kith_unit_test(work_${part} kith_work_world)
endforeach()
# compared with docs/STATES.md
set(work_states
  round
  snooze
  referral_life
  alert_life
  household_close
  lead
  rule_states
  assessment
  plan
  small_help
  disagreement)
foreach(part ${work_states})
  target_compile_definitions(test_work_${part} PRIVATE
    KITH_STATES="${PROJECT_SOURCE_DIR}/docs/STATES.md")
endforeach()
