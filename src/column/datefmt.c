/*
 * datefmt.c - compiling datetime patterns.
 *
 * First Spark's own checks, part by part between the quotes: letters of weeks, letters that it does
 * not let through, runs of letters that are too long. Then y becomes u where no era is in the
 * pattern, and the rest is java.time.format.DateTimeFormatterBuilder.appendPattern (Java 17), with
 * its rule for adjacent numbers: a number directly behind another one takes a fixed width, and the
 * first of them leaves that many digits over. For reading, a run of S takes one to that many
 * digits, as Spark builds it.
 *
 * Where a pattern is refused, but java.text.SimpleDateFormat would take it, the condition is the
 * one that tells about the change since Spark 2.
 */
#include "base/hash.h"
#include "column/datefmt_priv.h"

#define PATTERN_MAX 4096

typedef struct Level {
    uint32_t begin;   /* index of OP_OPTIONAL; unused at the bottom */
    int32_t value_op; /* the number that adjacent ones belong to, or -1 */
} Level;

typedef struct Builder {
    DateFmt *f;
    uint32_t cap, text_n;
    Level level[FMT_DEPTH_MAX + 1];
    int depth;
    bool variable_fraction;
    enum { BUILD_OK, BUILD_BAD, BUILD_TOO_DEEP, BUILD_UNSUPPORTED } state;
} Builder;

/* ---- Spark's checks ---- */

typedef struct Refusal {
    ErrId id;
    char letter;
    const char *style;
} Refusal;

static bool has_run(Str s, char c, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        n = s.p[i] == c ? n + 1 : 0;
        if (n == len) {
            return true;
        }
    }
    return false;
}

static const char *first_of(Str s, const char *letters)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] && strchr(letters, s.p[i])) {
            return s.p + i;
        }
    }
    return NULL;
}

/* One part outside quotes. */
static bool part_refused(Str part, DateFmtUse use, Refusal *r)
{
    static const struct {
        char c;
        uint8_t len;
        const char *text;
    } too_long[] = {{'Q', 5, "QQQQQ"}, {'E', 5, "EEEEE"}, {'y', 7, "yyyyyyy"}, {'M', 5, "MMMMM"},
                    {'L', 5, "LLLLL"}, {'G', 5, "GGGGG"}, {'q', 5, "qqqqq"}};
    const char *c = first_of(part, "YWwuec");
    if (c) {
        *r = (Refusal){ERR_DATETIME_PATTERN_WEEK_BASED, *c, NULL};
        return true;
    }
    c = first_of(part, use == DATEFMT_PARSE ? "ABnNpEFqQ" : "ABnNp");
    if (c) {
        *r = (Refusal){ERR_DATETIME_PATTERN_ILLEGAL_CHARACTER, *c, NULL};
        return true;
    }
    for (size_t i = 0; i < sizeof(too_long) / sizeof(*too_long); i++) {
        if (has_run(part, too_long[i].c, too_long[i].len)) {
            *r = (Refusal){ERR_DATETIME_PATTERN_LENGTH, 0, too_long[i].text};
            return true;
        }
    }
    return false;
}

/* The next part up to a quote; false at the end. *pos starts at 0. */
static bool next_part(Str pattern, size_t *pos, Str *part)
{
    if (*pos > pattern.n) {
        return false;
    }
    const char *start = pattern.p + *pos;
    const char *quote = pattern.n > *pos ? memchr(start, '\'', pattern.n - *pos) : NULL;
    size_t n = quote ? (size_t)(quote - start) : pattern.n - *pos;
    *part = (Str){start, n};
    *pos += n + 1;
    return true;
}

/* Java's SimpleDateFormat takes the pattern. */
static bool old_format_accepts(Str pattern)
{
    bool quoted = false;
    size_t run = 0;
    for (size_t i = 0; i < pattern.n; i++) {
        char c = pattern.p[i];
        if (c == '\'') {
            quoted = !quoted;
            continue;
        }
        bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';
        if (quoted || !letter) {
            continue;
        }
        run = i > 0 && pattern.p[i - 1] == c ? run + 1 : 1;
        if (!strchr("GyMdkHmsSEDFwWahKzZYuXL", c) || (c == 'X' && run > 3)) {
            return false;
        }
    }
    return !quoted;
}

#define DOC_ROOT "https://spark.apache.org/docs/latest"

