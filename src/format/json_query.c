/*
 * json_query.c - get_json_object, json_tuple, json_array_length and json_object_keys: parts of JSON
 * texts as texts.
 *
 * A path is $ and then steps: .name or ['name'], [7], [*]. What it finds is written anew, without
 * space and with numbers in Java's form; a string that is not part of an array comes without
 * quotes. The walk, with its three styles of writing, is that of Spark's GetJsonObject, which
 * follows Hive:
 * [*] gives a list only if it has more than one match, [*][*] flattens two levels. An error
 * anywhere in the part of the text that is read makes the result NULL.
 *
 * Recursion: a level is an object or array of the text, of which the scanner takes JSON_DEPTH_MAX.
 * Ownership: paths and results are in the arena of the call.
 */
#include "format/json_priv.h"

#define FEATURES ((unsigned)JSON_SINGLE_QUOTES | (unsigned)JSON_CONTROL_CHARS)

/* ---- paths ---- */

typedef enum StepKind { STEP_NAME, STEP_INDEX, STEP_ALL, STEP_END } StepKind;

typedef struct Step {
    StepKind kind;
    Str name;
    uint64_t index;
} Step;

/* White space before a name or index does not count. */
static size_t skip_space(Str path, size_t at)
{
    while (at < path.n && (path.p[at] == ' ' || (path.p[at] >= '\t' && path.p[at] <= '\r'))) {
        at++;
    }
    return at;
}

static bool step_name(Str path, size_t *at, Step *ret)
{
    size_t from = skip_space(path, *at + 1), i = from;

    while (i < path.n && path.p[i] != '.' && path.p[i] != '[') {
        i++;
    }
    *at = i;
    *ret = (Step){STEP_NAME, {path.p + from, i - from}, 0};
    return i > from && path.p[from] != '*'; /* .* is taken, and matches nothing */
}

/* Behind a bracket. */
static bool step_subscript(Str path, size_t *at, Step *ret)
{
    size_t from = *at + 1, i = from;
    uint64_t index = 0;

    if (i < path.n && path.p[i] == '\'') {
        i = skip_space(path, i + 1);
        const char *end = memchr(path.p + i, '\'', path.n - i);
        if (!end || end == path.p + i || end + 1 == path.p + path.n || end[1] != ']') {
            return false;
        }
        *ret = (Step){STEP_NAME, {path.p + i, (size_t)(end - path.p) - i}, 0};
        *at = (size_t)(end - path.p) + 2;
        return !str_eq(ret->name, STR_LIT("*"));
    }
    if (i < path.n && path.p[i] == '*') {
        i++;
        *ret = (Step){.kind = STEP_ALL};
    } else {
        from = i = skip_space(path, i);
        for (; i < path.n && path.p[i] >= '0' && path.p[i] <= '9'; i++) {
            index = index > INT64_MAX / 16 ? index : index * 10 + (uint64_t)(path.p[i] - '0');
        }
        *ret = (Step){.kind = STEP_INDEX, .index = index};
    }
    *at = i + 1;
    return i > from && i < path.n && path.p[i] == ']';
}

/* The steps, STEP_END behind them; NULL: the path is none, or one that matches nothing. */
static const Step *parse_path(Str path, Arena *a)
{
    Step *steps = ARENA_ARRAY(a, Step, path.n / 2 + 2);
    uint32_t n = 0;
    size_t at = 1;
    bool ok = path.n > 0 && path.p[0] == '$';

    while (ok && at < path.n) {
        ok = path.p[at] == '.'   ? step_name(path, &at, &steps[n++])
             : path.p[at] == '[' ? step_subscript(path, &at, &steps[n++])
                                 : false;
    }
    steps[n].kind = STEP_END;
    return ok ? steps : NULL;
}

/* ---- writing ---- */

typedef enum Style { RAW, QUOTED, FLAT } Style;

typedef struct Walk {
    JsonParser *j;
    StrBuf *out;
    bool in_array, first; /* what is written next is an element; the first of its array */
    bool failed;          /* the text is bad */
} Walk;

static bool walk(Walk *w, Style style, const Step *step);

static bool next(Walk *w)
{
    w->failed |= !json_next(w->j);
    return !w->failed;
}

static void skip(Walk *w)
{
    w->failed |= !json_skip_children(w->j);
}

/* On to the next entry of the array or object. */
static bool next_of(Walk *w, JsonTok end)
{
    return next(w) && w->j->tok != end && w->j->tok != JT_NONE;
}

static void separate(Walk *w)
{
    if (w->in_array && !w->first) {
        strbuf_putc(w->out, ',');
    }
    w->first = false;
}

static bool copy_value(Walk *w, Style style)
{
    JsonParser *j = w->j;

    if (j->tok == JT_NONE) {
        w->failed = true;
    } else if (j->tok == JT_STRING && style == RAW) {
        w->failed |= !json_read_text(j);
        strbuf_append(w->out, j->text.p, w->failed ? 0 : j->text.n);
    } else {
        separate(w);
        w->failed |= !json_copy_value(j, w->out);
    }
    return !w->failed;
}

