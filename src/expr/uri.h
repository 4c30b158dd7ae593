/*
 * uri.h - the parts of a URI, by the grammar of java.net.URI (RFC 2396 and its amendments).
 *
 * Ownership: parts refer to the bytes of the text. Threads: pure.
 */
#ifndef EXPR_URI_H
#define EXPR_URI_H

#include "base/str.h"

/* A part that is not there has p NULL. Nothing is decoded. */
typedef struct Uri {
    Str scheme, authority, user_info, host, path, query, fragment;
} Uri;

/* text is UTF-8. false: no URI. */
bool uri_parse(Str text, Uri *ret);

#endif
