/*
 * fn_codec.c - from_json, to_json, schema_of_json and the same three of CSV.
 *
 * The formats do the work, through the table of text_codec.h. The schema and the options of a call
 * are constants that are read when it is bound; they stay arguments, so that calls compare by them,
 * but only the first argument is evaluated and shown.
 *
 * A reader or writer costs more to make than a few rows take: the thread keeps it for the batches
 * to come (eval_keep()), and where a thread keeps nothing it serves one batch.
 */
#include "expr/fn_util.h"

typedef struct CodecCall {
    const TextCodec *codec;
    const void *options;
    const Type *type; /* of the values that are read or written */
} CodecCall;

/* ---- binding ---- */

static bool is_json(const Expr *call)
{
    return strstr(call->fn->name, "json") != NULL;
}

/* The call as it is shown, with its first argument only. */
static Expr *shown(BindCtx *cx, const Expr *call)
{
    Expr *e = expr_copy(cx->arena, call);
    e->n_args = 1;
    return e;
}

static bool is_string_map(const Type *t)
{
    return t->fields[0].type->id == T_STRING && t->fields[1].type->id == T_STRING;
}

/* The options in argument i, which is map(…), if there is one. */
static fb_status options_arg(BindCtx *cx, const Expr *call, uint32_t i, Options *ret, fb_error *err)
{
    if (i >= call->n_args) {
        return FB_OK;
    }
    const Expr *e = call->args[i];
    Vec v;
    if (e->kind != E_CALL || strcmp(e->fn->name, "map") != 0) {
        return err_set(err, ERR_INVALID_OPTIONS_NON_MAP_FUNCTION, NULL);
    }
    if (!is_string_map(e->type)) {
        return err_set(err, ERR_INVALID_OPTIONS_NON_STRING_TYPE, "mapType",
                       bind_type_sql(cx, e->type), NULL);
    }
    if (!expr_is_foldable(e)) {
        return err_internal(err, "The options of %s are not constant.", call->fn->name);
    }
    TRY(bind_fold(cx, e, &v, err));
    const uint32_t *offsets = v.data;
    for (uint32_t k = offsets[0]; k < offsets[1]; k++) {
        Str key = arg_str(&v.child[0], k);
        if (vec_is_valid(&v.child[1], k)) {
            Str value = arg_str(&v.child[1], k);
            options_set(ret, cx->arena, arena_strndup(cx->arena, key.p, key.n),
                        arena_strndup(cx->arena, value.p, value.n));
        }
    }
    return FB_OK;
}

/* The codec of the call and its options, which are argument i, in c. */
static fb_status bind_codec(BindCtx *cx, Expr *call, uint32_t i, TextUse use, CodecCall *c,
                            fb_error *err)
{
    Options o = {0};
    TRY(options_arg(cx, call, i, &o, err));
    if (!cx->codecs) {
        return err_unsupported(err, "the function %s here", call->fn->name);
    }
    c->codec = is_json(call) ? cx->codecs->json : cx->codecs->csv;
    return c->codec->options(&o, cx->conf, use, cx->arena, &c->options, err);
}

static fb_status check_text(BindCtx *cx, Expr *call, fb_error *err)
{
    TypeId id = call->args[0]->type->id;
    if (id != T_STRING && id != T_NULL) {
        return bind_type_error(cx, shown(cx, call), 0, "STRING", err);
    }
    return bind_cast(cx, call, 0, type_string, err);
}

/* Names and messages show the call as name(first argument), or else as the given text. */
static void show(BindCtx *cx, Expr *call, const char *text)
{
    StrBuf b = {0};
    if (text) {
        strbuf_puts(&b, text);
    } else {
        expr_name(shown(cx, call), &b);
    }
    bind_show(cx, call, &b);
}