/* The elements of the array that the parser is at the start of; how many of them have a match. */
static uint32_t walk_elements(Walk *w, Style style, const Step *step)
{
    uint32_t n = 0;

    while (next_of(w, JT_END_ARRAY)) {
        n += walk(w, style, step);
    }
    return n;
}

/* Their matches as an array. */
static uint32_t walk_list(Walk *w, Style style, const Step *step)
{
    bool in_array = w->in_array;

    separate(w);
    strbuf_putc(w->out, '[');
    w->in_array = w->first = true;
    uint32_t n = walk_elements(w, style, step);
    strbuf_putc(w->out, ']');
    w->in_array = in_array;
    w->first = false;
    return n;
}

/* As an array if there are several, as it is if there is one. */
static bool walk_matches(Walk *w, Style style, const Step *step)
{
    StrBuf *out = w->out;
    bool in_array = w->in_array, first = w->first;
    size_t before = out->n;

    separate(w);
    size_t open = out->n;
    strbuf_putc(out, '[');
    w->in_array = w->first = true;
    uint32_t n = walk_elements(w, style, step);
    w->in_array = in_array;
    w->first = n == 0 && first;
    if (n == 0) {
        out->n = before;
    } else if (n == 1) {
        out->n--;
        memmove(out->p + open, out->p + open + 1, out->n - open);
    } else {
        strbuf_putc(out, ']');
    }
    return n > 0;
}

static bool walk_index(Walk *w, Style style, const Step *step)
{
    bool found = false;

    for (uint64_t i = 0; next_of(w, JT_END_ARRAY); i++) {
        if (i == step->index) {
            found = walk(w, style, step + 1);
        } else {
            skip(w);
        }
    }
    return found;
}

static bool walk_array(Walk *w, Style style, const Step *step)
{
    if (step->kind == STEP_INDEX) {
        return walk_index(w, step[1].kind == STEP_ALL ? QUOTED : style, step);
    }
    if (step[1].kind == STEP_ALL) {
        return walk_list(w, FLAT, step + 2) > 0;
    }
    return style == QUOTED ? walk_list(w, QUOTED, step + 1) > 0
                           : walk_matches(w, style == RAW ? QUOTED : style, step + 1);
}

/* The first field of the name that has a match; a field that is null has none. */
static bool walk_object(Walk *w, Style style, const Step *step)
{
    bool found = false;

    while (next_of(w, JT_END_OBJECT)) {
        bool here = !found && str_eq(json_current_name(w->j), step->name);
        if (!next(w)) {
            break;
        }
        if (here && w->j->tok != JT_NULL) {
            found = walk(w, style, step + 1);
        } else {
            skip(w);
        }
    }
    return found;
}

/* Writes what the steps find in the value at the parser, and goes to its end. true: something. */
static bool walk(Walk *w, Style style, const Step *step)
{
    JsonTok tok = w->j->tok;

    if (w->failed) {
        return false;
    }
    if (step->kind == STEP_END) {
        return tok == JT_START_ARRAY && style == FLAT ? walk_elements(w, style, step) > 0
                                                      : copy_value(w, style);
    }
    if (tok == JT_START_OBJECT && step->kind == STEP_NAME) {
        return walk_object(w, style, step);
    }
    if (tok == JT_START_ARRAY && step->kind != STEP_NAME) {
        return walk_array(w, style, step);
    }
    skip(w);
    return false;
}

/* ---- columns ---- */

/* Texts of results, one behind the other. */
typedef struct Results {
    StrBuf text;
    size_t *end;
    uint64_t *valid;
} Results;

static Results results_new(uint32_t n, Arena *a)
{
    return (Results){.end = ARENA_ARRAY(a, size_t, n + 1), .valid = vec_new_validity(a, n, false)};
}

static void results_finish(Results *r, uint32_t n, Arena *a, Vec *out)
{
    Vec found = {.type = type_boolean, .len = n, .valid = r->valid};

    text_column(&found, r->end, n, &r->text, a, out);
    strbuf_free(&r->text);
}

static JsonParser *parser_new(Arena *a)
{
    JsonParser *j = ARENA_NEW(a, JsonParser);

    j->arena = a;
    j->features = FEATURES;
    j->by_char = true;
    return j;
}

static void json_get(const Vec *texts, const Vec *paths, uint32_t n, Arena *a, Vec *out)
{
    Results r = results_new(n, a);
    Walk w = {.j = parser_new(a), .out = &r.text};
    const Step *path = NULL;

    for (uint32_t i = 0; i < n; i++) {
        size_t before = r.text.n;
        bool there = vec_is_valid(texts, i) && vec_is_valid(paths, i);
        if (there && (i == 0 || !paths->is_const)) {
            path = parse_path(text_at(paths, i), a);
        }
        if (there && path) {
            Str text = text_at(texts, i);
            json_start(w.j, text.p, text.n);
            w.in_array = w.failed = false;
            w.first = true;
            if (next(&w) && walk(&w, RAW, path) && !w.failed) {
                r.valid[i >> 6] |= UINT64_C(1) << (i & 63);
            } else {
                r.text.n = before;
            }
        }
        r.end[i] = r.text.n;
    }
    results_finish(&r, n, a, out);
}

