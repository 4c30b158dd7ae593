/*
 * errors.c - how a failure reaches the client.
 *
 * The call ends with status INTERNAL and a google.rpc.Status that holds a google.rpc.ErrorInfo.
 * PySpark picks the exception class from `classes`, the Java class and its superclasses. Trailers
 * are small (RPC_TRAILER_MAX), so the message is cut, and parameters that take too much room are
 * left out; the whole error is kept in the session under errorId, for FetchErrorDetails.
 *
 * A position in SQL gives a query context of type SQL, a call site in the user's program one of
 * type DATAFRAME (convert_locate() fills in either).
 */
#include "connect/service_priv.h"

#include "base/clock.h"
#include "connect/proto_guard.h"

#include "google/protobuf/any.pb-c.h"
#include "google/rpc/error_details.pb-c.h"
#include "google/rpc/status.pb-c.h"

#include <stdio.h>

#define DOMAIN "org.apache.spark"
#define TYPE_URL "type.googleapis.com/google.rpc.ErrorInfo"
#define MESSAGE_MAX 2048    /* bytes of the message in a trailer */
#define PARAMETERS_MAX 1024 /* bytes of messageParameters there */
#define CAUSES_MAX 16       /* that FetchErrorDetails tells */
#define DATAFRAME_CONTEXT "== DataFrame ==\n"

/* ---- texts ---- */

static void json_string(StrBuf *b, const char *s)
{
    strbuf_putc(b, '"');
    for (; *s; s++) {
        unsigned char ch = (unsigned char)*s;
        if (ch == '"' || ch == '\\') {
            strbuf_putc(b, '\\');
            strbuf_putc(b, *s);
        } else if (ch == '\n') {
            strbuf_puts(b, "\\n");
        } else if (ch < 0x20 || *s == CSTR_NUL) {
            strbuf_printf(b, "\\u%04x", *s == CSTR_NUL ? 0 : ch);
        } else {
            strbuf_putc(b, *s);
        }
    }
    strbuf_putc(b, '"');
}

static char *classes_json(const fb_error *err, Arena *a)
{
    StrBuf b = {0};
    const char *const *chain = err_class_chain(err_class(err->id));
    strbuf_putc(&b, '[');
    for (size_t i = 0; chain[i] != NULL; i++) {
        strbuf_puts(&b, i ? "," : "");
        json_string(&b, chain[i]);
    }
    strbuf_putc(&b, ']');
    return strbuf_arena(&b, a);
}

static char *parameters_json(const fb_error *err, Arena *a)
{
    StrBuf b = {0};
    strbuf_putc(&b, '{');
    for (size_t i = 0; i < err->n_params; i++) {
        strbuf_puts(&b, i ? "," : "");
        json_string(&b, err->params[i].key);
        strbuf_putc(&b, ':');
        json_string(&b, err->params[i].value);
    }
    strbuf_putc(&b, '}');
    return strbuf_arena(&b, a);
}

static bool is_call_site(const fb_error *err)
{
    return err->summary != NULL && str_has_prefix(str_of(err->summary), STR_LIT(DATAFRAME_CONTEXT));
}

char *error_message(const fb_error *err, Arena *a)
{
    if (!is_call_site(err)) {
        return err_text(err, a);
    }
    /* Errors of analysis show no call site. */
    return err_class(err->id) == EC_ANALYSIS
               ? arena_strdup(a, err->message)
               : arena_printf(a, "%s\n%s", err->message, err->summary);
}

/* At most n bytes of s, not in the middle of a character. */
static char *cut(const char *s, size_t n, Arena *a)
{
    size_t len = strlen(s);
    if (len <= n) {
        return arena_strdup(a, s);
    }
    while (n > 0 && ((unsigned char)s[n] & 0xC0) == 0x80) {
        n--;
    }
    return arena_printf(a, "%.*s...", (int)n, s);
}

/* ---- the status ---- */

typedef struct Metadata {
    Google__Rpc__ErrorInfo__MetadataEntry entries[6];
    Google__Rpc__ErrorInfo__MetadataEntry *list[6];
    size_t n;
} Metadata;

static void add_metadata(Metadata *m, const char *key, const char *value)
{
    if (value == NULL || m->n == 6) {
        return;
    }
    Google__Rpc__ErrorInfo__MetadataEntry *e = &m->entries[m->n];
    google__rpc__error_info__metadata_entry__init(e);
    e->key = (char *)key;
    e->value = (char *)value;
    m->list[m->n++] = e;
}

