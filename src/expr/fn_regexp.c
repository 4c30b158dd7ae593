/*
 * fn_regexp.c - rlike, regexp_replace, regexp_extract, regexp_extract_all, regexp_count,
 * regexp_instr, regexp_substr.
 *
 * Matches are found as java.util.regex.Matcher.find() does. A pattern that is malformed fails the
 * first row that needs it.
 *
 * Ownership: results are in cx->arena or share the input's bytes.
 */
#include "expr/fn_regexp.h"

/* ---- shared ---- */

void regexp_bind_pattern(BindCtx *cx, Expr *call, uint32_t i)
{
    Str pattern;
    if (bind_const_str(cx, call, i, &pattern)) {
        call->fn_data = regex_get(cx->arena, pattern);
    }
}

RegexpRow regexp_rows(EvalCtx *cx, const Expr *call, const Vec *patterns)
{
    return (RegexpRow){.cx = cx, .call = call, .patterns = patterns};
}

static char *literal_of(EvalCtx *cx, Str s)
{
    StrBuf b = {0};
    View view = view_of(s.p, s.n);
    Vec v = {.type = type_string, .len = 1, .data = &view};
    literal_sql(cx->tz, &v, 0, &b);
    return strbuf_arena(&b, cx->arena);
}

/* Names with capitals (RLIKE) are only for columns. */
static char *quoted_name(EvalCtx *cx, const Expr *call)
{
    return arena_printf(cx->arena, "`%s`", call->fn->name);
}

fb_status regexp_row(RegexpRow *r, uint32_t i, fb_error *err)
{
    const Regex *re = r->call->fn_data;
    if (!re) {
        Str pattern = arg_str(r->patterns, i);
        if (r->matcher.re && str_eq(r->matcher.re->pattern, pattern)) {
            return FB_OK;
        }
        re = regex_get(r->cx->arena, pattern);
    } else if (r->matcher.re == re) {
        return FB_OK;
    }
    if (re->status == REGEX_UNSUPPORTED) {
        return err_unsupported(err, "the regular expression %s", literal_of(r->cx, re->pattern));
    }
    if (re->status != REGEX_OK) {
        return err_set(err, ERR_INVALID_PARAMETER_VALUE_PATTERN, "parameter", "`regexp`",
                       "functionName", quoted_name(r->cx, r->call), "value",
                       literal_of(r->cx, re->pattern), NULL);
    }
    regex_matcher_init(&r->matcher, re, r->cx->arena);
    return FB_OK;
}

/* Whether there is a match in s, without positions where the pattern is plain text. */
static fb_status regexp_matches(RegexpRow *r, Str s, bool *found, fb_error *err)
{
    if (r->matcher.re->is_text) {
        *found = str_find(s, r->matcher.re->text, 0) != SIZE_MAX;
        return FB_OK;
    }
    return regex_find(&r->matcher, s, 0, found, err);
}

/* ---- rlike ---- */

KERNEL(fn_rlike)
{
    uint8_t *data = kernel_alloc(cx, out);
    RegexpRow r = regexp_rows(cx, call, &args[1]);
    for (uint32_t i = 0; i < n; i++) {
        bool found = false;
        if (kernel_wants(out, i)) {
            TRY(regexp_row(&r, i, err));
            TRY(regexp_matches(&r, arg_str(&args[0], i), &found, err));
        }
        data[i] = found;
    }
    return FB_OK;
}

BINDER(bind_rlike)
{
    char *name = arena_strdup(cx->arena, call->name);
    for (char *p = name; *p; p++) {
        *p = ascii_upper(*p);
    }
    call->name = name;
    TRY(bind_cast_all(cx, call, 0, 2, type_string, err));
    regexp_bind_pattern(cx, call, 1);
    return bind_done(call, type_boolean);
}

/* ---- regexp_replace ---- */

/* A replacement text, cut up: bytes, or the number of a group. */
typedef struct Piece {
    Str text;
    uint32_t group; /* UINT32_MAX: text */
} Piece;

typedef struct Replacement {
    const Regex *re;
    Str source;
    Piece *pieces;
    uint32_t n;
    bool bad;
} Replacement;

