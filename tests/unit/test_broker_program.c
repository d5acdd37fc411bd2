/* kith-broker as a process: starts, refuses to start, delivers, survives, reloads, stops. */
#include "tests/unit/broker_program.h"

#include "base/credit.h"
#include "base/frame.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define VERB(name)   KITH__PACKET__VERB_##name
#define REASON(name) KITH__REASON__REASON_##name

enum { URGENT = KITH_LANE_URGENT, NORMAL = KITH_LANE_NORMAL };

static int begin(void **state)
{
    *state = program_new();
    return 0;
}

static int end(void **state)
{
    program_destroy(*state);
    return 0;
}

static void expect_bye(peer_t *peer, Kith__Reason reason)
{
    assert_int_equal(peer_receive(peer, VERB(BYE))->bye->reason, reason);
}

static void taken(peer_t *peer, uint64_t token, bool with_receipt)
{
    kith_arena_t *arena = peer->program->arena;
    uint8_t frame[1024];
    kith_frame_writer_t writer;
    kith_frame_begin(&writer, frame, sizeof frame);
    Kith__Taken t = KITH__TAKEN__INIT;
    t.n_tokens = 1;
    t.tokens = &token;
    Kith__Packet packet = KITH__PACKET__INIT;
    packet.verb_case = VERB(TAKEN);
    packet.taken = &t;
    (void)kith__packet__pack(&packet,
                             kith_frame_add(&writer, kith__packet__get_packed_size(&packet)));
    if (with_receipt) {
        Kith__StreamId stream = KITH__STREAM_ID__INIT;
        stream.origin = kith_arena_str(arena, "police");
        stream.recipient = kith_arena_str(arena, "housing");
        stream.lane = KITH__LANE__LANE_NORMAL;
        Kith__Receipt receipt = KITH__RECEIPT__INIT;
        receipt.partnership = kith_arena_str(arena, "exampletown");
        receipt.stream = &stream;
        receipt.n = 1;
        Kith__ReceiptPacket body = KITH__RECEIPT_PACKET__INIT;
        body.receipt = seal_sign(peer->program->keys[HOUSING], arena, KITH_TAG_RECEIPT,
                                 KITH_PACK(arena, &receipt));
        body.origin = stream.origin;
        body.lane = stream.lane;
        packet.verb_case = VERB(RECEIPT);
        packet.receipt = &body;
        (void)kith__packet__pack(&packet,
                                 kith_frame_add(&writer, kith__packet__get_packed_size(&packet)));
    }
    peer_send_raw(peer, frame, writer.size);
}

/* ---- starting ---- */

static void the_store_is_made_once_and_must_be_there(void **state)
{
    program_t *p = *state;
    assert_int_equal(program_run(p, NULL), 78);
    assert_non_null(strstr(p->log, "broker.cfg:1: there is no store"));
    assert_int_equal(program_run(p, "--check"), 78);
    assert_int_equal(program_run(p, "--init"), 0);
    assert_string_equal(p->log, "");
    assert_int_equal(program_run(p, "--init"), 73);
    assert_int_equal(program_run(p, "--check"), 0);
    assert_non_null(strstr(p->log, "rows=0"));
    program_start(p);
    assert_non_null(strstr(p->log, "store_epoch="));
    program_signal(p, SIGTERM);
    assert_int_equal(program_wait_exit(p), 0);
    assert_non_null(strstr(p->log, "stopped error=\"ok\""));
}

static void a_second_process_does_not_get_the_store(void **state)
{
    program_t *p = *state;
    program_start(p);
    pid_t first = p->pid;
    p->pid = 0;
    assert_int_equal(program_run(p, NULL), 75);
    assert_non_null(strstr(p->log, "another process has the store"));
    assert_int_equal(program_run(p, "--check"), 75);
    p->pid = first; /* ended by the teardown */
}

static void another_brokers_store_is_not_taken(void **state)
{
    program_t *p = *state;
    program_start(p);
    program_signal(p, SIGTERM);
    assert_int_equal(program_wait_exit(p), 0);
    p->version = 2; /* and the file may not go back once mail was judged under it */
    program_write(p);
    assert_int_equal(program_run(p, "--check-config"), 0);
    char *store = kith_arena_printf(p->arena, "%s/store", p->folder);
    char *away = kith_arena_printf(p->arena, "%s/away", p->folder);
    assert_int_equal(rename(store, away), 0);
    assert_int_equal(program_run(p, NULL), 78);
}

