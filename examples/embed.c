/* embed.c - Forebay inside of a C program: the words in a folder of JSON files, counted as a
 * stream. cc embed.c -lforebay -o embed && ./embed /folder/with/json */
#include "forebay.h"

#include <stdio.h>

static int failed(const fb_error *err)
{
    fprintf(stderr, "%s\n", *fb_error_message(err) ? fb_error_message(err) : "which folder?");
    return 1;
}

/* Batches are Arrow arrays: a column of 64-bit numbers is buffers[1] of its child. */
static int64_t sum(struct ArrowArrayStream *rows)
{
    struct ArrowArray b;
    int64_t total = 0;
    while (rows->get_next(rows, &b) == 0 && b.release) {
        const int64_t *n = b.children[0]->buffers[1];
        for (int64_t i = 0; i < b.length; i++) {
            total += n[b.children[0]->offset + i];
        }
        b.release(&b);
    }
    rows->release(rows);
    return total;
}

int main(int argc, char **argv)
{
    fb_error *err = fb_error_new();
    fb_session *s;
    fb_frame *words, *counts, *n;
    fb_query *q;
    struct ArrowArrayStream rows;
    fb_stream_spec spec = FB_STREAM_SPEC_INIT;
    spec.format = "memory";
    spec.name = "counts"; /* the view of the result */
    spec.output_mode = "complete";
    spec.trigger = FB_TRIGGER_AVAILABLE_NOW;
    if (argc != 2 || fb_session_open(NULL, &s, err) != FB_OK ||
        fb_read_stream(s, "json", "word STRING", argv[1], NULL, &words, err) != FB_OK ||
        fb_frame_create_view(words, "words", err) != FB_OK ||
        fb_sql(s, "SELECT word, count(*) AS n FROM words GROUP BY word", &counts, err) != FB_OK ||
        fb_write_stream(counts, &spec, &q, err) != FB_OK ||
        fb_query_await(q, -1, NULL, err) != FB_OK ||
        fb_sql(s, "SELECT n FROM counts", &n, err) != FB_OK ||
        fb_frame_stream(n, &rows, err) != FB_OK) {
        return failed(err);
    }
    printf("%lld words\n", (long long)sum(&rows));
    fb_frame_free(n);
    fb_query_free(q);
    fb_frame_free(counts);
    fb_frame_free(words);
    fb_session_close(s);
    fb_error_free(err);
    return 0;
}
