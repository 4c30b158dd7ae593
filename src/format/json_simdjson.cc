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
#include <vector>

extern "C" {
bool json_escapes_valid(const char *p, size_t n);
bool json_number_valid(const char *p, size_t n, bool *ret_float);
}

using namespace simdjson;

struct JsonTape {
    ondemand::parser parser;
    std::vector<JsonTapeTok> toks;
    const char *line_end;

    bool object(ondemand::object o, const char *begin, unsigned depth);
    bool array(ondemand::array a, const char *begin, unsigned depth);
    bool value(ondemand::value v, unsigned depth);
    bool scalar(const char *p, const char *e);
    size_t open(JsonTok kind, const char *begin);
    bool close(size_t start, JsonTok kind, char bracket, const char *from);
    void push(JsonTok kind, const char *p, size_t n, bool escaped = false)
    {
        toks.push_back({p, static_cast<uint32_t>(n), 0, static_cast<uint8_t>(kind), escaped});
    }
    const char *find(const char *p, char c) const
    {
        return static_cast<const char *>(memchr(p, c, static_cast<size_t>(line_end - p)));
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

size_t JsonTape::open(JsonTok kind, const char *begin)
{
    push(kind, begin, 0);
    return toks.size() - 1;
}

/* Only space is left between from and the bracket. */
bool JsonTape::close(size_t start, JsonTok kind, char bracket, const char *from)
{
    const char *end = find(from, bracket);

    if (!end) {
        return false;
    }
    toks[start].n = static_cast<uint32_t>(end + 1 - toks[start].p);
    toks[start].next = static_cast<uint32_t>(toks.size() - start);
    push(kind, end, 1);
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

bool JsonTape::value(ondemand::value v, unsigned depth)
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
    return scalar(p, p + raw.size());
}

bool JsonTape::object(ondemand::object o, const char *begin, unsigned depth)
{
    size_t start = open(JT_START_OBJECT, begin);
    const char *end = begin + 1;

    for (auto f : o) {
        ondemand::raw_json_string key;
        ondemand::value v;
        if (f.key().get(key)) {
            return false;
        }
        const char *p = key.raw(), *q = find(p, '"');
        if (!q || memchr(p, '\\', static_cast<size_t>(q - p))) {
            return false;
        }
        push(JT_NAME, p, static_cast<size_t>(q - p));
        if (f.value().get(v) || !value(v, depth)) {
            return false;
        }
        end = toks.back().p + toks.back().n + (toks.back().kind == JT_STRING);
    }
    return close(start, JT_END_OBJECT, '}', end);
}

bool JsonTape::array(ondemand::array a, const char *begin, unsigned depth)
{
    size_t start = open(JT_START_ARRAY, begin);
    const char *end = begin + 1;

    for (auto e : a) {
        ondemand::value v;
        if (e.get(v) || !value(v, depth)) {
            return false;
        }
        end = toks.back().p + toks.back().n + (toks.back().kind == JT_STRING);
    }
    return close(start, JT_END_ARRAY, ']', end);
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
    const char *at = p, *end = p + n;

    while (at < end && is_space(*at)) {
        at++;
    }
    if (at == end || *at != '{') {
        return nullptr;
    }
    t->toks.clear();
    t->line_end = end;
    if (n > JSON_TAPE_LINE_MAX ||
        t->parser.iterate(padded_string_view(p, n, n + SIMDJSON_PADDING)).get(doc)) {
        return nullptr;
    }
    if (doc.get_object().get(o) || !t->object(o, at, 1)) {
        return nullptr;
    }
    t->push(JT_NONE, end, 0);
    return t->toks.data();
}
