/* GMime finds parts, charsets and encoded words; what is made of them is ours. What it is lenient
 * with and another reader might not be is a doubt, found in the bytes. */
#include "mail/mime.h"

#include "base/text.h"
#include "mail/html.h"

#include <ctype.h>
#include <gmime/gmime.h>
#include <iconv.h>
#include <string.h>
#include <strings.h>

/* Servers that a mail went through: more is a loop (RFC 5321, 6.3). */
#define HOPS_MAX 100u

void mime_begin(void)
{
    static const char *const charsets[] = {
        "ISO-8859-1",   "ISO-8859-2",   "ISO-8859-5", "ISO-8859-7", "ISO-8859-15", "WINDOWS-1250",
        "WINDOWS-1251", "WINDOWS-1252", "KOI8-R",     "UTF-16",     "UTF-7",       "ISO-2022-JP",
        "SHIFT_JIS",    "CP932",        "EUC-JP",     "EUC-KR",     "CP949",       "GB18030",
        "GBK",          "BIG5",         "US-ASCII",   NULL};
    g_mime_init();
    /* Never closed: what is open needs no file any more. */
    for (const char *const *name = charsets; *name != NULL; name++)
        (void)iconv_open("UTF-8", *name);
}

/* ---- bytes ---- */

/* Line ends as GMime wants them, and what two readers could take differently. */
static kith_bytes_t clean(kith_arena_t *arena, kith_bytes_t mail, letter_t *l)
{
    uint8_t *out = kith_arena_alloc(arena, mail.size + 1);
    if (out == NULL)
        return (kith_bytes_t){0};
    size_t used = 0, pairs = 0, feeds = 0;
    for (size_t i = 0; i < mail.size; i++) {
        uint8_t byte = mail.data[i];
        bool pair = byte == '\r' && i + 1 < mail.size && mail.data[i + 1] == '\n';
        if (byte == '\0')
            l->doubt = "a NUL byte";
        else if (byte == '\r' && !pair)
            l->doubt = "a carriage return alone";
        feeds += byte == '\n' && (i == 0 || mail.data[i - 1] != '\r');
        pairs += pair;
        if (pair)
            continue;
        out[used++] = byte == '\r' ? '\n' : byte == '\0' ? '?' : byte;
    }
    if (pairs > 0 && feeds > 0)
        l->doubt = "two kinds of line ends";
    return (kith_bytes_t){out, used};
}

/* Fields of which two would let two readers see two mails. In the bytes, as GMime keeps one only.
 */
static void count_single(const char *line, size_t size, unsigned *seen, letter_t *l)
{
    static const char *const names[] = {
        "From:",         "Message-Id:", "In-Reply-To:",
        "References:",   "Subject:",    "To:",
        "Content-Type:", "Sender:",     "Content-Transfer-Encoding:",
        "Date:",         "Cc:",         "Content-Disposition:",
        "Mime-Version:"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t name = strlen(names[i]);
        if (size < name || strncasecmp(line, names[i], name) != 0)
            continue;
        if ((*seen & (1u << i)) != 0)
            l->doubt = "a field twice that stands once";
        *seen |= 1u << i;
    }
}

/* The same within each part: what follows a line that begins with -- up to an empty line. */
static void look_at_parts(kith_bytes_t mail, letter_t *l)
{
    const char *at = (const char *)mail.data;
    const char *end = at + mail.size;
    unsigned seen = 0;
    bool in_header = false;
    while (at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        size_t size = (size_t)((line_end != NULL ? line_end : end) - at);
        if (size > 2 && strncmp(at, "--", 2) == 0) {
            in_header = true;
            seen = 0;
        } else if (size == 0)
            in_header = false;
        else if (in_header)
            count_single(at, size, &seen, l);
        at += size + 1;
    }
}

