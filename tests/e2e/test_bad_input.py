"""What a user gets wrong: class, condition, SQLSTATE, parameters and place as Spark 4.3 gives them.

The expectations are recorded from real Spark over Spark Connect. A case is a Python expression, evaluated with
the session s, an empty folder d, and a stream df of the columns k and v.
"""
import hashlib
import os
import shutil
import socket
import subprocess
import threading
import uuid

import grpc
import pytest
from pyspark.errors import IllegalArgumentException, PySparkException
from pyspark.sql.connect import functions as F
from pyspark.sql.connect.proto import base_pb2 as pb
from pyspark.sql.connect.proto import base_pb2_grpc

from harness import FOREBAY, Script, drop, eventually, run_script, write_script

T = "values (1, 2, named_struct('inner_a', 1), map('k', 1)) as t(first_name, last_name, st, mp)"

BATCH = [
    ("s.read.text(d + '/nope').schema",
     'AnalysisException', 'PATH_NOT_FOUND', '42K03',
     {'path': 'file:DIR/nope'}, []),
    ("s.read.text('').schema",
     'IllegalArgumentException', None, None,
     {}, []),
    ("s.read.format('nosuch').load(d).schema",
     'UnknownException', 'DATA_SOURCE_NOT_FOUND', '42K02',
     {'provider': 'nosuch'}, []),
    ("s.read.format('console').load().schema",
     'AnalysisException', '_LEGACY_ERROR_TEMP_1135', None,
     {'className': 'console'}, []),
    ("s.read.format('memory').load().schema",
     'UnknownException', 'DATA_SOURCE_NOT_FOUND', '42K02',
     {'provider': 'memory'}, []),
    ("s.read.schema('a nosuch').csv(d).schema",
     'ParseException', 'UNSUPPORTED_DATATYPE', '0A000',
     {'typeName': '"NOSUCH"'}, []),
    ("s.read.schema('a int,,b').csv(d).schema",
     'ParseException', 'PARSE_SYNTAX_ERROR', '42601',
     {'error': "','", 'hint': ''}, []),
    ("s.read.schema('a int, A int').json(d).schema",
     'AnalysisException', 'COLUMN_ALREADY_EXISTS', '42711',
     {'columnName': '`a`'}, []),
    ("s.read.option('modifiedBefore', 'yesterday').text(d).schema",
     'AnalysisException', '_LEGACY_ERROR_TEMP_1294', None,
     {'strategy': 'modifiedbefore', 'timeString': 'yesterday'}, []),
    ("s.read.option('recursiveFileLookup', 'x').text(d).schema",
     'IllegalArgumentException', None, None,
     {}, []),
    ("s.read.schema('a int').option('header', 'maybe').csv(d).collect()",
     'SparkException', '_LEGACY_ERROR_TEMP_2147', None,
     {'paramName': 'header'}, []),
    ("s.read.schema('a int').option('maxColumns', 'x').csv(d).collect()",
     'SparkRuntimeException', '_LEGACY_ERROR_TEMP_2146', None,
     {'paramName': 'maxColumns', 'value': 'x'}, []),
    ("s.sql('select 1 a, 2 A').write.json(d + '/o')",
     'AnalysisException', 'COLUMN_ALREADY_EXISTS', '42711',
     {'columnName': '`a`'}, []),
    ("s.range(1).write.partitionBy('nope').json(d + '/o')",
     'AnalysisException', '_LEGACY_ERROR_TEMP_1155', None,
     {'col': 'nope', 'schemaCatalog': 'struct<id:bigint>'}, []),
    ("s.range(1).write.partitionBy('id').json(d + '/o')",
     'AnalysisException', 'ALL_PARTITION_COLUMNS_NOT_ALLOWED', 'KD005',
     {}, []),
    ("s.range(1).write.partitionBy('id', 'id').json(d + '/o')",
     'AnalysisException', 'COLUMN_ALREADY_EXISTS', '42711',
     {'columnName': '`id`'}, []),
    ("s.sql('select array(1) a, 1 b').write.partitionBy('a').json(d + '/o')",
     'AnalysisException', 'INVALID_PARTITION_COLUMN_DATA_TYPE', '0A000',
     {'type': '"ARRAY<INT>"'}, []),
    ("s.sql('select fist_name from ' + T).schema",
     'AnalysisException', 'UNRESOLVED_COLUMN.WITH_SUGGESTION', '42703',
     {'objectName': '`fist_name`', 'proposal': '`first_name`, `last_name`, `st`, `mp`'}, ['fist_name']),
    ("s.sql('select t.fist_name from ' + T).schema",
     'AnalysisException', 'UNRESOLVED_COLUMN.WITH_SUGGESTION', '42703',
     {'objectName': '`t`.`fist_name`', 'proposal': '`t`.`first_name`, `t`.`last_name`, `t`.`st`, `t`.`mp`'},
     ['t.fist_name']),
    ("s.sql('select FIRST_NAMEX from ' + T).schema",
     'AnalysisException', 'UNRESOLVED_COLUMN.WITH_SUGGESTION', '42703',
     {'objectName': '`FIRST_NAMEX`', 'proposal': '`last_name`, `first_name`, `mp`, `st`'}, ['FIRST_NAMEX']),
    ("s.sql('select nope.* from ' + T).schema",
     'AnalysisException', 'CANNOT_RESOLVE_STAR_EXPAND', '42704',
     {'columns': '`first_name`, `last_name`, `mp`, `st`', 'targetString': '`nope`'}, ['nope.*']),
    ("s.sql('select st.inner_b from ' + T).schema",
     'AnalysisException', 'FIELD_NOT_FOUND', '42704',
     {'fieldName': '`inner_b`', 'fields': '`inner_a`'}, ['st.inner_b']),
    ('s.sql("select st[\'x\'] from " + T).schema',
     'AnalysisException', 'FIELD_NOT_FOUND', '42704',
     {'fieldName': '`x`', 'fields': '`inner_a`'}, []),
    ("s.sql('select first_name.x from ' + T).schema",
     'AnalysisException', 'INVALID_EXTRACT_BASE_FIELD_TYPE', '42000',
     {'base': '"first_name"', 'other': '"INT"'}, ['first_name.x']),
    ('s.range(1).select(s.range(2).id).schema',
     'AnalysisException', 'CANNOT_RESOLVE_DATAFRAME_COLUMN', '42704',
     {'name': '"id"'}, []),
    ("s.range(1).withColumn('id', F.col('id') + 1).union(s.range(1)).select(s.range(1).id).schema",
     'AnalysisException', 'CANNOT_RESOLVE_DATAFRAME_COLUMN', '42704',
     {'name': '"id"'}, []),
    ("s.range(1).dropDuplicates(['idd']).schema",
     'AnalysisException', 'UNRESOLVED_COLUMN_AMONG_FIELD_NAMES', '42703',
     {'colName': 'idd', 'fieldNames': 'id'}, []),
    ("s.range(1).unionByName(s.range(1).selectExpr('id b')).schema",
     'AnalysisException', 'UNRESOLVED_COLUMN_AMONG_FIELD_NAMES', '42703',
     {'colName': 'id', 'fieldNames': 'b'}, []),
    ("s.range(1).join(s.range(1), 'idd').schema",
     'AnalysisException', 'UNRESOLVED_USING_COLUMN_FOR_JOIN', '42703',
     {'colName': '`idd`', 'side': 'left', 'suggestion': '`id`'}, []),
    ('s.range(1).limit(-1).collect()',
     'AnalysisException', 'INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE', '42K0E',
     {'expr': '"-1"', 'name': 'limit', 'v': '-1'}, []),
    ("s.range(1).withColumns({'a': F.lit(1), 'A': F.lit(2)}).schema",
     'AnalysisException', 'COLUMN_ALREADY_EXISTS', '42711',
     {'columnName': '`a`'}, []),
    ("s.range(1).withWatermark('id', '-1 minute').schema",
     'IllegalArgumentException', None, None,
     {}, []),
    ("s.sql('   ')",
     'ParseException', 'PARSE_EMPTY_STATEMENT', '42617',
     {}, []),
    ("s.sql('select (1')",
     'ParseException', 'PARSE_SYNTAX_ERROR', '42601',
     {'error': 'end of input', 'hint': ''}, []),
    ('s.sql("select \'abc")',
     'ParseException', 'PARSE_SYNTAX_ERROR', '42601',
     {'error': "'''", 'hint': ''}, []),
    ("s.sql('select 1 /* open')",
     'ParseException', 'UNCLOSED_BRACKETED_COMMENT', '42601',
     {}, []),
    ("s.sql('select * from t where a == 1 andd b')",
     'ParseException', 'PARSE_SYNTAX_ERROR', '42601',
     {'error': "'andd'", 'hint': ''}, []),
    ('s.sql("select date \'x\'")',
     'ParseException', 'INVALID_TYPED_LITERAL', '42604',
     {'value': "'x'", 'valueType': '"DATE"'}, ["date 'x'"]),
    ("s.sql('select 300Y')",
     'ParseException', 'INVALID_NUMERIC_LITERAL_RANGE', '22003',
     {'maxValue': '127', 'minValue': '-128', 'rawStrippedQualifier': '300', 'typeName': 'tinyint'}, ['300Y']),
    ("s.sql('select 1.5e400')",
     'ParseException', 'INVALID_NUMERIC_LITERAL_RANGE', '22003',
     {'maxValue': '1.7976931348623157E+308', 'minValue': '-1.7976931348623157E+308',
      'rawStrippedQualifier': '1.5e400', 'typeName': 'double'}, ['1.5e400']),
    ("s.sql('select 1 in ()')",
     'ParseException', 'INVALID_SQL_SYNTAX.EMPTY_IN_PREDICATE', '42000',
     {}, ['in ()']),
    ("s.sql('select cast(1 as decimal(1,2,3))')",
     'ParseException', 'UNSUPPORTED_DATATYPE', '0A000',
     {'typeName': '"DECIMAL(1,2,3)"'}, ['decimal(1,2,3)']),
    ("s.sql('select * from values (1, 2), (3)')",
     'ParseException', 'INVALID_INLINE_TABLE.NUM_COLUMNS_MISMATCH', '42000',
     {'actualNumCols': '1', 'expectedNumCols': '2', 'rowIndex': '1'}, ['values (1, 2), (3)']),
    ("s.sql('grant select')",
     'ParseException', 'INVALID_STATEMENT_OR_CLAUSE', '42601',
     {'operation': 'GRANT'}, ['grant select']),
    ("s.sql('refresh')",
     'ParseException', 'INVALID_SQL_SYNTAX.EMPTY_REFRESH_RESOURCE_PATH', '42000',
     {}, ['refresh']),
    ("s.sql('set a b')",
     'ParseException', 'INVALID_SET_SYNTAX', '42000',
     {}, ['set a b']),
    ("s.conf.set('spark.sql.shuffle.partitions', '0')",
     'IllegalArgumentException', 'INVALID_CONF_VALUE.REQUIREMENT', '22022',
     {'confName': 'spark.sql.shuffle.partitions',
      'confRequirement': 'The value of spark.sql.shuffle.partitions must be positive', 'confValue': '0'}, []),
    ("s.conf.set('spark.sql.storeAssignmentPolicy', 'nope')",
     'IllegalArgumentException', 'INVALID_CONF_VALUE.OUT_OF_RANGE_OF_OPTIONS', '22022',
     {'confName': 'spark.sql.storeAssignmentPolicy', 'confOptions': 'ANSI, LEGACY, STRICT', 'confValue': 'nope'},
     []),
    ("s.sql('select * * 2 from ' + T)",
     'AnalysisException', 'INVALID_USAGE_OF_STAR_OR_REGEX', '42000',
     {'elem': "'*'", 'prettyName': 'expression `multiply`'}, []),
    ("s.sql('select -* from ' + T)",
     'AnalysisException', 'INVALID_USAGE_OF_STAR_OR_REGEX', '42000',
     {'elem': "'*'", 'prettyName': 'expression `unaryminus`'}, []),
    ("s.sql('select 1 from ' + T + ' where * > 0')",
     'AnalysisException', 'INVALID_USAGE_OF_STAR_OR_REGEX', '42000',
     {'elem': "'*'", 'prettyName': 'expression `greaterthan`'}, []),
    ("s.conf.set('spark.driver.memory', '1g')",
     'AnalysisException', 'CANNOT_MODIFY_CONFIG', '46110',
     {'docroot': 'https://spark.apache.org/docs/latest', 'key': '"spark.driver.memory"'}, []),
    ("s.sql('set spark.executor.cores=1')",
     'AnalysisException', 'CANNOT_MODIFY_CONFIG', '46110',
     {'docroot': 'https://spark.apache.org/docs/latest', 'key': '"spark.executor.cores"'}, []),
    ("s.sql('reset spark.driver.memory')",
     'AnalysisException', 'CANNOT_MODIFY_CONFIG', '46110',
     {'docroot': 'https://spark.apache.org/docs/latest', 'key': '"spark.driver.memory"'}, []),
    ("s.streams.get('x')",
     'IllegalArgumentException', None, None,
     {}, []),
]

