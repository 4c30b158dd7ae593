"""Random SQL statements over one or two tables of random values."""
import values
from expressions import Expressions

LEFT = values.COLUMNS
RIGHT = {"i": "I", "s": "S", "v": "L", "w": "D"}
JOINS = ["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "LEFT SEMI JOIN", "LEFT ANTI JOIN", "CROSS JOIN", "NATURAL JOIN", "NATURAL LEFT JOIN",
         "NATURAL FULL JOIN"]


class Statement:
    def __init__(self, rng):
        self.rng, self.ex, self.named = rng, Expressions(rng, LEFT), 0

    def alias(self, text, always=False):
        self.named += 1
        return f"{text} AS c{self.named}" if always or self.rng.random() < 0.4 else text

    def maybe(self, p, text):
        return text() if self.rng.random() < p else ""

    def where(self):
        return self.maybe(0.35, lambda: f" WHERE {self.ex.of('B', 2)}")

    def projection(self):
        items = [self.alias(self.ex.any(3)) for _ in range(self.rng.randint(1, 2))]
        items += self.maybe(0.06, lambda: "*") and ["*"] or []
        distinct = self.maybe(0.08, lambda: "DISTINCT ")
        return f"SELECT {distinct}{', '.join(items)} FROM t{self.where()}"

    def grouped(self):
        keys = [self.rng.choice([*LEFT] + [self.ex.of(t, 1) for t in "ISBA"]) for _ in range(self.rng.randint(1, 2))]
        aggs = [self.alias(self.ex.aggregate(2)) for _ in range(self.rng.randint(1, 3))]
        shown = [self.alias(k) for k in keys if self.rng.random() < 0.7]
        listed = ", ".join(keys)
        by = self.rng.choice([listed] * 5 + [f"ROLLUP({listed})", f"CUBE({listed})", f"{listed} WITH ROLLUP", "ALL",
                                             f"GROUPING SETS (({listed}), ({keys[0]}), ())"])
        having = self.maybe(0.15, lambda: f" HAVING {self.ex.aggregate(1)} IS NOT NULL")
        return f"SELECT {', '.join(shown + aggs)} FROM t{self.where()} GROUP BY {by}{having}"

    def total(self):
        aggs = [self.alias(self.ex.aggregate(3)) for _ in range(self.rng.randint(1, 3))]
        return f"SELECT {', '.join(aggs)} FROM t{self.where()}"

    def joined(self):
        join = self.rng.choice(JOINS)
        on = "" if "NATURAL" in join or "CROSS" in join else self.rng.choice(
            [" USING (i)", " USING (i, s)", " ON t.i = u.i", " ON t.s = u.s AND t.i < u.v", " ON t.l = u.v", " ON t.d > u.w"])
        one_side = "SEMI" in join or "ANTI" in join
        columns = {f"t.{c}": k for c, k in LEFT.items()} | ({} if one_side else {f"u.{c}": k for c, k in RIGHT.items()}) | {"i": "I"}
        self.ex = Expressions(self.rng, columns)
        items = self.rng.choice([["*"], ["u.*"], ["t.i", "u.i"], ["i", "t.s"], [self.alias(self.ex.any(2)), "t.i"], ["t.*", "v"]])
        return f"SELECT {', '.join(items)} FROM t {join} u{on}{self.where()}"

    def united(self):
        types = [self.rng.choice(["I", "S", "D", "A", "N", "L"]) for _ in range(self.rng.randint(1, 2))]
        sides = [", ".join(self.alias(self.ex.of(self.rng.choice([t, t, "I"]), 1)) for t in types) for _ in range(2)]
        op = self.rng.choice(["UNION ALL", "UNION", "INTERSECT", "EXCEPT", "INTERSECT ALL", "EXCEPT ALL", "MINUS"])
        return f"SELECT {sides[0]} FROM t {op} SELECT {sides[1]} FROM t"

    def nested(self):
        inner = ", ".join(f"{self.ex.of(t, 2)} AS {c}" for c, t in {"i": "I", "s": "S", "d": "D", "b": "B"}.items())
        source = f"(SELECT {inner} FROM t{self.where()})"
        self.ex = Expressions(self.rng, {"i": "I", "s": "S", "d": "D", "b": "B"})
        outer = self.rng.choice([self.alias(self.ex.any(2)), "*", "q.*, i"])
        if self.rng.random() < 0.5:
            return f"WITH q AS {source} SELECT {outer} FROM q{self.where()}"
        return f"SELECT {outer} FROM {source} q{self.where()}"

    def exploded(self):
        form = self.rng.choice(["SELECT i, explode({a}) FROM t", "SELECT i, posexplode_outer({a}) FROM t", "SELECT explode(m) FROM t",
                                "SELECT i, e FROM t LATERAL VIEW explode({a}) x AS e", "SELECT i, p, e FROM t LATERAL VIEW OUTER posexplode({a}) x AS p, e",
                                "SELECT stack(2, i, s, 3, 'q') FROM t", "SELECT inline(array(r, r)) FROM t", "SELECT i, explode_outer(m) AS (k, v) FROM t"])
        return form.format(a=self.ex.of("AI", 2)) + self.maybe(0.2, lambda: " WHERE i > 0")

    def pivoted(self):
        agg = self.rng.choice(["count(*)", "sum(i)", "max(d) AS m", "count(l), min(s)", "first(s)"])
        return f"SELECT * FROM (SELECT b, s, i, d, l FROM t) PIVOT ({agg} FOR b IN (true, false{self.maybe(0.3, lambda: ' AS no')}))"

    def text(self):
        kind = self.rng.choices([self.projection, self.grouped, self.total, self.joined, self.united, self.nested, self.exploded, self.pivoted],
                                [40, 14, 8, 12, 6, 8, 4, 2])[0]
        return kind()


def case(rng):
    """Python text that runs one statement over the views t and u."""
    text = Statement(rng).text()
    return f"out = frame({'spark.sql(' if rng.random() < 0.1 else 'statement(spark, '}{text!r}))"


def prepare(rng):
    """Python text that makes the tables of a block of cases."""
    zone = rng.choice(["UTC", "UTC", "America/New_York", "Asia/Kolkata"])
    return "\n".join([f"spark.conf.set('spark.sql.ansi.enabled', {rng.choice(['true', 'true', 'false'])!r})",
                      f"spark.conf.set('spark.sql.session.timeZone', {zone!r})",
                      f"spark.sql({values.table(rng)!r}).createOrReplaceTempView('t')",
                      f"spark.sql({values.table(rng, RIGHT)!r}).createOrReplaceTempView('u')", "out = []"])