static void a_wrong_setting_is_told_with_its_line(void **state)
{
    program_t *p = *state;
    p->broker_line = "broker = \"hub-x\";";
    program_write(p);
    assert_int_equal(program_run(p, NULL), 78);
    assert_non_null(strstr(p->log, "broker.cfg:1: broker \"hub-x\" is not in"));
    p->broker_line = "broker = \"hub-a\"; brooker = 1;";
    program_write(p);
    assert_int_equal(program_run(p, "--check-config"), 78);
    assert_non_null(strstr(p->log, "broker.cfg:1: "));
    assert_int_equal(strcspn(p->log, "\n"), strlen(p->log) - 1); /* one line */
    p->broker_line = "broker = \"hub-a\";";
    p->limits_line = "limits = { mailbox_bytes = \"1KiB\"; };";
    program_write(p);
    assert_int_equal(program_run(p, NULL), 78);
    p->limits_line = "";
    p->listen = "tcp://192.0.2.1:5670"; /* nobody's address */
    program_write(p);
    assert_int_equal(program_run(p, "--init"), 0);
    assert_int_equal(program_run(p, NULL), 78);
    assert_non_null(strstr(p->log, "is no address of this machine"));
}

static void keys_that_the_partnership_does_not_know_are_refused(void **state)
{
    program_t *p = *state;
    assert_int_equal(program_run(p, "--init"), 0);
    const char *files[] = {"transport.key", "signing.key", "public.txt"};
    for (int i = 0; i < 3; i++) {
        char *path = kith_arena_printf(p->arena, "%s/keys-hub-a/%s", p->folder, files[i]);
        assert_int_equal(remove(path), 0);
    }
    assert_int_equal(program_run(p, NULL), 78);
    assert_non_null(strstr(p->log, "transport.key is not there"));
    assert_int_equal(keys_make(kith_arena_printf(p->arena, "%s/keys-hub-a", p->folder), false),
                     KITH_OK);
    assert_int_equal(program_run(p, NULL), 78);
    assert_non_null(strstr(p->log, "the transport key in"));
    char *path = kith_arena_printf(p->arena, "%s/keys-hub-a/transport.key", p->folder);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(program_run(p, NULL), 78);
    assert_non_null(strstr(p->log, "mode 0600"));
}

/* ---- who comes in ---- */

static void a_stranger_stays_outside(void **state)
{
    program_t *p = *state;
    program_start(p);
    kith_keys_t *nobody = keys_of_nobody();
    peer_t stranger;
    assert_int_equal(peer_dial_with(p, nobody, &stranger), LINK_DOWN);
    peer_leave(&stranger);
    keys_destroy(&nobody);
}

static void who_speaks_before_hello_is_told(void **state)
{
    program_t *p = *state;
    peer_t peer;
    program_start(p);
    assert_int_equal(peer_dial_with(p, p->keys[POLICE], &peer), LINK_UP);
    peer_publish(&peer, program_seal(p, NORMAL, 1, 10));
    expect_bye(&peer, REASON(HELLO_FIRST));
    peer_leave(&peer);
}

static void sees_police_gone(peer_t *peer)
{
    const Kith__Presence *presence = NULL;
    do
        presence = peer_receive(peer, VERB(PRESENCE))->presence;
    while (presence->connected || strcmp(presence->agency, "police") != 0);
}

/* A session of police's that was ended does no harm to the next, or to housing. */
static void police_comes_back(program_t *p, peer_t *police, peer_t *housing)
{
    peer_leave(police);
    *police = peer_join(p, POLICE, 2);
    peer_publish(police, program_seal(p, NORMAL, 1, 10));
    peer_receive(housing, VERB(DELIVER));
    peer_leave(police);
    peer_leave(housing);
}

static void what_is_no_frame_ends_the_session_and_nobody_elses(void **state)
{
    program_t *p = *state;
    program_start(p);
    peer_t police = peer_join(p, POLICE, 1), housing = peer_join(p, HOUSING, 1);
    peer_send_raw(&police, "rubbish", 7);
    expect_bye(&police, REASON(MALFORMED));
    sees_police_gone(&housing);
    program_wait_log(p, "alarm what=malformed agency=police");
    police_comes_back(p, &police, &housing);
}

