/*
 * csv_infer.c - the schema of CSV files, as Spark's CSVInferSchema finds it.
 *
 * Names come from the first line of the largest file, which Spark reads first: its fields with the
 * option header, else _c0, _c1… Fields without a name are called by their position too, and names
 * that are there twice get their positions behind them.
 *
 * Types come from all records (or a sample), if inferSchema is on. A column begins without a type
 * and goes up as far as its fields ask for: int, bigint, decimal (of whole numbers), double, and
 * apart from these date, timestamp, boolean; what does not go together is a string. Each field is
 * tried with the type that the column has so far, and then with those behind it.
 *
 * The sample is Spark's, line for line, where Spark has all files in one partition: its generator
 * is XORShiftRandom with seed 1. It counts the lines of the text, also those that are no records;
 * with multiLine it counts records, and skips by a geometric distribution when the ratio is low.
 */
#include <math.h>
#include <unicode/uchar.h>

#include "base/budget.h"
#include "base/log.h"
#include "base/vfs.h"
#include "column/number.h"
#include "format/csv_convert.h"
#include "format/csv_scan.h"

/* Spark reads larger files in pieces of this size, of which the first are the first again. */
#define SPLIT_BYTES ((int64_t)128 << 20)

typedef struct InferType {
    TypeId id;
    uint8_t precision; /* of a decimal; the scale is 0 */
} InferType;

typedef struct Sampler {
    bool all;
    double ratio;
    uint64_t state;
    bool gaps;       /* skip by gaps */
    int64_t to_skip; /* until the next of the sample */
} Sampler;

typedef struct Infer {
    const CsvOptions *o;
    CsvText text;
    DateFmt *date; /* dates have to have this form; NULL: there are none */
    CsvSplitter *split;
    Arena arena;  /* of the inference */
    Arena record; /* of the record at hand */
    InferType *type;
    uint32_t n;
    Str first; /* the line that is the header */
    Sampler sampler;
    MemBudget budget; /* of this inference alone */
    ArenaQuota quota;
} Infer;

/* ---- sampling ---- */

static uint32_t rotate(uint32_t x, unsigned by)
{
    return x << by | x >> (32 - by);
}

/* Scala's MurmurHash3.bytesHash of eight bytes. */
static uint32_t hash_seed(uint64_t seed, uint32_t h)
{
    uint64_t bytes = __builtin_bswap64(seed);

    for (unsigned i = 0; i < 2; i++) {
        uint32_t k = (uint32_t)(bytes >> (32 * i)) * 0xCC9E2D51u;
        h ^= rotate(k, 15) * 0x1B873593u;
        h = rotate(h, 13) * 5 + 0xE6546B64u;
    }
    h ^= 8;
    h = (h ^ h >> 16) * 0x85EBCA6Bu;
    h = (h ^ h >> 13) * 0xC2B2AE35u;
    return h ^ h >> 16;
}

static uint32_t next_bits(Sampler *s, unsigned bits)
{
    s->state ^= s->state << 21;
    s->state ^= s->state >> 35;
    s->state ^= s->state << 4;
    return (uint32_t)(s->state & ((UINT64_C(1) << bits) - 1));
}

static double next_double(Sampler *s)
{
    uint64_t high = next_bits(s, 26);

    return (double)(high << 27 | next_bits(s, 27)) * 0x1p-53;
}

#define ARRAY_SEED 0x3C074A61u
#define JAVA_RANDOM_1 UINT64_C(0xBB1AD57319B89CD8) /* new java.util.Random(1).nextLong() */
#define MAX_GAP_RATIO 0.4
#define MIN_RANDOM 5e-11

static void next_gap(Sampler *s)
{
    double u = next_double(s);
    double gap = log(u > MIN_RANDOM ? u : MIN_RANDOM) / log1p(-s->ratio);

    s->to_skip = gap < INT32_MAX ? (int64_t)gap : INT32_MAX;
}