static void add_byte(Replacement *p, const char *at)
{
    if (p->n && p->pieces[p->n - 1].group == UINT32_MAX) {
        Piece *last = &p->pieces[p->n - 1];
        if (last->text.p + last->text.n == at) {
            last->text.n++;
            return;
        }
    }
    p->pieces[p->n++] = (Piece){{at, 1}, UINT32_MAX};
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* After a $: the group named or numbered there. false: none of that name. */
static bool replacement_group(Replacement *p, size_t *at)
{
    Str s = p->source;
    uint32_t group = 0;
    size_t i = *at;
    if (i < s.n && s.p[i] == '{') {
        const char *end = memchr(s.p + i, '}', s.n - i);
        if (!end) {
            return false;
        }
        size_t len = (size_t)(end - s.p) - i - 1;
        group = regex_group_of_name(p->re, (Str){s.p + i + 1, len});
        *at = i + len + 2;
        p->pieces[p->n++] = (Piece){{0}, group};
        return group != 0;
    }
    if (i >= s.n || !is_digit(s.p[i])) {
        return false;
    }
    group = (uint32_t)(s.p[i++] - '0');
    if (group > p->re->n_groups) {
        return false;
    }
    for (; i < s.n && is_digit(s.p[i]); i++) {
        uint32_t more = group * 10 + (uint32_t)(s.p[i] - '0');
        if (more > p->re->n_groups) {
            break;
        }
        group = more;
    }
    *at = i;
    p->pieces[p->n++] = (Piece){{0}, group};
    return true;
}

static void replacement_make(EvalCtx *cx, Replacement *p, const Regex *re, Str source)
{
    *p = (Replacement){.re = re, .source = source};
    p->pieces = ARENA_ARRAY(cx->arena, Piece, source.n + 1);
    for (size_t i = 0; i < source.n && !p->bad;) {
        char c = source.p[i++];
        if (c == '$') {
            p->bad = !replacement_group(p, &i);
        } else if (c == '\\') {
            p->bad = i >= source.n;
            if (!p->bad) {
                add_byte(p, source.p + i++);
            }
        } else {
            add_byte(p, source.p + i - 1);
        }
    }
}

static fb_status bad_replacement(EvalCtx *cx, Str s, const Regex *re, Str with, int32_t position,
                                 fb_error *err)
{
    Arena *a = cx->arena;
    return err_set(err, ERR_INVALID_REGEXP_REPLACE, "source", arena_strndup(a, s.p, s.n), "pattern",
                   arena_strndup(a, re->pattern.p, re->pattern.n), "replacement",
                   arena_strndup(a, with.p, with.n), "position", arena_printf(a, "%d", position),
                   NULL);
}

static void put_replacement(StrBuf *b, const Replacement *p, const RegexMatcher *m, Str s)
{
    for (uint32_t k = 0; k < p->n; k++) {
        const Piece *piece = &p->pieces[k];
        if (piece->group == UINT32_MAX) {
            strbuf_append(b, piece->text.p, piece->text.n);
        } else if (m->spans[2 * piece->group] != SIZE_MAX) {
            size_t from = m->spans[2 * piece->group];
            strbuf_append(b, s.p + from, m->spans[2 * piece->group + 1] - from);
        }
    }
}

/* Replaces in s, all of it searched; *changed = whether buf holds a result. */
static fb_status replace_matches(EvalCtx *cx, RegexMatcher *m, const Replacement *p, Str s,
                                 StrBuf *buf, bool *changed, fb_error *err)
{
    size_t from = 0, checked = 0;
    *changed = false;
    for (size_t search = 0; search <= s.n; search = regex_next(m, s)) {
        bool found;
        TRY(regex_find(m, s, search, &found, err));
        if (!found) {
            break;
        }
        *changed = true;
        if (p->bad) {
            return FB_OK;
        }
        strbuf_append(buf, s.p + from, m->spans[0] - from);
        put_replacement(buf, p, m, s);
        from = m->spans[1];
        TRY(str_buf_check(cx, buf, &checked, err));
    }
    strbuf_append(buf, s.p + from, s.n - from);
    return FB_OK;
}

static fb_status regexp_replace_all(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n,
                                    Vec *out, StrBuf *buf, fb_error *err)
{
    View *data = kernel_alloc(cx, out);
    StrOut o = str_out(cx);
    RegexpRow r = regexp_rows(cx, call, &args[1]);
    Replacement p = {0};
    for (uint32_t i = 0; i < n; i++) {
        const View *v = &VEC_AT(View, &args[0], i);
        data[i] = *v;
        if (!kernel_wants(out, i)) {
            continue;
        }
        TRY(regexp_row(&r, i, err));
        Str with = arg_str(&args[2], i), s = view_str(v);
        if (p.re != r.matcher.re || !str_eq(p.source, with)) {
            replacement_make(cx, &p, r.matcher.re, with);
        }
        int32_t position = VEC_AT(int32_t, &args[3], i);
        size_t skip = position > 1 ? utf8_offset(s, (size_t)position - 1) : 0;
        bool changed;
        if (position > 1 && skip >= s.n) {
            continue;
        }
        strbuf_clear(buf);
        strbuf_append(buf, s.p, skip);
        TRY(replace_matches(cx, &r.matcher, &p, (Str){s.p + skip, s.n - skip}, buf, &changed, err));
        if (changed && p.bad) {
            return bad_replacement(cx, s, r.matcher.re, with, position, err);
        }
        if (changed) {
            TRY(str_out_reserve(&o, buf->n, err));
            data[i] = str_out_copy(&o, strbuf_str(buf));
        }
    }
    return FB_OK;
}

KERNEL(fn_regexp_replace)
{
    StrBuf buf = {0};
    fb_status st = regexp_replace_all(cx, call, args, n, out, &buf, err);
    strbuf_free(&buf);
    return st;
}

BINDER(bind_regexp_replace)
{
    TRY(bind_cast_all(cx, call, 0, 3, type_string, err));
    if (call->n_args == 3) {
        bind_add_arg(cx, call, expr_literal_int(cx->arena, type_int, 1));
    }
    TRY(bind_cast(cx, call, 3, type_int, err));
    if (!expr_is_foldable(call->args[3])) {
        return bind_non_foldable(cx, call, 3, "position", err);
    }
    Vec v;
    TRY(bind_fold(cx, call->args[3], &v, err));
    if (vec_is_valid(&v, 0) && VEC_AT(int32_t, &v, 0) <= 0) {
        return err_set(err, ERR_DATATYPE_MISMATCH_VALUE_OUT_OF_RANGE, "exprName", "position",
                       "valueRange", "(0, 2147483647]", "currentValue",
                       arena_printf(cx->arena, "%d", VEC_AT(int32_t, &v, 0)), "sqlExpr",
                       bind_sql(cx, call), NULL);
    }
    regexp_bind_pattern(cx, call, 1);
    return bind_done(call, type_string);
}

/* ---- regexp_extract, regexp_extract_all ---- */

static fb_status check_group(EvalCtx *cx, const Expr *call, const Regex *re, int32_t group,
                             fb_error *err)
{
    if (group >= 0 && (uint32_t)group <= re->n_groups) {
        return FB_OK;
    }
    return err_set(err, ERR_INVALID_PARAMETER_VALUE_REGEX_GROUP_INDEX, "parameter", "`idx`",
                   "functionName", quoted_name(cx, call), "groupCount",
                   arena_printf(cx->arena, "%u", re->n_groups), "groupIndex",
                   arena_printf(cx->arena, "%d", group), NULL);
}

static View group_view(const RegexMatcher *m, Str s, int32_t group)
{
    size_t from = m->spans[2 * group], to = m->spans[2 * group + 1];
    return from == SIZE_MAX ? (View){0} : make_view(s.p + from, (uint32_t)(to - from));
}

KERNEL(fn_regexp_extract)
{
    View *data = kernel_alloc(cx, out);
    RegexpRow r = regexp_rows(cx, call, &args[1]);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = (View){0};
        if (!kernel_wants(out, i)) {
            continue;
        }
        bool found;
        Str s = arg_str(&args[0], i);
        int32_t group = VEC_AT(int32_t, &args[2], i);
        TRY(regexp_row(&r, i, err));
        TRY(regex_find(&r.matcher, s, 0, &found, err));
        if (found) {
            TRY(check_group(cx, call, r.matcher.re, group, err));
            data[i] = group_view(&r.matcher, s, group);
        }
    }
    return FB_OK;
}

