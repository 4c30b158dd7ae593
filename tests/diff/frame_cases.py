"""Random chains of DataFrame operations, as Python text. The columns that a step leaves are followed, so that the next one has names to use."""
import values
from expressions import Expressions

LEFT = values.COLUMNS
RIGHT = {"i": "I", "s": "S", "v": "L", "w": "D"}
# What depends on the order in which Spark's partitions, of which it has several after a union, join or group, arrive. With
# count_distinct it plans an exchange more.
ORDER_MATTERS = ("first", "last", "collect_list", "stddev", "avg", "sum")
HOW = ["inner", "left", "right", "outer", "left_semi", "left_anti"]
SCALARS = [t for t in "ILDNSBAT"]


class Chain:
    def __init__(self, rng):
        self.rng, self.columns, self.text = rng, dict(LEFT), "spark.table('t')"
        self.fresh, self.spread = 0, False

    def pick(self, types=None):
        names = [c for c, t in self.columns.items() if types is None or t in types]
        return self.rng.choice(names) if names else None

    def name(self):
        self.fresh += 1
        return f"n{self.fresh}"

    def expr(self, t, depth=2):
        return f"F.expr({Expressions(self.rng, self.columns).of(t, self.rng.choice([1, 1, depth]))!r})"

    def ref(self, column):
        return self.rng.choice([f"F.col({column!r})", repr(column), f"F.col({column!r})"])

    def add(self, step):
        self.text += step

    # -- steps; each returns False where it does not fit
    def select(self):
        kept = self.rng.sample(list(self.columns), min(len(self.columns), self.rng.randint(1, 5)))
        items, left = [], {}
        for c in kept:
            spelled = c.upper() if self.rng.random() < 0.1 else c
            items.append(self.ref(spelled))
            left[spelled] = self.columns[c]
        t, n = self.rng.choice(SCALARS), self.name()
        items.append(f"{self.expr(t)}.alias({n!r})")
        left[n] = t
        self.columns = left
        self.add(f".select({', '.join(items)})")

    def select_expr(self):
        t, n = self.rng.choice(SCALARS), self.name()
        made = Expressions(self.rng, self.columns).of(t, 2)
        self.add(f".selectExpr('*', {made + ' AS ' + n!r})")
        self.columns = {**self.columns, n: t}

    def where(self):
        self.add(f".where({self.expr('B')})")

    def with_column(self):
        t = self.rng.choice(SCALARS)
        n = self.rng.choice([self.name(), self.pick(), self.pick().upper()])
        self.add(f".withColumn({n!r}, {self.expr(t)})")
        self.columns = {**{c: k for c, k in self.columns.items() if c.lower() != n.lower()}, n: t}

    def rename(self):
        old, new = self.pick(), self.name()
        self.add(f".withColumnRenamed({old!r}, {new!r})")
        self.columns = {new if c == old else c: t for c, t in self.columns.items()}

    def drop(self):
        if len(self.columns) < 3:
            return False
        gone = self.pick()
        self.add(f".drop({self.rng.choice([gone, 'nothing_like_it', gone]) !r})" if self.rng.random() < 0.5 else f".drop(F.col({gone!r}))")
        if "nothing_like_it" not in self.text.rsplit(".drop", 1)[1]:
            self.columns = {c: t for c, t in self.columns.items() if c != gone}

    def group(self):
        keys = [k for k in {self.pick(SCALARS), self.pick(SCALARS)} if k]
        if not keys:
            return False
        left = {k: self.columns[k] for k in keys}
        aggs = []
        for _ in range(self.rng.randint(1, 3)):
            c, t = self.rng.choice(list(self.columns.items()))
            f = self.rng.choice(["count", "max", "min", "first", "count_distinct"] + (["sum", "avg", "stddev"] if t in "ILDN" else ["collect_list"]))
            if self.spread and f in ORDER_MATTERS:
                f = "min"
            if t in ("M",) or (t in ("AI", "AS", "R", "X") and f in ("max", "min")):
                f = "count"
            if any(".count_distinct(" in a for a in aggs) and f in ORDER_MATTERS or f == "count_distinct" and any(f".{o}(" in a for a in aggs for o in ORDER_MATTERS):
                f = "count"
            n = self.name()
            aggs.append(f"F.{f}({c!r}).alias({n!r})")
            left[n] = {"count": "L", "count_distinct": "L", "sum": "X", "avg": "X", "stddev": "D", "collect_list": "X"}.get(f, t)
        how = self.rng.choice(["groupBy", "groupBy", "groupBy", "rollup", "cube"])
        self.spread = True
        self.add(f".{how}({', '.join(self.ref(k) for k in keys)}).agg({', '.join(aggs)})")
        self.columns = left

    def count_by(self):
        key = self.pick(SCALARS)
        if not key:
            return False
        self.spread = True
        self.add(f".groupBy({key!r}).count()")
        self.columns = {key: self.columns[key], "count": "L"}

    def distinct(self):
        if any(t in ("M",) for t in self.columns.values()):
            return False
        self.spread = True
        self.add(self.rng.choice([".distinct()", ".dropDuplicates()"]))

    def fill(self):
        self.add(self.rng.choice([".na.fill(0)", ".na.fill('-')", ".fillna(1.5)", ".na.drop()", f".na.drop('all', subset=[{self.pick()!r}])",
                                  f".na.fill({{{self.pick()!r}: 7}})", ".na.drop(thresh=3)", ".replace('a', 'b')", ".na.replace(1, 2)"]))

    def union(self):
        self.spread = True
        self.add(self.rng.choice([".union(spark.table('t'))", ".unionByName(spark.table('t'), allowMissingColumns=True)"]))
        if self.text.endswith("allowMissingColumns=True)"):
            self.columns = {**self.columns, **{c: t for c, t in LEFT.items() if c.lower() not in {x.lower() for x in self.columns}}}

    def join(self):
        how = self.rng.choice(HOW)
        self.spread = True
        on = self.rng.choice(["'i'", "['i', 's']", "F.expr('1 = 1')", "F.col('t.i') == F.col('u.i')"])
        if "t.i" in on:
            self.text += ".alias('t')"
        self.add(f".join(spark.table('u').alias('u'), {on}, {how!r})")
        if how.startswith("left_") or on == "F.expr('1 = 1')" or "t.i" in on:
            self.add(self.rng.choice([".select('*')", ""]))
        if not how.startswith("left_"):
            self.columns = {**{c: t for c, t in self.columns.items() if c not in ("i", "s")}, "v": "L", "w": "D"} or {"v": "L"}

    def order(self):
        self.spread = True
        self.add(f".orderBy({', '.join(repr(c) for c, t in self.columns.items() if t != 'M')})")

    def explode(self):
        c, n = self.pick(("AI", "AS")), self.name()
        if not c:
            return False
        t = {"AI": "I", "AS": "S"}[self.columns[c]]
        self.add(self.rng.choice([f".withColumn({n!r}, F.explode({c!r}))", f".select('*', F.explode_outer({c!r}).alias({n!r}))"]))
        self.columns = {**self.columns, n: t}

    def column_methods(self):
        c, n = self.pick(), self.name()
        col, t = f"F.col({c!r})", self.columns[c]
        items = [f"{col}.isNull()", f"{col}.cast('string')", f"F.when({col}.isNotNull(), 1).otherwise(0)", f"F.coalesce({col}, {col})", f"{col}.alias('q').isNull()"]
        if t == "S":
            items += [f"{col}.startswith('a')", f"{col}.substr(1, 2)", f"{col}.like('a%')", f"{col}.isin('a', 'b')", f"F.upper({col})", f"{col}.contains('b')"]
        if t in "ILDN":
            items += [f"{col} + 1", f"-{col}", f"{col} * 2.5", f"{col} > 1", f"{col}.between(0, 5)", f"({col} > 0) & ({col} < 9)", f"{col} % 3", f"F.abs({col})", f"{col}.eqNullSafe(None)"]
        if t == "R":
            items += [f"{col}.a", f"{col}.getField('b')", f"{col}.withField('z', F.lit(1))", f"{col}.dropFields('a')"]
        if t in ("AI", "M"):
            items += [f"{col}[0]" if t == "AI" else f"{col}['a']", f"F.size({col})"]
        self.add(f".withColumn({n!r}, {self.rng.choice(items)})")
        self.columns = {**self.columns, n: "X"}

    def build(self):
        steps = [self.select, self.select, self.select_expr, self.where, self.where, self.with_column, self.with_column, self.rename, self.drop, self.group, self.count_by,
                 self.distinct, self.fill, self.union, self.join, self.order, self.explode, self.column_methods, self.column_methods]
        for _ in range(self.rng.randint(1, 4)):
            self.rng.choice(steps)()
        return self


def case(rng):
    """Python text that runs one chain over the views t and u, or asks it for something else than its rows."""
    chain = Chain(rng).build()
    text = chain.text
    end = rng.random()
    if end < 0.88:
        return f"out = frame({text})"
    if chain.spread:    # means and deviations
        return rng.choice([f"out = [str(({text}).count())]", f"out = [({text}).schema.json()]", f"out = [str(({text}).isEmpty())]"])
    return rng.choice([f"out = [str(({text}).count())]", f"out = frame(({text}).describe())", f"out = frame(({text}).summary())",
                       f"out = [str(({text}).dtypes)]", f"out = [str(({text}).columns)]", f"out = [str(({text}).isEmpty())]"])


def prepare(rng):
    """Python text that makes the tables of a block of cases."""
    return "\n".join([f"spark.conf.set('spark.sql.ansi.enabled', {rng.choice(['true', 'true', 'false'])!r})",
                      "spark.conf.set('spark.sql.session.timeZone', 'UTC')",
                      f"spark.sql({values.table(rng)!r}).createOrReplaceTempView('t')",
                      f"spark.sql({values.table(rng, RIGHT)!r}).createOrReplaceTempView('u')", "out = []"])
