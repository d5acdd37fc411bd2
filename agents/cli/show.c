#include "agents/cli/show.h"

#include "agents/cli/show_lines.h"
#include "agents/cli/table.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

int show_ask(cli_t *cli, kith_arena_t *arena, const kith_id_t *id, const char *short_id,
             Kith__Api__ShowResponse **ret_show, Kith__Notice **ret_notice)
{
    Kith__Api__ShowRequest show = KITH__API__SHOW_REQUEST__INIT;
    if (id != NULL)
        show.id = cli_bytes_in(arena, kith_id_bytes(id));
    else
        show.short_id = kith_arena_str(arena, short_id);
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    request.ask_case = KITH__API__REQUEST__ASK_SHOW;
    request.show = &show;
    Kith__Api__Response *response = NULL;
    int status = cli_ask_in(cli, arena, cli->timeout_ms, &request, &response);
    if (status != CLI_OK)
        return status;
    const char *field;
    ProtobufCMessage *notice = NULL;
    if (response->answer_case == KITH__API__RESPONSE__ANSWER_SHOW) {
        kith_bytes_t bytes = {.data = response->show->notice.data,
                              .size = response->show->notice.len};
        notice = kith_message_unpack(arena, &kith__notice__descriptor, bytes, &field);
    }
    if (notice == NULL)
        return cli_fail(cli, CLI_AGAIN, "the agent's answer cannot be read");
    *ret_show = response->show;
    *ret_notice = (Kith__Notice *)notice;
    return CLI_OK;
}

kith_json_t *show_to_json(const Kith__Api__ShowResponse *show, const Kith__Notice *notice)
{
    kith_json_t *object = KITH_JSON_OF(show);
    kith_json_t *inner = KITH_JSON_OF(notice);
    kith_json_put(object, "notice", &inner);
    return object;
}

const char *show_short(kith_arena_t *arena, ProtobufCBinaryData id)
{
    char text[KITH_ID_SHORT_SIZE];
    kith_id_short((kith_bytes_t){.data = id.data, .size = id.len}, text);
    return kith_arena_str(arena, text);
}

void show_line(const cli_t *cli, const char *name, const char *value)
{
    line(cli, name, value);
}

const char *show_id(kith_arena_t *arena, ProtobufCBinaryData id)
{
    return whole_id(arena, id);
}

/* ---- a notice ---- */

static void about_lines(const cli_t *cli, size_t count, Kith__About *const *about)
{
    for (size_t i = 0; i < count; i++) {
        const Kith__Reference *ref = about[i]->ref;
        line(cli, "about",
             kith_arena_printf(cli->arena, "%s/%s%s%s%s", ref != NULL ? ref->system : "",
                               ref != NULL ? ref->id : "", *about[i]->role ? "  " : "",
                               about[i]->role, about[i]->shielded ? "  SHIELDED" : ""));
    }
}

static void event_lines(const cli_t *cli, const Kith__Event *event)
{
    line(cli, "kind", event->kind);
    time_line(cli, "occurred", event->occurred_ms);
    about_lines(cli, event->n_about, event->about);
    if (event->severity != NULL)
        line(cli, "severity",
             kith_arena_printf(cli->arena, "%s (%s)", event->severity->value,
                               event->severity->scale));
    if (event->minutes_spent > 0)
        line(cli, "minutes", kith_arena_printf(cli->arena, "%u", event->minutes_spent));
    line(cli, "cost code", event->cost_code);
    if (event->source != NULL && *event->source->system != '\0')
        line(cli, "source",
             kith_arena_printf(cli->arena, "%s/%s", event->source->system, event->source->id));
    line(cli, "shielded", event->shielded ? "yes: keep it out of every copy" : "");
    line(cli, "narrative", event->narrative);
}

static void referral_lines(const cli_t *cli, const Kith__Referral *referral)
{
    line(cli, "to", referral->to);
    line(cli, "need", referral->need);
    line(cli, "need code", referral->need_code);
    line(cli, "service", referral->service);
    line(cli, "reason", referral->reason);
    line(cli, "urgency", referral->urgency);
    about_lines(cli, referral->n_about, referral->about);
    if (referral->basis != NULL) {
        line(cli, "basis", referral->basis->data_protection);
        line(cli, "agreed", referral->basis->agreed_to_service);
        line(cli, "medical", referral->basis->medical_consent);
        line(cli, "family told", referral->basis->family_told);
    }
    line(cli, "earlier", whole_id(cli->arena, referral->earlier));
}