static void sampler_init(Sampler *s, const CsvOptions *o)
{
    uint64_t seed = o->multi_line ? JAVA_RANDOM_1 : 1;
    uint32_t low = hash_seed(seed, ARRAY_SEED);

    *s = (Sampler){.all = o->sampling_ratio > 0.99, .ratio = o->sampling_ratio};
    s->state = (uint64_t)hash_seed(seed, low) << 32 | low;
    s->gaps = o->multi_line && s->ratio <= MAX_GAP_RATIO;
    if (s->gaps) {
        next_gap(s);
    }
}

/* Whether the next one is in the sample. */
static bool sampled(Sampler *s, const CsvOptions *o)
{
    if (s->all) {
        return true;
    }
    if (!s->gaps) {
        double x = next_double(s);
        return o->multi_line ? x <= s->ratio : x < s->ratio;
    }
    if (s->to_skip > 0) {
        s->to_skip--;
        return false;
    }
    next_gap(s);
    return true;
}

/* ---- types ---- */

#define INT_DIGITS 10 /* of the decimals that hold all int and bigint values */
#define LONG_DIGITS 20

static bool is_datetime(TypeId id)
{
    return id == T_DATE || id == T_TIMESTAMP || id == T_TIMESTAMP_NTZ;
}

/* Whether texts of the date pattern are read as timestamps too. */
static bool dates_are_timestamps(const CsvOptions *o, TypeId ts)
{
    static const char *const patterns[] = {"yyyy-MM-dd", "yyyy-M-d", "yyyy-M-dd", "yyyy-MM-d",
                                           "yyyy-MM",    "yyyy-M",   "yyyy"};
    const char *pattern = o->date_format ? o->date_format : DATEFMT_DEFAULT_DATE;
    bool any = false;

    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        any |= strcmp(pattern, patterns[i]) == 0;
    }
    return any && !(ts == T_TIMESTAMP ? o->ts_format : o->ts_ntz_format);
}

/* The type for fields of both. */
static InferType merge(const CsvOptions *o, InferType a, InferType b)
{
    if (a.id == T_NULL || b.id == T_NULL) {
        return a.id == T_NULL ? b : a;
    }
    if (a.id == b.id) {
        a.precision = a.precision > b.precision ? a.precision : b.precision;
        return a;
    }
    bool numbers = a.id != T_BOOLEAN && b.id != T_BOOLEAN && a.id <= T_DECIMAL && b.id <= T_DECIMAL;
    if (numbers && (a.id == T_DOUBLE || b.id == T_DOUBLE)) {
        return (InferType){T_DOUBLE, 0};
    }
    if (numbers && (a.id == T_DECIMAL || b.id == T_DECIMAL)) {
        InferType d = a.id == T_DECIMAL ? a : b, whole = a.id == T_DECIMAL ? b : a;
        uint8_t digits = whole.id == T_INT ? INT_DIGITS : LONG_DIGITS;
        d.precision = d.precision > digits ? d.precision : digits;
        return d;
    }
    if (numbers) {
        return (InferType){T_LONG, 0};
    }
    if (is_datetime(a.id) && is_datetime(b.id)) {
        if (a.id != T_DATE && b.id != T_DATE) {
            return (InferType){T_TIMESTAMP, 0};
        }
        TypeId ts = a.id == T_DATE ? b.id : a.id;
        return (InferType){dates_are_timestamps(o, ts) ? ts : T_STRING, 0};
    }
    return (InferType){T_STRING, 0};
}

/* The digits of a whole number as java.math.BigDecimal has it: without a scale. 0: it is none, or
 * has one. */
static size_t whole_digits(Str s)
{
    char buf[CSV_DECIMAL_MAX];
    size_t digits = 0, i = 0, seen = 0;
    int64_t scale = 0, exp = 0;
    bool point = false;

    if (memchr(s.p, ',', s.n) || !csv_decimal_text(s, buf, &s)) {
        return 0;
    }
    i += s.p[0] == '-' || s.p[0] == '+';
    for (; i < s.n && (s.p[i] == '.' || (s.p[i] >= '0' && s.p[i] <= '9')); i++) {
        if (s.p[i] == '.') {
            if (point) {
                return 0;
            }
            point = true;
            continue;
        }
        seen++;
        scale += point;
        digits += digits > 0 || s.p[i] != '0';
    }
    if (i < s.n) {
        Str e = {s.p + i + 1, s.n - i - 1};
        if ((s.p[i] != 'e' && s.p[i] != 'E') || !csv_parse_long(e, &exp)) {
            return 0;
        }
    }
    return seen == 0 || scale != exp ? 0 : digits == 0 ? 1 : digits;
}