static fb_status refuse(Str pattern, Refusal r, fb_error *err)
{
    StrBuf text = {0}, quoted = {0};
    char letter[2] = {r.letter, 0};
    strbuf_append(&text, pattern.p, pattern.n);
    strbuf_putc(&quoted, '\'');
    for (size_t i = 0; i < pattern.n; i++) {
        if (pattern.p[i] == '\'' || pattern.p[i] == '\\') {
            strbuf_putc(&quoted, '\\');
        }
        strbuf_putc(&quoted, pattern.p[i]);
    }
    strbuf_putc(&quoted, '\'');
    const char *plain = strbuf_str(&text).p;
    if (old_format_accepts(pattern)) {
        err_set(err, ERR_DATETIME_PATTERN_RECOGNITION, "pattern", quoted.p, "config",
                "\"spark.sql.legacy.timeParserPolicy\"", "docroot", DOC_ROOT, NULL);
    } else if (r.id == ERR_DATETIME_PATTERN_WEEK_BASED) {
        err_set(err, r.id, "c", letter, NULL);
    } else if (r.id == ERR_DATETIME_PATTERN_ILLEGAL_CHARACTER) {
        err_set(err, r.id, "c", letter, "pattern", plain, NULL);
    } else if (r.id == ERR_DATETIME_PATTERN_LENGTH) {
        err_set(err, r.id, "pattern", r.style, NULL);
    } else if (r.id == ERR_DATETIME_PATTERN_SECONDS_FRACTION) {
        err_set(err, r.id, "pattern", plain, NULL);
    } else {
        err_set(err, ERR_DATETIME_PATTERN_WITH_SUGGESTION, "pattern", quoted.p, "docroot", DOC_ROOT,
                NULL);
    }
    strbuf_free(&text);
    strbuf_free(&quoted);
    return FB_ERR;
}

/* ---- the builder ---- */

static FmtOp *append(Builder *b, FmtOp op)
{
    if (b->f->n == b->cap) {
        b->cap = b->cap * 2 + 8;
        b->f->ops = mem_realloc(b->f->ops, mem_mul(b->cap, sizeof(FmtOp)));
    }
    b->level[b->depth].value_op = -1;
    b->f->ops[b->f->n] = op;
    return &b->f->ops[b->f->n++];
}

static void append_literal(Builder *b, const char *p, size_t n)
{
    memcpy(b->f->text + b->text_n, p, n); /* the text is never longer than the pattern */
    append(b, (FmtOp){.kind = OP_LITERAL, .from = b->text_n, .len = (uint32_t)n});
    b->text_n += (uint32_t)n;
}

/* A number; several without anything between share their digits by the widths. */
static void append_number(Builder *b, FmtOp op)
{
    int32_t base = b->level[b->depth].value_op;
    if (base < 0) {
        append(b, op);
        b->level[b->depth].value_op = (int32_t)b->f->n - 1;
        return;
    }
    if (op.min == op.max && op.sign == SIGN_NONE) {
        b->f->ops[base].subsequent += op.max;
        op.subsequent = -1;
        append(b, op);
        b->level[b->depth].value_op = base;
    } else {
        b->f->ops[base].subsequent = -1;
        append(b, op);
        b->level[b->depth].value_op = (int32_t)b->f->n - 1;
    }
}

static FmtOp number(FmtField field, int min, int max, SignRule sign)
{
    return (FmtOp){
        .kind = OP_NUMBER, .field = field, .min = (uint8_t)min, .max = (uint8_t)max, .sign = sign};
}

static void bad(Builder *b)
{
    if (b->state == BUILD_OK) {
        b->state = BUILD_BAD;
    }
}

static void append_year(Builder *b, FmtField field, int count)
{
    if (count == 2) {
        FmtOp op = number(field, 2, 2, SIGN_NONE);
        op.kind = OP_YEAR2;
        append_number(b, op);
    } else {
        append_number(b, number(field, count, 19, count < 4 ? SIGN_NORMAL : SIGN_EXCEEDS_PAD));
    }
}

/* M L Q q: a number of one or two digits, or a name; E G a: a name only; five letters: neither. */
static void append_named(Builder *b, FmtField field, int count, bool text_only)
{
    if (count > 4) {
        bad(b);
    } else if (count >= 3 || text_only) {
        append(b, (FmtOp){.kind = OP_TEXT, .field = field, .is_full = count == 4});
    } else if (count == 1) {
        append_number(b, number(field, 1, 19, SIGN_NORMAL));
    } else {
        append_number(b, number(field, 2, 2, SIGN_NONE));
    }
}

