/*
 * artifacts.c - AddArtifacts and ArtifactStatus, and the blobs that a session keeps.
 *
 * An artifact comes whole in a batch message, or in chunks: begin_chunk with the name, the size and
 * the number of chunks and the first of them, then the others, before anything else. Every chunk
 * has a CRC-32; one that is wrong makes the artifact fail, which the answer tells by name, and the
 * rest go on.
 *
 * Memory: what a client announces is not allocated before it has come. A session's blobs are
 * bounded by ARTIFACTS_MAX; beyond that those that have not been used for longest are dropped, and
 * the client, which asks by ArtifactStatus before each use, sends them again.
 */
#include "connect/service_priv.h"

#include "base/hash.h"

#include <stdatomic.h>

#define CACHE "cache/"
#define NAMES_MAX 10000 /* artifacts of a session */
#define NAME_MAX_BYTES 4096

Blob *blob_new(size_t n)
{
    Blob *b = mem_alloc(sizeof(Blob) + n);
    atomic_init(&b->refs, 1);
    b->n = n;
    return b;
}

Blob *blob_retain(Blob *b)
{
    atomic_fetch_add(&b->refs, 1);
    return b;
}

void blob_release(Blob *b)
{
    if (b != NULL && atomic_fetch_sub(&b->refs, 1) == 1) {
        mem_free(b);
    }
}

static void artifact_free(Artifact *a)
{
    blob_release(a->blob);
    mem_free(a->name);
    mem_free(a);
}

void artifacts_free(Artifacts *list)
{
    while (list->first != NULL) {
        Artifact *a = list->first;
        list->first = a->next;
        artifact_free(a);
    }
    *list = (Artifacts){0};
}

/* Found ones move to the front. */
static Artifact *find(Artifacts *list, const char *name)
{
    for (Artifact **at = &list->first; *at != NULL; at = &(*at)->next) {
        Artifact *a = *at;
        if (strcmp(a->name, name) == 0) {
            *at = a->next;
            a->next = list->first;
            list->first = a;
            return a;
        }
    }
    return NULL;
}

Blob *artifacts_get(ConnSession *s, const char *hash)
{
    Arena a = {0};
    const char *name = arena_printf(&a, CACHE "%s", hash);
    pthread_mutex_lock(&s->lock);
    const Artifact *found = find(&s->artifacts, name);
    Blob *b = found != NULL && found->blob != NULL ? blob_retain(found->blob) : NULL;
    pthread_mutex_unlock(&s->lock);
    arena_free(&a);
    return b;
}

bool artifacts_exist(ConnSession *s, const char *name)
{
    pthread_mutex_lock(&s->lock);
    bool there = find(&s->artifacts, name) != NULL;
    pthread_mutex_unlock(&s->lock);
    return there;
}

/* Drops the last in the list until there is room for n more bytes. */
static void make_room(Artifacts *list, size_t n)
{
    while (list->first != NULL && (list->bytes + n > ARTIFACTS_MAX || list->n >= NAMES_MAX)) {
        Artifact **at = &list->first;
        while ((*at)->next != NULL) {
            at = &(*at)->next;
        }
        list->bytes -= (*at)->blob != NULL ? (*at)->blob->n : 0;
        list->n--;
        artifact_free(*at);
        *at = NULL;
    }
}

fb_status artifacts_put(ConnSession *s, const char *name, Blob *blob, fb_error *err)
{
    size_t n = blob != NULL ? blob->n : 0;
    if (n > ARTIFACTS_MAX || strlen(name) > NAME_MAX_BYTES) {
        blob_release(blob);
        return err_unsupported(err, "an artifact of %zu bytes", n);
    }
    pthread_mutex_lock(&s->lock);
    Artifact *a = find(&s->artifacts, name);
    if (a != NULL) { /* the same content under the same name */
        pthread_mutex_unlock(&s->lock);
        blob_release(blob);
        return FB_OK;
    }
    make_room(&s->artifacts, n);
    a = mem_zalloc(sizeof(*a));
    a->name = mem_strdup(name);
    a->blob = blob;
    a->next = s->artifacts.first;
    s->artifacts.first = a;
    s->artifacts.bytes += n;
    s->artifacts.n++;
    pthread_mutex_unlock(&s->lock);
    return FB_OK;
}