STREAM = [
    ("s.readStream.text(d + '/nope').schema",
     'AnalysisException', 'PATH_NOT_FOUND', '42K03',
     {'path': 'DIR/nope'}, []),
    ('s.readStream.csv(d).schema',
     'IllegalArgumentException', '_LEGACY_ERROR_TEMP_2048', None,
     {}, []),
    ("s.readStream.format('socket').schema('a int').option('host', 'localhost').option('port', 9).load().schema",
     'UnsupportedOperationException', '_LEGACY_ERROR_TEMP_2242', None,
     {'provider': 'TextSocketSourceProvider'}, []),
    ("s.readStream.format('socket').option('port', 9).load().schema",
     'AnalysisException', '_LEGACY_ERROR_TEMP_1295', None,
     {}, []),
    ("s.range(1).writeStream.format('noop').start()",
     'AnalysisException', 'WRITE_STREAM_NOT_ALLOWED', '42601',
     {}, []),
    ("start(df, outputMode='nosuch')",
     'IllegalArgumentException', 'STREAMING_OUTPUT_MODE.INVALID', '42KDE',
     {'outputMode': 'nosuch'}, []),
    ("start(df, format='nosuch')",
     'UnknownException', 'DATA_SOURCE_NOT_FOUND', '42K02',
     {'provider': 'nosuch'}, []),
    ("start(df, format='json', path=d + '/o', partitionBy='nope')",
     'AnalysisException', '_LEGACY_ERROR_TEMP_1196', None,
     {'columnName': 'nope', 'columnType': 'Partition', 'validColumnNames': 'k, v'}, []),
    ("start(df, format='json', path=d + '/o', partitionBy=['k', 'v'])",
     'AnalysisException', 'ALL_PARTITION_COLUMNS_NOT_ALLOWED', 'KD005',
     {}, []),
    ("start(df, format='json')",
     'IllegalArgumentException', '_LEGACY_ERROR_TEMP_2047', None,
     {}, []),
    ("start(df.groupBy('k').count(), format='json', path=d + '/o', outputMode='complete')",
     'AnalysisException', 'STREAMING_OUTPUT_MODE.UNSUPPORTED_DATASOURCE', '42KDE',
     {'className': 'json', 'outputMode': 'complete'}, []),
    ("start(df, processingTime='abc')",
     'IllegalArgumentException', 'INVALID_INTERVAL_FORMAT.UNRECOGNIZED_NUMBER', '22006',
     {'input': 'abc', 'number': 'abc'}, []),
    ("start(df, processingTime='1 month')",
     'IllegalArgumentException', '_LEGACY_ERROR_TEMP_3262', None,
     {'interval': '1 month'}, []),
    ("start(df, processingTime='5 parsecs')",
     'IllegalArgumentException', 'INVALID_INTERVAL_FORMAT.INVALID_UNIT', '22006',
     {'input': '5 parsecs', 'unit': 'parsecs'}, []),
    ("start(df.selectExpr('row_number() over (order by k) rn'))",
     'AnalysisException', 'NON_TIME_WINDOW_NOT_SUPPORTED_IN_STREAMING', '42KDE',
     {'columnName': '`rn`', 'windowFunc': 'ROW_NUMBER()',
      'windowSpec': '(ORDER BY K ASC NULLS FIRST ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)'}, []),
    ("start(df.orderBy('v'))",
     'AnalysisException', '_LEGACY_ERROR_TEMP_3102', None,
     {'msg': 'Sorting is not supported on streaming DataFrames/Datasets, unless it is on aggregated DataFrame/Dataset in Complete output mode'},
     []),
    ('start(df.sample(0.5))',
     'AnalysisException', '_LEGACY_ERROR_TEMP_3102', None,
     {'msg': 'Sampling is not supported on streaming DataFrames/Datasets'}, []),
    ("start(df.limit(1), outputMode='update')",
     'AnalysisException', '_LEGACY_ERROR_TEMP_3102', None,
     {'msg': 'Limits are not supported on streaming DataFrames/Datasets in Update output mode'}, []),
    ('start(df.offset(1))',
     'AnalysisException', '_LEGACY_ERROR_TEMP_3102', None,
     {'msg': 'Offset is not supported on streaming DataFrames/Datasets'}, []),
    ("start(df.agg(F.countDistinct('k')), outputMode='update')",
     'AnalysisException', '_LEGACY_ERROR_TEMP_3102', None,
     {'msg': 'Distinct aggregations are not supported on streaming DataFrames/Datasets. Consider using approx_count_distinct() instead.'},
     []),
    ("start(df.union(static.select('k', 'v')))",
     'AnalysisException', '_LEGACY_ERROR_TEMP_3102', None,
     {'msg': 'Union between streaming and batch DataFrames/Datasets is not supported'}, []),
    ("start(static.select('k', 'v').subtract(df))",
     'AnalysisException', '_LEGACY_ERROR_TEMP_3102', None,
     {'msg': 'Except on a streaming DataFrame/Dataset on the right is not supported'}, []),
    ("start(df.intersect(static.select('k', 'v')))",
     'AnalysisException', '_LEGACY_ERROR_TEMP_3102', None,
     {'msg': 'Intersect of streaming DataFrames/Datasets is not supported'}, []),
    ("start(static.join(df, 'k', 'full'))",
     'AnalysisException', '_LEGACY_ERROR_TEMP_3102', None,
     {'msg': 'FullOuter joins with streaming DataFrames/Datasets on the right and a static DataFrame/Dataset on the left is not supported'},
     []),
    ("start(df.join(static, 'k', 'right'))",
     'AnalysisException', '_LEGACY_ERROR_TEMP_3102', None,
     {'msg': 'RightOuter join with a streaming DataFrame/Dataset on the left and a static DataFrame/DataSet on the right not supported'},
     []),
    ("start(static.join(df, 'k', 'leftanti'))",
     'AnalysisException', '_LEGACY_ERROR_TEMP_3102', None,
     {'msg': 'LeftAnti joins with a streaming DataFrame/Dataset on the right are not supported'}, []),
    ("start(df.join(df2, 'k', 'left'), outputMode='update')",
     'AnalysisException', '_LEGACY_ERROR_TEMP_3102', None,
     {'msg': 'LeftOuter join between two streaming DataFrames/Datasets is not supported in Update output mode, only in Append output mode'},
     []),
    ("start(df.join(df2, 'k', 'full'))",
     'AnalysisException', '_LEGACY_ERROR_TEMP_3102', None,
     {'msg': 'Stream-stream FullOuter join between two streaming DataFrame/Datasets is not supported without a watermark in the join keys, or a watermark on the nullable side and an appropriate range condition'},
     []),
    ("start(df.join(df2, 'k', 'leftsemi'))",
     'AnalysisException', '_LEGACY_ERROR_TEMP_3102', None,
     {'msg': 'Stream-stream LeftSemi join between two streaming DataFrame/Datasets is not supported without a watermark in the join keys, or a watermark on the nullable side and an appropriate range condition'},
     []),
    ("start(df.join(df2, 'k', 'leftanti'))",
     'AnalysisException', '_LEGACY_ERROR_TEMP_3102', None,
     {'msg': 'LeftAnti joins with a streaming DataFrame/Dataset on the right are not supported'}, []),
    ("start(df.dropDuplicatesWithinWatermark(['k']))",
     'AnalysisException', '_LEGACY_ERROR_TEMP_3102', None,
     {'msg': 'dropDuplicatesWithinWatermark is not supported on streaming DataFrames/DataSets without watermark'},
     []),
    ("df.withWatermark('v', '1 minute').schema",
     'AnalysisException', 'EVENT_TIME_IS_NOT_ON_TIMESTAMP_TYPE', '42K09',
     {'eventName': '`v`', 'eventType': '"BIGINT"'}, []),
    ("df.withWatermark('nope', '1 minute').schema",
     'AnalysisException', 'UNRESOLVED_COLUMN.WITH_SUGGESTION', '42703',
     {'objectName': '`nope`', 'proposal': '`k`, `v`'}, []),
    ('df.count()',
     'AnalysisException', '_LEGACY_ERROR_TEMP_3102', None,
     {'msg': 'Queries with streaming sources must be executed with writeStream.start(), or from a streaming table or flow definition within a Spark Declarative Pipeline.'},
     []),
    ("df.write.json(d + '/o')",
     'AnalysisException', 'CALL_ON_STREAMING_DATASET_UNSUPPORTED', '42KDE',
     {'methodName': '`write`'}, []),
]