static void append_plain(Builder *b, FmtField field, int count, int max_count)
{
    if (count > max_count) {
        bad(b);
    } else if (count == 1) {
        append_number(b, number(field, 1, 19, SIGN_NORMAL));
    } else {
        append_number(b, number(field, count, field == FF_DAY_OF_YEAR ? 3 : 2, SIGN_NONE));
    }
}

static void append_fraction(Builder *b, int count)
{
    if (count > 9) {
        bad(b);
        return;
    }
    FmtOp op = number(FF_NANO, b->variable_fraction ? 1 : count, count, SIGN_NONE);
    op.kind = OP_FRACTION;
    if (op.min == op.max) {
        append_number(b, op);
    } else {
        append(b, op);
    }
}

static void append_offset(Builder *b, int shape, const char *zero)
{
    append(b, (FmtOp){.kind = OP_OFFSET, .shape = (OffsetShape)shape, .zero = zero});
}

static void append_zone(Builder *b, char c, int count)
{
    switch (c) {
    case 'V':
        if (count != 2) {
            bad(b);
            return;
        }
        append(b, (FmtOp){.kind = OP_ZONE_ID});
        return;
    case 'z':
        if (count > 4) {
            bad(b);
            return;
        }
        append(b, (FmtOp){.kind = OP_ZONE_NAME, .is_full = count == 4});
        return;
    case 'O':
        if (count != 1 && count != 4) {
            bad(b);
            return;
        }
        append(b, (FmtOp){.kind = OP_LOCALIZED_OFFSET, .is_full = count == 4});
        return;
    case 'X':
    case 'x':
        if (count > 5) {
            bad(b);
            return;
        }
        append_offset(b, count + (count > 1),
                      c == 'X'         ? "Z"
                      : count == 1     ? "+00"
                      : count % 2 == 0 ? "+0000"
                                       : "+00:00");
        return;
    default: /* Z */
        if (count > 5) {
            bad(b);
        } else if (count < 4) {
            append_offset(b, OFFSET_HHMM, "+0000");
        } else if (count == 4) {
            append(b, (FmtOp){.kind = OP_LOCALIZED_OFFSET, .is_full = true});
        } else {
            append_offset(b, OFFSET_HH_MM_ss, "Z");
        }
    }
}

/* Letters that are a number of one or two digits (D: up to three). */
static bool append_plain_letter(Builder *b, char c, int count)
{
    static const struct {
        char letter;
        uint8_t max_count;
        FmtField field;
    } plain[] = {{'F', 1, FF_WEEKDAY_IN_MONTH},
                 {'D', 3, FF_DAY_OF_YEAR},
                 {'d', 2, FF_DAY},
                 {'H', 2, FF_HOUR},
                 {'k', 2, FF_CLOCK_HOUR},
                 {'K', 2, FF_HOUR_AMPM},
                 {'h', 2, FF_CLOCK_HOUR_AMPM},
                 {'m', 2, FF_MINUTE},
                 {'s', 2, FF_SECOND}};
    for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++) {
        if (plain[i].letter == c) {
            append_plain(b, plain[i].field, count, plain[i].max_count);
            return true;
        }
    }
    return false;
}

static void append_letters(Builder *b, char c, int count)
{
    if (append_plain_letter(b, c, count)) {
        return;
    }
    switch (c) {
    case 'u':
        append_year(b, FF_YEAR, count);
        break;
    case 'y':
        append_year(b, FF_YEAR_OF_ERA, count);
        break;
    case 'M':
    case 'L':
        append_named(b, FF_MONTH, count, false);
        break;
    case 'Q':
    case 'q':
        append_named(b, FF_QUARTER, count, false);
        break;
    case 'E':
        append_named(b, FF_DAY_OF_WEEK, count, true);
        break;
    case 'G':
        append_named(b, FF_ERA, count, true);
        break;
    case 'a':
        append_named(b, FF_AMPM, count == 1 ? 1 : 5, true);
        break;
    case 'S':
        append_fraction(b, count);
        break;
    case 'V':
    case 'z':
    case 'O':
    case 'X':
    case 'x':
    case 'Z':
        append_zone(b, c, count);
        break;
    case 'v': /* Java has them, Spark does not document them */
    case 'g':
        b->state = b->state == BUILD_OK ? BUILD_UNSUPPORTED : b->state;
        break;
    default:
        bad(b);
        break;
    }
}

static void open_section(Builder *b)
{
    if (b->depth == FMT_DEPTH_MAX) {
        b->state = BUILD_TOO_DEEP;
        return;
    }
    append(b, (FmtOp){.kind = OP_OPTIONAL});
    b->depth++;
    b->level[b->depth] = (Level){b->f->n - 1, -1};
}

