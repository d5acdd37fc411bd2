/* What a mail is taken for. Programs are told from people first by what standards say, then by who
 * sends, then by words; a person's mail is what is left. */
#include "mail/letter.h"

#include <string.h>
#include <strings.h>

static const char *const WORDS[] = {
    [LETTER_NEW] = "new",
    [LETTER_REPLY] = "reply",
    [LETTER_AUTO_REPLY] = "auto-reply",
    [LETTER_BOUNCE] = "bounce",
    [LETTER_COMPLAINT] = "complaint",
    [LETTER_LOOP] = "loop",
    [LETTER_DOUBTFUL] = "doubtful",
};

const char *letter_kind_word(letter_kind kind)
{
    return WORDS[kind];
}

bool letter_kind_of(const char *word, letter_kind *ret_kind)
{
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++)
        if (strcmp(WORDS[i], word) == 0) {
            *ret_kind = (letter_kind)i;
            return true;
        }
    return false;
}

static bool begins(const char *text, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strncasecmp(text, *words, strlen(*words)) == 0)
            return true;
    return false;
}

static bool holds(const char *text, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcasestr(text, *words) != NULL)
            return true;
    return false;
}

/* RFC 5321 4.5.5: who reports about mail has no return path, or the mail system's own name. */
static bool is_mail_system(const letter_t *l)
{
    static const char *const names[] = {"mailer-daemon", "postmaster@", "post_master@", NULL};
    static const char *const systems[] = {"mailer-daemon", "mail delivery s", "mail deliver agent",
                                          "mail administrator", NULL};
    return begins(l->from, names) || holds(l->from_name, systems);
}

static bool is_returned(const letter_t *l)
{
    static const char *const subjects[] = {"undeliver",
                                           "returned mail",
                                           "delivery failure",
                                           "failure notice",
                                           "mail delivery failed",
                                           "delivery status notification",
                                           NULL};
    static const char *const texts[] = {"\"notificationType\":", "following address(es) failed",
                                        "could not be delivered", "user unknown", NULL};
    static const char *const mailer[] = {"<mailer-daemon", NULL};
    static const char *const programs[] = {"no-reply@", "noreply@", NULL};
    if (is_mail_system(l) || l->failed_recipients)
        return true;
    if (l->return_path != NULL && begins(l->return_path, mailer))
        return true;
    if (l->return_path != NULL && strcmp(l->return_path, "<>") == 0 && *l->auto_submitted == '\0')
        return true;
    return (l->has_returned && holds(l->subject, subjects)) ||
           ((l->has_returned || begins(l->from, programs)) && holds(l->text, texts));
}

static bool is_auto(const letter_t *l)
{
    static const char *const bulk[] = {"bulk", "junk", "auto_reply", "list", NULL};
    static const char *const subjects[] = {
        "auto reply",        "auto-reply", "autoreply",          "automatic reply", "out of office",
        "out of the office", "auto:",      "automatic response", "auto response",   NULL};
    static const char *const programs[] = {"no-reply@", "noreply@", "do-not-reply@", NULL};
    bool says = *l->auto_submitted != '\0' && strcasecmp(l->auto_submitted, "no") != 0;
    return says || l->says_auto || begins(l->precedence, bulk) || begins(l->subject, subjects) ||
           begins(l->from, programs) || strcasecmp(l->report_type, "disposition-notification") == 0;
}

letter_kind letter_judge(const letter_t *l)
{
    if (l->has_feedback || strcasecmp(l->report_type, "feedback-report") == 0)
        return LETTER_COMPLAINT;
    if (l->loop)
        return LETTER_LOOP;
    if (l->has_status || strcasecmp(l->report_type, "delivery-status") == 0 || is_returned(l))
        return LETTER_BOUNCE;
    if (is_auto(l))
        return LETTER_AUTO_REPLY;
    if (l->doubt != NULL)
        return LETTER_DOUBTFUL;
    return *l->in_reply_to != '\0' || *l->references != '\0' ? LETTER_REPLY : LETTER_NEW;
}