fb_status answer_artifact_status(ConnSession *s, const SC(ArtifactStatusesRequest) * in, Arena *a,
                                 SC(ArtifactStatusesResponse) * out, fb_error *err)
{
    typedef SC(ArtifactStatusesResponse__StatusesEntry) Entry;
    typedef SC(ArtifactStatusesResponse__ArtifactStatus) Status;
    (void)err;
    out->n_statuses = in->n_names;
    out->statuses = ARENA_ARRAY(a, Entry *, in->n_names);
    for (size_t i = 0; i < in->n_names; i++) {
        Entry *e = ARENA_NEW(a, Entry);
        Status *st = ARENA_NEW(a, Status);
        spark__connect__artifact_statuses_response__statuses_entry__init(e);
        spark__connect__artifact_statuses_response__artifact_status__init(st);
        st->has_exists = true;
        st->exists = artifacts_exist(s, in->names[i]);
        e->key = in->names[i];
        e->value = st;
        out->statuses[i] = e;
    }
    return FB_OK;
}

/* ---- AddArtifacts ---- */

typedef struct Summary {
    char *name;
    bool good;
} Summary;

struct Upload {
    ConnectServer *server;
    ConnSession *conn;
    Summary *done;
    size_t n_done, cap_done;
    /* The artifact in chunks that is under way; name NULL: none. */
    char *name;
    StrBuf bytes;
    int64_t total_bytes, chunks_left;
    bool good, keep;
};

Upload *upload_new(ConnectServer *server)
{
    Upload *u = mem_zalloc(sizeof(*u));
    u->server = server;
    return u;
}

ConnSession *upload_session(const Upload *u)
{
    return u->conn;
}

void upload_free(Upload *u)
{
    if (u == NULL) {
        return;
    }
    for (size_t i = 0; i < u->n_done; i++) {
        mem_free(u->done[i].name);
    }
    mem_free(u->done);
    mem_free(u->name);
    strbuf_free(&u->bytes);
    if (u->conn != NULL) {
        conn_release(u->conn);
    }
    mem_free(u);
}

static fb_status bad_upload(const char *what, fb_error *err)
{
    return err_set(err, ERR_CONNECT_CANNOT_PARSE, "errorMsg", what, NULL);
}

static bool is_kept(const char *name)
{
    return str_has_prefix(str_of(name), STR_LIT(CACHE));
}

static fb_status finish_artifact(Upload *u, const char *name, const uint8_t *p, size_t n, bool good,
                                 fb_error *err)
{
    if (u->n_done >= NAMES_MAX) {
        return bad_upload("too many artifacts in one call", err);
    }
    if (good) {
        Blob *b = NULL;
        if (is_kept(name)) {
            b = blob_new(n);
            if (n) {
                memcpy(b->bytes, p, n);
            }
        }
        TRY(artifacts_put(u->conn, name, b, err));
    }
    if (u->n_done == u->cap_done) {
        u->cap_done = u->cap_done ? u->cap_done * 2 : 8;
        u->done = mem_realloc(u->done, mem_mul(u->cap_done, sizeof(Summary)));
    }
    u->done[u->n_done++] = (Summary){mem_strdup(name), good};
    return FB_OK;
}

static bool chunk_is_good(const SC(AddArtifactsRequest__ArtifactChunk) * c)
{
    return c->crc == (int64_t)crc32_bytes(c->data.data, c->data.len, 0);
}

static fb_status whole_artifacts(Upload *u, const SC(AddArtifactsRequest__Batch) * in,
                                 fb_error *err)
{
    for (size_t i = 0; i < in->n_artifacts; i++) {
        const SC(AddArtifactsRequest__SingleChunkArtifact) *x = in->artifacts[i];
        if (x->name == NULL || x->data == NULL) {
            return bad_upload("an artifact without a name or data", err);
        }
        TRY(finish_artifact(u, x->name, x->data->data.data, x->data->data.len,
                            chunk_is_good(x->data), err));
    }
    return FB_OK;
}