def names(s, d):
    """What the cases may use."""
    os.makedirs(d + "/in", exist_ok=True)
    with open(d + "/in/0.json", "w", encoding="utf-8") as f:
        f.write('{"k": "a", "v": 1}\n')
    with open(d + "/a.csv", "w", encoding="utf-8") as f:
        f.write("1\n")

    def stream():
        return s.readStream.schema("k string, v long").json(d + "/in")

    def start(df, format="noop", path=None, partitionBy=None, outputMode="append", processingTime=None):
        w = df.writeStream.format(format).outputMode(outputMode).option("checkpointLocation", d + "/ck")
        w = w.partitionBy(partitionBy) if partitionBy else w
        w = w.trigger(processingTime=processingTime) if processingTime else w
        return w.start(path)

    return {"s": s, "d": d, "T": T, "F": F, "start": start, "df": stream(), "df2": stream(),
            "static": s.createDataFrame([("a", 1, 2)], "k string, v long, w int")}


@pytest.mark.parametrize("code, cls, condition, state, parameters, places", BATCH + STREAM,
                         ids=[c[0] for c in BATCH + STREAM])
def test_refused_as_spark_refuses_it(spark, tmp_path, code, cls, condition, state, parameters, places):
    d = str(tmp_path)
    with pytest.raises(PySparkException) as e:
        eval(code, names(spark, d))
    got = {k: v.replace(d, "DIR") for k, v in (e.value.getMessageParameters() or {}).items() if k != "searchPath"}
    assert (type(e.value).__name__, e.value.getCondition(), e.value.getSqlState()) == (cls, condition, state)
    assert got == parameters
    assert [c.fragment() for c in e.value.getQueryContext() or []] == places


