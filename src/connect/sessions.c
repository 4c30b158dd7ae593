/*
 * sessions.c - the sessions of all clients: found by their id and user, made at first use.
 *
 * A client makes up its session id. The server answers with an id of its own, constant for the
 * session, and clients stop when it changes: a request that names another is refused, so that a
 * client of an earlier server process does not silently go on in an empty session. The ids of
 * closed sessions are remembered for a while, to be refused as closed.
 */
#include "connect/service_priv.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdatomic.h>

bool is_uuid(const char *s)
{
    if (s == NULL || strlen(s) != 36) {
        return false;
    }
    for (size_t i = 0; i < 36; i++) {
        char ch = ascii_lower(s[i]);
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        bool hex = (ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'f');
        if (dash ? ch != '-' : !hex) {
            return false;
        }
    }
    return true;
}

static fb_status bad_handle(ErrId id, const char *handle, fb_error *err)
{
    return err_set(err, id, "handle", handle != NULL ? handle : "", NULL);
}

static bool is_of(const ConnSession *s, const char *id, const char *user)
{
    return strcmp(s->id, id) == 0 && strcmp(s->user, user) == 0;
}

static ConnSession *lookup(ConnectServer *server, const char *id, const char *user)
{
    for (ConnSession *s = server->sessions; s != NULL; s = s->next) {
        if (is_of(s, id, user)) {
            return s;
        }
    }
    return NULL;
}

/* Closed sessions are noted as "id user". */
static char *closed_key(const char *id, const char *user)
{
    StrBuf b = {0};
    strbuf_printf(&b, "%s %s", id, user);
    return strbuf_take(&b);
}

static char **closed_entry(ConnectServer *server, const char *id, const char *user)
{
    char *key = closed_key(id, user);
    char **found = NULL;
    for (size_t i = 0; i < CLOSED_KEPT && found == NULL; i++) {
        if (server->closed[i] != NULL && strcmp(server->closed[i], key) == 0) {
            found = &server->closed[i];
        }
    }
    mem_free(key);
    return found;
}

static void note_closed(ConnectServer *server, const char *id, const char *user)
{
    char **entry = &server->closed[server->next_closed++ % CLOSED_KEPT];
    mem_free(*entry);
    *entry = closed_key(id, user);
}

/* Takes over the Session. */
static ConnSession *conn_new(ConnectServer *server, const char *id, const char *user, Session *own)
{
    ConnSession *s = mem_zalloc(sizeof(*s));
    atomic_init(&s->refs, 1);
    s->server = server;
    s->id = mem_strdup(id);
    s->user = mem_strdup(user);
    uuid_new(s->server_id);
    s->session = own;
    atomic_init(&s->used_us, clock_mono_us());
    pthread_mutex_init(&s->lock, NULL);
    return s;
}

ConnSession *conn_retain(ConnSession *s)
{
    atomic_fetch_add(&s->refs, 1);
    return s;
}

void conn_release(ConnSession *s)
{
    if (atomic_fetch_sub(&s->refs, 1) != 1) {
        return;
    }
    artifacts_free(&s->artifacts);
    errors_free(s);
    session_release(s->session);
    pthread_mutex_destroy(&s->lock);
    mem_free(s->id);
    mem_free(s->user);
    mem_free(s);
}

/* Under the server's lock. */
static fb_status find_locked(ConnectServer *server, const Caller *who, const char *user,
                             SessionNeed need, ConnSession **ret, fb_error *err)
{
    ConnSession *s = lookup(server, who->session_id, user);
    const char *observed = who->observed != NULL && who->observed[0] ? who->observed : NULL;
    if (s == NULL && closed_entry(server, who->session_id, user) != NULL) {
        return bad_handle(ERR_INVALID_HANDLE_SESSION_CLOSED, who->session_id, err);
    }
    if (s == NULL && need == SESSION_PRESENT) {
        return bad_handle(ERR_INVALID_HANDLE_SESSION_NOT_FOUND, who->session_id, err);
    }
    if (observed != NULL && (s == NULL || strcmp(s->server_id, observed) != 0)) {
        return bad_handle(ERR_INVALID_HANDLE_SESSION_CHANGED, who->session_id, err);
    }
    if (s == NULL) {
        s = conn_new(server, who->session_id, user, session_new(server->engine, who->session_id));
        s->next = server->sessions;
        server->sessions = s;
    }
    atomic_store(&s->used_us, clock_mono_us());
    *ret = conn_retain(s);
    return FB_OK;
}

fb_status sessions_find(ConnectServer *server, const Caller *who, SessionNeed need,
                        ConnSession **ret, fb_error *err)
{
    if (!is_uuid(who->session_id)) {
        return bad_handle(ERR_INVALID_HANDLE_FORMAT, who->session_id, err);
    }
    pthread_mutex_lock(&server->lock);
    fb_status st = find_locked(server, who, who->user != NULL ? who->user : "", need, ret, err);
    pthread_mutex_unlock(&server->lock);
    return st;
}

static Operation *first_operation(ConnSession *s)
{
    pthread_mutex_lock(&s->lock);
    s->closed = true;
    Operation *op = s->operations != NULL ? operation_retain(s->operations) : NULL;
    pthread_mutex_unlock(&s->lock);
    return op;
}