static fb_status no_schema(BindCtx *cx, const Expr *call, fb_error *err)
{
    return err_set(err, ERR_INVALID_SCHEMA_NON_STRING_LITERAL, "inputSchema",
                   bind_sql(cx, call->args[1]), NULL);
}

static bool has_char_type(const Type *t)
{
    for (uint32_t i = 0; i < t->n_fields; i++) {
        const char *m = t->fields[i].metadata;
        if ((m && strstr(m, "__CHAR_VARCHAR_TYPE_STRING")) || has_char_type(t->fields[i].type)) {
            return true;
        }
    }
    return false;
}

/* A list of columns, or else a type. When it is neither, what was wrong with it as a type. */
static fb_status parse_ddl(Str text, const Type **ret, fb_error *err)
{
    fb_error as_type = {0}, other = {0};
    if (type_from_ddl(text, ret, &other) == FB_OK) {
        return FB_OK;
    }
    bool named = other.id == ERR_UNSUPPORTED_FEATURE;
    if (!named && type_from_name(text, ret, &as_type) == FB_OK) {
        err_clear(&other);
        return FB_OK;
    }
    err_move(err, named ? &other : &as_type);
    err_clear(&other);
    err_clear(&as_type);
    return FB_ERR;
}

/* What is no type in either form is an error of the DDL text. */
static fb_status parse_type(Str text, const Type **ret, fb_error *err)
{
    fb_error json = {0};
    if (*text.p != '{' && *text.p != '"') {
        return parse_ddl(text, ret, err);
    }
    if (type_from_json(text, ret, &json) == FB_OK) {
        return FB_OK;
    }
    if (json.id == ERR_UNSUPPORTED_FEATURE) {
        err_move(err, &json);
        return FB_ERR;
    }
    err_clear(&json);
    return parse_ddl(text, ret, err);
}

/* Argument 1: a type as DDL text, or in the JSON form that Spark Connect's clients send. */
static fb_status schema_arg(BindCtx *cx, const Expr *call, const Type **ret, fb_error *err)
{
    const Expr *e = call->args[1];
    Vec v;
    if (e->type->id != T_STRING || !expr_is_foldable(e)) {
        return no_schema(cx, call, err);
    }
    TRY(bind_fold(cx, e, &v, err));
    if (!vec_is_valid(&v, 0)) {
        return no_schema(cx, call, err);
    }
    Str text = str_trim(arg_str(&v, 0));
    if (text.n == 0) {
        return err_set(err, ERR_PARSE_EMPTY_STATEMENT, NULL);
    }
    TRY(parse_type(text, ret, err));
    if (has_char_type(*ret)) {
        return err_set(err, ERR_UNSUPPORTED_CHAR_OR_VARCHAR_AS_STRING, NULL);
    }
    *ret = type_as_nullable(*ret);
    return FB_OK;
}

static fb_status schema_error(BindCtx *cx, const Expr *call, ErrId id, const Type *t, fb_error *err)
{
    const char *text = t->id == T_MAP && id == ERR_DATATYPE_MISMATCH_INVALID_JSON_MAP_KEY_TYPE
                           ? "\"entries\""
                           : bind_sql(cx, shown(cx, call));
    return err_set(err, id, "schema", bind_type_sql(cx, t), "sqlExpr", text, NULL);
}

static bool has_odd_key(const Type *t)
{
    if (t->id == T_MAP && t->fields[0].type->id != T_STRING) {
        return true;
    }
    for (uint32_t i = 0; i < t->n_fields; i++) {
        if (has_odd_key(t->fields[i].type)) {
            return true;
        }
    }
    return false;
}