/* One frame: BYE, and then once more as if it had not been said. */
static void who_speaks_after_its_bye_is_not_answered(void **state)
{
    program_t *p = *state;
    program_start(p);
    peer_t police = peer_join(p, POLICE, 1), housing = peer_join(p, HOUSING, 1);
    uint8_t frame[256];
    kith_frame_writer_t writer;
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__Bye bye = KITH__BYE__INIT;
    bye.reason = REASON(STOPPING);
    packet.verb_case = VERB(BYE);
    packet.bye = &bye;
    size_t size = kith__packet__get_packed_size(&packet);
    kith_frame_begin(&writer, frame, sizeof frame);
    for (int i = 0; i < 3; i++)
        (void)kith__packet__pack(&packet, kith_frame_add(&writer, size));
    peer_send_raw(&police, frame, writer.size);
    sees_police_gone(&housing);
    police_comes_back(p, &police, &housing);
}

/* ---- a message's way ---- */

static void a_message_goes_through_and_its_receipt_comes_back(void **state)
{
    program_t *p = *state;
    program_start(p);
    peer_t police = peer_join(p, POLICE, 1), housing = peer_join(p, HOUSING, 1);
    Kith__Envelope *envelope = program_seal(p, NORMAL, 1, 5000);
    peer_publish(&police, envelope);
    const Kith__Accepted *accepted = peer_receive(&police, VERB(ACCEPTED))->accepted;
    assert_int_equal(accepted->id->seq, 1);
    const Kith__Deliver *deliver = peer_receive(&housing, VERB(DELIVER))->deliver;
    assert_true(deliver->token > 0);
    kith_bytes_t sent = KITH_PACK(p->arena, envelope);
    assert_true(kith_bytes_equal(KITH_PACK(p->arena, deliver->envelope), sent));
    Kith__Header *header = NULL;
    kith_digest_t digest;
    assert_int_equal(
        seal_verify(p->cache, p->agreement, p->arena, deliver->envelope, &header, &digest), 0);
    taken(&housing, deliver->token, true);
    const Kith__ReceiptPacket *receipt = peer_receive(&police, VERB(RECEIPT))->receipt;
    assert_true(receipt->token > 0);
    assert_string_equal(receipt->origin, "police");
    taken(&police, receipt->token, false);
    police.dial++;
    peer_hello(&police); /* what came before it was heard */
    peer_receive(&police, VERB(WELCOME));
    peer_leave(&police);
    peer_leave(&housing);
    program_signal(p, SIGTERM);
    assert_int_equal(program_wait_exit(p), 0);
    assert_int_equal(program_run(p, "--check"), 0);
    assert_non_null(strstr(p->log, "rows=0 bodies=0"));
}

static void what_was_accepted_survives_kill_9(void **state)
{
    program_t *p = *state;
    program_start(p);
    peer_t police = peer_join(p, POLICE, 1);
    for (uint64_t n = 1; n <= 20; n++)
        peer_publish(&police, program_seal(p, NORMAL, n, 100));
    for (uint64_t n = 1; n <= 20; n++)
        assert_int_equal(peer_receive(&police, VERB(ACCEPTED))->accepted->id->seq, n);
    program_signal(p, SIGKILL);
    assert_int_equal(program_wait_exit(p), -SIGKILL);
    peer_wait_down(&police);
    peer_leave(&police);
    program_start(p);
    peer_t housing = peer_join(p, HOUSING, 1);
    uint64_t before = 0;
    for (uint64_t n = 1; n <= 20; n++) {
        const Kith__Deliver *deliver = peer_receive(&housing, VERB(DELIVER))->deliver;
        assert_true(deliver->token > before);
        before = deliver->token;
    }
    peer_leave(&housing);
}

static void what_was_not_taken_comes_again_in_the_next_session(void **state)
{
    program_t *p = *state;
    program_start(p);
    peer_t police = peer_join(p, POLICE, 1), housing = peer_join(p, HOUSING, 1);
    peer_publish(&police, program_seal(p, URGENT, 1, 100));
    peer_publish(&police, program_seal(p, URGENT, 2, 100));
    uint64_t first = peer_receive(&housing, VERB(DELIVER))->deliver->token;
    uint64_t second = peer_receive(&housing, VERB(DELIVER))->deliver->token;
    peer_leave(&housing);
    housing = peer_join(p, HOUSING, 2);
    assert_int_equal(peer_receive(&housing, VERB(DELIVER))->deliver->token, first);
    assert_int_equal(peer_receive(&housing, VERB(DELIVER))->deliver->token, second);
    taken(&housing, first, false);
    peer_publish(&police, program_seal(p, URGENT, 3, 100)); /* after it: first is gone */
    peer_receive(&housing, VERB(DELIVER));
    peer_leave(&housing);
    housing = peer_join(p, HOUSING, 3);
    assert_int_equal(peer_receive(&housing, VERB(DELIVER))->deliver->token, second);
    peer_leave(&police);
    peer_leave(&housing);
}