/* The session is out of the list already; the caller's reference goes with it. */
static void end_session(ConnSession *s)
{
    listener_stop(s);
    for (Operation *op; (op = first_operation(s)) != NULL;) {
        operation_interrupt(op);
        operation_forget(op);
        operation_release(op);
    }
    session_close(s->session);
    conn_release(s);
}

static bool unlink_session(ConnectServer *server, ConnSession *s)
{
    for (ConnSession **at = &server->sessions; *at != NULL; at = &(*at)->next) {
        if (*at == s) {
            *at = s->next;
            return true;
        }
    }
    return false;
}

fb_status sessions_close(ConnectServer *server, const Caller *who, bool reconnect,
                         char server_id[37], fb_error *err)
{
    const char *user = who->user != NULL ? who->user : "";
    server_id[0] = '\0';
    if (!is_uuid(who->session_id)) {
        return bad_handle(ERR_INVALID_HANDLE_FORMAT, who->session_id, err);
    }
    pthread_mutex_lock(&server->lock);
    ConnSession *s = lookup(server, who->session_id, user);
    if (s != NULL) {
        unlink_session(server, s);
        memcpy(server_id, s->server_id, sizeof(s->server_id));
    }
    char **closed = closed_entry(server, who->session_id, user);
    if (reconnect && closed != NULL) {
        mem_free(*closed);
        *closed = NULL;
    } else if (!reconnect && closed == NULL) {
        note_closed(server, who->session_id, user);
    }
    pthread_mutex_unlock(&server->lock);
    if (s != NULL) {
        end_session(s);
    }
    return FB_OK;
}

fb_status sessions_clone(ConnectServer *server, ConnSession *from, const char *new_id,
                         ConnSession **ret, fb_error *err)
{
    char made[37];
    if (new_id == NULL || new_id[0] == '\0') {
        uuid_new(made);
        new_id = made;
    } else if (!is_uuid(new_id)) {
        return err_set(err, ERR_CLONE_SESSION_FORMAT, "targetSessionId", new_id, NULL);
    }
    Session *clone = session_clone(from->session, new_id);
    pthread_mutex_lock(&server->lock);
    bool exists = lookup(server, new_id, from->user) != NULL;
    if (exists || closed_entry(server, new_id, from->user) != NULL) {
        pthread_mutex_unlock(&server->lock);
        session_release(clone);
        return err_set(err, exists ? ERR_CLONE_SESSION_EXISTS : ERR_CLONE_SESSION_CLOSED,
                       "targetSessionId", new_id, NULL);
    }
    ConnSession *s = conn_new(server, new_id, from->user, clone);
    s->next = server->sessions;
    server->sessions = s;
    *ret = conn_retain(s);
    pthread_mutex_unlock(&server->lock);
    return FB_OK;
}

void sessions_each(ConnectServer *server, void (*fn)(ConnSession *s, void *arg), void *arg)
{
    size_t n = 0, i = 0;
    pthread_mutex_lock(&server->lock);
    for (const ConnSession *s = server->sessions; s != NULL; s = s->next) {
        n++;
    }
    ConnSession **all = mem_alloc(mem_mul(n + 1, sizeof(ConnSession *)));
    for (ConnSession *s = server->sessions; s != NULL; s = s->next) {
        all[i++] = conn_retain(s);
    }
    pthread_mutex_unlock(&server->lock);
    for (i = 0; i < n; i++) {
        fn(all[i], arg);
        conn_release(all[i]);
    }
    mem_free(all);
}

/* A session in which something runs is in use. */
static bool is_idle(ConnectServer *server, ConnSession *s, int64_t now_us)
{
    Query *one;
    pthread_mutex_lock(&s->lock);
    bool busy = s->operations != NULL;
    pthread_mutex_unlock(&s->lock);
    if (busy || now_us - atomic_load(&s->used_us) < server->session_idle_us) {
        return false;
    }
    if (session_active_queries(s->session, &one, 1) > 0) {
        query_release(one);
        return false;
    }
    return true;
}

static ConnSession *take_idle(ConnectServer *server, int64_t now_us)
{
    pthread_mutex_lock(&server->lock);
    ConnSession *s = server->sessions;
    while (s != NULL && !is_idle(server, s, now_us)) {
        s = s->next;
    }
    if (s != NULL) {
        unlink_session(server, s);
        note_closed(server, s->id, s->user);
    }
    pthread_mutex_unlock(&server->lock);
    return s;
}

void sessions_close_idle(ConnectServer *server, int64_t now_us)
{
    if (server->session_idle_us < 0) {
        return;
    }
    for (ConnSession *s; (s = take_idle(server, now_us)) != NULL;) {
        LOG_INFO("Connect", "session %s has been idle for long and ends", s->id);
        end_session(s);
    }
}

void sessions_close_all(ConnectServer *server)
{
    for (;;) {
        pthread_mutex_lock(&server->lock);
        ConnSession *s = server->sessions;
        if (s != NULL) {
            server->sessions = s->next;
        }
        pthread_mutex_unlock(&server->lock);
        if (s == NULL) {
            return;
        }
        end_session(s);
    }
}