static fb_status bind_from(BindCtx *cx, Expr *call, fb_error *err)
{
    CodecCall *c = ARENA_NEW(cx->arena, CodecCall);
    TRY(schema_arg(cx, call, &c->type, err));
    const Type *t = c->type;
    if (!is_json(call) && t->id != T_STRUCT) {
        return err_set(err, ERR_INVALID_SCHEMA_NON_STRUCT_TYPE, "inputSchema",
                       bind_sql(cx, call->args[1]), "dataType", bind_type_sql(cx, t), NULL);
    }
    TRY(bind_codec(cx, call, 2, TEXT_READ, c, err));
    if (is_json(call) && !type_is_nested(t)) {
        return schema_error(cx, call, ERR_DATATYPE_MISMATCH_INVALID_JSON_SCHEMA, t, err);
    }
    if (is_json(call) && has_odd_key(t)) {
        return schema_error(cx, call, ERR_DATATYPE_MISMATCH_INVALID_JSON_MAP_KEY_TYPE, t, err);
    }
    TRY(check_text(cx, call, err));
    TRY(c->codec->check(c->options, t, TEXT_READ, err));
    show(cx, call, t->id == T_MAP ? "entries" : NULL);
    call->fn_data = c;
    call->type = t;
    call->nullable = is_json(call) || call->args[0]->nullable;
    return FB_OK;
}

BINDER(bind_from_json)
{
    return bind_from(cx, call, err);
}

BINDER(bind_from_csv)
{
    return bind_from(cx, call, err);
}

static fb_status bind_to(BindCtx *cx, Expr *call, fb_error *err)
{
    CodecCall *c = ARENA_NEW(cx->arena, CodecCall);
    const Type *t = c->type = call->args[0]->type;
    TRY(bind_codec(cx, call, 1, TEXT_WRITE, c, err));
    TRY(t->id == T_NULL ? FB_OK : c->codec->check(c->options, t, TEXT_WRITE, err));
    show(cx, call, NULL);
    call->fn_data = c;
    call->type = type_string;
    return FB_OK;
}

BINDER(bind_to_json)
{
    const Type *t = call->args[0]->type;
    if (t->id != T_NULL && !type_is_nested(t)) {
        Options ignored = {0};
        TRY(options_arg(cx, call, 1, &ignored, err));
        return schema_error(cx, call, ERR_DATATYPE_MISMATCH_INVALID_JSON_SCHEMA, t, err);
    }
    return bind_to(cx, call, err);
}

BINDER(bind_to_csv)
{
    const Type *t = call->args[0]->type;
    if (t->id != T_NULL && t->id != T_STRUCT) {
        Options ignored = {0};
        TRY(options_arg(cx, call, 1, &ignored, err));
        return err_set(err, ERR_DATATYPE_MISMATCH_UNSUPPORTED_INPUT_TYPE, "functionName",
                       "`to_csv`", "dataType", bind_type_sql(cx, t), "sqlExpr",
                       bind_sql(cx, shown(cx, call)), NULL);
    }
    return bind_to(cx, call, err);
}

static fb_status bind_schema_of(BindCtx *cx, Expr *call, const char *name, fb_error *err)
{
    CodecCall *c = ARENA_NEW(cx->arena, CodecCall);
    const Expr *arg = call->args[0];
    Vec v;
    TRY(bind_codec(cx, call, 1, TEXT_INFER, c, err));
    if (arg->type->id != T_STRING && arg->type->id != T_NULL) {
        return bind_type_error(cx, shown(cx, call), 0, "STRING", err);
    }
    if (!expr_is_foldable(arg)) {
        return bind_non_foldable(cx, shown(cx, call), 0, name, err);
    }
    TRY(bind_fold(cx, arg, &v, err));
    if (!vec_is_valid(&v, 0)) {
        return err_set(err, ERR_DATATYPE_MISMATCH_UNEXPECTED_NULL, "exprName", name, "sqlExpr",
                       bind_sql(cx, shown(cx, call)), NULL);
    }
    show(cx, call, NULL);
    call->fn_data = c;
    call->type = type_string;
    call->nullable = false;
    return FB_OK;
}

BINDER(bind_schema_of_json)
{
    return bind_schema_of(cx, call, "json", err);
}