@pytest.mark.parametrize("name", ["\u00e9t\u00e9", "a\u00e9", "\u6570"])
def test_names_that_need_quotes(spark, name):
    for sql in [f"select 1 as {name}", f"select 1 x from range(1) as {name}", f"create temp view {name} as select 1"]:
        with pytest.raises(PySparkException) as e:
            spark.sql(sql)
        assert (e.value.getCondition(), e.value.getSqlState()) == ("INVALID_IDENTIFIER", "42602")
        assert e.value.getMessageParameters() == {"ident": name}
    assert spark.sql(f"select 1 as `{name}`").select(F.col(name)).columns == [name]


# ---- columns of DataFrames ----

def test_a_filter_sees_what_its_select_took_from(spark):
    x = spark.createDataFrame([(1, 2), (3, 4)], "a int, b int")
    assert x.select("a").where(x.b > 2).collect() == [(3,)]
    assert x.select("a").where("b > 2").collect() == [(3,)]
    assert x.withColumn("a", x.a + 10).where(x.a > 2).collect() == [(13, 4)]


def test_both_keys_of_an_inner_join_using(spark):
    x, y = spark.range(3), spark.range(2)
    assert sorted(x.join(y, "id").select(x.id, y.id).collect()) == [(0, 0), (1, 1)]


