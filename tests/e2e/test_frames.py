"""DataFrame.describe and kin, stat, transpose, unpivot, generators and lambdas in columns: as Spark 4.3 answers.

The expectations are recorded from real Spark over Spark Connect. A case is a Python expression, evaluated with the session
s; rows are sorted, as text. What is refused goes by the name that its user typed.
"""
import pytest
from pyspark.errors import PySparkException, UnsupportedOperationException
from pyspark.sql.connect import functions as F

CASES = [
    ('s.createDataFrame([(1, 2.5, "a"), (2, 3.5, None), (None, 4.5, "7")], "a int, b double, c string").describe()',
     ('struct<summary:string,a:string,b:string,c:string>', ["('count', '2', '3', '2')", "('max', '2', '4.5', 'a')", "('mean', '1.5', '3.5', '7.0')", "('min', '1', '2.5', '7')", "('stddev', '0.7071067811865476', '1.0', None)"])),
    ('s.createDataFrame([(1, 2.5, "a"), (2, 3.5, None), (None, 4.5, "7")], "a int, b double, c string").describe("b")',
     ('struct<summary:string,b:string>', ["('count', '3')", "('max', '4.5')", "('mean', '3.5')", "('min', '2.5')", "('stddev', '1.0')"])),
    ('s.createDataFrame([(1, 2.5, "a"), (2, 3.5, None), (None, 4.5, "7")], "a int, b double, c string").summary()',
     ('struct<summary:string,a:string,b:string,c:string>', ["('25%', '1', '2.5', '7.0')", "('50%', '1', '3.5', '7.0')", "('75%', '2', '4.5', '7.0')", "('count', '2', '3', '2')", "('max', '2', '4.5', 'a')", "('mean', '1.5', '3.5', '7.0')", "('min', '1', '2.5', '7')", "('stddev', '0.7071067811865476', '1.0', None)"])),
    ('s.createDataFrame([(1, 2.5, "a"), (2, 3.5, None), (None, 4.5, "7")], "a int, b double, c string").summary("count", "33%", "count_distinct", "approx_count_distinct", "mean", "99.5%")',
     ('struct<summary:string,a:string,b:string,c:string>', ["('33%', '1', '2.5', '7.0')", "('99.5%', '2', '4.5', '7.0')", "('approx_count_distinct', '2', '3', '2')", "('count', '2', '3', '2')", "('count_distinct', '2', '3', '2')", "('mean', '1.5', '3.5', '7.0')"])),
    ('s.range(0).describe()',
     ('struct<summary:string,id:string>', ["('count', '0')", "('max', None)", "('mean', None)", "('min', None)", "('stddev', None)"])),
    ('s.range(3).describe("nosuch")',
     ('error', 'AnalysisException', 'UNRESOLVED_COLUMN.WITH_SUGGESTION', {'objectName': '`nosuch`', 'proposal': '`id`'})),
    ('s.range(3).summary("foo")',
     ('error', 'IllegalArgumentException', 'UNRECOGNIZED_STATISTIC', {'stats': "'foo'"})),
    ('s.range(3).summary("101%")',
     ('error', 'IllegalArgumentException', None, None)),
    ('s.sql("select true as b, date\'2020-01-01\' as d").describe()',
     ('struct<summary:string>', ["('count',)", "('max',)", "('mean',)", "('min',)", "('stddev',)"])),
    ('s.sql("select decimal(1.50) a, cast(1.25 as decimal(10,2)) dd").describe()',
     ('struct<summary:string,a:string,dd:string>', ["('count', '1', '1')", "('max', '2', '1.25')", "('mean', '2.0000', '1.250000')", "('min', '2', '1.25')", "('stddev', None, None)"])),
    ('s.createDataFrame([(1, 2.5, "a"), (2, 3.5, None), (None, 4.5, "7")], "a int, b double, c string").describe().schema.json()',
     '\'{"fields":[{"metadata":{},"name":"summary","nullable":true,"type":"string"},{"metadata":{},"name":"a","nullable":true,"type":"string"},{"metadata":{},"name":"b","nullable":true,"type":"string"},{"metadata":{},"name":"c","nullable":true,"type":"string"}],"type":"struct"}\''),
    ('s.createDataFrame([(1, 2), (None, 4), (3, 9)], "a int, b int").cov("a", "b")',
     '4.5'),
    ('s.range(1).cov("id", "id")',
     '0.0'),
    ('s.range(0).stat.corr("id", "id")',
     'nan'),
    ('s.range(9).corr("id", "id")',
     '1.0'),
    ('s.sql("select \'a\' x, 1 y").cov("x", "y")',
     ('error', 'IllegalArgumentException', None, None)),
    ('s.sql("select 1 x, 1 y").corr("x", "z")',
     ('error', 'AnalysisException', 'UNRESOLVED_COLUMN.WITH_SUGGESTION', {'objectName': '`z`', 'proposal': '`x`, `y`'})),
    ('s.createDataFrame([("x", 2.5, 1), ("y", 3.5, None), ("x", 2.5, 1)], "a string, b double, c int").crosstab("a", "c")',
     ('struct<a_c:string,1:bigint,null:bigint>', ["('x', 2, 0)", "('y', 0, 1)"])),
    ('s.createDataFrame([("x`y", "p.q"), ("z", "p.q"), (None, None)], "a string, b string").stat.crosstab("a", "b")',
     ('struct<a_b:string,null:bigint,p.q:bigint>', ["('null', 1, 0)", "('x`y', 0, 1)", "('z', 0, 1)"])),
    ('s.range(0).crosstab("id", "id")',
     ('struct<id_id:string>', [])),
    ('s.range(5).crosstab("id", "nosuch")',
     ('error', 'AnalysisException', 'UNRESOLVED_COLUMN.WITH_SUGGESTION', {'objectName': '`nosuch`', 'proposal': '`id`'})),
    ('s.createDataFrame([("x", 2.5, 1), ("y", 3.5, None), ("x", 2.5, 1)], "a string, b double, c int").crosstab("a", "c").schema.json()',
     '\'{"fields":[{"metadata":{},"name":"a_c","nullable":true,"type":"string"},{"metadata":{},"name":"1","nullable":false,"type":"long"},{"metadata":{},"name":"null","nullable":false,"type":"long"}],"type":"struct"}\''),
    ('s.createDataFrame([(1, 11), (1, 11), (3, 10), (4, 8), (4, 8), (5, None)], "c1 int, c2 int").freqItems(("c1", "c2"), 0.4)',
     ('struct<c1_freqItems:array<int>,c2_freqItems:array<int>>', ['([], [8, 11])'])),
    ('s.range(20).select(F.col("id").cast("string").alias("s"), F.array("id").alias("x")).freqItems(["s"])',
     ('struct<s_freqItems:array<string>>', ["(['14', '18', '13', '3', '2', '19', '11', '15', '10', '16', '1', '5', '9', '17', '4', '12', '7', '6', '8', '0'],)"])),
    ('s.range(100).freqItems(["id"], 0.00001)',
     ('error', 'IllegalArgumentException', None, None)),
    ('s.range(2).freqItems([])',
     ('struct<>', ['()', '()'])),
    ('s.range(0, 1000, 1, 1).selectExpr("id * 7919 % 1009 as id").approxQuantile("id", [0.05, 0.25, 0.5, 0.9], 0.05)',
     '[0.0, 241.0, 484.0, 866.0]'),
    ('s.range(100).approxQuantile(["id", "id"], [0.5], 0.0)',
     '[[49.0], [49.0]]'),
    ('s.range(0).approxQuantile(["id"], [0.5], 0.0)',
     '[[]]'),
    ('s.createDataFrame([(1.0, 2), (float("nan"), 4), (3.0, None)], "a double, b int").approxQuantile(["a", "b"], [0.5, 1.0], 0.0)',
     '[[1.0, 3.0], [2.0, 4.0]]'),
    ('s.sql("select true x").approxQuantile("x", [0.5], 0.1)',
     ('error', 'IllegalArgumentException', None, None)),
    ('s.createDataFrame([("x", 2.5, 1), ("y", 3.5, None), ("x", 2.5, 1)], "a string, b double, c int").transpose()',
     ('struct<key:string,x:double,x:double,y:double>', ["('b', 2.5, 2.5, 3.5)", "('c', 1.0, 1.0, None)"])),
    ('s.createDataFrame([("x", 2.5, 1), ("y", 3.5, None), ("x", 2.5, 1)], "a string, b double, c int").transpose("a").schema.json()',
     '\'{"fields":[{"metadata":{},"name":"key","nullable":false,"type":"string"},{"metadata":{},"name":"x","nullable":true,"type":"double"},{"metadata":{},"name":"x","nullable":true,"type":"double"},{"metadata":{},"name":"y","nullable":true,"type":"double"}],"type":"struct"}\''),
    ('s.createDataFrame([("x", 2.5, 1), ("y", 3.5, None), ("x", 2.5, 1)], "a string, b double, c int").transpose("c")',
     ('error', 'AnalysisException', 'TRANSPOSE_NO_LEAST_COMMON_TYPE', {'dt2': '"DOUBLE"', 'dt1': '"STRING"'})),
    ('s.createDataFrame([(10, 1), (9, 2), (None, 3)], "a int, b int").transpose()',
     ('struct<key:string,9:int,10:int>', ["('b', 2, 1)"])),
    ('s.range(0).transpose()',
     ('struct<key:string>', [])),
    ('s.range(3).transpose()',
     ('struct<key:string,0:string,1:string,2:string>', [])),
    ('s.range(600).transpose()',
     ('error', 'AnalysisException', 'TRANSPOSE_EXCEED_ROW_LIMIT', {'config': 'spark.sql.transposeMaxValues', 'maxValues': '500'})),
    ('s.createDataFrame([([1], 1)], "a array<int>, b int").transpose()',
     ('error', 'AnalysisException', 'TRANSPOSE_INVALID_INDEX_COLUMN', None)),
    ('s.createDataFrame([("x", 2.5, 1), ("y", 3.5, None), ("x", 2.5, 1)], "a string, b double, c int").unpivot("a", ["b", "c"], "n", "v")',
     ('struct<a:string,n:string,v:double>', ["('x', 'b', 2.5)", "('x', 'b', 2.5)", "('x', 'c', 1.0)", "('x', 'c', 1.0)", "('y', 'b', 3.5)", "('y', 'c', None)"])),
    ('s.createDataFrame([("x", 2.5, 1), ("y", 3.5, None), ("x", 2.5, 1)], "a string, b double, c int").unpivot("a", None, "n", "v")',
     ('struct<a:string,n:string,v:double>', ["('x', 'b', 2.5)", "('x', 'b', 2.5)", "('x', 'c', 1.0)", "('x', 'c', 1.0)", "('y', 'b', 3.5)", "('y', 'c', None)"])),
    ('s.createDataFrame([("x", 2.5, 1), ("y", 3.5, None), ("x", 2.5, 1)], "a string, b double, c int").melt([], ["b", "c"], "n", "v")',
     ('struct<n:string,v:double>', ["('b', 2.5)", "('b', 2.5)", "('b', 3.5)", "('c', 1.0)", "('c', 1.0)", "('c', None)"])),
    ('s.createDataFrame([("x", 2.5, 1), ("y", 3.5, None), ("x", 2.5, 1)], "a string, b double, c int").unpivot(["a", "b", "c"], None, "n", "v")',
     ('error', 'AnalysisException', 'UNPIVOT_REQUIRES_VALUE_COLUMNS', {})),
    ('s.createDataFrame([("x", 2.5, 1), ("y", 3.5, None), ("x", 2.5, 1)], "a string, b double, c int").unpivot("a", ["a", "c"], "n", "v")',
     ('error', 'AnalysisException', 'UNPIVOT_VALUE_DATA_TYPE_MISMATCH', {'types': '"INT" (`c`), "STRING" (`a`)'})),
    ('s.createDataFrame([("x", 2.5, 1), ("y", 3.5, None), ("x", 2.5, 1)], "a string, b double, c int").unpivot("a", [], "n", "v")',
     ('error', 'AnalysisException', 'UNPIVOT_REQUIRES_VALUE_COLUMNS', {})),
    ('s.range(2).unpivot("id", [F.col("id") + 1], "n", "v")',
     ('struct<id:bigint,n:string,v:bigint>', ["(0, '(id + 1)', 1)", "(1, '(id + 1)', 2)"])),
    ('s.range(2).unpivot(F.col("id") + 1, None, "n", "v")',
     ('error', 'AnalysisException', 'UNPIVOT_REQUIRES_ATTRIBUTES', {'given': 'id', 'empty': 'value', 'expressions': '"(id + 1) AS `(id + 1)`"'})),
    ('s.range(1).withColumn("x", F.explode(F.array(F.lit(1), F.lit(2))))',
     ('struct<id:bigint,x:int>', ['(0, 1)', '(0, 2)'])),
    ('s.range(1).withColumn("id", F.explode(F.array(F.lit(1), F.lit(2))))',
     ('struct<id:int>', ['(1,)', '(2,)'])),
    ('s.range(1).withColumn("x", F.posexplode(F.array(F.lit(1))))',
     ('error', 'AnalysisException', 'UDTF_ALIAS_NUMBER_MISMATCH', {'aliasesNames': 'x', 'aliasesSize': '2'})),
    ('s.range(1).withColumn("x", F.explode(F.array(F.lit(1))) + 1)',
     ('error', 'AnalysisException', 'UNSUPPORTED_GENERATOR.NESTED_IN_EXPRESSIONS', {'expression': '"(explode(array(1)) + 1)"'})),
    ('s.range(1).withColumns({"x": F.explode(F.array(F.lit(1), F.lit(2))), "y": F.explode(F.array(F.lit(3)))})',
     ('struct<id:bigint,x:int,y:int>', ['(0, 1, 3)', '(0, 2, 3)'])),
    ('s.range(3).groupBy((F.col("id") % 2).alias("k")).agg(F.explode(F.collect_list("id")).alias("v"), F.count("*"))',
     ('struct<k:bigint,v:bigint,count(1):bigint>', ['(0, 0, 2)', '(0, 2, 2)', '(1, 1, 1)'])),
    ('s.range(1).filter(F.explode(F.array(F.lit(1))) > 0)',
     ('error', 'AnalysisException', 'UNSUPPORTED_GENERATOR.OUTSIDE_SELECT', None)),
    ('s.range(1).groupBy(F.explode(F.array(F.lit(1)))).count()',
     ('error', 'AnalysisException', 'UNSUPPORTED_EXPR_FOR_OPERATOR', {'invalidExprSqls': '"explode(array(1))"', 'operator': 'Aggregate'})),
    ('s.createDataFrame([(1,), (1,), (2,), (None,)], "a int").exceptAll(s.createDataFrame([(1,), (None,)], "a int"))',
     ('struct<a:int>', ['(1,)', '(2,)'])),
    ('s.createDataFrame([(1,), (1,), (2,)], "a int").intersectAll(s.createDataFrame([(1,), (1,)], "a int"))',
     ('struct<a:int>', ['(1,)', '(1,)'])),
    ('s.createDataFrame([(1,), (1,), (2,)], "a int").subtract(s.range(0).selectExpr("map(1, 2) as a"))',
     ('error', 'AnalysisException', 'INCOMPATIBLE_COLUMN_TYPE', {'columnOrdinalNumber': 'first', 'hint': '', 'tableOrdinalNumber': 'second', 'operator': 'EXCEPT', 'dataType1': '"MAP<INT, INT>"', 'dataType2': '"INT"'})),
    ('s.createDataFrame([(1, 2, 3)], "a int, b int, c int").groupingSets([["a"], ["b"], []], "a", "b").agg(F.sum("c"))',
     ('struct<a:int,b:int,sum(c):bigint>', ['(1, None, 3)', '(None, 2, 3)', '(None, None, 3)'])),
    ('s.range(3).dropDuplicatesWithinWatermark(["id"])',
     ('error', 'AnalysisException', '_LEGACY_ERROR_TEMP_3102', {'msg': 'dropDuplicatesWithinWatermark is not supported with batch DataFrames/DataSets'})),
    ('s.range(3).hint("nosuch", 1)',
     ('struct<id:bigint>', ['(0,)', '(1,)', '(2,)'])),
    ('s.range(10).offset(7)',
     ('struct<id:bigint>', ['(7,)', '(8,)', '(9,)'])),
    ('s.range(10).tail(3)',
     '[Row(id=7), Row(id=8), Row(id=9)]'),
    ('s.range(2).select(F.transform(F.array(F.lit(1), F.lit(2)), lambda x, i: x + i + F.col("id")).alias("a"), F.filter(F.array(F.lit(1), F.lit(2)), lambda x: x > 1), F.aggregate(F.array(F.lit(1), F.lit(2)), F.lit(0), lambda a, x: a + x))',
     ('struct<a:array<bigint>,filter(array(1, 2), lambdafunction((namedlambdavariable() > 1), namedlambdavariable())):array<int>,aggregate(array(1, 2), 0, lambdafunction((namedlambdavariable() + namedlambdavariable()), namedlambdavariable(), namedlambdavariable()), lambdafunction(namedlambdavariable(), namedlambdavariable())):int>', ['([1, 3], [2], 3)', '([2, 4], [2], 3)'])),
    ('s.range(2).select(F.map_zip_with(F.create_map(F.lit(1), F.lit(2)), F.create_map(F.lit(1), F.lit(3)), lambda k, a, b: a + b), F.array_sort(F.array(F.lit(1), F.lit(2)), lambda a, b: b - a), F.transform(F.array(F.array(F.lit(1))), lambda x: F.transform(x, lambda y: y + F.size(x))))',
     ('struct<map_zip_with(map(1, 2), map(1, 3), lambdafunction((namedlambdavariable() + namedlambdavariable()), namedlambdavariable(), namedlambdavariable(), namedlambdavariable())):map<int,int>,array_sort(array(1, 2), lambdafunction((namedlambdavariable() - namedlambdavariable()), namedlambdavariable(), namedlambdavariable())):array<int>,transform(array(array(1)), lambdafunction(transform(namedlambdavariable(), lambdafunction((namedlambdavariable() + size(namedlambdavariable())), namedlambdavariable())), namedlambdavariable())):array<array<int>>>', ['({1: 5}, [2, 1], [[2]])', '({1: 5}, [2, 1], [[2]])'])),
    ('s.createDataFrame([(1, 2), (1, 3), (1, 3)], "a int, b int").groupBy("a").agg(F.median("b"), F.mode("b"), F.percentile("b", 0.5), F.percentile_approx("b", [0.5, 0.9]), F.max_by("b", "b", 2), F.listagg(F.col("b").cast("string"), ","), F.string_agg(F.col("b").cast("string")))',
     ('struct<a:int,median(b):double,mode(b):int,percentile(b, 0.5, 1):double,percentile_approx(b, array(0.5, 0.9), 10000):array<int>,max_by(b, b, 2):array<int>,listagg(CAST(b AS STRING), ,):string,string_agg(CAST(b AS STRING), NULL):string>', ["(1, 3.0, 3, 3.0, [3, 3], [3, 3], '2,3,3', '233')"])),
    ('s.catalog.listCatalogs()',
     "[CatalogMetadata(name='spark_catalog', description=None)]"),
    ('s.sql("show current namespace")',
     ('struct<catalog:string,namespace:string>', ["('spark_catalog', 'default')"])),
    ('s.sql("drop temporary function upper")',
     ('error', 'AnalysisException', 'FORBIDDEN_OPERATION', {'statement': 'DROP', 'objectName': '`upper`', 'objectType': 'FUNCTION'})),
    ('s.sql("drop temporary variable if exists x")',
     ('struct<>', [])),
]

