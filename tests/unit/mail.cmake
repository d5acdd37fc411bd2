# Tests of mail/: what needs no agent. The rest is end to end.
kith_unit_test(mail_authres kith_mail_parts)
kith_unit_test(mail_sandbox kith_mail_parts)