static bool is_double(const Infer *x, Str s)
{
    double d;

    return num_parse_f64_java(s, &d) || str_eq(s, x->o->nan) || str_eq(s, x->o->positive_inf) ||
           str_eq(s, x->o->negative_inf);
}

static bool is_timestamp(const Infer *x, Str s)
{
    int64_t us;

    return x->text.ts ? datefmt_parse_ts(x->text.ts, s, &us) : ts_parse(s, x->text.tz, &us);
}

static bool is_timestamp_ntz(const Infer *x, Str s)
{
    int64_t us;

    return x->text.ts_ntz ? datefmt_parse_ts_ntz(x->text.ts_ntz, s, false, &us)
                          : ts_ntz_parse(s, false, &us);
}

/* The first type that takes the field, of those from `from` on. */
static InferType type_of(const Infer *x, Str s, TypeId from)
{
    int64_t i;
    int32_t day;
    uint8_t flag;
    bool numbers = from == T_NULL || from == T_INT || from == T_LONG;

    if (numbers && csv_parse_long(s, &i)) {
        bool is_int = i >= INT32_MIN && i <= INT32_MAX && from != T_LONG;
        return (InferType){is_int ? T_INT : T_LONG, 0};
    }
    if (numbers || from == T_DECIMAL) {
        size_t digits = whole_digits(s);
        if (digits > 0 && digits <= 38) {
            return (InferType){T_DECIMAL, (uint8_t)digits};
        }
    }
    numbers |= from == T_DECIMAL || from == T_DOUBLE;
    if (numbers && is_double(x, s)) {
        return (InferType){T_DOUBLE, 0};
    }
    if (((numbers && x->o->prefer_date) || from == T_DATE) &&
        datefmt_parse_date(x->date, s, &day)) {
        return (InferType){T_DATE, 0};
    }
    bool times = numbers || from == T_DATE || from == T_TIMESTAMP_NTZ;
    if (times && x->o->ntz_by_default && is_timestamp_ntz(x, s)) {
        return (InferType){T_TIMESTAMP_NTZ, 0};
    }
    if ((times || from == T_TIMESTAMP) && is_timestamp(x, s)) {
        return (InferType){T_TIMESTAMP, 0};
    }
    return (InferType){csv_parse_boolean(s, &flag) ? T_BOOLEAN : T_STRING, 0};
}

static void infer_record(Infer *x, const CsvField *f, uint32_t n)
{
    for (uint32_t k = 0; k < n && k < x->n; k++) {
        InferType *t = &x->type[k];
        if (t->id != T_STRING && f[k].n > 0 && !csv_field_is_null(x->o, &f[k])) {
            *t = merge(x->o, *t, type_of(x, (Str){f[k].p, f[k].n}, t->id));
        }
    }
}

/* ---- records ---- */

static fb_status split_line(Infer *x, Str line, const CsvField **f, uint32_t *n, fb_error *err)
{
    *n = 0;
    CsvSplit res = csv_split_line(x->split, line, &x->record, f, n);
    return res == CSV_SPLIT_ROW || res == CSV_SPLIT_NONE ? FB_OK : csv_split_failed(res, line, err);
}

static FileRange whole_file(const char *path)
{
    VfsStat st = {0};
    fb_error quiet = {0};

    (void)vfs()->stat(path, &st, &quiet);
    err_clear(&quiet);
    return (FileRange){.path = path, .to = st.size, .size = st.size, .whole = true};
}

typedef fb_status (*LineFn)(Infer *x, Str line, fb_error *err);