BINDER(bind_schema_of_csv)
{
    return bind_schema_of(cx, call, "csv", err);
}

/* ---- kernels ---- */

static void (*close_of(const TextCodec *codec, TextUse use))(void *)
{
    return use == TEXT_READ ? codec->reader_free : codec->writer_free;
}

/* The reader or writer of the call: one that the thread has kept, or a new one. *ret_kept: it is
 * not the caller's to close. */
static fb_status open_codec(EvalCtx *cx, const Expr *call, TextUse use, void **ret, bool *ret_kept,
                            fb_error *err)
{
    const CodecCall *c = call->fn_data;
    *ret = eval_kept(cx, call);
    if (*ret) {
        *ret_kept = true;
        return FB_OK;
    }
    if (use == TEXT_READ) {
        TRY(c->codec->reader_new(c->options, c->type, cx->tz, ret, err));
    } else {
        TRY(c->codec->writer_new(c->options, c->type, cx->tz, ret, err));
    }
    *ret_kept = eval_keep(cx, call, *ret, close_of(c->codec, use));
    return FB_OK;
}

static fb_status run_codec(EvalCtx *cx, const Expr *call, const Batch *in, TextUse use, Vec *out,
                           fb_error *err)
{
    const CodecCall *c = call->fn_data;
    Vec *arg = ARENA_NEW(cx->arena, Vec);
    void *codec = NULL;
    bool kept = false;
    TRY(expr_eval(cx, call->args[0], in, arg, err));
    bool is_const = arg->is_const || arg->type->id == T_NULL;
    if (is_const && !vec_is_valid(arg, 0)) {
        vec_init_null(out, call->type, in->n_rows, cx->arena);
        return FB_OK;
    }
    if (use == TEXT_READ && arg->type->id == T_STRING) {
        *arg = eval_valid_strings(cx, arg, true);
    }
    if (use != TEXT_READ) {
        uint64_t bytes = vec_bytes(arg, false);
        TRY(eval_reserve(cx, bytes, 1, err));
        if (!arena_has_room(cx->arena, bytes * 2)) { /* texts grow in buffers, and are copied */
            return arena_check(cx->arena, err);
        }
    }
    TRY(open_codec(cx, call, use, &codec, &kept, err));
    uint32_t n = is_const ? 1 : in->n_rows;
    fb_status st = use == TEXT_READ ? c->codec->read(codec, arg, n, cx->arena, out, err)
                                    : c->codec->write(codec, arg, n, cx->arena, out, err);
    if (!kept) {
        close_of(c->codec, use)(codec);
    }
    if (st == FB_OK && is_const) {
        vec_make_const(out, in->n_rows, cx->arena);
    }
    return st;
}

fb_status fn_from_text(EvalCtx *cx, const Expr *call, const Batch *in, Vec *out, fb_error *err)
{
    return run_codec(cx, call, in, TEXT_READ, out, err);
}

fb_status fn_to_text(EvalCtx *cx, const Expr *call, const Batch *in, Vec *out, fb_error *err)
{
    return run_codec(cx, call, in, TEXT_WRITE, out, err);
}

fb_status fn_schema_of(EvalCtx *cx, const Expr *call, const Batch *in, Vec *out, fb_error *err)
{
    const CodecCall *c = call->fn_data;
    Vec *arg = ARENA_NEW(cx->arena, Vec);
    const Type *t;
    StrBuf b = {0};
    TRY(expr_eval(cx, call->args[0], in, arg, err));
    TRY(c->codec->infer(c->options, arg_str(arg, 0), &t, err));
    type_sql(t, &b);
    str_restore_nul(b.p, b.n); /* of names */
    Str text = strbuf_bytes(&b, cx->arena);
    vec_init_const(out, type_string, in->n_rows, cx->arena);
    VEC_DATA(View, out)[0] = view_of(text.p, text.n);
    return FB_OK;
}