@pytest.mark.parametrize("code, condition", [
    ("x.join(x, x.id == x.id)", "AMBIGUOUS_COLUMN_REFERENCE"),
    ("x.union(y).select(y.id)", "CANNOT_RESOLVE_DATAFRAME_COLUMN"),
    ("x.drop(y.id)", "CANNOT_RESOLVE_DATAFRAME_COLUMN"),
    ("x.withColumn('id', x.id + 1).select(x.id)", "CANNOT_RESOLVE_DATAFRAME_COLUMN"),
    ("x.select(y['*'])", "CANNOT_RESOLVE_DATAFRAME_COLUMN"),
])
def test_columns_of_the_wrong_dataframe(spark, code, condition):
    with pytest.raises(PySparkException) as e:
        eval(code, {"x": spark.range(3), "y": spark.range(3)}).schema
    assert e.value.getCondition() == condition


# ---- too deep, too large ----

DEEP = 100_000


@pytest.mark.parametrize("sql", [
    "select " + "(" * DEEP + "1" + ")" * DEEP,
    "select " + "not " * DEEP + "true",
    "select " + "1 + " * DEEP + "1",
    "select " + "abs(" * DEEP + "1" + ")" * DEEP,
    "select * from " + "(select * from " * DEEP + "range(1)" + ")" * DEEP,
    " union all ".join(["select 1"] * DEEP),
], ids=["parentheses", "not", "plus", "calls", "subqueries", "unions"])
def test_deep_sql(spark, sql):
    with pytest.raises(PySparkException) as e:
        spark.sql(sql).collect()
    assert (e.value.getCondition(), e.value.getSqlState()) == ("FAILED_TO_PARSE_TOO_COMPLEX", "54001")
    assert spark.range(3).count() == 3


def field(number, data):
    """A length-delimited protobuf field."""
    def varint(n):
        return bytes([n]) if n < 128 else bytes([n & 127 | 128]) + varint(n >> 7)
    return varint(number << 3 | 2) + varint(len(data)) + data