/* Calls fn for each line of the file; FB_STOP: fn has seen enough. */
static fb_status each_line(Infer *x, const char *path, LineFn fn, fb_error *err)
{
    FileRange range = whole_file(path);
    range.quota = &x->quota;
    LineReader *l = NULL;
    Str line;

    TRY(lines_open(&range, x->o->line_sep, &l, err));
    fb_status st = FB_OK;
    while (st == FB_OK && (st = lines_next(l, &line, err)) == FB_OK) {
        if (!csv_is_utf8(line.p, line.n)) {
            line = csv_repaired(line, &x->record);
        }
        st = fn(x, line, err);
        st = st == FB_ERR ? st : arena_check(&x->record, err) != FB_OK ? FB_ERR : st;
        arena_reset(&x->record);
        lines_release(l);
        if (st == FB_STOP) {
            lines_close(l);
            return st;
        }
    }
    lines_close(l);
    return st == FB_STOP ? FB_OK : st;
}

static bool is_comment(const Infer *x, Str line)
{
    return x->o->has_comment && line.n > 0 && *line.p == x->o->comment;
}

/* The first line that is no comment and not blank; SQL's TRIM takes spaces only. */
static fb_status take_first_line(Infer *x, Str line, fb_error *err)
{
    size_t i = 0;

    (void)err;
    while (i < line.n && line.p[i] == ' ') {
        i++;
    }
    if (i == line.n || is_comment(x, line)) {
        return FB_OK;
    }
    char *copy = arena_zalloc(&x->arena, line.n + LINES_PADDING);
    memcpy(copy, line.p, line.n);
    x->first = (Str){copy, line.n};
    return FB_STOP;
}

static fb_status infer_line(Infer *x, Str line, fb_error *err)
{
    const CsvField *f;
    uint32_t n;
    size_t i = 0;

    if (!sampled(&x->sampler, x->o)) {
        return FB_OK;
    }
    while (i < line.n && (unsigned char)line.p[i] <= ' ') {
        i++;
    }
    if (i == line.n || is_comment(x, line) || (x->o->header && str_eq(line, x->first))) {
        return FB_OK;
    }
    TRY(split_line(x, line, &f, &n, err));
    infer_record(x, f, n);
    return FB_OK;
}

/* ---- names ---- */

static bool has_no_name(const Infer *x, const CsvField *f)
{
    return f->n == 0 || csv_field_is_null(x->o, f);
}

bool csv_same_name(Str a, Str b, bool case_sensitive)
{
    size_t i = 0, k = 0, n;

    if (case_sensitive) {
        return str_eq(a, b);
    }
    while (i < a.n && k < b.n) {
        int32_t x = csv_code_point(a.p + i, a.n - i, &n);
        i += n;
        int32_t y = csv_code_point(b.p + k, b.n - k, &n);
        k += n;
        if (x != y && (x < 0 || y < 0 || u_tolower(x) != u_tolower(y))) {
            return false;
        }
    }
    return i == a.n && k == b.n;
}

/* Quadratic, but only in equal hashes. */
static bool is_repeated(const Infer *x, const CsvField *f, const uint32_t *hash, uint32_t n,
                        uint32_t k)
{
    for (uint32_t i = 0; i < n; i++) {
        if (i != k && hash[i] == hash[k] && f[i].p &&
            csv_same_name((Str){f[i].p, f[i].n}, (Str){f[k].p, f[k].n}, x->o->case_sensitive)) {
            return true;
        }
    }
    return false;
}

static uint32_t hash_name(const Infer *x, const CsvField *f)
{
    uint32_t h = 2166136261u;
    size_t n;

    for (size_t i = 0; i < f->n; i += n) {
        int32_t c = csv_code_point(f->p + i, f->n - i, &n);
        h = (h ^ (uint32_t)(c < 0 || x->o->case_sensitive ? c : u_tolower(c))) * 16777619u;
    }
    return h;
}