static fb_status add_chunk(Upload *u, const SC(AddArtifactsRequest__ArtifactChunk) * c,
                           fb_error *err)
{
    if (u->name == NULL || u->chunks_left <= 0 || c == NULL) {
        return bad_upload("a chunk of no artifact", err);
    }
    u->total_bytes -= (int64_t)c->data.len;
    if (u->total_bytes < 0) {
        return bad_upload("an artifact is longer than announced", err);
    }
    u->good = u->good && chunk_is_good(c);
    if (u->good && u->keep) {
        strbuf_append(&u->bytes, c->data.data, c->data.len);
    }
    if (--u->chunks_left > 0) {
        return FB_OK;
    }
    if (u->total_bytes != 0) {
        return bad_upload("an artifact is shorter than announced", err);
    }
    fb_status st = finish_artifact(u, u->name, (const uint8_t *)strbuf_str(&u->bytes).p, u->bytes.n,
                                   u->good, err);
    mem_free(u->name);
    u->name = NULL;
    strbuf_free(&u->bytes);
    return st;
}

static fb_status begin_chunks(Upload *u, const SC(AddArtifactsRequest__BeginChunkedArtifact) * in,
                              fb_error *err)
{
    if (u->name != NULL) {
        return bad_upload("an artifact begins before the last one has ended", err);
    }
    if (in->name == NULL || in->num_chunks <= 0 || in->total_bytes < 0) {
        return bad_upload("an artifact without a name or chunks", err);
    }
    if (in->total_bytes > (int64_t)ARTIFACTS_MAX) {
        return err_unsupported(err, "an artifact of %lld bytes", (long long)in->total_bytes);
    }
    u->name = mem_strdup(in->name);
    u->total_bytes = in->total_bytes;
    u->chunks_left = in->num_chunks;
    u->good = true;
    u->keep = is_kept(in->name);
    return add_chunk(u, in->initial_chunk, err);
}

fb_status upload_message(Upload *u, const SC(AddArtifactsRequest) * in, fb_error *err)
{
    if (u->conn == NULL) {
        Caller who = {.session_id = in->session_id,
                      .user = in->user_context ? in->user_context->user_id : NULL,
                      .observed = in->client_observed_server_side_session_id};
        TRY(sessions_find(u->server, &who, SESSION_CREATE, &u->conn, err));
    }
    switch (in->payload_case) {
    case SPARK__CONNECT__ADD_ARTIFACTS_REQUEST__PAYLOAD_BATCH:
        return u->name != NULL ? bad_upload("a batch inside an artifact in chunks", err)
                               : whole_artifacts(u, in->batch, err);
    case SPARK__CONNECT__ADD_ARTIFACTS_REQUEST__PAYLOAD_BEGIN_CHUNK:
        return begin_chunks(u, in->begin_chunk, err);
    case SPARK__CONNECT__ADD_ARTIFACTS_REQUEST__PAYLOAD_CHUNK:
        return add_chunk(u, in->chunk, err);
    default:
        return bad_upload("an AddArtifacts message without content", err);
    }
}

fb_status upload_finish(Upload *u, Arena *a, SC(AddArtifactsResponse) * out, fb_error *err)
{
    typedef SC(AddArtifactsResponse__ArtifactSummary) Message;
    if (u->conn == NULL || u->name != NULL) {
        return bad_upload("the upload ends in the middle of an artifact", err);
    }
    out->session_id = u->conn->id;
    out->server_side_session_id = u->conn->server_id;
    out->n_artifacts = u->n_done;
    out->artifacts = ARENA_ARRAY(a, Message *, u->n_done);
    for (size_t i = 0; i < u->n_done; i++) {
        Message *m = ARENA_NEW(a, Message);
        spark__connect__add_artifacts_response__artifact_summary__init(m);
        m->name = u->done[i].name;
        m->has_is_crc_successful = true;
        m->is_crc_successful = u->done[i].good;
        out->artifacts[i] = m;
    }
    return FB_OK;
}