static void close_section(Builder *b)
{
    uint32_t begin = b->level[b->depth].begin;
    b->depth--;
    if (begin == b->f->n - 1) { /* nothing inside */
        b->f->n--;
        return;
    }
    append(b, (FmtOp){.kind = OP_END});
    b->f->ops[begin].from = b->f->n - 1;
}

/* A quoted text from the quote on; returns the position behind it. */
static size_t append_quoted(Builder *b, Str s, size_t i)
{
    size_t start = ++i;
    uint32_t from = b->text_n;
    for (;; i++) {
        if (i >= s.n) {
            bad(b);
            return s.n;
        }
        if (s.p[i] == '\'') {
            if (i + 1 >= s.n || s.p[i + 1] != '\'') {
                break;
            }
            i++;
        }
        b->f->text[b->text_n++] = s.p[i];
    }
    if (i == start) {
        append_literal(b, "'", 1);
    } else {
        append(b, (FmtOp){.kind = OP_LITERAL, .from = from, .len = b->text_n - from});
    }
    return i + 1;
}

static void append_pattern(Builder *b, Str s, bool era)
{
    for (size_t i = 0; i < s.n && b->state == BUILD_OK;) {
        char c = s.p[i];
        if ((c | 32) >= 'a' && (c | 32) <= 'z') {
            size_t start = i;
            while (i < s.n && s.p[i] == c) {
                i++;
            }
            size_t count = i - start;
            append_letters(b, c == 'y' && !era ? 'u' : c, count > 100 ? 100 : (int)count);
            continue;
        }
        if (c == '\'') {
            i = append_quoted(b, s, i);
            continue;
        }
        i++;
        if (c == '[') {
            open_section(b);
        } else if (c == ']') {
            if (b->depth == 0) {
                bad(b);
                return;
            }
            close_section(b);
        } else if (c == '{' || c == '}' || c == '#') {
            bad(b);
        } else {
            append_literal(b, &c, 1);
        }
    }
}

/* Part by part between the quotes, as Spark does it when fractions vary. */
static void append_parts(Builder *b, Str pattern, bool era)
{
    while (pattern.n > 0 && pattern.p[pattern.n - 1] == '\'') {
        pattern.n--; /* Java's split drops empty strings at the end */
    }
    size_t pos = 0;
    Str part;
    for (int i = 0; next_part(pattern, &pos, &part) && b->state == BUILD_OK; i++) {
        if (part.n == 0 && i > 0) {
            append_literal(b, "'", 1);
        } else if (i % 2 == 0) {
            append_pattern(b, part, era);
        } else {
            append_literal(b, part.p, part.n);
        }
    }
}

/* Numbers have at most 20 bytes; names of fields and ids of zones (timezone.c) fewer than 96. */
static size_t longest_text(const DateFmt *f)
{
    size_t n = 32;
    for (uint32_t i = 0; i < f->n; i++) {
        n += f->ops[i].kind == OP_LITERAL ? f->ops[i].len : 96;
    }
    return n;
}

static FastPattern fast_pattern(Str p)
{
    return str_eq(p, STR_LIT(DATEFMT_DEFAULT_DATE))      ? FAST_DATE
           : str_eq(p, STR_LIT(DATEFMT_DEFAULT_TS))      ? FAST_SPACE
           : str_eq(p, STR_LIT(DATEFMT_CSV_JSON_TS))     ? FAST_ISO
           : str_eq(p, STR_LIT(DATEFMT_CSV_JSON_TS_NTZ)) ? FAST_ISO_NTZ
                                                         : FAST_NONE;
}

/* Spark's checks of the whole pattern; *era, *fraction: G and S are in it, outside quotes. */
static bool pattern_refused(Str pattern, DateFmtUse use, bool *era, bool *fraction, Refusal *r)
{
    Str part;
    size_t pos = 0;
    *era = *fraction = false;
    for (int i = 0; next_part(pattern, &pos, &part); i++) {
        if (i % 2 == 0) {
            if (part_refused(part, use, r)) {
                return true;
            }
            *era |= first_of(part, "G") != NULL;
            *fraction |= first_of(part, "S") != NULL;
        }
    }
    return false;
}

