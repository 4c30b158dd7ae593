/*
 * type.c - the table of interned types, and what can be asked about a type.
 *
 * Types without parameters are constants of the program. All others are kept in one process-wide
 * hash table (open addressing, power-of-two size, at most half full) next to a table of interned
 * strings for field names and metadata. As children are interned before their parents, two types
 * are equal when their own members are equal as pointers and numbers: hashing and comparing never
 * descend.
 *
 * Ownership: the tables own all; nothing is ever freed, so that a Type outlives whoever made it.
 * Memory grows with the number of different types that the process has seen.
 * Threads:   one mutex guards the tables. Types themselves are immutable and need no lock.
 */
#include "column/type.h"

#include "base/hash.h"

#include <pthread.h>
#include <stdlib.h>

#define TABLE_FIRST_SIZE 256u

static const Type simple_null = {.id = T_NULL};
static const Type simple_boolean = {.id = T_BOOLEAN};
static const Type simple_byte = {.id = T_BYTE};
static const Type simple_short = {.id = T_SHORT};
static const Type simple_int = {.id = T_INT};
static const Type simple_long = {.id = T_LONG};
static const Type simple_float = {.id = T_FLOAT};
static const Type simple_double = {.id = T_DOUBLE};
static const Type simple_string = {.id = T_STRING};
static const Type simple_binary = {.id = T_BINARY};
static const Type simple_date = {.id = T_DATE};
static const Type simple_timestamp = {.id = T_TIMESTAMP};
static const Type simple_timestamp_ntz = {.id = T_TIMESTAMP_NTZ};
static const Type simple_interval_cal = {.id = T_INTERVAL_CAL};

const Type *const type_null = &simple_null;
const Type *const type_boolean = &simple_boolean;
const Type *const type_byte = &simple_byte;
const Type *const type_short = &simple_short;
const Type *const type_int = &simple_int;
const Type *const type_long = &simple_long;
const Type *const type_float = &simple_float;
const Type *const type_double = &simple_double;
const Type *const type_string = &simple_string;
const Type *const type_binary = &simple_binary;
const Type *const type_date = &simple_date;
const Type *const type_timestamp = &simple_timestamp;
const Type *const type_timestamp_ntz = &simple_timestamp_ntz;
const Type *const type_interval_cal = &simple_interval_cal;

typedef struct Slot {
    uint64_t hash;
    const void *item; /* NULL: free */
} Slot;

typedef struct Table {
    Slot *slots;
    size_t size, used;
} Table;

/* Guarded by lock. Zero is the empty state, so there is nothing to initialize at start. */
static struct {
    pthread_mutex_t lock;
    Arena arena;
    Table types, strings;
} interned = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void table_grow(Table *t)
{
    Table bigger = {.size = t->size ? t->size * 2 : TABLE_FIRST_SIZE, .used = t->used};

    bigger.slots = mem_zalloc(mem_mul(bigger.size, sizeof(Slot)));
    for (size_t i = 0; i < t->size; i++) {
        if (t->slots[i].item) {
            size_t at = t->slots[i].hash & (bigger.size - 1);
            while (bigger.slots[at].item) {
                at = (at + 1) & (bigger.size - 1);
            }
            bigger.slots[at] = t->slots[i];
        }
    }
    mem_free(t->slots);
    *t = bigger;
}

/* The slot of the item that eq() accepts, or the free slot where it belongs. */
static Slot *table_find(Table *t, uint64_t hash, bool (*eq)(const void *item, const void *key),
                        const void *key)
{
    if (t->used * 2 >= t->size) {
        table_grow(t);
    }
    size_t at = hash & (t->size - 1);
    while (t->slots[at].item && (t->slots[at].hash != hash || !eq(t->slots[at].item, key))) {
        at = (at + 1) & (t->size - 1);
    }
    return &t->slots[at];
}

static void table_fill(Table *t, Slot *slot, uint64_t hash, const void *item)
{
    slot->hash = hash;
    slot->item = item;
    t->used++;
}

