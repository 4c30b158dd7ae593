/*
 * forebay.h - the public C API of Forebay.
 */
#ifndef FOREBAY_H
#define FOREBAY_H

#ifdef __cplusplus
extern "C" {
#endif

/* What every call returns. */
typedef enum fb_status {
    FB_OK = 0,  /* done */
    FB_ERR = 1, /* failed; the fb_error says why */
    FB_STOP = 2 /* internal: the consumer wants no more rows; never leaves the library */
} fb_status;

/* Why a call failed: Spark's error condition, SQLSTATE, message and cause. */
typedef struct fb_error fb_error;

#ifdef __cplusplus
}
#endif
#endif