fb_status datefmt_compile(Str pattern, DateFmtUse use, const TimeZone *tz, DateFmt **ret,
                          fb_error *err)
{
    Refusal r = {ERR_NONE, 0, NULL};
    bool era, fraction;
    *ret = NULL;
    if (pattern.n > PATTERN_MAX) {
        return err_unsupported(err, "a datetime pattern of more than %d bytes", PATTERN_MAX);
    }
    if (pattern_refused(pattern, use, &era, &fraction, &r)) {
        return refuse(pattern, r, err);
    }
    DateFmt *f = mem_zalloc(sizeof(*f));
    *f = (DateFmt){.tz = tz, .use = use, .fast = fast_pattern(pattern)};
    f->text = mem_alloc(pattern.n + 1);
    Builder b = {.f = f, .level = {{0, -1}}};
    b.variable_fraction = use == DATEFMT_PARSE && fraction;
    if (b.variable_fraction) {
        append_parts(&b, pattern, era);
    } else {
        append_pattern(&b, pattern, era);
    }
    while (b.depth > 0) {
        close_section(&b);
    }
    if (b.state == BUILD_OK) {
        f->max_text = longest_text(f);
        *ret = f;
        return FB_OK;
    }
    datefmt_free(f);
    if (b.state == BUILD_BAD) {
        return refuse(pattern, r, err);
    }
    return b.state == BUILD_TOO_DEEP
               ? err_unsupported(err, "datetime patterns with more than %d nested sections",
                                 FMT_DEPTH_MAX)
               : err_unsupported(err, "the letters v and g in a datetime pattern");
}

void datefmt_free(DateFmt *f)
{
    if (f) {
        mem_free(f->ops);
        mem_free(f->text);
        mem_free(f);
    }
}

const char *datefmt_name(FmtField f, bool is_full, int value)
{
    static const char *const eras[2][2] = {{"BC", "AD"}, {"Before Christ", "Anno Domini"}};
    static const char *const quarters[2][4] = {
        {"Q1", "Q2", "Q3", "Q4"}, {"1st quarter", "2nd quarter", "3rd quarter", "4th quarter"}};
    static const char *const months[2][12] = {
        {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
        {"January", "February", "March", "April", "May", "June", "July", "August", "September",
         "October", "November", "December"}};
    static const char *const days[2][7] = {
        {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"},
        {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}};
    static const char *const halves[2] = {"AM", "PM"};
    switch (f) {
    case FF_ERA:
        return value >= 0 && value < 2 ? eras[is_full][value] : NULL;
    case FF_QUARTER:
        return value >= 1 && value <= 4 ? quarters[is_full][value - 1] : NULL;
    case FF_MONTH:
        return value >= 1 && value <= 12 ? months[is_full][value - 1] : NULL;
    case FF_DAY_OF_WEEK:
        return value >= 1 && value <= 7 ? days[is_full][value - 1] : NULL;
    case FF_AMPM:
        return value >= 0 && value < 2 ? halves[value] : NULL;
    default:
        return NULL;
    }
}

/* ---- the cache ---- */

#define CACHE_SLOTS 64

typedef struct CacheSlot {
    char *pattern;
    size_t n;
    DateFmt *fmt;
} CacheSlot;

/* Direct-mapped: a pattern that falls on a taken slot replaces what is there. */
struct DateFmtCache {
    DateFmtUse use;
    const TimeZone *tz;
    CacheSlot slot[CACHE_SLOTS];
};

DateFmtCache *datefmt_cache_new(DateFmtUse use, const TimeZone *tz)
{
    DateFmtCache *c = mem_zalloc(sizeof(*c));
    c->use = use;
    c->tz = tz;
    return c;
}

fb_status datefmt_cache_get(DateFmtCache *c, Str pattern, const DateFmt **ret, fb_error *err)
{
    CacheSlot *s = &c->slot[hash_bytes(pattern.p, pattern.n, 0) % CACHE_SLOTS];
    if (!s->fmt || !str_eq((Str){s->pattern, s->n}, pattern)) {
        DateFmt *f;
        TRY(datefmt_compile(pattern, c->use, c->tz, &f, err));
        datefmt_free(s->fmt);
        mem_free(s->pattern);
        *s = (CacheSlot){mem_alloc(pattern.n + 1), pattern.n, f};
        memcpy(s->pattern, pattern.p, pattern.n);
    }
    *ret = s->fmt;
    return FB_OK;
}

void datefmt_cache_free(DateFmtCache *c)
{
    if (c) {
        for (int i = 0; i < CACHE_SLOTS; i++) {
            datefmt_free(c->slot[i].fmt);
            mem_free(c->slot[i].pattern);
        }
        mem_free(c);
    }
}
