/*
 * json_convert.c - tokens to columns, by the rules of Spark's JacksonParser.
 *
 * A value that does not fit its type is bad. In an object a bad value is left out and the others
 * are kept: the object is partial, and so is all that contains it. In an array a bad element makes
 * the whole array bad, a partial one makes it partial; in a map a bad value makes the map bad. An
 * error of the scanner inside of a value makes that value bad, and reading goes on where the
 * scanner stands; an error between the fields of the record makes the record bad.
 *
 * Flat columns are written in place at the row being built; nested ones are appended to builders.
 * The depth of recursion is that of the schema, which is bounded where it is parsed.
 *
 * What looks odd here is Spark's: a byte takes 128 to 255 and wraps, a field of type void takes no
 * token of its value, a repeated field keeps the last good value.
 */
#include "column/decimal.h"
#include "column/interval.h"
#include "column/number.h"
#include "format/json_priv.h"

static JsonResult build(JsonReader *r, const JsonNode *n, VecBuilder *b);

/* ---- the tree ---- */

static uint64_t name_hash(Str s)
{
    return hash_bytes(s.p, s.n, 0);
}

JsonNames *json_names_new(Arena *a, const Str *names, uint32_t n)
{
    JsonNames *t = ARENA_NEW(a, JsonNames);
    uint32_t size = 8;

    while (size < 2 * n) {
        size *= 2;
    }
    t->name = names;
    t->n = n;
    t->mask = size - 1;
    t->slots = ARENA_ARRAY(a, uint32_t, size);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = (uint32_t)name_hash(names[i]) & t->mask;
        while (t->slots[at] != 0 && !str_eq(names[t->slots[at] - 1], names[i])) {
            at = (at + 1) & t->mask;
        }
        t->repeated |= t->slots[at] != 0;
        t->slots[at] = i + 1;
    }
    return t;
}

int64_t json_names_find(const JsonNames *t, Str name, uint32_t guess)
{
    if (!name.p || t->n == 0) {
        return -1;
    }
    if (guess < t->n && !t->repeated && str_eq(t->name[guess], name)) {
        return guess;
    }
    uint32_t at = (uint32_t)name_hash(name) & t->mask;
    for (; t->slots[at] != 0; at = (at + 1) & t->mask) {
        if (str_eq(t->name[t->slots[at] - 1], name)) {
            return t->slots[at] - 1;
        }
    }
    return -1;
}

void json_node_init(JsonNode *n, const Type *t, Arena *a)
{
    *n = (JsonNode){.type = t};
    if (t->id == T_ARRAY || t->id == T_MAP) {
        n->child = ARENA_NEW(a, JsonNode);
        json_node_init(n->child, t->fields[t->id == T_MAP].type, a);
    } else if (t->id == T_STRUCT) {
        Str *names = ARENA_ARRAY(a, Str, t->n_fields);
        n->child = ARENA_ARRAY(a, JsonNode, t->n_fields);
        for (uint32_t i = 0; i < t->n_fields; i++) {
            names[i] = str_text(a, t->fields[i].name);
            json_node_init(&n->child[i], t->fields[i].type, a);
        }
        n->names = json_names_new(a, names, t->n_fields);
    }
}

/* ---- bad values ---- */

void json_note_bad(JsonReader *r, JsonBadKind kind, const Type *type)
{
    if (!r->keep_bad || r->bad.kind != JB_NONE) {
        return;
    }
    const JsonParser *j = &r->parser;
    static const Str marks[] = {
        [JT_START_OBJECT] = {"{", 1}, [JT_END_OBJECT] = {"}", 1}, [JT_START_ARRAY] = {"[", 1},
        [JT_END_ARRAY] = {"]", 1},    [JT_TRUE] = {"true", 4},    [JT_FALSE] = {"false", 5},
        [JT_NULL] = {"null", 4}};
    r->bad = (JsonBad){
        .kind = kind, .tok = j->tok, .type = type, .field = json_current_name(j), .value = j->text};
    if (j->tok < sizeof(marks) / sizeof(marks[0]) && marks[j->tok].p) {
        r->bad.value = marks[j->tok];
    }
}

static JsonResult bad_syntax(JsonReader *r)
{
    json_note_bad(r, JB_SYNTAX, NULL);
    return JR_BAD;
}

static JsonResult bad_value(JsonReader *r, JsonBadKind kind, const Type *type)
{
    json_note_bad(r, kind, type);
    return JR_BAD;
}