static void large_messages_go_each_in_a_frame(void **state)
{
    program_t *p = *state;
    program_start(p);
    peer_t police = peer_join(p, POLICE, 1), housing = peer_join(p, HOUSING, 1);
    for (uint64_t n = 1; n <= 4; n++)
        peer_publish(&police, program_seal(p, NORMAL, n, 60000)); /* the next padding: 64 KiB */
    for (uint64_t n = 1; n <= 4; n++)
        assert_true(peer_receive(&housing, VERB(DELIVER))->deliver->envelope->content.len > 60000);
    peer_leave(&police);
    peer_leave(&housing);
}

static void a_forged_envelope_is_refused_in_the_brokers_name(void **state)
{
    program_t *p = *state;
    program_start(p);
    peer_t police = peer_join(p, POLICE, 1);
    Kith__Envelope *envelope = program_seal(p, NORMAL, 1, 100);
    envelope->proof->signature.data[5] ^= 1;
    peer_publish(&police, envelope);
    const Kith__Refused *refused = peer_receive(&police, VERB(REFUSED))->refused;
    assert_int_equal(refused->token, 0);
    Kith__Refusal *refusal =
        kith__refusal__unpack(kith_arena_allocator(p->arena), refused->refusal->statement.len,
                              refused->refusal->statement.data);
    assert_non_null(refusal);
    assert_int_equal(refusal->reason, REASON(BAD_SIGNATURE));
    assert_string_equal(refusal->recipient, "housing");
    assert_string_equal(refusal->broker, "hub-a");
    assert_true(refusal->made_ms > 0);
    const kith_broker_entry_t *hub = kith_agreement_broker(p->agreement, "hub-a");
    assert_int_equal(seal_verify_statement(&hub->signing, refusal->signing_key, KITH_TAG_REFUSAL,
                                           refused->refusal),
                     0);
    peer_leave(&police);
}

static void an_envelope_field_said_twice_is_malformed(void **state)
{
    program_t *p = *state;
    program_start(p);
    peer_t police = peer_join(p, POLICE, 1);
    static const uint8_t twice[] = {0x1a, 0x04, 0x0a, 0x00, 0x0a, 0x00};
    uint8_t frame[64];
    kith_frame_writer_t writer;
    kith_frame_begin(&writer, frame, sizeof frame);
    memcpy(kith_frame_add(&writer, sizeof twice), twice, sizeof twice);
    peer_send_raw(&police, frame, writer.size);
    expect_bye(&police, REASON(MALFORMED));
    peer_leave(&police);
}

/* ---- limits ---- */

static void a_full_mailbox_is_later_for_that_stream(void **state)
{
    program_t *p = *state;
    p->limits_line = "limits = { mailbox_messages = 2; };";
    program_write(p);
    program_start(p);
    peer_t police = peer_join(p, POLICE, 1);
    for (uint64_t n = 1; n <= 4; n++)
        peer_publish(&police, program_seal(p, NORMAL, n, 10));
    const Kith__Later *later = peer_receive(&police, VERB(LATER))->later;
    assert_int_equal(later->id->seq, 3);
    assert_int_equal(later->reason, REASON(MAILBOX_FULL));
    later = peer_receive(&police, VERB(LATER))->later;
    assert_int_equal(later->id->seq, 4);
    assert_int_equal(later->reason, REASON(HELD));
    peer_t housing = peer_join(p, HOUSING, 1);
    taken(&housing, peer_receive(&housing, VERB(DELIVER))->deliver->token, false);
    taken(&housing, peer_receive(&housing, VERB(DELIVER))->deliver->token, true);
    peer_receive(&police, VERB(RECEIPT)); /* both are gone now */
    peer_publish(&police, program_seal(p, NORMAL, 3, 10));
    assert_int_equal(peer_receive(&police, VERB(ACCEPTED))->accepted->id->seq, 3);
    peer_leave(&police);
    peer_leave(&housing);
}