/* The header as others might read it: bounds, a field that is none, one that stands twice. */
static void look_at_header(kith_bytes_t mail, letter_t *l)
{
    const char *at = (const char *)mail.data;
    const char *end = at + mail.size;
    bool first = true;
    unsigned seen = 0;
    while (at < end && *at != '\n') {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        line_end = line_end != NULL ? line_end : end;
        size_t size = (size_t)(line_end - at);
        bool folded = *at == ' ' || *at == '\t';
        const char *colon = memchr(at, ':', size);
        bool mbox = first && size > 5 && strncmp(at, "From ", 5) == 0;
        size_t name = colon != NULL ? (size_t)(colon - at) : 0;
        bool named = name > 0 && memchr(at, ' ', name) == NULL && memchr(at, '\t', name) == NULL;
        if (!(folded && !first) && !named && !mbox)
            l->doubt = "a line in the header that is no field";
        count_single(at, size, &seen, l);
        first = false;
        at = line_end + 1;
    }
    if ((size_t)(at - (const char *)mail.data) > LETTER_HEADER_BYTES_MAX)
        l->doubt = "a header of more than 64 KiB";
}

/* ---- texts ---- */

/* As it is when it is UTF-8, else as ISO-8859-1; control characters are blanks. */
static const char *text_of(kith_arena_t *arena, const char *text)
{
    if (text == NULL)
        return "";
    kith_bytes_t bytes = kith_bytes_str(text);
    bool utf8 = kith_text_utf8(bytes);
    char *out = kith_arena_alloc(arena, 2 * bytes.size + 1);
    if (out == NULL)
        return "";
    size_t used = 0;
    for (size_t i = 0; i < bytes.size; i++) {
        uint8_t byte = bytes.data[i];
        if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f)
            out[used++] = ' ';
        else if (byte < 0x80 || utf8)
            out[used++] = (char)byte;
        else {
            out[used++] = (char)(0xc0 | (byte >> 6));
            out[used++] = (char)(0x80 | (byte & 0x3f));
        }
    }
    return out;
}

static const char *lower(kith_arena_t *arena, const char *text)
{
    char *out = kith_arena_str(arena, text_of(arena, text));
    for (char *at = out; *at != '\0'; at++)
        *at = (char)tolower((unsigned char)*at);
    return out;
}

/* A field's value without the white space around it. */
static const char *value_of(kith_arena_t *arena, GMimeHeader *header)
{
    const char *value = text_of(arena, g_mime_header_get_value(header));
    value += strspn(value, " \t\n");
    size_t size = strlen(value);
    while (size > 0 && isspace((unsigned char)value[size - 1]))
        size--;
    return kith_arena_printf(arena, "%.*s", (int)size, value);
}

/* ---- the header ---- */

static void add(const char **list, size_t *count, const char *value)
{
    if (*count < LETTER_RECIPIENTS_MAX)
        list[(*count)++] = value;
}

static void add_addresses(kith_arena_t *arena, InternetAddressList *list, letter_t *l)
{
    for (int i = 0; list != NULL && i < internet_address_list_length(list); i++) {
        InternetAddress *one = internet_address_list_get_address(list, i);
        if (INTERNET_ADDRESS_IS_MAILBOX(one))
            add(l->recipients, &l->recipients_count,
                lower(arena, internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(one))));
    }
}

static void take_recipients(kith_arena_t *arena, const char *value, letter_t *l)
{
    InternetAddressList *list = internet_address_list_parse(NULL, value);
    add_addresses(arena, list, l);
    if (list != NULL)
        g_object_unref(list);
}

static void take_from(kith_arena_t *arena, GMimeMessage *message, size_t fields, const char *own,
                      letter_t *l)
{
    InternetAddressList *list = g_mime_message_get_from(message);
    int count = list != NULL ? internet_address_list_length(list) : 0;
    InternetAddress *one = count == 1 ? internet_address_list_get_address(list, 0) : NULL;
    if (one != NULL && INTERNET_ADDRESS_IS_MAILBOX(one)) {
        l->from = lower(arena, internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(one)));
        l->from_name = text_of(arena, internet_address_get_name(one));
    }
    if (fields != 1 || count != 1)
        l->doubt = fields == 0 ? "no From" : "not one sender in From";
    else if (strchr(l->from, '@') == NULL || strchr(l->from, '@') != strrchr(l->from, '@') ||
             l->from[strcspn(l->from, " \t\n<>()[],;:\"\\")] != '\0')
        l->doubt = "an unusual address in From";
    l->loop = l->loop || (*own != '\0' && strcmp(l->from, own) == 0);
}

