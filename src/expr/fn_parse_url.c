/*
 * fn_parse_url.c - parse_url, try_parse_url: a part of a URI, or the value of a key of its query.
 *
 * The key is, as in Spark, a piece of a regular expression.
 *
 * Ownership: results refer to the input's bytes.
 */
#include "expr/fn_regexp.h"
#include "expr/uri.h"

#define QUOTED_BYTES 1000u /* of a refused text in its message */

static Str part_of(const Uri *u, Str name)
{
    Str file = u->path;
    if (u->query.p) {
        file.n = (size_t)(u->query.p + u->query.n - u->path.p);
    }
    const struct {
        Str name, part;
    } parts[] = {
        {STR_LIT("HOST"), u->host},          {STR_LIT("PATH"), u->path},
        {STR_LIT("QUERY"), u->query},        {STR_LIT("REF"), u->fragment},
        {STR_LIT("PROTOCOL"), u->scheme},    {STR_LIT("FILE"), file},
        {STR_LIT("USERINFO"), u->user_info}, {STR_LIT("AUTHORITY"), u->authority},
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (str_eq(parts[i].name, name)) {
            return parts[i].part;
        }
    }
    return (Str){0};
}

/* The pattern of row i's key, as a vector that regexp_row() reads. */
static void key_pattern(EvalCtx *cx, Str key, View *ret)
{
    StrBuf b = {0};
    strbuf_puts(&b, "(&|^)");
    strbuf_append(&b, key.p, key.n);
    strbuf_puts(&b, "=([^&]*)");
    size_t n = b.n;
    *ret = view_of(strbuf_arena(&b, cx->arena), n);
}

static fb_status value_of_key(RegexpRow *re, Str query, Str *ret, fb_error *err)
{
    bool found = false;
    *ret = (Str){0};
    if (query.p) {
        TRY(regexp_row(re, 0, err));
        TRY(regex_find(&re->matcher, query, 0, &found, err));
    }
    if (found && re->matcher.spans[4] != SIZE_MAX) {
        *ret = (Str){query.p + re->matcher.spans[4], re->matcher.spans[5] - re->matcher.spans[4]};
    }
    return FB_OK;
}

static fb_status bad_url(EvalCtx *cx, Str url, fb_error *err)
{
    int quoted = (int)MIN_OF(url.n, (size_t)QUOTED_BYTES);
    return err_set(err, ERR_INVALID_URL, "url", arena_printf(cx->arena, "%.*s", quoted, url.p),
                   NULL);
}

static fb_status parse_rows(EvalCtx *cx, const Expr *call, const Vec *args, uint32_t n,
                            bool can_fail, Vec *out, fb_error *err)
{
    View *data = kernel_alloc(cx, out), pattern = {0};
    Vec patterns = {.type = type_string, .len = 1, .is_const = true, .data = &pattern};
    RegexpRow re = regexp_rows(cx, call, &patterns);
    Str known = {0};
    for (uint32_t i = 0; i < n; i++) {
        data[i] = (View){0};
        if (!kernel_wants(out, i)) {
            continue;
        }
        Str url = arg_str(&args[0], i), name = arg_str(&args[1], i), part;
        bool keyed = call->n_args == 3, query = str_eq(name, STR_LIT("QUERY"));
        Uri u = {.scheme = {0}};
        if ((!keyed || query) && !uri_parse(url, &u)) {
            if (can_fail) {
                return bad_url(cx, url, err);
            }
            u = (Uri){.scheme = {0}};
        }
        part = part_of(&u, name);
        if (keyed && query) {
            Str key = arg_str(&args[2], i);
            if (!known.p || !str_eq(known, key)) {
                key_pattern(cx, key, &pattern);
                known = key;
            }
            TRY(value_of_key(&re, part, &part, err));
        }
        if (part.p) {
            data[i] = make_view(part.p, (uint32_t)part.n);
        } else {
            kernel_null(cx, out, i);
        }
    }
    return FB_OK;
}

KERNEL(fn_parse_url)
{
    return parse_rows(cx, call, args, n, call->eval_mode == EVAL_ANSI, out, err);
}

KERNEL(fn_try_parse_url)
{
    return parse_rows(cx, call, args, n, false, out, err);
}

BINDER(bind_parse_url)
{
    for (uint32_t i = 0; i < call->n_args; i++) {
        TRY(bind_exact(cx, call, i, type_string, err));
    }
    call->type = type_string;
    call->nullable = true;
    return FB_OK;
}
