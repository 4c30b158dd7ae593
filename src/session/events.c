/*
 * events.c - listeners of a session's queries.
 *
 * A listener is called without any lock. Removing one waits until no other thread is in its
 * function; a listener may remove itself, and is then unlinked when its call returns.
 */
#include "session/session_priv.h"

uint64_t session_add_listener(Session *s, EventFn fn, void *arg)
{
    Listener *l = mem_zalloc(sizeof(*l));
    l->fn = fn;
    l->arg = arg;
    pthread_mutex_lock(&s->lock);
    l->handle = ++s->next_handle;
    Listener **at = &s->listeners;
    while (*at) {
        at = &(*at)->next;
    }
    *at = l;
    pthread_mutex_unlock(&s->lock);
    return l->handle;
}

static void unlink_listener(Session *s, const Listener *l)
{
    Listener **at = &s->listeners;
    while (*at && *at != l) {
        at = &(*at)->next;
    }
    if (*at) {
        *at = l->next;
    }
}

/* Whether a thread other than this one is in the listener's function. */
static bool others_call(const Listener *l)
{
    for (const ListenerCall *c = l->calls; c; c = c->next) {
        if (!pthread_equal(c->thread, pthread_self())) {
            return true;
        }
    }
    return false;
}

void session_remove_listener(Session *s, uint64_t handle)
{
    pthread_mutex_lock(&s->lock);
    Listener *l = s->listeners;
    while (l && l->handle != handle) {
        l = l->next;
    }
    if (!l || l->removed) {
        pthread_mutex_unlock(&s->lock);
        return;
    }
    l->removed = true;
    while (others_call(l)) {
        pthread_cond_wait(&s->changed, &s->lock);
    }
    if (l->calls) {
        l->removed_by_itself = true; /* only calls of this thread are left */
    } else {
        unlink_listener(s, l);
        mem_free(l);
    }
    pthread_mutex_unlock(&s->lock);
}

static void end_call(Listener *l, const ListenerCall *call)
{
    ListenerCall **at = &l->calls;
    while (*at != call) {
        at = &(*at)->next;
    }
    *at = call->next;
}

void session_send_event(Session *s, const char *type, const char *json)
{
    pthread_mutex_lock(&s->lock);
    for (Listener *l = s->listeners; l;) {
        if (l->removed) {
            l = l->next;
            continue;
        }
        ListenerCall call = {pthread_self(), l->calls};
        l->calls = &call; /* keeps l in the list */
        pthread_mutex_unlock(&s->lock);
        l->fn(l->arg, type, json);
        pthread_mutex_lock(&s->lock);
        end_call(l, &call);
        Listener *next = l->next;
        /* Removed by itself: nobody waits for it. A remover on another thread frees it. */
        if (l->removed && l->removed_by_itself && !l->calls) {
            unlink_listener(s, l);
            mem_free(l);
        }
        pthread_cond_broadcast(&s->changed);
        l = next;
    }
    pthread_mutex_unlock(&s->lock);
}