static uint8_t *pack_status(const fb_error *err, const char *message, const char *error_id,
                            bool parameters, Arena *a, size_t *ret_n)
{
    Metadata m = {.n = 0};
    add_metadata(&m, "classes", classes_json(err, a));
    /* Who can't ask for more makes the message of this. */
    bool whole = error_id != NULL || (parameters && spark_can_format(err));
    if (*err_condition(err->id)) {
        add_metadata(&m, "errorClass", whole ? err_condition(err->id) : NULL);
        add_metadata(&m, "sqlState", err_sqlstate(err->id));
        add_metadata(&m, "messageParameters", parameters ? parameters_json(err, a) : NULL);
    }
    add_metadata(&m, "errorId", error_id);
    Google__Rpc__ErrorInfo info = GOOGLE__RPC__ERROR_INFO__INIT;
    info.reason = (char *)err_class_name(err_class(err->id));
    info.domain = (char *)DOMAIN;
    info.n_metadata = m.n;
    info.metadata = m.list;
    Google__Protobuf__Any any = GOOGLE__PROTOBUF__ANY__INIT;
    any.type_url = (char *)TYPE_URL;
    any.has_value = true;
    any.value.data = proto_pack(&info.base, &any.value.len);
    Google__Protobuf__Any *details[1] = {&any};
    Google__Rpc__Status status = GOOGLE__RPC__STATUS__INIT;
    status.has_code = true;
    status.code = RPC_INTERNAL;
    status.message = (char *)message;
    status.n_details = 1;
    status.details = details;
    uint8_t *packed = proto_pack(&status.base, ret_n);
    mem_free(any.value.data);
    return packed;
}

static void keep(ConnSession *s, const char *id, fb_error *err)
{
    pthread_mutex_lock(&s->lock);
    KeptError *k = &s->errors[s->next_error++ % ERRORS_KEPT];
    fb_error old = k->err;
    memcpy(k->id, id, sizeof(k->id));
    k->err = (fb_error){0};
    err_move(&k->err, err);
    pthread_mutex_unlock(&s->lock);
    err_clear(&old);
}

RpcEnd error_end(ConnSession *s, fb_error *err)
{
    Arena a = {0};
    char id[37];
    RpcEnd end = {.code = RPC_INTERNAL};
    if (!err_is_set(err)) {
        (void)err_internal(err, "a failure without an error");
    }
    const char *whole = error_message(err, &a);
    uuid_new(id);
    bool parameters = strlen(parameters_json(err, &a)) <= PARAMETERS_MAX;
    for (size_t max = MESSAGE_MAX;; max /= 2) {
        const char *message = cut(whole, max, &a);
        mem_free(end.details);
        end.details =
            pack_status(err, message, s != NULL ? id : NULL, parameters, &a, &end.n_details);
        end.message = (char *)message;
        if (rpc_message_size(message) + end.n_details <= RPC_TRAILER_MAX || max < 64) {
            break;
        }
    }
    end.message = mem_strdup(end.message);
    if (s != NULL) {
        keep(s, id, err);
    }
    err_clear(err);
    arena_free(&a);
    return end;
}

void rpc_end(RpcCall *call, const RpcEnd *end)
{
    rpc_finish(call, end->code, end->message != NULL ? end->message : "", end->details,
               end->n_details);
}

void rpc_end_free(RpcEnd *end)
{
    mem_free(end->message);
    mem_free(end->details);
    *end = (RpcEnd){0};
}

void rpc_fail(RpcCall *call, ConnSession *s, fb_error *err)
{
    RpcEnd end = error_end(s, err);
    rpc_end(call, &end);
    rpc_end_free(&end);
}

void errors_free(ConnSession *s)
{
    for (size_t i = 0; i < ERRORS_KEPT; i++) {
        err_clear(&s->errors[i].err);
    }
}

/* ---- FetchErrorDetails ---- */

typedef SC(FetchErrorDetailsResponse__Error) ErrorMessage;
typedef SC(FetchErrorDetailsResponse__SparkThrowable) Throwable;
typedef SC(FetchErrorDetailsResponse__QueryContext) Context;

