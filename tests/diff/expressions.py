"""Random typed SQL expressions: functions by what they take and give, over the columns of values.COLUMNS.

A signature is NAME(TYPES):TYPE with the letters of values.TYPES. A lower-case word in place of a type is one of LITERALS:
arguments that Spark wants constant, or that must stay small.
"""
import re

import values

LITERALS = {
    "k": ["0", "1", "2", "3", "-1", "5"], "k1": ["1", "2", "3", "-1", "-2"],
    "re": ["'a'", "'[a-z]+'", "'(\\\\d+)'", "'(a)(b)?'", "'^.'", "','", "'\\\\s'", "''", "'\\\\w+'", "'[^a-c]'"],
    "rep": ["'X'", "''", "'$0'", "'<$0>'"], "sep": ["','", "' '", "''", "'='", "'ab'"],
    "fmt": ["'yyyy-MM-dd'", "'yyyy-MM-dd HH:mm:ss'", "'dd/MM/yyyy'", "'HH:mm'", "'E'", "'D'", "'MMM d, y'", "'Q'", "'w'", "'SSS'"],
    "unit": ["'year'", "'quarter'", "'MONTH'", "'week'", "'day'", "'hour'", "'MINUTE'", "'second'", "'dd'", "'mon'", "'nothing'"],
    "tz": ["'UTC'", "'Asia/Kolkata'", "'America/New_York'", "'+02:00'", "'Europe/Berlin'"],
    "like": ["'a%'", "'%b'", "'_b%'", "'%'", "''", "'\\\\%a\\\\_'"], "cs": ["'UTF-8'", "'UTF-16'", "'US-ASCII'", "'ISO-8859-1'"],
    "pf": ["'%s'", "'%5s|%-5s'", "'%s-%s'"], "nf": ["'999.99'", "'$99,999.00'", "'S0000'", "'99.9PR'"],
    "path": ["'$.a'", "'$.b'", "'$[0]'", "'$'", "'$.x.y'", "'$[*]'"], "base": ["2", "8", "10", "16", "36", "-10"],
    "bits": ["224", "256", "0", "384", "512", "1"], "key": ["'a'", "'b'", "'1'", "'zz'"], "sc": ["0", "1", "2", "-1"],
    "dow": ["'MO'", "'sunday'", "'Fr'", "'xx'"], "bool": ["true", "false"],
}