static void answer_lines(const cli_t *cli, const Kith__ReferralAnswer *answer)
{
    line(cli, "referral", whole_id(cli->arena, answer->referral));
    line(cli, "answer", word(cli, &kith__referral_step__descriptor, (int)answer->step));
    line(cli, "reason", answer->reason_code);
    line(cli, "part", answer->part);
    line(cli, "redirected", answer->redirected_to);
    line(cli, "level", answer->level);
    line(cli, "outcome", answer->outcome);
    line(cli, "need met", answer->need_met);
    line(cli, "not asked", answer->not_asked);
    line(cli, "next step", answer->next_step);
    line(cli, "urgency", answer->scale);
    line(cli, "note", answer->note);
}

static void alert_lines(const cli_t *cli, const Kith__Alert *alert)
{
    line(cli, "subject", alert->subject);
    line(cli, "level", alert->level);
    line(cli, "dedupe key", alert->dedupe_key);
    time_line(cli, "reply by", alert->reply_by_ms);
    about_lines(cli, alert->n_about, alert->about);
    line(cli, "text", alert->text);
}

static void alert_change_lines(const cli_t *cli, const Kith__AlertChange *change)
{
    line(cli, "alert", whole_id(cli->arena, change->alert));
    line(cli, "step", word(cli, &kith__alert_step__descriptor, (int)change->step));
    line(cli, "outcome", change->outcome);
    line(cli, "reason", change->reason);
    line(cli, "subject", change->subject);
    line(cli, "level", change->level);
    time_line(cli, "reply by", change->reply_by_ms);
    line(cli, "text", change->text);
}

static void reply_lines(const cli_t *cli, const Kith__Reply *reply)
{
    line(cli, "alert", whole_id(cli->arena, reply->alert));
    line(cli, "answer", word(cli, &kith__answer__descriptor, (int)reply->answer));
    line(cli, "reason", reply->reason);
    line(cli, "text", reply->text);
}

static void disagreement_lines(const cli_t *cli, const Kith__Disagreement *said)
{
    line(cli, "disagreement", whole_id(cli->arena, said->disagreement));
    line(cli, "step", word(cli, &kith__disagreement_step__descriptor, (int)said->step));
    line(cli, "decision", whole_id(cli->arena, said->decision));
    line(cli, "with", said->with);
    line(cli, "outcome", said->outcome);
    line(cli, "text", said->text);
}

static void household_lines(const cli_t *cli, const Kith__Household *change)
{
    line(cli, "name", change->name);
    line(cli, "reason", change->reason);
    for (size_t i = 0; i < change->n_members; i++) {
        const Kith__Member *m = change->members[i];
        line(cli, "member",
             kith_arena_printf(cli->arena, "%s  %s%s%s", m->name, m->role,
                               m->to_ms != 0 ? "  (no longer)" : "",
                               m->shielded ? "  SHIELDED" : ""));
    }
    for (size_t i = 0; i < change->n_team; i++)
        line(cli, "team",
             kith_arena_printf(cli->arena, "%s%s", change->team[i]->agency,
                               change->team[i]->to_ms != 0 ? "  (no longer)" : ""));
    if (change->lead != NULL)
        line(cli, "lead",
             kith_arena_printf(cli->arena, "%s, %s", change->lead->agency, change->lead->role));
    if (change->lead != NULL) {
        line(cli, "because", change->lead->reason);
        line(cli, "read first", change->lead->read_first);
    }
    if (change->closing != NULL) {
        line(cli, change->closing->reopened ? "reopened" : "closed",
             change->closing->reopened ? change->closing->reason : change->closing->outcome);
        line(cli, "need met", change->closing->need_met);
        line(cli, "not asked", change->closing->not_asked);
    }
}

static void directory_lines(const cli_t *cli, const Kith__Directory *directory)
{
    for (size_t i = 0; i < directory->n_subscriptions; i++)
        line(cli, "subscribes", directory->subscriptions[i]->topic);
    line(cli, "phone", directory->phone);
    line(cli, "duty role", directory->duty_role);
    for (size_t i = 0; i < directory->n_services; i++)
        line(cli, "offers",
             kith_arena_printf(cli->arena, "%s: %s", directory->services[i]->id,
                               directory->services[i]->name));
    for (size_t i = 0; i < directory->n_knows; i++)
        line(cli, "knows",
             kith_arena_printf(cli->arena, "%s: %s", directory->knows[i]->subject,
                               directory->knows[i]->role));
}

