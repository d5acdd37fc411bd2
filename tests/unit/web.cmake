# Tests of web/: what needs no agent. The rest is end to end.
kith_unit_test(http kith_web_parts)
kith_unit_test(web_accounts kith_web_parts)
kith_unit_test(web_asks kith_web_parts)
kith_unit_test(web_guard kith_web_parts)
