#include "mail/compose.h"

#include "mail/letter.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define LINE_WIDTH 76u

/* Grows by printing; the arena forgets nothing, so a mail costs a few times its size. */
typedef struct page {
    kith_arena_t *arena;
    char *text;
} page_t;

#define ADD(page, ...) add((page), kith_arena_printf((page)->arena, __VA_ARGS__))

static void add(page_t *page, const char *more)
{
    page->text = kith_arena_printf(page->arena, "%s%s", page->text, more);
}

static const char *ascii(kith_arena_t *arena, const char *text)
{
    char *out = kith_arena_str(arena, text);
    for (char *at = out; *at != '\0'; at++)
        if ((unsigned char)*at >= 0x7f || (unsigned char)*at < ' ')
            *at = '?';
    return out;
}

static const char *escaped(kith_arena_t *arena, const char *text)
{
    page_t page = {arena, kith_arena_str(arena, "")};
    for (const char *at = ascii(arena, text); *at != '\0'; at++) {
        const char *entity = *at == '<'   ? "&lt;"
                             : *at == '>' ? "&gt;"
                             : *at == '&' ? "&amp;"
                             : *at == '"' ? "&quot;"
                                          : NULL;
        if (entity != NULL)
            add(&page, entity);
        else
            ADD(&page, "%c", *at);
    }
    return page.text;
}

/* RFC 5322 3.3, in UTC. */
static const char *date(kith_arena_t *arena, int64_t now_ms)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)(now_ms / 1000);
    struct tm t;
    KITH_ASSERT(gmtime_r(&seconds, &t) != NULL);
    return kith_arena_printf(arena, "%s, %d %s %d %02d:%02d:%02d +0000", days[t.tm_wday], t.tm_mday,
                             months[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

/* A paragraph, broken at blanks. */
static void add_paragraph(page_t *page, const char *text)
{
    for (const char *at = ascii(page->arena, text); *at != '\0';) {
        size_t size = strlen(at);
        if (size > LINE_WIDTH) {
            size = LINE_WIDTH;
            while (size > 0 && at[size] != ' ')
                size--;
            size = size > 0 ? size : strcspn(at, " ");
        }
        ADD(page, "%.*s\r\n", (int)size, at);
        at += size + strspn(at + size, " ");
    }
    add(page, "\r\n");
}

static void add_text(page_t *page, const compose_t *mail)
{
    for (size_t i = 0; i < mail->lines_count; i++)
        add_paragraph(page, mail->lines[i]);
    if (mail->link != NULL)
        ADD(page, "%s\r\n\r\n", ascii(page->arena, mail->link));
    if (mail->choices_count > 0)
        add(page, "To answer by mail, reply with one of these as the first line, and a\r\n"
                  "sentence behind it if you like:\r\n\r\n");
    for (size_t i = 0; i < mail->choices_count; i++)
        ADD(page, "    %s\r\n", mail->choices[i]);
}

static const char *mailto(kith_arena_t *arena, const compose_t *mail, const char *choice)
{
    page_t body = {arena, kith_arena_str(arena, "")};
    for (const char *at = choice; *at != '\0'; at++)
        add(&body, *at == ' ' ? "%20" : kith_arena_printf(arena, "%c", *at));
    return kith_arena_printf(arena, "mailto:%s?subject=Answer&amp;body=%s", mail->reply_to,
                             body.text);
}

static void add_html(page_t *page, const compose_t *mail)
{
    add(page, "<!DOCTYPE html>\r\n<html lang=\"en\"><body style=\"font-family: sans-serif; "
              "font-size: 16px\">\r\n");
    for (size_t i = 0; i < mail->lines_count; i++)
        ADD(page, "<p>%s</p>\r\n", escaped(page->arena, mail->lines[i]));
    if (mail->link != NULL)
        ADD(page, "<p><a href=\"%s\">Open it in Kith</a></p>\r\n",
            escaped(page->arena, mail->link));
    if (mail->choices_count > 0)
        add(page, "<p>To answer by mail, reply with one of these as the first line, and a\r\n"
                  "sentence behind it if you like:</p>\r\n<ul>\r\n");
    for (size_t i = 0; i < mail->choices_count; i++)
        ADD(page, "<li><a href=\"%s\">%s</a></li>\r\n", mailto(page->arena, mail, mail->choices[i]),
            mail->choices[i]);
    add(page, mail->choices_count > 0 ? "</ul>\r\n</body></html>\r\n" : "</body></html>\r\n");
}

static void add_head(page_t *page, const mail_conf_t *conf, const compose_t *mail)
{
    ADD(page, "From: Kith <%s>\r\n", conf->address);
    ADD(page, "To: <%s>\r\n", mail->to);
    ADD(page, "Reply-To: <%s>\r\n", mail->reply_to);
    ADD(page, "Subject: %s\r\n", ascii(page->arena, mail->subject));
    ADD(page, "Date: %s\r\n", date(page->arena, mail->now_ms));
    ADD(page, "Message-ID: <%s>\r\n", mail->id);
    /* RFC 3834: programs do not answer; LETTER_OWN_MARK: one of ours that comes back is a loop. */
    add(page, "Auto-Submitted: auto-generated\r\n"
              "X-Auto-Response-Suppress: All\r\n" LETTER_OWN_MARK ": 1\r\n"
              "MIME-Version: 1.0\r\n");
}

kith_bytes_t compose_mail(kith_arena_t *arena, const mail_conf_t *conf, const compose_t *mail)
{
    static const char part[] = "\r\n--kith-part\r\nContent-Type: text/%s; charset=us-ascii\r\n"
                               "Content-Transfer-Encoding: 7bit\r\n\r\n";
    page_t page = {arena, kith_arena_str(arena, "")};
    add_head(&page, conf, mail);
    add(&page, "Content-Type: multipart/alternative; boundary=\"kith-part\"\r\n");
    ADD(&page, part, "plain");
    add_text(&page, mail);
    ADD(&page, part, "html");
    add_html(&page, mail);
    add(&page, "\r\n--kith-part--\r\n");
    return kith_bytes_str(page.text);
}