static void json_length(const Vec *texts, uint32_t n, Arena *a, Vec *out)
{
    JsonParser *j = parser_new(a);
    Walk w = {.j = j};

    *out = (Vec){.type = type_int, .len = n, .valid = vec_new_validity(a, n, false)};
    int32_t *data = ARENA_ARRAY(a, int32_t, n);
    out->data = data;
    for (uint32_t i = 0; i < n; i++) {
        Str text = vec_is_valid(texts, i) ? text_at(texts, i) : STR_LIT("");
        w.failed = false;
        json_start(j, text.p, text.n);
        if (!next(&w) || j->tok != JT_START_ARRAY) {
            continue;
        }
        for (; next_of(&w, JT_END_ARRAY); data[i]++) {
            skip(&w);
        }
        out->valid[i >> 6] |= (uint64_t)!w.failed << (i & 63);
    }
}

static void json_keys(const Vec *texts, uint32_t n, Arena *a, Vec *out)
{
    JsonParser *j = parser_new(a);
    Walk w = {.j = j};
    VecBuilder *b = vecb_new(a, type_array(type_string, true)), *keys = vecb_child(b, 0);

    for (uint32_t i = 0; i < n; i++) {
        Str text = vec_is_valid(texts, i) ? text_at(texts, i) : STR_LIT("");
        uint32_t before = vecb_len(keys);
        w.failed = false;
        json_start(j, text.p, text.n);
        bool object = next(&w) && j->tok == JT_START_OBJECT;
        while (object && next_of(&w, JT_END_OBJECT)) {
            Str name = json_current_name(j);
            vecb_str(keys, name.p ? name : STR_LIT(""));
            if (next(&w)) {
                skip(&w);
            }
        }
        if (object && !w.failed) {
            vecb_end_row(b);
        } else {
            vecb_truncate(keys, before);
            vecb_null(b);
        }
    }
    vecb_finish(b, out);
}

/* ---- json_tuple ---- */

typedef struct Tuple {
    Walk w;
    const Vec *names;
    uint32_t n_names;
    Str *value;  /* of each name in the row; p NULL: none */
    StrBuf text; /* of the value being written */
} Tuple;

/* The field that the parser is at: its value goes to all that want it. */
static void take_field(Tuple *t, uint32_t row)
{
    Walk *w = &t->w;
    Str name = json_current_name(w->j), value = {0};

    if (!next(w)) {
        return;
    }
    for (uint32_t k = 0; k < t->n_names && w->j->tok != JT_NULL; k++) {
        const Vec *v = &t->names[k];
        if (!vec_is_valid(v, row) || !str_eq(text_at(v, row), name)) {
            continue;
        }
        if (!value.p) {
            strbuf_clear(&t->text);
            w->out = &t->text;
            copy_value(w, RAW);
            value = strbuf_str(&t->text);
            value.p = arena_bytes(w->j->arena, value.p, value.n);
        }
        t->value[k] = value;
    }
    skip(w);
}

static void json_tuple(const Vec *texts, const Vec *names, uint32_t n_names, uint32_t n, Arena *a,
                       Vec *out)
{
    Tuple t = {.w = {.j = parser_new(a)}, .names = names, .n_names = n_names};
    View **data = ARENA_ARRAY(a, View *, n_names + 1);

    t.value = ARENA_ARRAY(a, Str, n_names + 1);
    for (uint32_t k = 0; k < n_names; k++) {
        data[k] = ARENA_ARRAY(a, View, n);
        out[k] = (Vec){.type = type_string, .len = n, .data = data[k]};
        out[k].valid = vec_new_validity(a, n, false);
    }
    for (uint32_t i = 0; i < n; i++) {
        Str text = vec_is_valid(texts, i) ? text_at(texts, i) : STR_LIT("");
        memset(t.value, 0, n_names * sizeof(*t.value));
        t.w.failed = t.w.in_array = false;
        json_start(t.w.j, text.p, text.n);
        bool object = next(&t.w) && t.w.j->tok == JT_START_OBJECT;
        while (object && next_of(&t.w, JT_END_OBJECT)) {
            take_field(&t, i);
        }
        for (uint32_t k = 0; k < n_names && !t.w.failed; k++) {
            if (t.value[k].p) {
                data[k][i] = view_of(t.value[k].p, t.value[k].n);
                out[k].valid[i >> 6] |= UINT64_C(1) << (i & 63);
            }
        }
    }
    strbuf_free(&t.text);
}

const JsonQueries json_queries = {
    .get = json_get,
    .tuple = json_tuple,
    .length = json_length,
    .keys = json_keys,
};