static void body_lines(const cli_t *cli, const Kith__Notice *notice)
{
    switch (notice->body_case) {
    case KITH__NOTICE__BODY_EVENT:
        event_lines(cli, notice->event);
        break;
    case KITH__NOTICE__BODY_REFERRAL:
        referral_lines(cli, notice->referral);
        break;
    case KITH__NOTICE__BODY_REFERRAL_ANSWER:
        answer_lines(cli, notice->referral_answer);
        break;
    case KITH__NOTICE__BODY_ALERT:
        alert_lines(cli, notice->alert);
        break;
    case KITH__NOTICE__BODY_REPLY:
        reply_lines(cli, notice->reply);
        break;
    case KITH__NOTICE__BODY_HOUSEHOLD_CHANGE:
        household_lines(cli, notice->household_change);
        break;
    case KITH__NOTICE__BODY_SEEN:
        line(cli, "notice", whole_id(cli->arena, notice->seen->notice));
        line(cli, "seen by", notice->seen->person);
        time_line(cli, "seen", notice->seen->seen_ms);
        break;
    case KITH__NOTICE__BODY_DIRECTORY:
        directory_lines(cli, notice->directory);
        break;
    case KITH__NOTICE__BODY_ASSESSMENT:
        show_assessment_lines(cli, notice->assessment);
        break;
    case KITH__NOTICE__BODY_PLAN:
        show_plan_lines(cli, notice->plan);
        break;
    case KITH__NOTICE__BODY_SMALL_HELP:
        show_help_lines(cli, notice->small_help);
        break;
    case KITH__NOTICE__BODY_ALERT_CHANGE:
        alert_change_lines(cli, notice->alert_change);
        break;
    case KITH__NOTICE__BODY_DISAGREEMENT:
        disagreement_lines(cli, notice->disagreement);
        break;
    case KITH__NOTICE__BODY__NOT_SET:
    case _KITH__NOTICE__BODY__CASE_IS_INT_SIZE:
        line(cli, "body", "of a kind that this kith does not know yet");
        break;
    }
}

void show_notice(const cli_t *cli, const Kith__Notice *notice)
{
    printf("%s\n", whole_id(cli->arena, notice->id));
    line(cli, "topic", notice->topic);
    line(cli, "from",
         kith_arena_printf(cli->arena, "%s%s%s", notice->origin, *notice->author ? ", " : "",
                           notice->author));
    line(cli, "household", whole_id(cli->arena, notice->household));
    time_line(cli, "made", notice->created_ms);
    time_line(cli, "expires", notice->expires_ms);
    line(cli, "exercise", notice->exercise ? "yes: nobody real is meant" : "");
    for (size_t i = 0; i < notice->n_caused_by; i++)
        line(cli, "caused by", whole_id(cli->arena, notice->caused_by[i]));
    body_lines(cli, notice);
}

/* ---- recipients ---- */

static void show_recipients(const cli_t *cli, const Kith__Api__ShowResponse *show)
{
    static const char *const headers[] = {"RECIPIENT", "STATE", "SINCE", "WHY", "SEEN BY"};
    table_t *table = table_new(cli->arena, headers, 5);
    for (size_t i = 0; i < show->n_recipients; i++) {
        const Kith__Api__RecipientState *r = show->recipients[i];
        const char *why = word(cli, &kith__reason__descriptor, (int)r->reason);
        if (*r->clause != '\0')
            why = kith_arena_printf(cli->arena, "%s%sclause %s", why, *why ? ", " : "", r->clause);
        table_row(table,
                  (const char *const[]){r->agency, r->state, text_time(cli->arena, r->since_ms),
                                        why, r->seen_by});
        if (strcmp(r->state, "refused") == 0 || strcmp(r->state, "quarantined") == 0 ||
            strcmp(r->state, "expired") == 0)
            table_mark(table);
    }
    if (table_rows(table) > 0) {
        puts("");
        table_print(table, stdout, cli->colour);
    }
}

static void print_history(const cli_t *cli, const Kith__Api__ReferralState *referral)
{
    static const char *const headers[] = {"AT", "AGENCY", "STEP", ""};
    table_t *table = table_new(cli->arena, headers, 4);
    for (size_t i = 0; i < referral->n_history; i++) {
        const Kith__Api__ReferralPast *past = referral->history[i];
        table_row(table, (const char *const[]){text_time(cli->arena, past->at_ms), past->agency,
                                               past->step, past->no_effect ? "no effect" : ""});
    }
    if (table_rows(table) > 0)
        table_print(table, stdout, cli->colour);
}

