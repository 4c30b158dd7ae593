"""Which files tell the schema and which are read: those beside the partitions tell, but are not read. As Spark 4.3 has it."""


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_files_beside_partitions(spark, tmp_path):
    put(tmp_path / "in" / "f.json", '{"v":"text","w":1}\n')
    put(tmp_path / "in" / "p=1" / "f.json", '{"v":1}\n')
    df = spark.read.json(str(tmp_path / "in"))
    assert df.schema.simpleString() == "struct<v:string,w:bigint,p:int>"
    assert [tuple(r) for r in df.collect()] == [("1", None, 1)]
    df = spark.read.option("pathGlobFilter", "g*").schema("v string").json(str(tmp_path / "in"))
    assert df.count() == 0


def test_plain_folders_below(spark, tmp_path):
    put(tmp_path / "in" / "x" / "f.csv", "text\n")
    put(tmp_path / "in" / "x" / "p=1" / "f.csv", "1\n")
    df = spark.read.option("inferSchema", True).csv(str(tmp_path / "in"))
    assert df.schema.simpleString() == "struct<_c0:string,p:int>"
    assert [tuple(r) for r in df.collect()] == [("1", 1)]


def test_escapes_of_folders_are_characters(spark, tmp_path):
    put(tmp_path / "in" / "p=%E9%2F%C3" / "f.txt", "a\n")
    put(tmp_path / "in" / "p=é" / "f.txt", "b\n")
    got = spark.read.text(str(tmp_path / "in")).orderBy("value").collect()
    assert [tuple(r) for r in got] == [("a", "é/Ã"), ("b", "é")]