/* Names for the fields of the first record; types still to be found. */
static Field *make_fields(Infer *x, const CsvField *f, uint32_t n)
{
    Field *field = ARENA_ARRAY(&x->arena, Field, n);
    uint32_t *hash = ARENA_ARRAY(&x->arena, uint32_t, n);

    for (uint32_t k = 0; k < n; k++) {
        hash[k] = hash_name(x, &f[k]);
    }
    for (uint32_t k = 0; k < n; k++) {
        const char *name;
        if (!x->o->header || has_no_name(x, &f[k])) {
            name = arena_printf(&x->arena, "_c%u", k);
        } else if (is_repeated(x, f, hash, n, k)) {
            name = arena_printf(&x->arena, "%.*s%u", (int)f[k].n, f[k].p, k);
        } else {
            name = arena_strndup(&x->arena, f[k].p, f[k].n);
        }
        field[k] = (Field){.name = name, .type = type_string, .nullable = true};
    }
    x->n = n;
    x->type = ARENA_ARRAY(&x->arena, InferType, n);
    return field;
}

/* ---- files ---- */

/* Paths in the order in which Spark reads them: the largest first. */
static const char **in_order(Infer *x, const char *const *paths, uint32_t n)
{
    const char **order = ARENA_ARRAY(&x->arena, const char *, n);
    int64_t *size = ARENA_ARRAY(&x->arena, int64_t, n);

    for (uint32_t i = 0; i < n; i++) {
        int64_t s = whole_file(paths[i]).size;
        s = s > SPLIT_BYTES ? SPLIT_BYTES : s;
        uint32_t k = i;
        for (; k > 0 && size[k - 1] < s; k--) {
            size[k] = size[k - 1];
            order[k] = order[k - 1];
        }
        size[k] = s;
        order[k] = paths[i];
    }
    return order;
}

static fb_status infer_lines(Infer *x, const char *const *paths, uint32_t n_paths, Field **ret,
                             fb_error *err)
{
    const CsvField *f = NULL;
    uint32_t n = 0;
    fb_status st = FB_OK;

    paths = in_order(x, paths, n_paths);
    for (uint32_t i = 0; i < n_paths && st == FB_OK; i++) {
        st = each_line(x, paths[i], take_first_line, err);
    }
    if (st != FB_STOP) {
        return st; /* no line at all: no columns */
    }
    TRY(split_line(x, x->first, &f, &n, err));
    *ret = make_fields(x, f, n);
    for (uint32_t i = 0; i < n_paths && x->o->infer_schema; i++) {
        TRY(each_line(x, paths[i], infer_line, err));
    }
    return FB_OK;
}

/* The records of a file with multiLine; the first of all makes the names, which do not count
 * as values. */
static fb_status infer_whole(Infer *x, const char *path, Field **ret, fb_error *err)
{
    FileRange range = whole_file(path);
    range.quota = &x->quota;
    LineReader *l = NULL;
    Str content;
    const CsvField *f;
    uint32_t n;
    fb_status st = FB_OK;

    TRY(lines_whole(&range, &l, &content, err));
    if (content.n > INT32_MAX) {
        lines_close(l);
        return err_unsupported(err, "CSV files of more than 2 GiB with multiLine");
    }
    if (!csv_is_utf8(content.p, content.n)) {
        content = csv_repaired(content, &x->arena);
    }
    csv_split_start(x->split, content);
    for (bool first = true; st == FB_OK && (first || x->o->infer_schema); first = false) {
        CsvSplit res = csv_split_next(x->split, &x->record, &f, &n);
        if (res == CSV_SPLIT_NONE) {
            break;
        }
        if (res != CSV_SPLIT_ROW) {
            st = csv_split_failed(res, csv_split_record(x->split), err);
            break;
        }
        *ret = *ret ? *ret : make_fields(x, f, n);
        if (x->o->infer_schema && !(first && x->o->header) && sampled(&x->sampler, x->o)) {
            infer_record(x, f, n);
        }
        arena_reset(&x->record);
    }
    lines_close(l);
    return st;
}

