/*
 * response.h - the memory of responses that wait for clients.
 *
 * A server has one pool; each operation has an account in it. The bytes of a response count from
 * before it is made until it is freed, wherever it waits: in the operation's list or in the
 * transport. Who makes responses asks for room first, and waits for it or does without.
 *
 * Threads: any. The pool's lock is the last of all and is never held while another is taken, so
 * that responses may be freed under any lock.
 */
#ifndef CONNECT_RESPONSE_H
#define CONNECT_RESPONSE_H

#include "base/budget.h"

#include <pthread.h>

typedef struct ResponsePool ResponsePool;
typedef struct Account Account;

typedef struct Response {
    _Atomic int refs;
    struct Response *next; /* of its operation's list */
    Account *account;      /* retained */
    size_t taken, forced;  /* bytes that count: those asked for, and what came on top */
    char id[37];
    size_t n;
    uint8_t bytes[];
} Response;

/* budget: outlives the pool and all accounts; its limit is final. Keeps a small part for itself. */
ResponsePool *response_pool_new(MemBudget *budget);
void response_pool_release(ResponsePool *p); /* accounts keep it as long as they need it */
/* Bytes of data that a message should not exceed: responses are made of pieces that size. */
size_t response_pool_message(const ResponsePool *p);
/* Whether anybody waits for room. */
bool response_pool_is_short(ResponsePool *p);

Account *account_new(ResponsePool *p);
void account_release(Account *a);

/* Takes room for n bytes if there is: *ret_taken. A few bytes always have room. Fails if they are
 * so many that only the budget can have them, and it has not. */
fb_status account_try(Account *a, size_t n, bool *ret_taken, fb_error *err);
void account_give(Account *a, size_t n); /* room that was taken and is not needed */
/* After account_try() found no room: waits until it may say something else, also because of what
 * happened since, or until account_wake(). Returns at once if *stop. One thread of an account. */
void account_wait(Account *a, const _Atomic bool *stop);
void account_wake(Account *a);

/* A response of n bytes to be filled in, with one reference. Room that was taken before goes over
 * to it; what it is larger than that counts in any case. */
Response *response_new(Account *a, size_t n, size_t taken);
void response_release(Response *r);
/* The same for the transport, which knows the bytes only. */
void response_bytes_release(void *bytes);
/* Only the operation holds it: the transport has written it. */
bool response_is_written(const Response *r);

#endif
