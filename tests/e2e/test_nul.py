"""The character NUL in names, texts, literals and options: as Spark 4.3 answers.

Messages and names are C strings inside, where another byte stands for NUL. The expectations are recorded from real Spark
over Spark Connect; a case is a Python expression with the session s, the data D and a folder tmp.
"""
import glob

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import types as T
from pyspark.sql.connect import functions as F


def only(folder):
    (name,) = glob.glob(folder + "/part-*")
    with open(name, "rb") as f:
        return f.read()


CASES = [
    ('D.schema.json()',
     '\'{"fields":[{"metadata":{},"name":"x\\\\u0000y","nullable":true,"type":"string"},{"metadata":{},"name":"n","nullable":true,"type":"long"}],"type":"struct"}\''),
    ('D.columns',
     "['x\\x00y', 'n']"),
    ('D.collect()',
     "[Row(x\x00y='a\\x00b', n=1), Row(x\x00y='c', n=2)]"),
    ('D.filter(F.col("x\\0y") == "a\\0b").collect()',
     "[Row(x\x00y='a\\x00b', n=1)]"),
    ('D.select(F.col("n").alias("q\\0")).collect()',
     '[Row(q\x00=1), Row(q\x00=2)]'),
    ('D.select(F.lit("a\\0b")).collect()',
     "[Row(a\x00b='a\\x00b'), Row(a\x00b='a\\x00b')]"),
    ('s.sql("select \'a\\0b\', length(\'\\0\') as `p\\0q`").collect()',
     "[Row(a\x00b='a\\x00b', p\x00q=1)]"),
    ('s.sql(r"select \'a\\0b\', length(\'a\\0b\')").collect()',
     "[Row(a\x00b='a\\x00b', length(a\x00b)=3)]"),
    ('s.sql(r"select \'a\\0b\', length(\'a\\0b\')").schema.simpleString()',
     "'struct<a\\x00b:string,length(a\\x00b):int>'"),
    ('D.selectExpr("length(\'a\\0\')").columns',
     "['length(a\\x00)']"),
    ('D.select(F.to_json(F.struct("*")).alias("j")).collect()',
     '[Row(j=\'{"x\\\\u0000y":"a\\\\u0000b","n":1}\'), Row(j=\'{"x\\\\u0000y":"c","n":2}\')]'),
    ('s.sql(r"select named_struct(\'a\\0b\', 1) s").schema.simpleString()',
     "'struct<s:struct<a\\x00b:int>>'"),
    ('s.sql(r"select named_struct(\'a\\0b\', 1) s").collect()',
     '[Row(s=Row(a\x00b=1))]'),
    ('s.sql(r"select named_struct(\'a\\0b\', 1) s").select(F.col("s").getField("a\\0b")).collect()',
     '[Row(s.a\x00b=1)]'),
    ('s.sql(r"select array(named_struct(\'a\\0b\', map(\'k\', named_struct(\'c\\0\', 1)))) s").collect()',
     "[Row(s=[Row(a\x00b={'k': Row(c\x00=1)})])]"),
    ('D._show_string()',
     "'+---+---+\\n|x\\x00y|  n|\\n+---+---+\\n|a\\x00b|  1|\\n|  c|  2|\\n+---+---+\\n'"),
    ('D.select(F.create_map(F.lit("k\\0"), F.lit(1))["k\\0"].alias("m")).collect()',
     '[Row(m=1), Row(m=1)]'),
    ('s.sql("select cast(null as string) a").fillna("z\\0").collect()',
     "[Row(a='z\\x00')]"),
    ('D.replace("a\\0b", "q\\0").collect()',
     "[Row(x\x00y='q\\x00', n=1), Row(x\x00y='c', n=2)]"),
    ('(s.conf.set("spark.x", "a\\0b"), s.conf.get("spark.x"))[1]',
     "'a\\x00b'"),
    ('s.createDataFrame([(1,)], "`a\\0b` int").columns',
     "['a\\x00b']"),
    ('s.sql("""select from_json(\'{"a\\\\\\\\u0000b": 1}\', \'`a\\0b` int\') j""").collect()',
     '[Row(j=Row(a\x00b=1))]'),
    ('s.sql(r"""select schema_of_json(\'{"a\\\\u0000b": 1}\') j""").collect()',
     "[Row(j='STRUCT<`a\\x00b`: BIGINT>')]"),
    ('D.withColumnRenamed("x\\0y", "z\\0").columns',
     "['z\\x00', 'n']"),
    ('D.drop("x\\0y").columns',
     "['n']"),
    ('D.withColumn("x\\0y", F.lit(1)).collect()',
     '[Row(x\x00y=1, n=1), Row(x\x00y=1, n=2)]'),
    ('sorted(D.groupBy("x\\0y").count().collect())',
     "[Row(x\x00y='a\\x00b', count=1), Row(x\x00y='c', count=1)]"),
    ('D.groupBy().pivot("x\\0y").count().columns',
     "['a\\x00b', 'c']"),
    ('s.createDataFrame([(1,)], T.StructType([T.StructField("a", T.IntegerType(), True, {"comment": "c\\0d"})])).schema[0].metadata',
     "{'comment': 'c\\x00d'}"),
    ('(D.coalesce(1).write.option("header", True).option("sep", "\\0").csv(tmp + "/c"), only(tmp + "/c"))[1]',
     'b\'"x\\x00y"\\x00n\\n"a\\x00b"\\x001\\nc\\x002\\n\''),
    ('sorted(map(str, s.read.option("header", True).option("sep", "\\0").csv(tmp + "/c").collect()))',
     '["Row(x\\x00y=\'a\\\\x00b\', n=\'1\')", "Row(x\\x00y=\'c\', n=\'2\')"]'),
    ('(open(tmp + "/q.csv", "w").write(\'a,"b\\n"c,d\\n\'), s.read.option("quote", "\\0").csv(tmp + "/q.csv").collect())[1]',
     '[Row(_c0=\'a\', _c1=\'"b\'), Row(_c0=\'"c\', _c1=\'d\')]'),
    ('(D.coalesce(1).write.json(tmp + "/j"), only(tmp + "/j"))[1]',
     'b\'{"x\\\\u0000y":"a\\\\u0000b","n":1}\\n{"x\\\\u0000y":"c","n":2}\\n\''),
    ('s.read.json(tmp + "/j").columns',
     "['n', 'x\\x00y']"),
    ('D.orderBy(F.desc("x\\0y")).collect()',
     "[Row(x\x00y='c', n=2), Row(x\x00y='a\\x00b', n=1)]"),
    ('s.sql("select :a as r", args={"a": "x\\0y"}).collect()',
     "[Row(r='x\\x00y')]"),
    ('(D.createOrReplaceTempView("vw"), s.sql("describe vw").collect())[1]',
     "[Row(col_name='x\\x00y', data_type='string', comment=None), Row(col_name='n', data_type='bigint', comment=None)]"),
    ('s.sql("select stack(1, 1, 2) as (`a\\0b`, c)").columns',
     "['a\\x00b', 'c']"),
    ('s.sql(r"select regexp_replace(\'a\\0b\', \'\\0\', \'Z\') a, \'a\\0b\' like \'a\\0%\' b, split(\'a\\0b\', \'\\0\') c, concat_ws(\'\\0\', \'a\', \'b\') d, instr(\'a\\0b\', \'\\0\') e, format_string(\'%s|\\0\', \'a\\0b\') f").collect()',
     "[Row(a='aZb', b=True, c=['a', 'b'], d='a\\x00b', e=2, f='a\\x00b|\\x00')]"),
]


def test_nul(spark, tmp_path):
    env = {"s": spark, "F": F, "T": T, "tmp": str(tmp_path), "only": only,
           "D": spark.createDataFrame([("a\0b", 1), ("c", 2)], ["x\0y", "n"])}
    wrong = [(case, want, got) for case, want in CASES if (got := repr(eval(case, env))) != want]
    assert not wrong


@pytest.mark.parametrize("case", [
    lambda d, tmp: d.write.parquet(tmp + "/p"),
    lambda d, tmp: d.write.partitionBy("x\0y").csv(tmp + "/f"),
    lambda d, tmp: d.write.option("lineSep", "\0").csv(tmp + "/l"),
])
def test_refused(spark, tmp_path, case):
    d = spark.createDataFrame([("a\0b", 1)], ["x\0y", "n"])
    with pytest.raises(PySparkException, match="UNSUPPORTED_FEATURE.*NUL"):
        case(d, str(tmp_path))