REFUSED = [
    ("s.sql(\"select window.start, count(*) from values ('2020-01-01', 1) t(b, c) group by window(b, '1 day')\")",
     'the function window'),
    ("s.range(2).select(F.window(F.current_timestamp(), '1 day'))", 'the function window'),
    ("s.range(2).mapInPandas(lambda x: x, 'id long')", 'DataFrame.mapInPandas'),
    ("s.range(2).mapInArrow(lambda x: x, 'id long')", 'DataFrame.mapInArrow'),
    ("s.range(2).groupBy('id').applyInPandas(lambda x: x, 'id long')", 'GroupedData.applyInPandas'),
    ("s.sql('select xpath(1, 2)')", 'the function xpath'),
    ("s.sql('select * from variant_explode(1)')", 'the function variant_explode'),
    ("s.sql('merge into t using u on true when matched then delete')", 'the statement MERGE INTO'),
    ("s.sql('update t set a = 1')", 'the statement UPDATE'),
    ("s.sql('delete from t')", 'the statement DELETE FROM'),
    ("s.sql('alter table t add columns (a int)')", 'the statement ALTER TABLE'),
    ("s.sql('create table t(a int)')", 'the statement CREATE TABLE'),
    ("s.sql('analyze table t compute statistics')", 'the statement ANALYZE TABLE'),
    ("s.range(1).writeTo('t').create()", 'DataFrameWriterV2.create'),
    ("s.sql('describe function window')", 'the function window'),
]


def answer(s, expression, expected):
    try:
        r = eval(expression, {"s": s, "F": F})
        if hasattr(r, "collect"):
            return r.schema.simpleString(), sorted(str(tuple(x)) for x in r.collect())
        return repr(r)
    except PySparkException as e:
        parameters = e.getMessageParameters() if expected[-1] is not None else None
        return "error", type(e).__name__, e.getCondition(), parameters


@pytest.mark.parametrize("expression, expected", CASES)
def test_answer(spark, expression, expected):
    assert answer(spark, expression, expected) == expected


@pytest.mark.parametrize("expression, name", REFUSED)
def test_refused_by_name(spark, expression, name):
    with pytest.raises(UnsupportedOperationException) as e:
        r = eval(expression, {"s": spark, "F": F})
        r.collect()
    assert e.value.getCondition() == "UNSUPPORTED_FEATURE"
    assert e.value.getMessageParameters()["feature"] == name