static void print_referral(const cli_t *cli, const Kith__Api__ReferralState *referral)
{
    puts("");
    line(cli, "step",
         kith_arena_printf(cli->arena, "%s%s", referral->step,
                           referral->rest_open ? ", the rest is still open" : ""));
    time_line(cli, "answered", referral->answered_ms);
    line(cli, "part", referral->part);
    line(cli, "urgency",
         *referral->scale != '\0'
             ? kith_arena_printf(cli->arena, "%s (%s says %s)", referral->urgency, referral->to,
                                 referral->scale)
             : referral->urgency);
    line(cli, "level", referral->level);
    line(cli, "reason", referral->reason_code);
    line(cli, "redirected", referral->redirected_to);
    line(cli, "outcome", referral->outcome);
    line(cli, "need met", referral->need_met);
    line(cli, "not asked", referral->not_asked);
    line(cli, "next step", referral->next_step);
    line(cli, "note", referral->note);
    if (referral->due_ms != 0)
        line(cli, "due",
             kith_arena_printf(cli->arena, "%s, by %s%s",
                               text_time_zone(cli->arena, referral->due_ms), referral->due_by,
                               referral->overdue ? "  OVERDUE" : ""));
    line(cli, "earlier", whole_id(cli->arena, referral->earlier));
    for (size_t i = 0; i < referral->n_later; i++)
        line(cli, "later", whole_id(cli->arena, referral->later[i]));
    print_history(cli, referral);
    for (size_t i = 0; i < referral->n_allowed; i++)
        line(cli, i == 0 ? "possible" : "",
             kith_arena_printf(cli->arena, "kith %s", referral->allowed[i]));
}

void show_answers(const cli_t *cli, const Kith__Api__ShowResponse *show)
{
    if (show->late || show->again || show->early)
        printf("\nIt came%s%s%s.\n", show->late ? " late" : "", show->again ? " again" : "",
               show->early ? " before an earlier message that is still missing" : "");
    show_recipients(cli, show);
    if (show->board != NULL) {
        puts("");
        show_board(cli, show->board);
    }
    if (show->referral != NULL)
        print_referral(cli, show->referral);
    if (show->assessment != NULL || show->small_help != NULL)
        puts("");
    if (show->assessment != NULL)
        show_assessment(cli, show->assessment);
    if (show->small_help != NULL)
        show_help(cli, show->small_help);
    if (show->disagreement != NULL)
        show_disagreement(cli, show->disagreement);
    if (show->n_seen > 0)
        puts("");
    for (size_t i = 0; i < show->n_seen; i++)
        line(cli, "seen",
             kith_arena_printf(cli->arena, "%s  %s, %s",
                               text_time(cli->arena, show->seen[i]->seen_ms), show->seen[i]->person,
                               show->seen[i]->agency));
}

/* ---- feeds ---- */

struct table *show_feed_table(kith_arena_t *arena)
{
    static const char *const headers[] = {"ID",        "OCCURRED", "FROM", "KIND",
                                          "HOUSEHOLD", "SUMMARY",  "FLAGS"};
    return table_new(arena, headers, 7);
}

static const char *flags_of(kith_arena_t *arena, const Kith__Api__FeedEntry *entry)
{
    const char *all = "";
    for (size_t i = 0; i < entry->n_flags; i++)
        all = kith_arena_printf(arena, "%s%s%s", all, i > 0 ? " " : "", entry->flags[i]);
    if (entry->folded > 0)
        all = kith_arena_printf(arena, "%s%s+%u", all, *all ? " " : "", entry->folded);
    return entry->fresh ? kith_arena_printf(arena, "%s%snew", all, *all ? " " : "") : all;
}

void show_feed_row(kith_arena_t *arena, struct table *table, const Kith__Api__FeedEntry *entry)
{
    table_row(table, (const char *const[]){show_short(arena, entry->id),
                                           text_time(arena, entry->occurred_ms), entry->origin,
                                           *entry->topic ? entry->topic : entry->kind,
                                           show_short(arena, entry->household), entry->summary,
                                           flags_of(arena, entry)});
    for (size_t i = 0; i < entry->n_flags; i++)
        if (strcmp(entry->flags[i], "urgent") == 0)
            table_mark(table);
}

void show_feed_line(kith_arena_t *arena, const Kith__Api__FeedEntry *entry)
{
    const char *flags = flags_of(arena, entry);
    printf("%s  %s  %s  %s  %s%s%s%s\n", show_short(arena, entry->id),
           text_time(arena, entry->occurred_ms), text_line(arena, entry->origin),
           text_line(arena, *entry->topic ? entry->topic : entry->kind),
           text_line(arena, entry->summary), *flags ? "  [" : "", text_line(arena, flags),
           *flags ? "]" : "");
}

const char *show_silences(kith_arena_t *arena, Kith__Api__AgencySilence *const *list, size_t count)
{
    const char *all = "";
    for (size_t i = 0; i < count; i++) {
        const char *since = "";
        if (list[i]->silent_since_ms != 0)
            since =
                kith_arena_printf(arena, " (since %s)", text_time(arena, list[i]->silent_since_ms));
        all = kith_arena_printf(arena, "%s%s%s%s", all, i > 0 ? ", " : "",
                                text_line(arena, list[i]->agency), since);
    }
    return all;
}
