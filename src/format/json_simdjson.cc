/*
 * json_simdjson.cc - the tape of a clean line, by simdjson's on-demand parser.
 *
 * simdjson (3.0 or later) finds the structure of the line, and checks in passing that it is UTF-8
 * and that strings hold no control characters. It looks at values only as far as it is asked, so
 * that numbers, words and escapes, also of values that nobody wants, are checked here: Jackson
 * would notice. Names with escapes are left to the tolerant scanner. Any doubt is a no.
 *
 * simdjson is asked for error codes throughout, so nothing throws. Threads: one at a time per tape.
 */
#include "format/json_tape.h"

#include <simdjson.h>

#include <cstring>
#include <memory>

extern "C" {
bool json_escapes_valid(const char *p, size_t n);
bool json_number_valid(const char *p, size_t n, bool *ret_float);
}

using namespace simdjson;

struct JsonTape {
    ondemand::parser parser;
    std::unique_ptr<JsonTapeTok[]> toks;
    size_t cap = 0;
    JsonTapeTok *at; /* where the next token goes; there is room for one a byte of the line */
    const char *line_end;

    bool object(ondemand::object o, const char *begin, unsigned depth);
    bool array(ondemand::array a, const char *begin, unsigned depth);
    bool value(ondemand::value v, char closer, unsigned depth);
    bool scalar(const char *p, const char *e);
    JsonTapeTok *begin_level(JsonTok kind, const char *begin);
    bool end_level(JsonTapeTok *start, JsonTok kind, char bracket, const char *from);
    void push(JsonTok kind, const char *p, size_t n, bool escaped = false)
    {
        *at++ = {p, static_cast<uint32_t>(n), 0, static_cast<uint8_t>(kind), escaped};
    }
    const char *last_end() const
    {
        return at[-1].p + at[-1].n + (at[-1].kind == JT_STRING);
    }
};

namespace
{
/* Deeper lines go to the scanner, which does not recurse. */
constexpr unsigned depth_max = 200;

bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
} // namespace

JsonTapeTok *JsonTape::begin_level(JsonTok kind, const char *begin)
{
    push(kind, begin, 0);
    return at - 1;
}

/* Only space is left between from and the bracket. */
bool JsonTape::end_level(JsonTapeTok *start, JsonTok kind, char bracket, const char *from)
{
    while (from < line_end && is_space(*from)) {
        from++;
    }
    if (from == line_end || *from != bracket) {
        return false;
    }
    start->n = static_cast<uint32_t>(from + 1 - start->p);
    start->next = static_cast<uint32_t>(at - start);
    push(kind, from, 1);
    return true;
}

/* A value that is no object or array, and what of [p, e) is behind it is space. */
bool JsonTape::scalar(const char *p, const char *e)
{
    while (e > p && is_space(e[-1])) {
        e--;
    }
    size_t n = static_cast<size_t>(e - p);
    if (n == 0) {
        return false;
    }
    if (*p == '"') {
        if (n < 2 || e[-1] != '"') {
            return false;
        }
        bool escaped = memchr(p + 1, '\\', n - 2) != nullptr;
        push(JT_STRING, p + 1, n - 2, escaped);
        return !escaped || json_escapes_valid(p + 1, n - 2);
    }
    if (*p == '-' || (*p >= '0' && *p <= '9')) {
        bool is_float = false;
        bool ok = json_number_valid(p, n, &is_float);
        push(is_float ? JT_FLOAT : JT_INT, p, n);
        return ok;
    }
    static const struct {
        const char *text;
        size_t n;
        JsonTok kind;
    } words[] = {{"true", 4, JT_TRUE}, {"false", 5, JT_FALSE}, {"null", 4, JT_NULL}};
    for (const auto &w : words) {
        if (n == w.n && memcmp(p, w.text, n) == 0) {
            push(w.kind, p, n);
            return true;
        }
    }
    return false;
}

/* A value inside of an object or array that ends with closer. */
bool JsonTape::value(ondemand::value v, char closer, unsigned depth)
{
    std::string_view raw = v.raw_json_token(); /* with the space behind it */
    const char *p = raw.data();

    if (*p == '{') {
        ondemand::object o;
        return depth < depth_max && !v.get_object().get(o) && object(o, p, depth + 1);
    }
    if (*p == '[') {
        ondemand::array a;
        return depth < depth_max && !v.get_array().get(a) && array(a, p, depth + 1);
    }
    /* simdjson passes over a value that was not asked for, and takes a string in front of a colon
     * for a name then: the next token has to be looked at here. */
    const char *next = p + raw.size();
    return (*next == ',' || *next == closer) && scalar(p, next);
}

bool JsonTape::object(ondemand::object o, const char *begin, unsigned depth)
{
    JsonTapeTok *start = begin_level(JT_START_OBJECT, begin);
    const char *end = begin + 1;

    for (auto f : o) {
        ondemand::raw_json_string key;
        ondemand::value v;
        if (f.key().get(key)) {
            return false;
        }
        const char *p = key.raw(), *q = p;
        while (*q != '"' && *q != '\\') {
            q++; /* there is a quote */
        }
        if (*q != '"') {
            return false;
        }
        push(JT_NAME, p, static_cast<size_t>(q - p));
        if (f.value().get(v) || !value(v, '}', depth)) {
            return false;
        }
        end = last_end();
    }
    return end_level(start, JT_END_OBJECT, '}', end);
}

bool JsonTape::array(ondemand::array a, const char *begin, unsigned depth)
{
    JsonTapeTok *start = begin_level(JT_START_ARRAY, begin);
    const char *end = begin + 1;

    for (auto e : a) {
        ondemand::value v;
        if (e.get(v) || !value(v, ']', depth)) {
            return false;
        }
        end = last_end();
    }
    return end_level(start, JT_END_ARRAY, ']', end);
}

extern "C" JsonTape *json_tape_new(void)
{
    return new JsonTape;
}

extern "C" void json_tape_free(JsonTape *t)
{
    delete t;
}

extern "C" const JsonTapeTok *json_tape_line(JsonTape *t, const char *p, size_t n)
{
    ondemand::document doc;
    ondemand::object o;
    const char *begin = p, *end = p + n;

    while (begin < end && is_space(*begin)) {
        begin++;
    }
    if (begin == end || *begin != '{' || n > JSON_TAPE_LINE_MAX) {
        return nullptr;
    }
    if (n + 2 > t->cap) {
        t->cap = 2 * n + 64;
        t->toks.reset(new JsonTapeTok[t->cap]);
    }
    t->at = t->toks.get();
    t->line_end = end;
    if (t->parser.iterate(padded_string_view(p, n, n + SIMDJSON_PADDING)).get(doc)) {
        return nullptr;
    }
    if (doc.get_object().get(o) || !t->object(o, begin, 1)) {
        return nullptr;
    }
    t->push(JT_NONE, end, 0);
    return t->toks.get();
}