static bool string_is(const void *item, const void *key)
{
    return strcmp(item, key) == 0;
}

/* Under the lock. */
static const char *intern_string(const char *s)
{
    size_t n = strlen(s);
    uint64_t hash = hash_bytes(s, n, 1);
    Slot *slot = table_find(&interned.strings, hash, string_is, s);

    if (!slot->item) {
        table_fill(&interned.strings, slot, hash, arena_strndup(&interned.arena, s, n));
    }
    return slot->item;
}

static bool same_udt(const Type *a, const Type *b)
{
    return a->udt.jvm_class == b->udt.jvm_class && a->udt.py_class == b->udt.py_class &&
           a->udt.serialized == b->udt.serialized;
}

static bool type_is(const void *item, const void *key)
{
    const Type *a = item, *b = key;

    if (a->id != b->id || a->precision != b->precision || a->scale != b->scale ||
        a->n_fields != b->n_fields || !same_udt(a, b)) {
        return false;
    }
    for (uint32_t i = 0; i < a->n_fields; i++) {
        const Field *x = &a->fields[i], *y = &b->fields[i];
        if (x->name != y->name || x->type != y->type || x->nullable != y->nullable ||
            x->metadata != y->metadata) {
            return false;
        }
    }
    return true;
}

static uint64_t type_hash(const Type *t)
{
    uint64_t h = hash_u64((uint64_t)t->id << 16 | (uint64_t)t->precision << 8 | t->scale, 2);

    h = hash_u64((uint64_t)(uintptr_t)t->udt.py_class, h);
    for (uint32_t i = 0; i < t->n_fields; i++) {
        const Field *f = &t->fields[i];
        h = hash_u64((uint64_t)(uintptr_t)f->name, h);
        h = hash_u64((uint64_t)(uintptr_t)f->type, h);
        h = hash_u64((uint64_t)(uintptr_t)f->metadata, h + f->nullable);
    }
    return h;
}

static bool metadata_is_empty(const char *metadata)
{
    return !metadata || metadata[0] == '\0' || strcmp(metadata, "{}") == 0;
}

/* Under the lock. */
static void intern_names(UdtNames *u)
{
    u->jvm_class = u->jvm_class ? intern_string(u->jvm_class) : NULL;
    u->py_class = u->py_class ? intern_string(u->py_class) : NULL;
    u->serialized = u->serialized ? intern_string(u->serialized) : NULL;
}

/* Interns the type; its fields (any memory) are copied when the type is new. */
static const Type *intern(const Type *wanted)
{
    Field few[8];
    Field *fields =
        wanted->n_fields <= 8 ? few : mem_alloc(mem_mul(wanted->n_fields, sizeof(Field)));
    Type t = *wanted;

    pthread_mutex_lock(&interned.lock);
    for (uint32_t i = 0; i < t.n_fields; i++) {
        const Field *f = &wanted->fields[i];
        fields[i] =
            (Field){.name = intern_string(f->name), .type = f->type, .nullable = f->nullable};
        if (!metadata_is_empty(f->metadata)) {
            fields[i].metadata = intern_string(f->metadata);
        }
    }
    t.fields = fields;
    intern_names(&t.udt);
    uint64_t hash = type_hash(&t);
    Slot *slot = table_find(&interned.types, hash, type_is, &t);
    if (!slot->item) {
        Type *made = ARENA_NEW(&interned.arena, Type);
        *made = t;
        made->fields = NULL;
        if (t.n_fields > 0) {
            Field *copy = ARENA_ARRAY(&interned.arena, Field, t.n_fields);
            memcpy(copy, fields, t.n_fields * sizeof(Field));
            made->fields = copy;
        }
        table_fill(&interned.types, slot, hash, made);
    }
    const Type *ret = slot->item;
    pthread_mutex_unlock(&interned.lock);
    if (fields != few) {
        mem_free(fields);
    }
    return ret;
}