/* The token is not one that the type takes. */
static JsonResult bad_token(JsonReader *r, const Type *type, bool *ret_null)
{
    if (r->parser.tok == JT_STRING) {
        if (!json_read_text(&r->parser)) {
            return bad_syntax(r);
        }
        if (r->parser.text.n == 0) {
            bool refused = type->id == T_FLOAT || type->id == T_DOUBLE || type->id == T_TIMESTAMP ||
                           type->id == T_DATE;
            *ret_null = r->o->allow_empty_string && !refused;
            return *ret_null ? JR_OK : bad_value(r, JB_EMPTY, type);
        }
    }
    return bad_value(r, JB_FIELD, type);
}

/* ---- single values ---- */

static bool is_number(JsonTok t)
{
    return t == JT_INT || t == JT_FLOAT;
}

static JsonResult convert_integer(JsonReader *r, const Type *type, JsonValue *v)
{
    static const int64_t least[] = {
        [T_BYTE] = INT8_MIN, [T_SHORT] = INT16_MIN, [T_INT] = INT32_MIN};
    static const int64_t most[] = {
        [T_BYTE] = UINT8_MAX, [T_SHORT] = INT16_MAX, [T_INT] = INT32_MAX};

    if (!json_parse_long(r->parser.text, &v->i) ||
        (type->id != T_LONG && (v->i < least[type->id] || v->i > most[type->id]))) {
        return bad_value(r, JB_VALUE, type);
    }
    return JR_OK;
}

static JsonResult convert_floating(JsonReader *r, const Type *type, JsonValue *v)
{
    double d = 0;
    bool ok;

    if (is_number(r->parser.tok)) {
        ok = type->id == T_FLOAT ? json_parse_float(r->parser.text, &v->f)
                                 : json_parse_double(r->parser.text, &v->d);
        return ok ? JR_OK : bad_value(r, JB_VALUE, type);
    }
    if (!(r->o->features & JSON_NON_NUMERIC) || !json_double_word(r->parser.text, &d)) {
        return bad_value(r, JB_STRING_AS, type);
    }
    if (type->id == T_FLOAT) {
        v->f = (float)d;
    } else {
        v->d = d;
    }
    return JR_OK;
}

static JsonResult convert_string(JsonReader *r, JsonValue *v)
{
    JsonParser *j = &r->parser;

    if (j->tok == JT_STRING) {
        if (!json_read_text(j)) {
            return bad_syntax(r);
        }
        v->s = j->text;
        return JR_OK;
    }
    if (r->exact_strings) {
        return json_read_raw(j, &v->s) ? JR_OK : bad_syntax(r);
    }
    StrBuf copy = {0};
    bool ok = json_copy_value(j, &copy);
    v->s = strbuf_bytes(&copy, j->arena);
    return ok ? JR_OK : bad_syntax(r);
}

/* The types whose values are texts, from a string that is not empty. */
static JsonResult convert_text(JsonReader *r, const Type *type, JsonValue *v)
{
    Str s = r->parser.text;
    fb_error quiet = {0};
    int32_t days;
    bool ok = false;

    switch (type->id) {
    case T_DATE:
        ok = json_parse_date(&r->text, s, &days);
        v->i = ok ? days : 0;
        break;
    case T_TIMESTAMP:
        ok = json_parse_ts(&r->text, s, &v->i);
        break;
    case T_TIMESTAMP_NTZ:
        ok = json_parse_ts_ntz(&r->text, s, &v->i);
        break;
    case T_DECIMAL:
        ok = json_parse_decimal_string(s, type, &v->dec);
        break;
    case T_BINARY:
        ok = json_parse_base64(s, r->parser.arena, &v->s);
        break;
    case T_INTERVAL_YM:
        ok = interval_parse_ym(s, type->precision, type->scale, &days, &quiet) == FB_OK;
        v->i = ok ? days : 0;
        break;
    case T_INTERVAL_DT:
        ok = interval_parse_dt(s, type->precision, type->scale, &v->i, &quiet) == FB_OK;
        break;
    default:
        break;
    }
    if (err_is_set(&quiet)) {
        err_clear(&quiet);
    }
    return ok ? JR_OK : bad_value(r, JB_VALUE, type);
}

