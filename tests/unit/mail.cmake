# Tests of mail/: what needs no agent. The rest is end to end.
kith_unit_test(mail_authres kith_mail_parts)
kith_unit_test(mail_sandbox kith_mail_parts)
kith_unit_test(mail_answer kith_mail_parts)
kith_unit_test(mail_intake kith_mail_parts)
kith_unit_test(mail_outbox kith_mail_parts kith_test_lib)
kith_unit_test(mail_token kith_mail_parts)