def test_deep_and_large_messages(server):
    """What no protobuf library would write: the bytes are made by hand."""
    from pyspark.sql.connect.proto import relations_pb2 as rel

    root = rel.Relation()
    root.range.end = root.range.step = 1
    plan = root.SerializeToString()
    limit = rel.Relation.DESCRIPTOR.fields_by_name["limit"].number
    for _ in range(10_000):
        plan = field(limit, field(rel.Limit.DESCRIPTOR.fields_by_name["input"].number, plan))
    who = {"session_id": str(uuid.uuid4()), "user_context": pb.UserContext(user_id="me")}
    head = pb.ExecutePlanRequest(operation_id=str(uuid.uuid4()), **who).SerializeToString()
    channel = grpc.insecure_channel(f"127.0.0.1:{server}", options=[("grpc.max_send_message_length", -1)])
    call = channel.unary_stream("/spark.connect.SparkConnectService/ExecutePlan", request_serializer=lambda x: x,
                                response_deserializer=pb.ExecutePlanResponse.FromString)
    at = pb.ExecutePlanRequest.DESCRIPTOR.fields_by_name["plan"].number
    root_at = pb.Plan.DESCRIPTOR.fields_by_name["root"].number
    with pytest.raises(grpc.RpcError, match="nested more than"):
        list(call(head + field(at, field(root_at, plan))))
    with pytest.raises(grpc.RpcError) as e:
        list(call(head + field(at, b"x" * (129 << 20))))
    assert e.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    stub = base_pb2_grpc.SparkConnectServiceStub(channel)
    assert stub.Config(pb.ConfigRequest(operation={"get_all": {}}, **who)).session_id == who["session_id"]
    channel.close()


# ---- checkpoints ----

def counted(spark, box, folder, mode="complete"):
    df = spark.readStream.schema("k string, v long").json(box)
    df = df.groupBy("k").count() if mode == "complete" else df
    q = df.writeStream.format("noop").outputMode(mode).option("checkpointLocation", folder).start()
    try:
        q.processAllAvailable()
    finally:
        q.stop()


@pytest.mark.parametrize("file, content, said", [
    ("metadata", b"", "MALFORMED_LOG_FILE"),
    ("metadata", None, "STREAMING_CHECKPOINT_MISSING_METADATA_FILE"),
    ("offsets/1", b"", ""),
    ("offsets/1", b"\xff\xfe garbage {[", ""),
    ("offsets/1", b"v99\n{}\n{}", "INVALID_LOG_VERSION"),
    ("commits/1", b"v1\n{not json", "MALFORMED_LOG_FILE"),
    ("sources/0/1", b"", ""),
    ("sources/0/1", None, "batch 1 doesn't exist"),
    ("sources/0/0", None, "sources/0/0 doesn't exist"),
    ("state/0/0/2.delta", b"\0" * 20, "CANNOT_LOAD_STATE_STORE"),
    ("state/0/0/1.delta", None, "CANNOT_LOAD_STATE_STORE"),
])
def test_damaged_checkpoint(spark, tmp_path, file, content, said):
    """Spark refuses each of these; a job must not go on from what it can't read."""
    box, folder = str(tmp_path / "in"), str(tmp_path / "ck")
    spark.conf.set("spark.sql.shuffle.partitions", "1")
    for i in range(2):
        drop(box, f"{i}.json", [{"k": "a", "v": i}])
        counted(spark, box, folder)
    path = os.path.join(folder, file)
    crc = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.crc")
    if os.path.exists(crc):
        os.remove(crc)
    os.remove(path)
    if content is not None:
        with open(path, "wb") as f:
            f.write(content)
    drop(box, "2.json", [{"k": "a", "v": 2}])
    with pytest.raises(PySparkException) as e:
        counted(spark, box, folder)
    assert said in str(e.value)


def harm(folder, file, old=None, new=None):
    """Replaces text in a file of a checkpoint; takes the file away without it. Side files go too."""
    path = os.path.join(folder, file)
    crc = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.crc")
    if os.path.exists(crc):
        os.remove(crc)
    if old is None:
        shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)
        return
    with open(path, encoding="utf-8") as f:
        text = f.read()
    assert old in text
    with open(path, "w", encoding="utf-8") as f:
        f.write(text.replace(old, new))


OFF1, OFF2 = '{"logOffset":1}', '{"logOffset":2}'
OP = "(OperatorId: 0 -> OperatorName: stateStoreSave)"