/* The map is all there is: normal stops at the reserve, urgent goes on into it, then stops too;
 * what is taken makes room again. The broker lives through all of it. */
static void a_full_store_refuses_and_goes_on(void **state)
{
    program_t *p = *state;
    p->store_line = "store = { folder = \"store\"; map = \"2MiB\"; reserve = \"1MiB\"; };";
    program_write(p);
    program_start(p);
    peer_t police = peer_join(p, POLICE, 1);
    const Kith__Packet *answer = NULL;
    uint64_t n = 0;
    do {
        peer_publish(&police, program_seal(p, NORMAL, ++n, 10000));
        assert_true(n < 1000);
        answer = peer_receive_any(&police, VERB(ACCEPTED), VERB(LATER));
    } while (answer->verb_case == VERB(ACCEPTED));
    assert_int_equal(answer->later->reason, REASON(DISK_FULL));
    program_wait_log(p, "disk normal_fits=0 urgent_fits=1");
    peer_publish(&police, program_seal(p, URGENT, 1, 10));
    assert_int_equal(peer_receive(&police, VERB(ACCEPTED))->accepted->id->lane,
                     KITH__LANE__LANE_URGENT);
    peer_t housing = peer_join(p, HOUSING, 1);
    for (uint64_t i = 1; i < n; i++)
        taken(&housing, peer_receive(&housing, VERB(DELIVER))->deliver->token, false);
    program_wait_log(p, "disk normal_fits=1 urgent_fits=1");
    peer_publish(&police, program_seal(p, NORMAL, n, 10));
    peer_receive(&police, VERB(ACCEPTED));
    peer_leave(&police);
    peer_leave(&housing);
    program_signal(p, SIGTERM);
    assert_int_equal(program_wait_exit(p), 0);
    assert_int_equal(program_run(p, "--check"), 0);
}

/* Without a reserve a commit meets the end of the map: nothing of that turn is said, sessions end,
 * and the broker goes on with what was committed before. */
static void a_commit_that_finds_no_room_ends_the_sessions_and_nothing_else(void **state)
{
    program_t *p = *state;
    p->store_line = "store = { folder = \"store\"; map = \"1MiB\"; reserve = \"0\"; };";
    program_write(p);
    program_start(p);
    peer_t police = peer_join(p, POLICE, 1);
    const Kith__Packet *answer = NULL;
    uint64_t accepted = 0, n = 0;
    for (;;) {
        peer_publish(&police, program_seal(p, URGENT, ++n, 10000));
        answer = peer_receive_any(&police, VERB(ACCEPTED), VERB(BYE));
        if (answer->verb_case == VERB(BYE))
            break;
        accepted++;
        assert_true(n < 200);
    }
    assert_int_equal(answer->bye->reason, REASON(STOPPING));
    program_wait_log(p, "commit-failed");
    peer_leave(&police);
    police = peer_join(p, POLICE, 2);
    peer_publish(&police, program_seal(p, URGENT, n, 10000));
    const Kith__Later *later = peer_receive(&police, VERB(LATER))->later;
    assert_int_equal(later->reason, REASON(DISK_FULL));
    peer_t housing = peer_join(p, HOUSING, 1);
    for (uint64_t i = 1; i <= accepted; i++)
        taken(&housing, peer_receive(&housing, VERB(DELIVER))->deliver->token, false);
    program_wait_log(p, "disk normal_fits=1 urgent_fits=1");
    peer_publish(&police, program_seal(p, URGENT, n, 10000));
    peer_receive(&police, VERB(ACCEPTED));
    peer_leave(&police);
    peer_leave(&housing);
    program_signal(p, SIGTERM);
    assert_int_equal(program_wait_exit(p), 0);
    assert_int_equal(program_run(p, "--check"), 0);
}

/* ---- reload and stop ---- */

static void a_revoked_key_is_out_at_once(void **state)
{
    program_t *p = *state;
    program_start(p);
    peer_t police = peer_join(p, POLICE, 1);
    p->version = 2;
    p->police_key_state = "revoked";
    program_write(p);
    program_signal(p, SIGHUP);
    expect_bye(&police, REASON(KEY_REVOKED));
    program_wait_log(p, "reloaded version=2");
    peer_leave(&police);
    assert_int_equal(peer_dial_with(p, p->keys[POLICE], &police), LINK_DENIED);
    peer_leave(&police);
}

