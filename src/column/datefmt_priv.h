/*
 * datefmt_priv.h - the compiled form of a datetime pattern.
 *
 * A pattern is a list of ops in the order of the text. An optional section is a pair OP_OPTIONAL …
 * OP_END; OP_OPTIONAL names the index of its OP_END. Fields are those of java.time that a pattern
 * letter can mean.
 */
#ifndef COLUMN_DATEFMT_PRIV_H
#define COLUMN_DATEFMT_PRIV_H

#include "column/datefmt.h"

typedef enum FmtField {
    FF_ERA,
    FF_YEAR_OF_ERA,
    FF_YEAR,
    FF_QUARTER,
    FF_MONTH,
    FF_DAY_OF_YEAR,
    FF_DAY,
    FF_WEEKDAY_IN_MONTH, /* F: which seven days of the month, 1… */
    FF_DAY_OF_WEEK,      /* Monday 1 */
    FF_LAST_DATE = FF_DAY_OF_WEEK,
    FF_AMPM,
    FF_HOUR,            /* H 0…23 */
    FF_CLOCK_HOUR,      /* k 1…24 */
    FF_HOUR_AMPM,       /* K 0…11 */
    FF_CLOCK_HOUR_AMPM, /* h 1…12 */
    FF_MINUTE,
    FF_SECOND,
    FF_NANO,
    FF_OFFSET,
    FF_COUNT
} FmtField;

typedef enum FmtKind {
    OP_LITERAL,
    OP_NUMBER,
    OP_YEAR2,    /* two digits, 2000…2099 when read */
    OP_FRACTION, /* min…max digits of the second */
    OP_TEXT,
    OP_OFFSET,           /* Z, X, x */
    OP_LOCALIZED_OFFSET, /* O, ZZZZ: GMT+8 */
    OP_ZONE_ID,          /* VV */
    OP_ZONE_NAME,        /* z */
    OP_OPTIONAL,
    OP_END
} FmtKind;

typedef enum SignRule { SIGN_NORMAL, SIGN_NONE, SIGN_EXCEEDS_PAD } SignRule;

/* Shapes of OP_OFFSET, numbered as java.time does; odd ones have no colon. */
typedef enum OffsetShape {
    OFFSET_HHmm = 1,   /* minutes if there are any */
    OFFSET_HHMM = 3,   /* +0800 */
    OFFSET_HH_MM = 4,  /* +08:00 */
    OFFSET_HHMMss = 5, /* seconds if there are any */
    OFFSET_HH_MM_ss = 6
} OffsetShape;

typedef struct FmtOp {
    FmtKind kind;
    FmtField field;
    uint8_t min, max;
    SignRule sign;
    int subsequent; /* digits that the adjacent numbers behind it need; -1: fixed width */
    bool is_full;   /* text, zone name and localized offset: long form */
    OffsetShape shape;
    const char *zero;   /* text of offset 0 */
    uint32_t from, len; /* literal: its bytes; OP_OPTIONAL: from is the index of OP_END */
} FmtOp;

/* Patterns that are printed by code of their own. */
typedef enum FastPattern { FAST_NONE, FAST_DATE, FAST_SPACE, FAST_ISO_NTZ, FAST_ISO } FastPattern;

#define FMT_DEPTH_MAX 16 /* nested optional sections */

struct DateFmt {
    const TimeZone *tz;
    DateFmtUse use;
    FastPattern fast;
    uint32_t n;
    FmtOp *ops;
    char *text;      /* of the literals */
    size_t max_text; /* longest text that printing gives, names of zones apart */
};

/* English names; value as in the field. NULL: none. is_full as in FmtOp. */
const char *datefmt_name(FmtField f, bool is_full, int value);

#endif