static void take_field(kith_arena_t *arena, const char *name, const char *value, letter_t *l)
{
    if (strcasecmp(name, "From") == 0)
        l->from_name = value; /* until it is known as an address */
    else if (strcasecmp(name, "Message-Id") == 0)
        l->message_id = value;
    else if (strcasecmp(name, "In-Reply-To") == 0)
        l->in_reply_to = value;
    else if (strcasecmp(name, "References") == 0)
        l->references = value;
    else if (strcasecmp(name, "Return-Path") == 0 && l->return_path == NULL)
        l->return_path = value;
    else if (strcasecmp(name, "Auto-Submitted") == 0)
        l->auto_submitted = value;
    else if (strcasecmp(name, "Precedence") == 0)
        l->precedence = value;
    else if (strcasecmp(name, "X-Failed-Recipients") == 0)
        l->failed_recipients = true;
    else if (strcasecmp(name, LETTER_OWN_MARK) == 0)
        l->loop = true;
    else if (strcasecmp(name, "X-Autoreply") == 0 || strcasecmp(name, "X-Autorespond") == 0 ||
             strcasecmp(name, "X-Apple-Action") == 0 || strcasecmp(name, "List-Id") == 0)
        l->says_auto = true;
    else if (strcasecmp(name, "Authentication-Results") == 0)
        add(l->results, &l->results_count, value);
    else if (strcasecmp(name, "To") == 0 || strcasecmp(name, "Cc") == 0 ||
             strcasecmp(name, "Delivered-To") == 0 || strcasecmp(name, "X-Original-To") == 0 ||
             strcasecmp(name, "Envelope-To") == 0)
        take_recipients(arena, value, l);
}

static void take_header(kith_arena_t *arena, GMimeMessage *message, const char *own, letter_t *l)
{
    GMimeHeaderList *headers = g_mime_object_get_header_list(GMIME_OBJECT(message));
    size_t froms = 0, hops = 0;
    int count = g_mime_header_list_get_count(headers);
    for (int i = 0; i < count; i++) {
        GMimeHeader *header = g_mime_header_list_get_header_at(headers, i);
        const char *name = g_mime_header_get_name(header);
        froms += strcasecmp(name, "From") == 0;
        hops += strcasecmp(name, "Received") == 0;
        take_field(arena, name, value_of(arena, header), l);
    }
    l->loop = l->loop || hops > HOPS_MAX;
    l->subject = text_of(arena, g_mime_message_get_subject(message));
    take_from(arena, message, froms, own, l);
}

/* ---- the parts ---- */

typedef struct body {
    kith_arena_t *arena;
    letter_t *letter;
    const char *plain, *html;
    size_t depth;
} body_t;

static void take_part(body_t *b, GMimeObject *part);

/* Is each byte a character in the charset that the part names? Readers differ over others. */
static bool is_in_charset(kith_arena_t *arena, GMimeTextPart *part)
{
    const char *charset = g_mime_text_part_get_charset(part);
    GMimeDataWrapper *content = g_mime_part_get_content(GMIME_PART(part));
    iconv_t table = iconv_open("UTF-8", charset != NULL ? charset : "US-ASCII");
    if (content == NULL || table == (iconv_t)-1)
        return content == NULL;
    GMimeStream *stream = g_mime_stream_mem_new();
    (void)g_mime_data_wrapper_write_to_stream(content, stream);
    GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
    size_t left = bytes->len, room = 4 * left + 16;
    char *in = (char *)bytes->data, *out = kith_arena_alloc(arena, room);
    bool is = out != NULL && iconv(table, &in, &left, &out, &room) != (size_t)-1 && left == 0;
    g_object_unref(stream);
    (void)iconv_close(table);
    return is;
}

static void take_text(body_t *b, GMimeObject *part, const char *subtype)
{
    bool html = strcasecmp(subtype, "html") == 0;
    const char **place = html ? &b->html : &b->plain;
    if (*place != NULL || (!html && strcasecmp(subtype, "plain") != 0))
        return;
    char *text = g_mime_text_part_get_text(GMIME_TEXT_PART(part));
    *place = text_of(b->arena, text);
    g_free(text);
    if (!is_in_charset(b->arena, GMIME_TEXT_PART(part)))
        b->letter->doubt = "characters that its charset does not have";
}