static void a_bad_or_older_file_changes_nothing(void **state)
{
    program_t *p = *state;
    p->version = 5;
    program_write(p);
    program_start(p);
    p->version = 4;
    program_write(p);
    program_signal(p, SIGHUP);
    program_wait_log(p, "reload-refused version=5 error=\"its version is lower");
    char *path = kith_arena_printf(p->arena, "%s/partnership.cfg", p->folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs("partnership = {", file) >= 0);
    assert_int_equal(fclose(file), 0);
    program_signal(p, SIGHUP);
    program_wait_log(p, "partnership.cfg:");
    peer_t police = peer_join(p, POLICE, 1);
    peer_leave(&police);
}

static void what_waits_is_judged_again_under_a_new_file(void **state)
{
    program_t *p = *state;
    program_start(p);
    peer_t police = peer_join(p, POLICE, 1);
    peer_publish(&police, program_seal(p, NORMAL, 1, 10));
    peer_receive(&police, VERB(ACCEPTED));
    p->version = 2; /* the same rules: still allowed */
    program_write(p);
    program_signal(p, SIGHUP);
    program_wait_log(p, "reloaded version=2");
    peer_publish(&police, program_seal(p, NORMAL, 2, 10)); /* made under version 1 */
    assert_int_equal(peer_receive(&police, VERB(STALE))->stale->partnership_version, 2);
    peer_t housing = peer_join(p, HOUSING, 1);
    peer_receive(&housing, VERB(DELIVER));
    peer_leave(&housing);
    peer_leave(&police);
    /* Its key is revoked: what it sent is refused, not delivered. */
    p->version = 3;
    p->police_key_state = "revoked";
    program_write(p);
    program_signal(p, SIGHUP);
    program_wait_log(p, "reloaded version=3");
    housing = peer_join(p, HOUSING, 2);
    program_wait_log(p, "alarm what=refused-at-delivery agency=housing");
    peer_leave(&housing);
    program_signal(p, SIGTERM);
    assert_int_equal(program_wait_exit(p), 0);
    assert_int_equal(program_run(p, "--check"), 0);
}

static void stop_says_goodbye(void **state)
{
    program_t *p = *state;
    program_start(p);
    peer_t police = peer_join(p, POLICE, 1);
    program_signal(p, SIGTERM);
    peer_wait_down(&police);
    assert_int_equal(program_wait_exit(p), 0);
    peer_leave(&police);
}

static void a_silent_agent_is_given_up(void **state)
{
    program_t *p = *state;
    p->liveness = "300ms";
    program_write(p);
    program_start(p);
    peer_t police = peer_join(p, POLICE, 1);
    peer_receive(&police, VERB(CREDIT)); /* the heartbeat */
    expect_bye(&police, REASON(SILENT));
    peer_leave(&police);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(the_store_is_made_once_and_must_be_there),
        TEST(a_second_process_does_not_get_the_store),
        TEST(another_brokers_store_is_not_taken),
        TEST(a_wrong_setting_is_told_with_its_line),
        TEST(keys_that_the_partnership_does_not_know_are_refused),
        TEST(a_stranger_stays_outside),
        TEST(who_speaks_before_hello_is_told),
        TEST(what_is_no_frame_ends_the_session_and_nobody_elses),
        TEST(who_speaks_after_its_bye_is_not_answered),
        TEST(a_message_goes_through_and_its_receipt_comes_back),
        TEST(what_was_accepted_survives_kill_9),
        TEST(what_was_not_taken_comes_again_in_the_next_session),
        TEST(large_messages_go_each_in_a_frame),
        TEST(a_forged_envelope_is_refused_in_the_brokers_name),
        TEST(an_envelope_field_said_twice_is_malformed),
        TEST(a_full_mailbox_is_later_for_that_stream),
        TEST(a_full_store_refuses_and_goes_on),
        TEST(a_commit_that_finds_no_room_ends_the_sessions_and_nothing_else),
        TEST(a_revoked_key_is_out_at_once),
        TEST(a_bad_or_older_file_changes_nothing),
        TEST(what_waits_is_judged_again_under_a_new_file),
        TEST(stop_says_goodbye),
        TEST(a_silent_agent_is_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