static fb_status prepare(Infer *x, fb_error *err)
{
    const CsvOptions *o = x->o;
    Field all[] = {{.type = type_timestamp}, {.type = type_timestamp_ntz}};
    char text[32];
    Str ratio = {text, 0};

    if (o->infer_schema && !(o->sampling_ratio > 0)) {
        StrBuf msg = {0};
        ratio.n = num_format_f64(o->sampling_ratio, text);
        strbuf_printf(&msg, "samplingRatio (%.*s) should be greater than 0", (int)ratio.n, ratio.p);
        fb_status st = err_set(err, ERR_LEGACY_REQUIREMENT, "message", msg.p, NULL);
        strbuf_free(&msg);
        return st;
    }
    sampler_init(&x->sampler, o);
    x->split = csv_splitter_new(o);
    if (!o->infer_schema) {
        return FB_OK;
    }
    Type schema = {.id = T_STRUCT, .n_fields = 2, .fields = all};
    TRY(csv_text_init(&x->text, o, o->tz ? o->tz : o->session_tz, &schema, err));
    return datefmt_compile(str_of(o->date_format ? o->date_format : DATEFMT_DEFAULT_DATE),
                           DATEFMT_PARSE, tz_utc(), &x->date, err);
}

/* The columns with the types that were found. */
static const Type *inferred(const Infer *x, Field *field)
{
    for (uint32_t k = 0; k < x->n && x->o->infer_schema; k++) {
        static const Type *const *const types[] = {[T_NULL] = &type_string,
                                                   [T_BOOLEAN] = &type_boolean,
                                                   [T_INT] = &type_int,
                                                   [T_LONG] = &type_long,
                                                   [T_DOUBLE] = &type_double,
                                                   [T_STRING] = &type_string,
                                                   [T_DATE] = &type_date,
                                                   [T_TIMESTAMP] = &type_timestamp,
                                                   [T_TIMESTAMP_NTZ] = &type_timestamp_ntz};
        const InferType *t = &x->type[k];
        field[k].type = t->id == T_DECIMAL ? type_decimal(t->precision, 0) : *types[t->id];
    }
    return type_struct(field, x->n);
}

static fb_status infer_all(Infer *x, const char *const *paths, uint32_t n_paths, const Type **ret,
                           fb_error *err)
{
    Field *field = NULL;

    TRY(prepare(x, err));
    if (!x->o->multi_line) {
        TRY(infer_lines(x, paths, n_paths, &field, err));
    }
    for (uint32_t i = 0; i < n_paths && x->o->multi_line; i++) {
        TRY(infer_whole(x, paths[i], &field, err));
        if (field && !x->o->infer_schema) {
            break;
        }
    }
    *ret = inferred(x, field);
    return FB_OK;
}

static void infer_free(Infer *x)
{
    csv_splitter_free(x->split);
    csv_text_free(&x->text);
    datefmt_free(x->date);
    arena_free(&x->arena);
    arena_free(&x->record);
    mem_free(x);
}

fb_status csv_infer(const void *options, const Conf *conf, const char *const *paths,
                    uint32_t n_paths, const Type **ret, fb_error *err)
{
    Infer *x = mem_zalloc(sizeof(*x));

    x->o = options;
    infer_limit(conf, &x->budget, &x->quota);
    x->record.quota = &x->quota;
    fb_status st = infer_all(x, paths, n_paths, ret, err);
    infer_free(x);
    return st;
}

/* ---- a single record ---- */

static fb_status infer_text(Infer *x, Str text, const Type **ret, fb_error *err)
{
    const CsvField *f = NULL;
    uint32_t n = 0;

    TRY(prepare(x, err));
    TRY(split_line(x, text, &f, &n, err));
    if (n == 0) {
        return err_set(err, ERR_MALFORMED_CSV_RECORD, "badRecord", "", NULL);
    }
    Field *field = make_fields(x, f, n);
    infer_record(x, f, n);
    *ret = inferred(x, field);
    return FB_OK;
}

fb_status csv_infer_text(const void *options, Str text, const Type **ret, fb_error *err)
{
    Infer *x = mem_zalloc(sizeof(*x));

    x->o = options;
    fb_status st = infer_text(x, text, ret, err);
    infer_free(x);
    return st;
}
