/*
 * csv_scan.h - blocks of records, taken apart into fields, column by column.
 *
 * Ownership: the memory of a block is its maker's; fields are views of lines or of an arena.
 */
#ifndef FORMAT_CSV_SCAN_H
#define FORMAT_CSV_SCAN_H

#include "format/csv_convert.h"
#include "format/lines_priv.h"

typedef struct CsvBlock {
    uint32_t n, cap;    /* records; cap is a multiple of 64 */
    uint32_t n_slots;   /* fields that are kept of each */
    CsvField *field;    /* field[slot * cap + record] */
    CsvField *record;   /* the texts */
    uint64_t *miscount; /* bit a record: it has too many or too few fields */
    uint64_t *bad;      /* bit a record: it is malformed in any way */
} CsvBlock;

typedef struct CsvLayout {
    uint32_t n_file;   /* fields of a good record */
    CsvField **column; /* of each of them, where it goes in the block; what is not kept has a place
                          too, which is the same for all */
    bool count;        /* other numbers of fields make a record malformed */
} CsvLayout;

/* Whether csv_scan() knows this kind of file. */
bool csv_can_scan(const CsvOptions *o);
/* Takes lines from l until the block is full, or a line comes that needs csv_split_line(): one that
 * is blank, a comment, not UTF-8, quoted in a less simple way, or that is not all at hand. */
void csv_scan(const CsvOptions *o, const CsvLayout *layout, LineReader *l, CsvBlock *b);

/* The text of record i without the end of its line; why it is malformed (csv_read.c). type: of each
 * slot. */
Str csv_record_text(const CsvBlock *b, uint32_t i);
void csv_bad_cause(const CsvText *t, const CsvBlock *b, const Type *const *type, uint32_t i,
                   fb_error *cause);

/* Whether two column names are the same one (csv_infer.c). */
bool csv_same_name(Str a, Str b, bool case_sensitive);

/* ---- UTF-8 ---- */
/* The character at p, *ret_n its bytes; -1: there is none, *ret_n bytes count as one U+FFFD. */
int32_t csv_code_point(const char *p, size_t n, size_t *ret_n);
bool csv_is_utf8(const char *p, size_t n);
/* The text with U+FFFD for what is not UTF-8, as Java decodes it; padded. */
Str csv_repaired(Str s, Arena *a);

#endif