SCALAR = """
abs(I):I abs(L):L abs(D):D abs(N):N negative(I):I negative(N):N positive(D):D sign(D):D signum(N):D ceil(D):L ceil(N):L floor(D):L
floor(N):L round(D,sc):D round(N,sc):N bround(D,sc):D round(D):D rint(D):D sqrt(D):D cbrt(D):D exp(D):D expm1(D):D ln(D):D log10(D):D log2(D):D
log1p(D):D log(D,D):D pow(D,D):D sin(D):D cos(D):D tan(D):D cot(D):D sec(D):D csc(D):D asin(D):D acos(D):D atan(D):D atan2(D,D):D sinh(D):D cosh(D):D tanh(D):D
asinh(D):D acosh(D):D atanh(D):D degrees(D):D radians(D):D hypot(D,D):D factorial(k):L hex(L):S hex(S):S hex(X):S unhex(S):X bin(L):S
conv(S,base,base):S pmod(I,I):I pmod(L,L):L mod(D,D):D greatest(I,I):I greatest(S,S,S):S least(D,D):D least(A,A):A width_bucket(D,D,D,k):L
bit_count(I):I bit_count(L):I bit_get(L,k):Y getbit(I,k):Y shiftleft(I,k):I shiftright(L,k):L shiftrightunsigned(I,k):I
try_add(I,I):I try_subtract(L,L):L try_multiply(I,I):I try_divide(D,D):D try_divide(I,I):D try_mod(I,I):I try_add(A,I):A
upper(S):S lower(S):S initcap(S):S trim(S):S ltrim(S):S rtrim(S):S trim(S,S):S btrim(S):S btrim(S,S):S length(S):I length(X):I char_length(S):I
octet_length(S):I bit_length(S):I reverse(S):S reverse(AI):AI repeat(S,k):S concat(S,S):S concat(S,S,S):S concat(AI,AI):AI concat_ws(sep,S,S):S
concat_ws(sep,AS):S substring(S,k,k):S substr(S,k):S substring_index(S,sep,k):S left(S,k):S right(S,k):S lpad(S,k,S):S rpad(S,k,S):S lpad(S,k):S space(k):S
instr(S,S):I locate(S,S):I locate(S,S,k):I position(S,S):I replace(S,S,S):S replace(S,S):S translate(S,S,S):S overlay(S,S,k):S ascii(S):I chr(L):S char(I):S
base64(X):S unbase64(S):X encode(S,cs):X decode(X,cs):S md5(S):S sha1(S):S sha2(S,bits):S crc32(S):L xxhash64(S):L xxhash64(I,S):L hash(S,I):I hash(D):I hash(AI):I hash(N,A):I
soundex(S):S levenshtein(S,S):I levenshtein(S,S,k):I startswith(S,S):B endswith(S,S):B contains(S,S):B split(S,re):AS split(S,re,k):AS split_part(S,sep,k1):S
regexp_replace(S,re,rep):S regexp_extract(S,re,k):S regexp_extract_all(S,re,k):AS regexp_like(S,re):B rlike(S,re):B regexp_count(S,re):I regexp_instr(S,re):I
regexp_substr(S,re):S find_in_set(S,S):I format_string(pf,S,S):S format_number(D,k):S format_number(N,k):S to_char(N,nf):S to_number(S,nf):D try_to_number(S,nf):D
elt(k,S,S):S printf(pf,S,I):S mask(S):S luhn_check(S):B sentences(S):R url_encode(S):S url_decode(S):S parse_url(S,key):S is_valid_utf8(S):B make_valid_utf8(S):S
quote(S):S to_binary(S,cs):X try_to_binary(S):X
coalesce(I,I):I coalesce(S,S):S coalesce(A,A):A ifnull(S,S):S nvl(I,I):I nvl2(I,S,S):S nullif(I,I):I nullif(S,S):S if(B,I,I):I if(B,S,S):S if(B,D,D):D isnull(S):B isnotnull(I):B isnan(D):B
nanvl(D,D):D equal_null(I,I):B zeroifnull(I):I nullifzero(I):I
to_date(S):A to_date(S,fmt):A to_date(T):A to_timestamp(S):T to_timestamp(S,fmt):T try_to_timestamp(S,fmt):T try_to_date(S):A date(S):A date(T):A
year(A):I quarter(A):I month(A):I day(A):I dayofmonth(A):I dayofweek(A):I dayofyear(A):I weekday(A):I weekofyear(A):I hour(T):I minute(T):I second(T):I dayname(A):S monthname(A):S
date_add(A,I):A date_sub(A,k):A add_months(A,k):A months_between(T,T):D months_between(A,A,bool):D datediff(A,A):I date_diff(A,A):I last_day(A):A next_day(A,dow):A trunc(A,unit):A
date_trunc(unit,T):T date_format(T,fmt):S date_format(A,fmt):S from_unixtime(L):S from_unixtime(I,fmt):S unix_timestamp(S):L unix_timestamp(S,fmt):L unix_timestamp(T):L to_unix_timestamp(S,fmt):L
unix_date(A):I unix_seconds(T):L unix_millis(T):L unix_micros(T):L date_from_unix_date(I):A timestamp_seconds(I):T timestamp_millis(L):T timestamp_micros(L):T
from_utc_timestamp(T,tz):T to_utc_timestamp(T,tz):T convert_timezone(tz,tz,T):T make_date(I,I,I):A make_date(k,k,k):A make_timestamp(I,k,k,k,k,D):T try_make_timestamp(I,k,k,k,k,D):T
date_part(unit,T):I extract_year(T):I
array(I,I):AI array(S,S):AS size(AI):I size(M):I cardinality(AS):I array_contains(AI,I):B array_distinct(AI):AI array_except(AI,AI):AI array_intersect(AI,AI):AI array_union(AI,AI):AI
array_join(AS,sep):S array_join(AS,sep,S):S array_max(AI):I array_min(AS):S array_position(AI,I):L array_remove(AI,I):AI array_repeat(I,k):AI array_sort(AI):AI sort_array(AI):AI sort_array(AS,bool):AS
arrays_overlap(AI,AI):B element_at(AI,k1):I element_at(M,key):I try_element_at(AI,k1):I get(AI,k):I slice(AI,k1,k):AI sequence(k,k):AI array_append(AI,I):AI array_prepend(AS,S):AS array_insert(AI,k1,I):AI array_compact(AI):AI array_size(AS):I
flatten(AAI):AI map(S,I):M map_keys(M):AS map_values(M):AI map_contains_key(M,S):B map_concat(M,M):M map_from_arrays(AS,AI):M str_to_map(S,sep,sep):R map_from_entries(AR):M named_struct_a(R):I
get_json_object(S,path):S json_array_length(S):I json_object_keys(S):AS to_json(R):S to_json(M):S to_json(AI):S to_csv(R):S schema_of_json_lit():S typeof(S):S typeof(N):S
""".split()