@pytest.mark.parametrize("before, after, harms, said", [
    # another query than the one that made the checkpoint
    ("complete", "append", [], "[STREAMING_STATEFUL_OPERATOR_NOT_MATCH_IN_STATE_METADATA] The checkpoint's stateful "
                               f"operators are [{OP}], the query's are []."),
    ("append", "complete", [], "[STREAMING_STATEFUL_OPERATOR_MISSING_STATE_DIRECTORY] The query has the stateful "
                               f"operators [{OP}]"),
    ("complete", "complete", [("state/0/_metadata/metadata", "stateStoreSave", "dedupe")],
     "[STREAMING_STATEFUL_OPERATOR_NOT_MATCH_IN_STATE_METADATA]"),
    ("complete", "complete", [("state",)], "[STREAMING_STATEFUL_OPERATOR_MISSING_STATE_DIRECTORY]"),
    ("complete", "complete", [("state/0/_metadata/metadata", '"numPartitions":2', '"numPartitions":3')], None),
    ("complete", "complete", [("state/0/_metadata",)], None),
    ("complete", "complete", [("state/0/_metadata/metadata", '"operatorName":', "")], None),
    # offsets that no run of the query can have written
    ("append", "append", [("offsets/2", OFF2, '{"logOffset":-1}')], "assertion failed"),
    ("append", "append", [("offsets/2", OFF2, '{"logOffset":0}')], "assertion failed"),
    ("append", "append", [("offsets/2", OFF2, OFF1)], None),
    ("append", "append", [("offsets/2", OFF2, "-")], None),
    ("append", "append", [("offsets/2", OFF2, '{"logOffset":50}'), ("commits/2",)], "batch 50 doesn't exist"),
    ("append", "append", [("offsets/1", OFF1, '{"logOffset":50}')], "assertion failed"),
    ("append", "append", [("sources/0/2",), ("commits/2",)], "batch 2 doesn't exist"),
    ("append", "append", [("offsets/2", OFF2, OFF2 + "\n" + OFF2)], "assertion failed: there are [2] sources"),
    ("append", "append", [("offsets/1", OFF1, OFF1 + "\n" + OFF1)], "assertion failed: there are [2] sources"),
    ("append", "append", [("offsets/2", '"batchWatermarkMs":0', '"batchWatermarkMs":"x"')], "MALFORMED_LOG_FILE"),
    # logs that do not fit each other
    ("append", "append", [("commits/1",), ("commits/2",)], None),
    ("append", "append", [("offsets/2",)], "[CONCURRENT_STREAM_LOG_UPDATE]"),
    ("append", "append", [("offsets",)], "assertion failed"),
    ("complete", "complete", [("offsets",), ("commits",)], "[STATE_STORE_CHECKPOINT_LOCATION_NOT_EMPTY]"),
])
def test_checkpoint_of_another_story(spark, tmp_path, before, after, harms, said):
    box, folder = str(tmp_path / "in"), str(tmp_path / "ck")
    spark.conf.set("spark.sql.shuffle.partitions", "2")
    for i in range(3):
        drop(box, f"{i}.json", [{"k": "a", "v": i}])
        counted(spark, box, folder, before)
    for h in harms:
        harm(folder, *h)
    drop(box, "3.json", [{"k": "a", "v": 3}])
    if said is None:
        counted(spark, box, folder, after)
        return
    with pytest.raises(PySparkException) as e:
        counted(spark, box, folder, after)
    assert e.value.getCondition() == "STREAM_FAILED" and said in str(e.value)


@pytest.mark.parametrize("id", ["hello", "", "a" * 5000])
def test_query_id_that_is_no_uuid(spark, tmp_path, id):
    (tmp_path / "ck").mkdir()
    (tmp_path / "ck" / "metadata").write_text('{"id":"%s"}' % id)
    drop(str(tmp_path / "in"), "0.json", [{"k": "a", "v": 0}])
    with pytest.raises(IllegalArgumentException, match="Invalid UUID string"):
        counted(spark, str(tmp_path / "in"), str(tmp_path / "ck"))


@pytest.mark.parametrize("folder", ["/proc/nowhere", "file"])
def test_checkpoint_that_can_not_be_made(spark, tmp_path, folder):
    (tmp_path / "file").write_text("no folder")
    box = str(tmp_path / "in")
    drop(box, "0.json", [{"k": "a", "v": 1}])
    with pytest.raises(PySparkException, match="FAILED_IO"):
        counted(spark, box, folder if folder.startswith("/") else str(tmp_path / folder))


JOB = """
from pyspark.sql import SparkSession
s = SparkSession.builder.getOrCreate()
q = s.readStream.text(%r).writeStream.format("noop").option("checkpointLocation", %r).start()
q.processAllAvailable()
print("ready", flush=True)
q.awaitTermination()
"""


def test_two_processes_on_one_checkpoint(tmp_path):
    box, folder = str(tmp_path / "in"), str(tmp_path / "ck")
    drop(box, "0", ["x"])
    path = write_script(tmp_path, JOB % (box, folder))
    both = [Script(path, cwd=tmp_path), Script(path, cwd=tmp_path)]
    try:
        for s in both:
            s.wait_for("a query", lambda s=s: "ready" in s.text)
        drop(box, "1", ["y"])
        eventually("one has ended", lambda: any(s.p.poll() is not None for s in both))
        loser = next(s for s in both if s.p.poll() is not None)
        assert loser.finish() == 1 and "CONCURRENT_STREAM_LOG_UPDATE" in loser.text
    finally:
        for s in both:
            s.kill()


# ---- a socket's server ----

@pytest.mark.parametrize("sent, lines", [
    (b"a\nbcd", ["a", "bcd"]),
    (b"a\rb\r\nc\n\nd\r\r\ne\r", ["a", "b", "c", "", "d", "", "e"]),
    (b"a\xff\xfeb\n\xe4\xb8\n\xed\xa0\x80x\nok\xc3\xa9\n", ["a\ufffd\ufffdb", "\ufffd", "\ufffdx", "ok\xe9"]),
    (b"x" * (20 << 20) + b"\nend", ["x" * (20 << 20), "end"]),
], ids=["half a line", "ends of lines", "not UTF-8", "long"])
def test_what_a_socket_sends(spark, sent, lines):
    """The server closes at once; the query stays, with the lines that java.io.BufferedReader would read."""
    def serve():
        c, _ = listener.accept()
        c.sendall(sent)
        c.close()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        df = spark.readStream.format("socket").option("host", "127.0.0.1").option("port", listener.getsockname()[1])
        q = df.load().selectExpr("md5(value) h").writeStream.format("memory").queryName("sent").start()
        try:
            eventually("all lines", lambda: spark.table("sent").count() == len(lines))
            thread.join()
            want = [hashlib.md5(x.encode()).hexdigest() for x in lines]
            assert [r.h for r in spark.table("sent").collect()] == want
            assert q.isActive and q.exception() is None
        finally:
            q.stop()