const Type *type_interval_ym(uint8_t first, uint8_t last)
{
    FB_ASSERT(first <= last && last <= 1);
    return intern(&(Type){.id = T_INTERVAL_YM, .precision = first, .scale = last});
}

const Type *type_interval_dt(uint8_t first, uint8_t last)
{
    FB_ASSERT(first <= last && last <= 3);
    return intern(&(Type){.id = T_INTERVAL_DT, .precision = first, .scale = last});
}

const Type *type_decimal(uint8_t precision, uint8_t scale)
{
    FB_ASSERT(precision >= 1 && precision <= 38 && scale <= precision);
    return intern(&(Type){.id = T_DECIMAL, .precision = precision, .scale = scale});
}

const Type *type_collated(uint8_t collation)
{
    return collation == 0 ? type_string : intern(&(Type){.id = T_STRING, .precision = collation});
}

const Type *type_array(const Type *element, bool contains_null)
{
    Field f = {.name = "element", .type = element, .nullable = contains_null};
    return intern(&(Type){.id = T_ARRAY, .n_fields = 1, .fields = &f});
}

const Type *type_map(const Type *key, const Type *value, bool value_contains_null)
{
    Field f[2] = {{.name = "key", .type = key},
                  {.name = "value", .type = value, .nullable = value_contains_null}};
    return intern(&(Type){.id = T_MAP, .n_fields = 2, .fields = f});
}

const Type *type_struct(const Field *fields, uint32_t n)
{
    return intern(&(Type){.id = T_STRUCT, .n_fields = n, .fields = fields});
}

const Type *type_udt(const Type *t, const UdtNames *names)
{
    Type udt = *t;
    udt.udt = *names;
    return intern(&udt);
}

bool type_is_udt(const Type *t)
{
    return t->udt.jvm_class || t->udt.py_class || t->udt.serialized;
}

/* The plain types are not in the table. */
static const Type *const plain_types[] = {
    [T_NULL] = &simple_null,
    [T_BOOLEAN] = &simple_boolean,
    [T_BYTE] = &simple_byte,
    [T_SHORT] = &simple_short,
    [T_INT] = &simple_int,
    [T_LONG] = &simple_long,
    [T_FLOAT] = &simple_float,
    [T_DOUBLE] = &simple_double,
    [T_STRING] = &simple_string,
    [T_BINARY] = &simple_binary,
    [T_DATE] = &simple_date,
    [T_TIMESTAMP] = &simple_timestamp,
    [T_TIMESTAMP_NTZ] = &simple_timestamp_ntz,
    [T_INTERVAL_CAL] = &simple_interval_cal,
    [T_STRUCT] = NULL,
};

const Type *type_sql_type(const Type *udt)
{
    if (plain_types[udt->id] && !(udt->id == T_STRING && udt->precision)) {
        return plain_types[udt->id];
    }
    Type t = *udt;
    t.udt = (UdtNames){0};
    return intern(&t);
}

const Type *type_as_nullable(const Type *t)
{
    if (t->n_fields == 0 || type_is_udt(t)) {
        return t;
    }
    Field *fields = mem_alloc(mem_mul(t->n_fields, sizeof(Field)));
    for (uint32_t i = 0; i < t->n_fields; i++) {
        fields[i] = t->fields[i];
        fields[i].type = type_as_nullable(t->fields[i].type);
        fields[i].nullable = !(t->id == T_MAP && i == 0); /* keys are never null */
    }
    Type wanted = *t;
    wanted.fields = fields;
    const Type *ret = intern(&wanted);
    mem_free(fields);
    return ret;
}

bool type_same(const Type *a, const Type *b)
{
    if (a == b) {
        return true;
    }
    if (a->id != b->id || a->precision != b->precision || a->scale != b->scale ||
        a->n_fields != b->n_fields || !same_udt(a, b)) {
        return false;
    }
    for (uint32_t i = 0; i < a->n_fields; i++) {
        if (a->fields[i].name != b->fields[i].name ||
            !type_same(a->fields[i].type, b->fields[i].type)) {
            return false;
        }
    }
    return true;
}