OPERATORS = """
I + I:I|L + L:L|D + D:D|N + N:N|I - I:I|L - I:L|D - N:D|I * I:I|D * D:D|N * N:N|D / D:D|I / I:D|N / N:N|I % I:I|D % D:D|N % N:N|I div I:L|L div I:L|- I:I|- D:D|I & I:I|I ¦ I:I|I ^ I:I|~ I:I
I = I:B|S = S:B|D = D:B|A = A:B|S = I:B|T = A:B|I <> L:B|S != S:B|D < D:B|N <= N:B|T > T:B|S >= S:B|I <=> I:B|S <=> S:B|B AND B:B|B OR B:B|NOT B:B|S || S:S|AI || AI:AI
S LIKE like:B|S NOT LIKE like:B|S ILIKE like:B|S RLIKE re:B|I IN (I, I, I):B|S IN (S, S):B|I NOT IN (I, I):B|I BETWEEN I AND I:B|S IS NULL:B|I IS NOT NULL:B|B IS TRUE:B|B IS NOT FALSE:B|S IS DISTINCT FROM S:B
CASE WHEN B THEN I ELSE I END:I|CASE WHEN B THEN S END:S|CASE I WHEN I THEN S WHEN I THEN S ELSE S END:S|CASE WHEN B THEN I WHEN B THEN D ELSE N END:D
AI[k]:I|M[key]:I|R.a:I|R.b:S|A + INTERVAL 1 DAY:A|T + INTERVAL 1 HOUR:T|T - INTERVAL 1 MONTH:T|A - A:R|T - T:R|extract(YEAR FROM A):I|extract(HOUR FROM T):I|extract(SECOND FROM T):N
CAST(S AS INT):I|CAST(D AS INT):I|CAST(I AS STRING):S|CAST(D AS STRING):S|CAST(N AS STRING):S|CAST(S AS DATE):A|CAST(S AS TIMESTAMP):T|CAST(T AS STRING):S|CAST(A AS STRING):S|CAST(L AS INT):I|CAST(I AS BIGINT):L|CAST(B AS INT):I
CAST(S AS BOOLEAN):B|CAST(I AS DOUBLE):D|CAST(S AS DOUBLE):D|CAST(D AS DECIMAL(10,2)):N|CAST(S AS DECIMAL(10,2)):N|CAST(I AS DECIMAL(10,2)):N|CAST(T AS DATE):A|CAST(A AS TIMESTAMP):T|CAST(T AS BIGINT):L|CAST(L AS TIMESTAMP):T|CAST(S AS BINARY):X|CAST(X AS STRING):S
CAST(AI AS STRING):S|CAST(M AS STRING):S|CAST(R AS STRING):S|CAST(AI AS ARRAY<STRING>):AS|CAST(D AS FLOAT):D|CAST(I AS TINYINT):I|TRY_CAST(S AS INT):I|TRY_CAST(S AS DATE):A|TRY_CAST(D AS INT):I|TRY_CAST(S AS TIMESTAMP):T|I :: STRING:S
""".strip().replace("\n", "|").split("|")

AGGREGATES = """
count(I):L count(S):L sum(I):L sum(L):L sum(D):D sum(N):N avg(I):D avg(D):D avg(N):N min(I):I min(S):S min(A):A min(T):T max(I):I max(D):D max(S):S max(N):N first(I):I last(S):S
first(S,bool):S any_value(I):I collect_list(I):AI collect_set(S):AS stddev(D):D stddev_pop(D):D variance(I):D var_pop(D):D var_samp(N):D skewness(D):D kurtosis(D):D corr(D,D):D covar_pop(D,D):D covar_samp(D,D):D
bool_and(B):B bool_or(B):B every(B):B some(B):B count_if(B):L bit_and(I):I bit_or(L):L bit_xor(I):I max_by(S,I):S min_by(I,D):I approx_count_distinct(I):L mean(I):D try_sum(I):L try_avg(I):D
median(D):D percentile(D,0.5):D mode(I,true):I array_agg(I):AI product(D):D regr_count(D,D):L regr_slope(D,D):D listagg(S,sep):S sum(DISTINCT_I):L count(DISTINCT_S):L percentile_approx(I,0.5):I histogram_numeric(D,k):R
""".split()