def test_explain_of_a_query(spark, tmp_path, capsys):
    drop(str(tmp_path / "in"), "0.json", [{"k": "a", "v": 1}])
    q = spark.readStream.schema("k string, v long").json(str(tmp_path / "in")).writeStream.format("noop").start()
    try:
        q.processAllAvailable()
        q.explain()
        assert capsys.readouterr().out.startswith("== Physical Plan ==\n")
        q.explain(True)
        assert "== Optimized Logical Plan ==\n" in capsys.readouterr().out
    finally:
        q.stop()


# ---- a full disk ----

@pytest.fixture
def small_disk(tmp_path):
    """A file system of 2 MB, and what fills it up to the last n KB."""
    folder = tmp_path / "small"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", folder], capture_output=True).returncode:
        pytest.skip("mount needs root")

    def fill(kb):
        with open(folder / "fill", "wb", buffering=0) as f:
            with pytest.raises(OSError):
                while f.write(b"\0" * 1024):
                    pass
            f.truncate(max(0, f.tell() // 1024 - kb) * 1024)
    yield folder, fill
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.parametrize("kb", [0, 4, 8, 16, 24])
@pytest.mark.parametrize("full", ["checkpoint", "sink", "state"])
def test_full_disk(spark, tmp_path, small_disk, full, kb):
    """The query fails alone, naming a file; with room again each row comes once."""
    small, fill = small_disk
    box = str(tmp_path / "in")
    folder = {"checkpoint": small, "state": small, "sink": tmp_path}[full] / "ck"
    out = str((small if full == "sink" else tmp_path) / "out")

    def run():
        df = spark.readStream.schema("k string, v long").json(box)
        if full == "state":
            w = df.groupBy("k").count().writeStream.format("memory").queryName("full").outputMode("complete")
        else:
            w = df.writeStream.format("json").option("path", out)
        q = w.option("checkpointLocation", str(folder)).start()
        try:
            q.processAllAvailable()
        finally:
            q.stop()

    spark.conf.set("spark.sql.shuffle.partitions", "2")
    drop(box, "0.json", [{"k": f"k{i}", "v": i} for i in range(300)])
    run()
    fill(kb)
    drop(box, "1.json", [{"k": f"k{i}", "v": 1000 + i} for i in range(300)])
    try:
        run()
        assert kb > 0
    except PySparkException as e:
        assert e.getCondition() == "STREAM_FAILED"
        assert str(small) in str(e) and "No space left on device" in str(e)
    assert spark.range(3).count() == 3
    os.remove(small / "fill")
    drop(box, "2.json", [{"k": f"k{i}", "v": 2000 + i} for i in range(300)])
    run()
    if full == "state":
        assert spark.sql("select count(*), min(count), max(count) from full").collect() == [(300, 3, 3)]
    else:
        rows = spark.read.schema("v long").json(out).collect()
        assert sorted(r.v for r in rows) == [n + i for n in (0, 1000, 2000) for i in range(300)]


# ---- the command line ----

@pytest.mark.parametrize("script, status, said", [
    ("def (", 1, "SyntaxError: invalid syntax"),
    ("raise ValueError('boom')", 1, "ValueError: boom"),
    ("import sys; sys.exit('own words')", 1, "own words"),
    ("import os; os._exit(9)", 9, ""),
])
def test_scripts_that_fail(tmp_path, script, status, said):
    rc, text = run_script(tmp_path, script)
    assert rc == status and said in text
    assert "runpy" not in text


def test_a_script_that_is_a_folder(tmp_path):
    p = subprocess.run([FOREBAY, "submit", str(tmp_path)], capture_output=True, text=True, timeout=30)
    assert p.returncode == 2 and "is not a file" in p.stderr


def test_output_that_nobody_reads(tmp_path):
    path = write_script(tmp_path, "for i in range(100000):\n    print(i)")
    p = subprocess.run(f"{FOREBAY} submit {path} | head -1", shell=True, capture_output=True, text=True, timeout=30)
    assert p.stdout == "0\n" and "BrokenPipeError" in p.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "127.example.invalid"])
def test_other_machines_need_a_token(host):
    env = {k: v for k, v in os.environ.items() if k != "SPARK_CONNECT_AUTHENTICATE_TOKEN"}
    p = subprocess.run([FOREBAY, "server", "--host", host, "--port", "0"], capture_output=True, text=True, env=env,
                       timeout=30)
    assert p.returncode == 2 and "--token" in p.stderr


def test_a_port_that_is_taken(server):
    p = subprocess.run([FOREBAY, "server", "--port", str(server)], capture_output=True, text=True, timeout=30)
    assert p.returncode == 1 and "Address already in use" in p.stderr


def test_status_of_a_failed_query(spark, tmp_path):
    drop(str(tmp_path / "in"), "0.json", [{"k": "a", "v": 0}])
    q = spark.readStream.schema("v long").json(str(tmp_path / "in")).selectExpr("1 / v") \
        .writeStream.format("noop").start()
    with pytest.raises(PySparkException):
        q.processAllAvailable()
    assert q.status["message"].startswith("Terminated with exception: [DIVIDE_BY_ZERO]")
