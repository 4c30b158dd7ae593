/* observed.c - see observed.h. */
#include "plan/observed.h"

#include <pthread.h>
#include <stdatomic.h>

struct Observed {
    _Atomic int refs;
    char *name;
    int64_t plan_id;
    pthread_mutex_t lock;
    bool streaming;
    RowSet *row;
    fb_error failed;
};

Observed *observed_new(const char *name, int64_t plan_id)
{
    Observed *o = mem_zalloc(sizeof(*o));
    atomic_init(&o->refs, 1);
    o->name = mem_strdup(name);
    o->plan_id = plan_id;
    pthread_mutex_init(&o->lock, NULL);
    return o;
}

Observed *observed_retain(Observed *o)
{
    atomic_fetch_add(&o->refs, 1);
    return o;
}

void observed_release(Observed *o)
{
    if (!o || atomic_fetch_sub(&o->refs, 1) != 1) {
        return;
    }
    rowset_release(o->row);
    err_clear(&o->failed);
    pthread_mutex_destroy(&o->lock);
    mem_free(o->name);
    mem_free(o);
}

const char *observed_name(const Observed *o)
{
    return o->name;
}

int64_t observed_plan_id(const Observed *o)
{
    return o->plan_id;
}

void observed_set_streaming(Observed *o)
{
    pthread_mutex_lock(&o->lock);
    o->streaming = true;
    pthread_mutex_unlock(&o->lock);
}

bool observed_is_streaming(Observed *o)
{
    pthread_mutex_lock(&o->lock);
    bool streaming = o->streaming;
    pthread_mutex_unlock(&o->lock);
    return streaming;
}

void observed_set(Observed *o, RowSet *row, fb_error *failed)
{
    pthread_mutex_lock(&o->lock);
    RowSet *old = o->row;
    err_clear(&o->failed);
    o->row = row ? rowset_retain(row) : NULL;
    if (!row) {
        err_move(&o->failed, failed);
    }
    pthread_mutex_unlock(&o->lock);
    rowset_release(old);
}

RowSet *observed_take(Observed *o, fb_error *err)
{
    pthread_mutex_lock(&o->lock);
    RowSet *row = o->row ? rowset_retain(o->row) : NULL;
    if (err_is_set(&o->failed)) {
        err_move(err, &o->failed);
    }
    pthread_mutex_unlock(&o->lock);
    return row;
}

void observed_copy(Observed *to, Observed *from)
{
    fb_error none = {0};
    pthread_mutex_lock(&from->lock);
    RowSet *row = from->row ? rowset_retain(from->row) : NULL;
    pthread_mutex_unlock(&from->lock);
    if (row) {
        observed_set(to, row, &none);
        rowset_release(row);
    }
}