RENDERED = {"extract_year": "extract(YEAR FROM {0})", "named_struct_a": "{0}.a", "schema_of_json_lit": "schema_of_json('{{\"a\":1}}')"}
NAMED = re.compile(r"^(\w+)\((.*)\):(\w+)$")
WORD = re.compile(r"(?<![\w'])(AI|AS|AAI|AR|[IHYDFLNSBATXMR]|k|re|like|key)(?![\w'(<])")


def signatures(text):
    found = []
    for item in text:
        name, args, result = NAMED.match(item).groups()
        found.append((name, [a for a in args.split(",") if a], result))
    return found


def by_result(rows, result):
    table = {}
    for row in rows:
        table.setdefault(result(row), []).append(row)
    return table


FUNCTIONS = by_result(signatures(SCALAR), lambda s: s[2])
AGGREGATED = signatures(AGGREGATES)
FORMS = by_result([tuple(o.strip().replace("¦", "|").rsplit(":", 1)) for o in OPERATORS if ":" in o], lambda f: f[1])


class Expressions:
    """Makes expressions over columns: {name: type letter}, or qualified names of them."""

    def __init__(self, rng, columns):
        self.rng, self.columns = rng, columns

    def column(self, t):
        names = [c for c, ct in self.columns.items() if ct == t]
        if not names:
            return values.literal(self.rng, t)
        name = self.rng.choice(names)
        return name.upper() if self.rng.random() < 0.08 else name

    def leaf(self, t):
        return self.column(t) if self.rng.random() < 0.75 else values.literal(self.rng, t)

    def argument(self, word, depth, exact=False):
        if word in LITERALS:
            return self.rng.choice(LITERALS[word])
        if word == "AAI":
            return f"array({self.of('AI', depth - 1)}, {self.of('AI', depth - 1)})"
        if word == "AR":
            return f"array(struct({self.of('S', 0)}, {self.of('I', 0)}))"
        if word.startswith("DISTINCT_"):
            return "DISTINCT " + self.of(word[-1], depth)
        if word not in values.TYPES:
            return word
        if self.rng.random() < 0.03 and not exact:         # a type that the function may not take
            word = self.rng.choice(list(values.TYPES))
        return self.of(word, depth)

    def call(self, signature, depth):
        name, args, _ = signature
        exact = name.removeprefix("try_") == "to_timestamp" and len(args) == 2      # of a number it is Spark's INTERNAL_ERROR
        parts = [self.argument(a, depth - 1, exact) for a in args]
        return RENDERED[name].format(*parts) if name in RENDERED else f"{name}({', '.join(parts)})"

    def form(self, form, depth):
        head, typed = form[0], re.search(r"( AS [A-Z(),<> 0-9]+\)| :: STRING| INTERVAL .*|\(YEAR FROM |\(HOUR FROM |\(SECOND FROM )", form[0])
        keep = typed.group(1) if typed else None
        text = head.replace(keep, "\0") if keep else head
        text = WORD.sub(lambda m: self.argument(m.group(1), depth - 1), text)
        text = text.replace("\0", keep) if keep else text
        return f"({text})" if self.rng.random() < 0.8 and not text.startswith(("CAST", "TRY_CAST", "CASE", "extract")) else text

    def of(self, t, depth):
        if depth <= 0 or self.rng.random() < 0.12:
            return self.leaf(t)
        functions, forms = FUNCTIONS.get(t, []), FORMS.get(t, [])
        if not functions and not forms:
            return self.leaf(t)
        if self.rng.random() < len(functions) / (len(functions) + 2 * len(forms)):
            return self.call(self.rng.choice(functions), depth)
        return self.form(self.rng.choice(forms), depth)

    def any(self, depth, types="IILDDNSSSBAT"):
        return self.of(self.rng.choice([*types, "AI", "AS", "M", "R"]), depth)

    def aggregate(self, depth):
        text = self.call(self.rng.choice(AGGREGATED), depth)
        return text + f" FILTER (WHERE {self.of('B', 1)})" if self.rng.random() < 0.08 else text
