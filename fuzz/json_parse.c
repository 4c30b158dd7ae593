/*
 * json_parse.c - fuzz target: JSON text through the tolerant scanner and simdjson's tape.
 *
 * The first byte chooses what the scanner tolerates, and whether strings are read or passed over;
 * the rest is the text. Nothing may crash, and where the tape takes a line the scanner must give
 * the same tokens: the engine reads whichever comes first.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "format/json_token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define STEPS_MAX 100000 /* errors don't end the scanner */
#define FAILURES_MAX 64

/* All tokens, going on after errors as the reader does. */
static void scan(JsonParser *j, const char *p, size_t n, bool read)
{
    int failures = 0;

    json_start(j, p, n);
    for (int i = 0; i < STEPS_MAX && failures < FAILURES_MAX; i++) {
        if (!json_next(j)) {
            failures++;
            continue;
        }
        if (j->tok == JT_NONE && j->p == j->end) {
            break;
        }
        if (j->tok == JT_STRING && read) {
            failures += !json_read_text(j);
        }
        if ((j->tok == JT_START_OBJECT || j->tok == JT_START_ARRAY) && i % 7 == 6) {
            Str raw;
            failures += !json_read_raw(j, &raw);
        }
        (void)json_current_name(j);
    }
}

static void expect_equal(JsonParser *tape, JsonParser *scanner)
{
    for (;;) {
        FB_ASSERT(json_next(tape) && json_next(scanner));
        FB_ASSERT(tape->tok == scanner->tok && tape->depth == scanner->depth);
        FB_ASSERT(str_eq(json_current_name(tape), json_current_name(scanner)));
        if (tape->tok == JT_STRING || tape->tok == JT_INT || tape->tok == JT_FLOAT) {
            FB_ASSERT(json_read_text(tape) && json_read_text(scanner));
            FB_ASSERT(str_eq(tape->text, scanner->text));
        }
        if (tape->tok == JT_END_OBJECT && tape->depth == 0) {
            break;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena arena = {0};
    JsonParser *a = mem_zalloc(sizeof(*a)), *b = mem_zalloc(sizeof(*b));
    JsonTape *tape = json_tape_new();
    size_t n = size > 0 ? size - 1 : 0;
    char *text = mem_zalloc(n + JSON_TAPE_PADDING);

    if (n > 0) {
        memcpy(text, data + 1, n);
    }
    a->arena = b->arena = &arena;
    a->features = size > 0 ? data[0] & 127u : 0;
    scan(a, text, n, size > 0 && data[0] >= 128);
    const JsonTapeTok *toks = json_tape_line(tape, text, n);
    if (toks) {
        json_start(a, text, n);
        json_start_tape(b, toks);
        expect_equal(b, a);
    }
    json_tape_free(tape);
    arena_free(&arena);
    mem_free(text);
    mem_free(a);
    mem_free(b);
    return 0;
}
