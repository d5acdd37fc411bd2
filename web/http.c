#include "web/http.h"

#include "base/err.h"
#include "base/limits.h"
#include "base/text.h"

#include <string.h>

/* Digits of the longest length that may be asked for. */
#define LENGTH_DIGITS_MAX 9u

static http_read fault(http_fault_t *ret, unsigned status, const char *rule, const char *what)
{
    *ret = (http_fault_t){.status = status, .rule = rule, .what = what};
    return HTTP_FAULT;
}

static http_read bad(http_fault_t *ret, const char *rule, const char *what)
{
    return fault(ret, 400, rule, what);
}

/* ---- bytes ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

static bool is_token(char c)
{
    return is_digit(c) || is_letter(c) || is_one_of(c, "!#$%&'*+-.^_`|~");
}

static bool is_path(char c)
{
    return is_digit(c) || is_letter(c) || is_one_of(c, "._~/-");
}

/* Without the fragment, and without what a browser would have encoded. */
static bool is_query(char c)
{
    return is_digit(c) || is_letter(c) || is_one_of(c, "-._~!$&'()*+,;=:@/?%");
}

static bool all(const char *text, bool (*is)(char))
{
    while (*text != '\0' && is(*text))
        text++;
    return *text == '\0';
}

static bool is_shown(char c)
{
    return (c >= 0x20 && c < 0x7f) || c == '\t';
}

/* ---- the whole head ---- */

/* The head's size; 0: not whole yet. Every line end so far is looked at, whole or not. */
static http_read measure(kith_bytes_t data, size_t *ret_size, http_fault_t *ret_fault)
{
    for (size_t i = 0; i < data.size; i++) {
        uint8_t c = data.data[i];
        bool after_cr = i > 0 && data.data[i - 1] == '\r';
        if (i >= HTTP_HEAD_BYTES_MAX)
            return fault(ret_fault, 431, "head-size", "the head of a request is at most 16 KiB");
        if ((c == '\n') != after_cr)
            return bad(ret_fault, "line-end", "a line ends in CR LF, and neither stands alone");
        if (!is_shown((char)c) && c != '\r' && c != '\n')
            return bad(ret_fault, "head-bytes", "a head is printable ASCII");
        if (c == '\n' && i >= 3 && data.data[i - 2] == '\n') {
            *ret_size = i + 1;
            return HTTP_DONE;
        }
    }
    if (data.size >= 2 && data.data[0] == '\r')
        return bad(ret_fault, "request-line", "begin with the request line");
    return HTTP_MORE;
}

/* Cuts the next line off; the head ends every line in CR LF. */
static char *next_line(char **rest)
{
    char *line = *rest;
    char *end = strstr(line, "\r\n");
    KITH_ASSERT(end != NULL);
    *end = '\0';
    *rest = end + 2;
    return line;
}

/* ---- the request line ---- */

static bool method_of(const char *text, http_method *ret_method)
{
    static const char *const names[] = {
        [HTTP_GET] = "GET", [HTTP_HEAD] = "HEAD", [HTTP_POST] = "POST", [HTTP_DELETE] = "DELETE"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i], text) == 0) {
            *ret_method = (http_method)i;
            return true;
        }
    }
    return false;
}

static http_read read_target(char *target, http_request_t *r, http_fault_t *ret_fault)
{
    char *query = strchr(target, '?');
    if (query != NULL)
        *query++ = '\0';
    if (*target != '/' || strstr(target, "//") != NULL || strstr(target, "/.") != NULL)
        return bad(ret_fault, "target", "ask for a plain path, as /api/v1/status");
    if (!all(target, is_path) || (query != NULL && !all(query, is_query)))
        return bad(ret_fault, "target", "a path is letters, digits and ._~-; encode a query");
    r->path = target;
    r->query = query != NULL ? query : "";
    return HTTP_DONE;
}

static http_read read_request_line(char *line, http_request_t *r, http_fault_t *ret_fault)
{
    char *target = strchr(line, ' ');
    char *version = target != NULL ? strchr(target + 1, ' ') : NULL;
    if (version == NULL || strchr(version + 1, ' ') != NULL || strchr(line, '\t') != NULL)
        return bad(ret_fault, "request-line", "write METHOD /path HTTP/1.1");
    *target++ = '\0';
    *version++ = '\0';
    if (*line == '\0' || !all(line, is_token))
        return bad(ret_fault, "request-line", "write METHOD /path HTTP/1.1");
    if (strncmp(version, "HTTP/", 5) != 0)
        return bad(ret_fault, "request-line", "write METHOD /path HTTP/1.1");
    if (strcmp(version, "HTTP/1.1") != 0)
        return fault(ret_fault, 505, "version", "this server speaks HTTP/1.1 only");
    if (!method_of(line, &r->method))
        return fault(ret_fault, 501, "method", "use GET, POST or DELETE");
    return read_target(target, r, ret_fault);
}

/* ---- headers ---- */

static void lower(char *text)
{
    for (; *text != '\0'; text++)
        if (*text >= 'A' && *text <= 'Z')
            *text = (char)(*text - 'A' + 'a');
}

static char *trim(char *value)
{
    value += strspn(value, " \t");
    size_t size = strlen(value);
    while (size > 0 && is_one_of(value[size - 1], " \t"))
        size--;
    value[size] = '\0';
    return value;
}

