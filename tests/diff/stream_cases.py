"""Random streaming queries over files, a file a batch, into a memory table or files, with a second run on the same checkpoint."""
import files

SCHEMA = {"k": "string", "v": "int", "d": "string", "b": "boolean"}
PLANS = [".where('v > 0')", ".select('k', 'v')", ".selectExpr('upper(k) u', 'v + 1 w', 'b')", ".withColumn('x', F.col('v') * 2).drop('d')", ".where(\"k <> ''\").selectExpr('k', 'length(d) n')",
         ".join(spark.createDataFrame([('a', 1), ('b', 2), (None, 3)], 'k string, z int'), 'k', {how!r})", ".select('k', F.explode(F.split('k', ' ')).alias('word'))", ""]
GROUPS = [".groupBy('k').count()", ".groupBy('b').agg(F.sum('v'), F.avg('v'), F.min('k'))", ".groupBy('k', 'b').agg(F.count('*').alias('n'), F.max('d'))", ".groupBy().agg(F.count('*'), F.sum('v'))",
          ".groupBy('k').agg(F.collect_list('v'))", ".agg(F.count_if(F.col('b')), F.stddev('v'))", ".select('b').distinct()", ".where('v > 0').groupBy((F.col('v') % 3).alias('m')).agg(F.first('v'), F.last('k'))"]


def rows(rng):
    import json
    return "".join(json.dumps({"k": rng.choice(["a", "b", "c d", "", None]), "v": rng.choice([None, 1, -2, 3, 40, 500]), "d": rng.choice(files.WORDS), "b": rng.choice([True, False, None])}) + "\n"
                   for _ in range(rng.randint(0, 5)))


def drop(rng, first, n):
    """Text that writes files whose times give their order."""
    return [files.put(f"%s/in/f{k}.json", rows(rng)) + f"; os.utime(folder + '/in/f{k}.json', (1700000000 + {k}, 1700000000 + {k}))" for k in range(first, first + n)]


def case(rng):
    """Python text that runs one query once or twice, and looks at its sink and at its progress."""
    grouped = rng.random() < 0.5
    mode = rng.choice(["complete", "update", "complete", "append"]) if grouped else rng.choice(["append", "append", "update"])
    plan = (rng.choice(PLANS[:4]) if grouped and rng.random() < 0.3 else "") + rng.choice(GROUPS) if grouped else rng.choice(PLANS).format(how=rng.choice(["inner", "left", "left_semi", "left_anti", "right"]))
    sink = "memory" if grouped else rng.choice(["memory", "json", "csv", "parquet"])
    ddl = ", ".join(f"{c} {t}" for c, t in SCHEMA.items())
    lines = drop(rng, 0, rng.randint(1, 3)) + [
        "name = 'q' + str(abs(hash(folder)) % 10**8)",
        "def run(n):",
        f"    df = spark.readStream.schema({ddl!r}).option('maxFilesPerTrigger', 1).json(folder + '/in'){plan}",
        f"    w = df.writeStream.outputMode({mode!r}).option('checkpointLocation', folder + '/cp').trigger(availableNow=True)",
        f"    q = w.format('memory').queryName(name).start()" if sink == "memory" else f"    q = w.format({sink!r}).start(folder + '/out')",
        "    assert q.awaitTermination(60)",
        "    return progress(q)" if ".join(" not in plan else "    return []   # Spark's reader leaves out rows whose key of a join is null",
        "out = run(1)"]
    if (sink != "memory" or mode == "complete") and rng.random() < 0.5:
        lines += drop(rng, 5, 1) + ["out += run(2)"]
    read = "spark.table(name)" if sink == "memory" else f"spark.read.{sink}(folder + '/out')"
    return "\n".join([*lines, f"out += frame({read})"])


def prepare(rng):
    return "\n".join(["spark.conf.set('spark.sql.shuffle.partitions', '3')", "spark.conf.set('spark.sql.session.timeZone', 'UTC')", "spark.conf.set('spark.sql.ansi.enabled', 'true')", "out = []"])