static void take_leaf(body_t *b, GMimeObject *part)
{
    letter_t *l = b->letter;
    GMimeContentType *type = g_mime_object_get_content_type(part);
    const char *media = g_mime_content_type_get_media_type(type);
    const char *subtype = g_mime_content_type_get_media_subtype(type);
    bool attached = g_mime_object_get_disposition(part) != NULL &&
                    strcasecmp(g_mime_object_get_disposition(part), "attachment") == 0;
    if (media == NULL || subtype == NULL)
        return;
    if (strcasecmp(media, "message") == 0) {
        l->has_status = l->has_status || strcasecmp(subtype, "delivery-status") == 0;
        l->has_feedback = l->has_feedback || strcasecmp(subtype, "feedback-report") == 0;
    }
    l->has_returned = l->has_returned || strcasecmp(subtype, "rfc822-headers") == 0;
    if (GMIME_IS_TEXT_PART(part) && !attached)
        take_text(b, part, subtype);
}

static void take_parts(body_t *b, GMimeMultipart *parts)
{
    for (int i = 0; i < g_mime_multipart_get_count(parts); i++)
        take_part(b, g_mime_multipart_get_part(parts, i));
}

static void take_part(body_t *b, GMimeObject *part)
{
    b->letter->parts++;
    if (b->depth == LETTER_DEPTH_MAX || b->letter->parts > LETTER_PARTS_MAX) {
        b->letter->doubt = "more parts than a person's mail has";
        return;
    }
    b->depth++;
    if (GMIME_IS_MULTIPART(part))
        take_parts(b, GMIME_MULTIPART(part));
    else if (GMIME_IS_MESSAGE_PART(part))
        b->letter->has_returned = true;
    else if (part != NULL)
        take_leaf(b, part);
    b->depth--;
}

static void take_body(kith_arena_t *arena, GMimeMessage *message, letter_t *l)
{
    GMimeObject *part = g_mime_message_get_mime_part(message);
    if (part == NULL)
        return;
    GMimeContentType *type = g_mime_object_get_content_type(part);
    const char *report = g_mime_content_type_get_parameter(type, "report-type");
    char *whole = g_mime_content_type_get_mime_type(type);
    l->type = lower(arena, whole);
    g_free(whole);
    l->report_type = strcmp(l->type, "multipart/report") == 0 ? text_of(arena, report) : "";
    body_t b = {.arena = arena, .letter = l};
    take_part(&b, part);
    if (b.plain != NULL)
        l->text = b.plain;
    else if (b.html != NULL)
        l->text = html_text(arena, b.html);
}

kith_err mime_read(kith_arena_t *arena, kith_bytes_t mail, const char *own, letter_t *ret_letter)
{
    letter_t l = {.from = "",
                  .from_name = "",
                  .subject = "",
                  .message_id = "",
                  .in_reply_to = "",
                  .references = "",
                  .auto_submitted = "",
                  .precedence = "",
                  .type = "",
                  .report_type = "",
                  .text = ""};
    l.recipients = kith_arena_need(arena, LETTER_RECIPIENTS_MAX * sizeof *l.recipients);
    l.results = kith_arena_need(arena, LETTER_RECIPIENTS_MAX * sizeof *l.results);
    kith_bytes_t bytes = clean(arena, mail, &l);
    if (bytes.data == NULL)
        return KITH_LIMIT;
    look_at_header(bytes, &l);
    look_at_parts(bytes, &l);
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer((const char *)bytes.data, bytes.size);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    g_mime_parser_set_persist_stream(parser, FALSE);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    if (message != NULL) {
        take_header(arena, message, own, &l);
        take_body(arena, message, &l);
        g_object_unref(message);
    } else
        l.doubt = "no mail at all";
    g_object_unref(parser);
    g_object_unref(stream);
    if (l.text == NULL)
        return KITH_LIMIT;
    *ret_letter = l;
    return KITH_OK;
}