KERNEL(fn_regexp_extract_all)
{
    uint32_t *offsets = arena_zalloc(cx->arena, ((size_t)n + 1) * sizeof(uint32_t));
    VecBuilder *b = vecb_new(cx->arena, type_string);
    RegexpRow r = regexp_rows(cx, call, &args[1]);
    for (uint32_t i = 0; i < n; i++) {
        if (kernel_wants(out, i)) {
            Str s = arg_str(&args[0], i);
            int32_t group = VEC_AT(int32_t, &args[2], i);
            TRY(regexp_row(&r, i, err));
            for (size_t at = 0; at <= s.n; at = regex_next(&r.matcher, s)) {
                bool found;
                TRY(regex_find(&r.matcher, s, at, &found, err));
                if (!found) {
                    break;
                }
                TRY(check_group(cx, call, r.matcher.re, group, err));
                size_t from = r.matcher.spans[2 * group], to = r.matcher.spans[2 * group + 1];
                TRY(arena_check(cx->arena, err));
                vecb_str(b, from == SIZE_MAX ? STR_LIT("") : (Str){s.p + from, to - from});
            }
        }
        offsets[i + 1] = vecb_len(b);
    }
    out->data = offsets;
    out->child = ARENA_NEW(cx->arena, Vec);
    vecb_finish(b, &out->child[0]);
    return FB_OK;
}