static JsonResult convert_decimal(JsonReader *r, const Type *type, JsonValue *v)
{
    DecType t = {type->precision, type->scale};

    return dec_parse(r->parser.text, t, &v->dec) == DEC_OK ? JR_OK : bad_value(r, JB_VALUE, type);
}

static JsonResult convert_epoch(JsonReader *r, const Type *type, JsonValue *v)
{
    int64_t seconds;

    if (!json_parse_long(r->parser.text, &seconds)) {
        return bad_value(r, JB_VALUE, type);
    }
    v->i = (int64_t)((uint64_t)seconds * UINT64_C(1000000));
    return JR_OK;
}

/* The value at the parser, which is no name and not null, as one of a flat type. */
static JsonResult convert_flat(JsonReader *r, const Type *type, JsonValue *v, bool *ret_null)
{
    JsonParser *j = &r->parser;
    JsonTok tok = j->tok;

    if (type->id == T_STRING) {
        return convert_string(r, v);
    }
    if (tok == JT_STRING && !json_read_text(j)) {
        return bad_syntax(r);
    }
    bool filled = tok == JT_STRING && j->text.n > 0;
    switch (type->id) {
    case T_BOOLEAN:
        if (tok == JT_TRUE || tok == JT_FALSE) {
            v->i = tok == JT_TRUE;
            return JR_OK;
        }
        break;
    case T_BYTE:
    case T_SHORT:
    case T_INT:
    case T_LONG:
        if (tok == JT_INT) {
            return convert_integer(r, type, v);
        }
        break;
    case T_FLOAT:
    case T_DOUBLE:
        if (is_number(tok) || filled) {
            return convert_floating(r, type, v);
        }
        break;
    case T_DECIMAL:
        if (is_number(tok)) {
            return convert_decimal(r, type, v);
        }
        break;
    case T_TIMESTAMP:
        if (tok == JT_INT) {
            return convert_epoch(r, type, v);
        }
        break;
    default:
        break;
    }
    bool takes_text = type->id >= T_DECIMAL && type->id <= T_INTERVAL_DT;
    bool takes_empty =
        type->id == T_BINARY || type->id == T_INTERVAL_YM || type->id == T_INTERVAL_DT;
    if (takes_text && (filled || (tok == JT_STRING && takes_empty))) {
        return convert_text(r, type, v);
    }
    return bad_token(r, type, ret_null);
}

static void append_flat(VecBuilder *b, const Type *type, const JsonValue *v)
{
    switch (type->id) {
    case T_BOOLEAN:
        vecb_bool(b, v->i != 0);
        break;
    case T_FLOAT:
        vecb_double(b, (double)v->f);
        break;
    case T_DOUBLE:
        vecb_double(b, v->d);
        break;
    case T_DECIMAL:
        vecb_decimal(b, v->dec);
        break;
    case T_STRING:
    case T_BINARY:
        vecb_str(b, v->s);
        break;
    default:
        vecb_int(b, v->i);
        break;
    }
}

static void store_flat(JsonColumn *c, uint32_t row, const JsonValue *v)
{
    Vec *vec = &c->vec;

    switch (c->node.type->id) {
    case T_BOOLEAN:
        VEC_DATA(uint8_t, vec)[row] = v->i != 0;
        break;
    case T_BYTE:
        VEC_DATA(int8_t, vec)[row] = (int8_t)v->i;
        break;
    case T_SHORT:
        VEC_DATA(int16_t, vec)[row] = (int16_t)v->i;
        break;
    case T_INT:
    case T_DATE:
    case T_INTERVAL_YM:
        VEC_DATA(int32_t, vec)[row] = (int32_t)v->i;
        break;
    case T_FLOAT:
        VEC_DATA(float, vec)[row] = v->f;
        break;
    case T_DOUBLE:
        VEC_DATA(double, vec)[row] = v->d;
        break;
    case T_DECIMAL:
        memcpy(VEC_DATA(char, vec) + sizeof(v->dec) * row, &v->dec, sizeof(v->dec));
        break;
    case T_STRING:
    case T_BINARY:
        VEC_DATA(View, vec)[row] = view_of(v->s.p, v->s.n);
        break;
    default:
        VEC_DATA(int64_t, vec)[row] = v->i;
        break;
    }
    vec->valid[row >> 6] |= UINT64_C(1) << (row & 63);
}

/* ---- nested values ---- */

typedef enum Step { STEP_ENTRY, STEP_END, STEP_ERROR } Step;