bool type_is_integral(const Type *t)
{
    return t->id >= T_BYTE && t->id <= T_LONG;
}

bool type_is_numeric(const Type *t)
{
    return t->id >= T_BYTE && t->id <= T_DECIMAL;
}

bool type_is_fractional(const Type *t)
{
    return t->id == T_FLOAT || t->id == T_DOUBLE || t->id == T_DECIMAL;
}

bool type_is_datetime(const Type *t)
{
    return t->id == T_DATE || t->id == T_TIMESTAMP || t->id == T_TIMESTAMP_NTZ;
}

bool type_is_nested(const Type *t)
{
    return t->id == T_ARRAY || t->id == T_MAP || t->id == T_STRUCT;
}

bool type_is_orderable(const Type *t)
{
    if (t->id == T_MAP || t->id == T_INTERVAL_CAL) {
        return false; /* months, days and microseconds have no common measure */
    }
    for (uint32_t i = 0; i < t->n_fields; i++) {
        if (!type_is_orderable(t->fields[i].type)) {
            return false;
        }
    }
    return true;
}

bool type_is_view(const Type *t)
{
    return t->id == T_STRING || t->id == T_BINARY;
}

size_t type_width(const Type *t)
{
    switch (t->id) {
    case T_BOOLEAN:
    case T_BYTE:
        return 1;
    case T_SHORT:
        return 2;
    case T_INT:
    case T_FLOAT:
    case T_DATE:
    case T_INTERVAL_YM:
    case T_ARRAY:
    case T_MAP:
        return 4;
    case T_LONG:
    case T_DOUBLE:
    case T_TIMESTAMP:
    case T_TIMESTAMP_NTZ:
    case T_INTERVAL_DT:
        return 8;
    case T_DECIMAL:
    case T_STRING:
    case T_BINARY:
    case T_INTERVAL_CAL:
        return 16;
    case T_NULL:
    case T_STRUCT:
        break;
    }
    return 0;
}

int type_field_index(const Type *schema, Str name, bool case_sensitive)
{
    int found = -1;

    for (uint32_t i = 0; i < schema->n_fields; i++) {
        Str have = str_of(schema->fields[i].name);
        if (str_same_name(have, name, case_sensitive)) {
            if (found >= 0) {
                return -2;
            }
            found = (int)i;
        }
    }
    return found;
}

static int name_order(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static fb_status check_fields(const Type *schema, bool case_sensitive, Arena *a, fb_error *err)
{
    char **names = ARENA_ARRAY(a, char *, schema->n_fields);
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        names[i] = arena_strdup(a, schema->fields[i].name);
        for (char *p = names[i]; *p && !case_sensitive; p++) {
            *p = ascii_lower(*p);
        }
    }
    if (schema->n_fields > 1) {
        qsort(names, schema->n_fields, sizeof(*names), name_order);
    }
    for (uint32_t i = 1; i < schema->n_fields; i++) {
        if (strcmp(names[i - 1], names[i]) == 0) {
            return err_set(err, ERR_COLUMN_ALREADY_EXISTS, "columnName",
                           arena_printf(a, "`%s`", names[i]), NULL);
        }
    }
    return FB_OK;
}

/* A type's depth is bounded where it is made from outside. */
fb_status type_check_names(const Type *schema, bool case_sensitive, bool nested, fb_error *err)
{
    Arena a = {0};
    fb_status st = schema->id == T_STRUCT ? check_fields(schema, case_sensitive, &a, err) : FB_OK;
    arena_free(&a);
    for (uint32_t i = 0; nested && st == FB_OK && i < schema->n_fields; i++) {
        st = type_check_names(schema->fields[i].type, case_sensitive, true, err);
    }
    return st;
}