static fb_status bind_regexp_group(BindCtx *cx, Expr *call, fb_error *err)
{
    TRY(bind_cast_all(cx, call, 0, 2, type_string, err));
    if (call->n_args == 2) {
        bind_add_arg(cx, call, expr_literal_int(cx->arena, type_int, 1));
    }
    TRY(bind_cast(cx, call, 2, type_int, err));
    regexp_bind_pattern(cx, call, 1);
    return FB_OK;
}

BINDER(bind_regexp_extract)
{
    TRY(bind_regexp_group(cx, call, err));
    return bind_done(call, type_string);
}

BINDER(bind_regexp_extract_all)
{
    TRY(bind_regexp_group(cx, call, err));
    return bind_done(call, type_array(type_string, true));
}

/* ---- regexp_count, regexp_instr, regexp_substr ---- */

KERNEL(fn_regexp_count)
{
    int32_t *data = kernel_alloc(cx, out);
    RegexpRow r = regexp_rows(cx, call, &args[1]);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = 0;
        if (!kernel_wants(out, i)) {
            continue;
        }
        Str s = arg_str(&args[0], i);
        TRY(regexp_row(&r, i, err));
        for (size_t at = 0; at <= s.n; at = regex_next(&r.matcher, s)) {
            bool found;
            TRY(regex_find(&r.matcher, s, at, &found, err));
            if (!found) {
                break;
            }
            data[i]++;
        }
    }
    return FB_OK;
}

KERNEL(fn_regexp_instr)
{
    int32_t *data = kernel_alloc(cx, out);
    RegexpRow r = regexp_rows(cx, call, &args[1]);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = 0;
        if (!kernel_wants(out, i)) {
            continue;
        }
        bool found;
        Str s = arg_str(&args[0], i);
        TRY(regexp_row(&r, i, err));
        TRY(regex_find(&r.matcher, s, 0, &found, err));
        if (found) {
            data[i] = (int32_t)utf8_length((Str){s.p, r.matcher.spans[0]}) + 1;
        }
    }
    return FB_OK;
}

KERNEL(fn_regexp_substr)
{
    View *data = kernel_alloc(cx, out);
    RegexpRow r = regexp_rows(cx, call, &args[1]);
    for (uint32_t i = 0; i < n; i++) {
        data[i] = (View){0};
        if (!kernel_wants(out, i)) {
            continue;
        }
        bool found;
        Str s = arg_str(&args[0], i);
        TRY(regexp_row(&r, i, err));
        TRY(regex_find(&r.matcher, s, 0, &found, err));
        if (found && r.matcher.spans[1] > r.matcher.spans[0]) { /* an empty match is null, too */
            data[i] = group_view(&r.matcher, s, 0);
        } else {
            kernel_null(cx, out, i);
        }
    }
    return FB_OK;
}

BINDER(bind_regexp_count)
{
    TRY(bind_cast_all(cx, call, 0, 2, type_string, err));
    regexp_bind_pattern(cx, call, 1);
    return bind_done(call, type_int);
}

BINDER(bind_regexp_instr)
{
    TRY(bind_cast_all(cx, call, 0, 2, type_string, err));
    if (call->n_args == 2) {
        bind_add_arg(cx, call, expr_literal_int(cx->arena, type_int, 0));
    }
    TRY(bind_cast(cx, call, 2, type_int, err));
    regexp_bind_pattern(cx, call, 1);
    return bind_done(call, type_int);
}

BINDER(bind_regexp_substr)
{
    TRY(bind_cast_all(cx, call, 0, 2, type_string, err));
    regexp_bind_pattern(cx, call, 1);
    call->type = type_string;
    call->nullable = true;
    return FB_OK;
}