/* On to the next entry of an object or array. The end of the tokens ends it too. */
static Step next_entry(JsonReader *r, JsonTok end)
{
    if (!json_next(&r->parser)) {
        json_note_bad(r, JB_SYNTAX, NULL);
        return STEP_ERROR;
    }
    return r->parser.tok == JT_NONE || r->parser.tok == end ? STEP_END : STEP_ENTRY;
}

/* A repeated field: the value is built apart, and only a good one takes the place of the old. */
static JsonResult build_again(JsonReader *r, const JsonNode *n, VecBuilder *b)
{
    VecBuilder *apart = vecb_new(r->parser.arena, n->type);
    Vec v;

    JsonResult res = build(r, n, apart);
    if (res != JR_BAD) {
        vecb_finish(apart, &v);
        vecb_truncate(b, vecb_len(b) - 1);
        vecb_from(b, &v, 0);
    }
    return res;
}

static JsonResult build_object(JsonReader *r, const JsonNode *n, VecBuilder *b)
{
    uint32_t base = vecb_len(b), n_fields = n->type->n_fields, guess = 0;
    JsonResult result = JR_OK;
    Step step;

    while ((step = next_entry(r, JT_END_OBJECT)) == STEP_ENTRY) {
        int64_t k = json_names_find(n->names, json_current_name(&r->parser), guess);
        JsonResult res = JR_OK;
        if (k >= 0) {
            VecBuilder *c = vecb_child(b, (uint32_t)k);
            guess = (uint32_t)k + 1;
            res = vecb_len(c) == base ? build(r, &n->child[k], c) : build_again(r, &n->child[k], c);
            result = res == JR_OK ? result : JR_PARTIAL;
        }
        bool stop = res == JR_BAD && !r->o->partial_results;
        if (stop || ((k < 0 || res == JR_BAD) && !json_skip_children(&r->parser))) {
            step = STEP_ERROR;
            break;
        }
    }
    for (uint32_t k = 0; k < n_fields; k++) {
        VecBuilder *c = vecb_child(b, k);
        if (step == STEP_ERROR) {
            vecb_truncate(c, base);
        } else if (vecb_len(c) == base) {
            vecb_null(c);
        }
    }
    if (step == STEP_ERROR) {
        return bad_syntax(r);
    }
    vecb_end_row(b);
    return result;
}

static JsonResult build_array(JsonReader *r, const JsonNode *n, VecBuilder *b)
{
    VecBuilder *c = vecb_child(b, 0);
    uint32_t base = vecb_len(c);
    JsonResult result = JR_OK;
    Step step;

    while ((step = next_entry(r, JT_END_ARRAY)) == STEP_ENTRY) {
        JsonResult res = build(r, n->child, c);
        if (res == JR_BAD || arena_is_over(r->parser.arena)) {
            step = STEP_ERROR;
            break;
        }
        result = res == JR_OK ? result : JR_PARTIAL;
    }
    if (step == STEP_ERROR) {
        vecb_truncate(c, base);
        return JR_BAD;
    }
    vecb_end_row(b);
    return result;
}

static JsonResult build_map(JsonReader *r, const JsonNode *n, VecBuilder *b)
{
    VecBuilder *keys = vecb_child(b, 0), *values = vecb_child(b, 1);
    uint32_t base = vecb_len(keys);
    JsonResult result = JR_OK;
    bool spoilt = false;
    Step step;

    while ((step = next_entry(r, JT_END_OBJECT)) == STEP_ENTRY) {
        Str name = json_current_name(&r->parser);
        JsonResult res = build(r, n->child, values);
        if (res == JR_BAD) {
            spoilt = true;
            if (!r->o->partial_results || !json_skip_children(&r->parser)) {
                step = STEP_ERROR;
                break;
            }
            continue;
        }
        vecb_str(keys, name.p ? name : STR_LIT(""));
        if (arena_is_over(r->parser.arena)) { /* which ends the query */
            step = STEP_ERROR;
            break;
        }
        result = res == JR_OK ? result : JR_PARTIAL;
    }
    if (spoilt || step == STEP_ERROR) {
        vecb_truncate(keys, base);
        vecb_truncate(values, base);
        return JR_BAD;
    }
    vecb_end_row(b);
    return result;
}

