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


def test_column_of_files_and_folders(spark, tmp_path):
    """Inferred, it keeps its place in the files, and has the folders' values; given, the files are taken to lack it."""
    put(tmp_path / "in" / "v=7" / "f.csv", "k,v,d\na,1,x\nb,2,y\n")
    path = str(tmp_path / "in")
    read = spark.read.option("header", True)
    df = read.csv(path)
    assert df.schema.simpleString() == "struct<k:string,v:int,d:string>"
    assert [tuple(r) for r in df.collect()] == [("a", 7, "x"), ("b", 7, "y")]
    assert [tuple(r) for r in df.where("d = 'y' and v = 7").select("d", "k").collect()] == [("y", "b")]
    assert [tuple(r) for r in read.option("enforceSchema", False).csv(path).select("d").collect()] == [("x",), ("y",)]
    assert df.where("v = 1").count() == 0
    df = spark.read.option("header", True).schema("k string, v int, d string").csv(path)
    assert df.schema.simpleString() == "struct<k:string,d:string,v:int>"
    assert [tuple(r) for r in df.collect()] == [("a", "1", 7), ("b", "2", 7)]


def test_column_of_json_and_folders(spark, tmp_path):
    put(tmp_path / "in" / "v=7" / "f.json", '{"k":"a","v":1}\n{"k":"b","v":"x"}\n')
    df = spark.read.json(str(tmp_path / "in"))
    assert df.schema.simpleString() == "struct<k:string,v:int>"
    assert [tuple(r) for r in df.collect()] == [("a", 7), ("b", 7)]
    assert df.where("v = 7").count() == 2