static Context *context_message(const fb_error *err, Arena *a)
{
    Context *x = ARENA_NEW(a, Context);
    spark__connect__fetch_error_details_response__query_context__init(x);
    bool site = is_call_site(err);
    x->has_context_type = true;
    x->context_type =
        site ? SPARK__CONNECT__FETCH_ERROR_DETAILS_RESPONSE__QUERY_CONTEXT__CONTEXT_TYPE__DATAFRAME
             : SPARK__CONNECT__FETCH_ERROR_DETAILS_RESPONSE__QUERY_CONTEXT__CONTEXT_TYPE__SQL;
    x->fragment = arena_strdup(a, err->fragment != NULL ? err->fragment : "");
    x->summary = arena_strdup(a, err->summary);
    if (site) {
        const char *from = strstr(err->summary, " was called from\n");
        Str rest = str_trim(str_of(from != NULL ? strchr(from, '\n') : ""));
        x->call_site = arena_strndup(a, rest.p, rest.n);
    } else {
        x->has_start_index = true;
        x->start_index = err->first;
        x->has_stop_index = true;
        x->stop_index = err->last;
    }
    return x;
}

#define PARAMETER_INIT                                                                             \
    spark__connect__fetch_error_details_response__spark_throwable__message_parameters_entry__init

static Throwable *throwable_message(const fb_error *err, Arena *a)
{
    typedef SC(FetchErrorDetailsResponse__SparkThrowable__MessageParametersEntry) Entry;
    Throwable *t = ARENA_NEW(a, Throwable);
    spark__connect__fetch_error_details_response__spark_throwable__init(t);
    t->error_class = spark_can_format(err) ? (char *)err_condition(err->id) : NULL;
    t->sql_state = (char *)err_sqlstate(err->id);
    t->n_message_parameters = err->n_params;
    t->message_parameters = ARENA_ARRAY(a, Entry *, err->n_params);
    for (size_t i = 0; i < err->n_params; i++) {
        Entry *e = ARENA_NEW(a, Entry);
        PARAMETER_INIT(e);
        e->key = arena_strdup(a, err->params[i].key);
        e->value = arena_strdup(a, err->params[i].value);
        t->message_parameters[i] = e;
    }
    if (err->summary != NULL && !err->point) {
        t->n_query_contexts = 1;
        t->query_contexts = ARENA_ARRAY(a, Context *, 1);
        t->query_contexts[0] = context_message(err, a);
    }
    return t;
}

/* Classes that a client of the JVM can't make without a condition; it takes the next one then. */
static bool needs_condition(ErrClass c)
{
    return c == EC_PARSE || c == EC_RUNTIME || c == EC_UPGRADE;
}

static ErrorMessage *one_message(const fb_error *err, Arena *a)
{
    ErrorMessage *m = ARENA_NEW(a, ErrorMessage);
    spark__connect__fetch_error_details_response__error__init(m);
    const char *const *chain = err_class_chain(err_class(err->id));
    size_t n = 0;
    while (chain[n] != NULL) {
        n++;
    }
    size_t skip = needs_condition(err_class(err->id)) && !spark_can_format(err);
    m->n_error_type_hierarchy = n - skip;
    m->error_type_hierarchy = (char **)chain + skip;
    m->message = error_message(err, a);
    m->spark_throwable = *err_condition(err->id) ? throwable_message(err, a) : NULL;
    return m;
}

ErrorMessage **error_messages(const fb_error *err, Arena *a, size_t *ret_n)
{
    ErrorMessage **list = ARENA_ARRAY(a, ErrorMessage *, CAUSES_MAX);
    size_t n = 0;
    for (const fb_error *e = err; e != NULL && n < CAUSES_MAX; e = e->cause) {
        list[n] = one_message(e, a);
        if (n > 0) {
            list[n - 1]->has_cause_idx = true;
            list[n - 1]->cause_idx = (int32_t)n;
        }
        n++;
    }
    *ret_n = n;
    return list;
}

/* Copies the error and its causes out of the session. */
static void describe(const fb_error *err, Arena *a, SC(FetchErrorDetailsResponse) * out)
{
    out->errors = error_messages(err, a, &out->n_errors);
    out->has_root_error_idx = true;
    out->root_error_idx = 0;
}

void rpc_fetch_error(RpcCall *call, ConnSession *s, const SC(FetchErrorDetailsRequest) * in)
{
    Arena a = {0};
    SC(FetchErrorDetailsResponse) out = SPARK__CONNECT__FETCH_ERROR_DETAILS_RESPONSE__INIT;
    out.session_id = s->id;
    out.server_side_session_id = s->server_id;
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; in->error_id != NULL && i < ERRORS_KEPT; i++) {
        const KeptError *k = &s->errors[i];
        if (err_is_set(&k->err) && strcmp(k->id, in->error_id) == 0) {
            describe(&k->err, &a, &out);
            break;
        }
    }
    pthread_mutex_unlock(&s->lock);
    rpc_answer(call, &out.base);
    arena_free(&a);
}