/* The value at or behind the parser's token, appended to b; nothing is appended when it is bad. */
static JsonResult build(JsonReader *r, const JsonNode *n, VecBuilder *b)
{
    JsonParser *j = &r->parser;
    bool null = false;

    while (j->tok == JT_NAME) {
        if (!json_next(j)) {
            return bad_syntax(r);
        }
    }
    if (j->tok == JT_NONE || j->tok == JT_NULL || n->type->id == T_NULL) {
        vecb_null(b);
        return JR_OK;
    }
    if (n->type->id == T_STRUCT && j->tok == JT_START_OBJECT) {
        return build_object(r, n, b);
    }
    if (n->type->id == T_ARRAY && j->tok == JT_START_ARRAY) {
        return build_array(r, n, b);
    }
    if (n->type->id == T_MAP && j->tok == JT_START_OBJECT) {
        return build_map(r, n, b);
    }
    JsonValue v;
    JsonResult res = type_is_nested(n->type) ? bad_token(r, n->type, &null)
                                             : convert_flat(r, n->type, &v, &null);
    if (res == JR_OK && null) {
        vecb_null(b);
    } else if (res == JR_OK) {
        append_flat(b, n->type, &v);
    }
    return res;
}

/* ---- the record ---- */

static void set_null(JsonColumn *c, uint32_t row)
{
    c->vec.valid[row >> 6] &= ~(UINT64_C(1) << (row & 63));
}

void json_forget_row(JsonReader *r)
{
    for (uint32_t k = 0; k < r->n_col; k++) {
        if (r->col[k].builder) {
            vecb_truncate(r->col[k].builder, r->row);
        } else {
            r->col[k].vec.valid[r->row >> 6] |= UINT64_C(1) << (r->row & 63);
        }
    }
}

void json_clear_row(JsonReader *r)
{
    for (uint32_t k = 0; k < r->n_col; k++) {
        if (r->col[k].builder) {
            vecb_truncate(r->col[k].builder, r->row);
        } else {
            set_null(&r->col[k], r->row);
        }
    }
}

void json_end_row(JsonReader *r)
{
    for (uint32_t k = 0; k < r->n_col; k++) {
        VecBuilder *b = r->col[k].builder;
        if (b && vecb_len(b) == r->row) {
            vecb_null(b);
        }
    }
}

static JsonResult convert_column(JsonReader *r, JsonColumn *c)
{
    JsonParser *j = &r->parser;
    JsonValue v;
    bool null = false;

    if (c->builder) {
        return vecb_len(c->builder) == r->row ? build(r, &c->node, c->builder)
                                              : build_again(r, &c->node, c->builder);
    }
    while (j->tok == JT_NAME) {
        if (!json_next(j)) {
            return bad_syntax(r);
        }
    }
    if (j->tok == JT_NONE || j->tok == JT_NULL) {
        set_null(c, r->row);
        return JR_OK;
    }
    JsonResult res = convert_flat(r, c->node.type, &v, &null);
    if (res == JR_OK && null) {
        set_null(c, r->row);
    } else if (res == JR_OK) {
        store_flat(c, r->row, &v);
    }
    return res;
}

JsonResult json_convert_value(JsonReader *r)
{
    const JsonNode *n = &r->col[0].node;
    VecBuilder *b = r->col[0].builder;

    bool wrapped = n->type->id == T_ARRAY && n->child->type->id == T_STRUCT &&
                   r->parser.tok == JT_START_OBJECT;
    if (!wrapped) {
        return build(r, n, b);
    }
    JsonResult res = build_object(r, n->child, vecb_child(b, 0));
    if (res != JR_BAD) {
        vecb_end_row(b);
    }
    return res;
}

JsonResult json_convert_root(JsonReader *r)
{
    JsonResult result = JR_OK;
    uint32_t guess = 0;
    Step step;

    while ((step = next_entry(r, JT_END_OBJECT)) == STEP_ENTRY) {
        int64_t k = json_names_find(r->names, json_current_name(&r->parser), guess);
        JsonResult res = JR_OK;
        if (k >= 0) {
            guess = (uint32_t)k + 1;
            res = convert_column(r, &r->col[k]);
            result = res == JR_OK ? result : JR_PARTIAL;
        }
        if ((k < 0 || res == JR_BAD) && !json_skip_children(&r->parser)) {
            step = STEP_ERROR;
            break;
        }
    }
    if (step == STEP_ERROR) {
        r->bad = (JsonBad){.kind = JB_SYNTAX}; /* whatever was bad before */
        return JR_BAD;
    }
    return result;
}
