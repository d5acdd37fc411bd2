# Unit tests of what ships, on the planted libraries (bugs.tsv).
kith_plant(kith_broker_world)
kith_plant(kith_mailbox_memory)
kith_plant(kith_work_world)
foreach(name IN ITEMS credit merkle mailbox seal seal_verify broker_core_session core_careful
        core_epoch core_receipt core_take work_alert)
  kith_plant(test_${name})
  add_dependencies(planted_programs test_${name}-planted)
endforeach()