static http_read read_header(char *line, http_request_t *r, http_fault_t *ret_fault)
{
    if (*line == ' ' || *line == '\t')
        return bad(ret_fault, "folded", "a header is one line: folded ones are not taken");
    char *value = strchr(line, ':');
    if (value == NULL || value == line)
        return bad(ret_fault, "header", "a header is NAME: VALUE");
    *value++ = '\0';
    if (!all(line, is_token))
        return bad(ret_fault, "header", "a header's name is letters, digits and -, with no blank");
    lower(line);
    if (http_header(r, line) != NULL)
        return bad(ret_fault, "header-twice", "each header stands there once");
    if (r->headers_count == HTTP_HEADERS_MAX)
        return fault(ret_fault, 431, "headers", "a request has at most 64 headers");
    r->headers[r->headers_count++] = (http_header_t){.name = line, .value = trim(value)};
    return HTTP_DONE;
}

static http_read read_length(const char *text, http_request_t *r, http_fault_t *ret_fault)
{
    size_t size = strlen(text), length = 0;
    if (size == 0 || !all(text, is_digit))
        return bad(ret_fault, "content-length", "Content-Length is one number of digits");
    if (size > LENGTH_DIGITS_MAX)
        return fault(ret_fault, 413, "body-size", "a body is at most 640 KiB");
    for (size_t i = 0; i < size; i++)
        length = length * 10 + (size_t)(text[i] - '0');
    if (length > HTTP_BODY_BYTES_MAX)
        return fault(ret_fault, 413, "body-size", "a body is at most 640 KiB");
    if (length > 0 && (r->method == HTTP_GET || r->method == HTTP_HEAD))
        return bad(ret_fault, "content-length", "a GET has no body");
    r->body_size = length;
    return HTTP_DONE;
}

/* What the headers say together. */
static http_read check_headers(http_request_t *r, http_fault_t *ret_fault)
{
    const char *host = http_header(r, "host");
    const char *length = http_header(r, "content-length");
    if (http_header(r, "transfer-encoding") != NULL)
        return bad(ret_fault, "transfer-encoding",
                   "send the body whole with its Content-Length: nothing else is taken");
    if (host == NULL || *host == '\0' || strpbrk(host, " \t/@,") != NULL)
        return bad(ret_fault, "host", "name one Host");
    if (http_header(r, "upgrade") != NULL)
        return bad(ret_fault, "upgrade", "this server does not change its protocol");
    return length != NULL ? read_length(length, r, ret_fault) : HTTP_DONE;
}

http_read http_read_head(kith_bytes_t data, kith_arena_t *arena, http_request_t *ret_request,
                         size_t *ret_head_size, http_fault_t *ret_fault)
{
    size_t size = 0;
    http_read found = measure(data, &size, ret_fault);
    if (found != HTTP_DONE)
        return found;
    char *rest = kith_arena_need(arena, size + 1);
    memcpy(rest, data.data, size);
    rest[size - 2] = '\0'; /* the empty line */
    http_request_t r = {.path = "", .query = ""};
    found = read_request_line(next_line(&rest), &r, ret_fault);
    while (found == HTTP_DONE && *rest != '\0')
        found = read_header(next_line(&rest), &r, ret_fault);
    if (found == HTTP_DONE)
        found = check_headers(&r, ret_fault);
    if (found == HTTP_DONE) {
        *ret_request = r;
        *ret_head_size = size;
    }
    return found;
}

const char *http_header(const http_request_t *request, const char *name)
{
    for (size_t i = 0; i < request->headers_count; i++)
        if (strcmp(request->headers[i].name, name) == 0)
            return request->headers[i].value;
    return NULL;
}

const char *http_cookie(const http_request_t *request, kith_arena_t *arena, const char *name)
{
    const char *at = http_header(request, "cookie");
    size_t size = strlen(name);
    while (at != NULL && *at != '\0') {
        at += strspn(at, "; ");
        size_t length = strcspn(at, ";");
        if (length > size && strncmp(at, name, size) == 0 && at[size] == '=')
            return kith_arena_printf(arena, "%.*s", (int)(length - size - 1), at + size + 1);
        at += length;
    }
    return NULL;
}

/* ---- a query ---- */

static int hex_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* NULL: no such text. */
static const char *decode(kith_arena_t *arena, const char *text, size_t size)
{
    char *out = kith_arena_need(arena, size + 1);
    size_t used = 0;
    for (size_t i = 0; i < size; i++) {
        char c = text[i] == '+' ? ' ' : text[i];
        if (c == '%') {
            int high = i + 2 < size ? hex_digit(text[i + 1]) : -1;
            int low = i + 2 < size ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0 || high + low == 0)
                return NULL;
            c = (char)(high << 4 | low);
            i += 2;
        }
        out[used++] = c;
    }
    return kith_text_utf8(kith_bytes_str(out)) ? out : NULL;
}

int http_query_next(kith_arena_t *arena, const char **rest, const char **ret_name,
                    const char **ret_value)
{
    if (**rest == '\0')
        return 0;
    size_t size = strcspn(*rest, "&");
    size_t name = strcspn(*rest, "=&");
    if (name == 0 || name >= size)
        return -1;
    *ret_name = decode(arena, *rest, name);
    *ret_value = decode(arena, *rest + name + 1, size - name - 1);
    *rest += size + ((*rest)[size] == '&');
    return *ret_name != NULL && *ret_value != NULL ? 1 : -1;
}

const char *http_reason(unsigned status)
{
    switch (status) {
    case 200:
        return "OK";
    case 204:
        return "No Content";
    case 303:
        return "See Other";
    case 304:
        return "Not Modified";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 408:
        return "Request Timeout";
    case 409:
        return "Conflict";
    case 413:
        return "Content Too Large";
    case 415:
        return "Unsupported Media Type";
    case 422:
        return "Unprocessable Content";
    case 429:
        return "Too Many Requests";
    case 431:
        return "Request Header Fields Too Large";
    case 501:
        return "Not Implemented";
    case 503:
        return "Service Unavailable";
    case 504:
        return "Gateway Timeout";
    case 505:
        return "HTTP Version Not Supported";
    default:
        return "Error";
    }
}
