"""Tables that show() prints, against those of Spark: cut cells, whole headers, wide characters, blocks.

`test_show.py sc://HOST:PORT` writes the recorded tables (show.txt) anew, from a real Spark."""
import contextlib
import io
import os
import sys

from pyspark.sql.connect.session import SparkSession

RECORDED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "show.txt")
QUERIES = [
    "SELECT 1 AS a_very_long_column_name_indeed_it_is, 'abcdefghijklmnopqrstuvwxyz' AS b",
    "SELECT '表情表情' AS w, 'ｆｕｌｌ' f, '한글' AS k, 'a' AS `名前が長い`, '\U0001F600\U0001F600' e",
    "SELECT X'0102ff' b, CAST('hello world this is long' AS BINARY) c, array(1, 2, null) d, map('k', array(1)) m,"
    " named_struct('x', 1, 'y', 'z') s",
    "SELECT 'tab\\tnl\\nx' `a\tb`, null n, CAST(null AS BINARY) nb, array('a', null) an, struct(null) sn",
    "SELECT id, repeat('x', 30) s FROM range(3)",
    "SELECT 1 a WHERE false",
    "SELECT 'a\U0001F600b\U0001F600c\U0001F600d\U0001F600e\U0001F600f\U0001F600g\U0001F600h\U0001F600' x",
    "SELECT '\u0301e\u0301' c, '（）' p, '￥' y, '\U00020000' cjk",
]
WAYS = [{}, {"truncate": False}, {"truncate": 3}, {"truncate": 5}, {"vertical": True}, {"vertical": True, "truncate": 4},
        {"n": 2}, {"n": 0}, {"n": 1, "vertical": True}]


def tables(spark):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        for query in QUERIES:
            for way in WAYS:
                print(query, way)
                spark.sql(query).show(**way)
    return out.getvalue()


def test_show(spark):
    with open(RECORDED, encoding="utf-8") as f:
        assert tables(spark) == f.read()


if __name__ == "__main__":
    with open(RECORDED, "w", encoding="utf-8") as f:
        f.write(tables(SparkSession.builder.remote(sys.argv[1]).create()))
