"""Take the Spark Connect descriptors out of an installed PySpark and make them fit for protobuf-c.

PySpark ships its protos only as *_pb2.py modules, each of which holds its serialized
FileDescriptorProto. This script loads them (any of pyspark[connect] and pyspark-client will do),
rewrites them, and writes a FileDescriptorSet that `protoc --descriptor_set_in` accepts.

protoc-gen-c refuses proto3 files that have optional fields, so the files become proto2 files with
the same bytes on the wire:
  * proto3_optional and the one-field oneofs that stand for it are dropped (proto2 fields have
    presence of their own);
  * repeated scalars get packed=true, which is what proto3 does by itself.
The fields in STRINGS_AS_BYTES become bytes: a C string ends at the first NUL, and these may well
hold one. Strings and bytes are the same on the wire too.

usage: connect_descriptors.py OUT
prints, for CMake: the version of PySpark, the file that tells it, then the names of the protos,
separated by semicolons. Writes OUT only if its content changes.
"""

import importlib
import importlib.util
import os
import re
import sys
import types

CONNECT = ("base", "ml", "pipelines")
RPC = ("status", "error_details")
STRINGS_AS_BYTES = {"spark.connect.Expression.Literal.string"}


def pyspark_folder():
    """The folder of the pyspark package, without running its __init__ (slow, wants pandas)."""
    spec = importlib.util.find_spec("pyspark")
    if spec is None or not spec.submodule_search_locations:
        sys.exit(f"{sys.executable} has no pyspark: pip install pyspark-client")
    return list(spec.submodule_search_locations)[0]


def load_modules(folder):
    path = folder
    for name in ("pyspark", "pyspark.sql", "pyspark.sql.connect", "pyspark.sql.connect.proto"):
        if name != "pyspark":
            path = os.path.join(path, name.rpartition(".")[2])
        package = types.ModuleType(name)
        package.__path__ = [path]
        sys.modules[name] = package
    try:
        connect = [importlib.import_module(f"pyspark.sql.connect.proto.{m}_pb2") for m in CONNECT]
        rpc = [importlib.import_module(f"google.rpc.{m}_pb2") for m in RPC]
    except ImportError as e:
        sys.exit(f"{sys.executable} can't load Spark Connect's protos: {e}")
    return connect + rpc


def collect(modules):
    """One FileDescriptorSet of the modules' files and all they import, imports first."""
    from google.protobuf import descriptor_pb2

    result, seen = descriptor_pb2.FileDescriptorSet(), set()

    def add(descriptor):
        if descriptor.name in seen:
            return
        seen.add(descriptor.name)
        for dependency in descriptor.dependencies:
            add(dependency)
        descriptor.CopyToProto(result.file.add())

    for module in modules:
        add(module.DESCRIPTOR)
    return result


def to_proto2(message, name):
    """Rewrite a message and those nested in it. name is its full name, without a leading dot."""
    from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Field

    unpackable = (Field.TYPE_STRING, Field.TYPE_BYTES, Field.TYPE_MESSAGE, Field.TYPE_GROUP)
    synthetic = set()
    for field in message.field:
        if field.proto3_optional:
            synthetic.add(field.oneof_index)
            field.ClearField("oneof_index")
            field.ClearField("proto3_optional")
        if field.label == Field.LABEL_REPEATED and field.type not in unpackable:
            field.options.packed = True
        if f"{name}.{field.name}" in STRINGS_AS_BYTES:
            field.type = Field.TYPE_BYTES
    # protoc puts the synthetic oneofs last, so that the indices of the others stay right.
    kept = [o for i, o in enumerate(message.oneof_decl) if i not in synthetic]
    if any(i < len(kept) for i in synthetic):
        sys.exit(f"{name}: a synthetic oneof is not last")
    del message.oneof_decl[:]
    message.oneof_decl.extend(kept)
    for nested in message.nested_type:
        to_proto2(nested, f"{name}.{nested.name}")


def rewrite(files):
    for file in files.file:
        file.syntax = "proto2"
        for message in file.message_type:
            to_proto2(message, f"{file.package}.{message.name}")


def main():
    out = sys.argv[1]
    folder = pyspark_folder()
    version_file = os.path.join(folder, "version.py")
    with open(version_file, encoding="utf-8") as f:
        version = re.search(r'__version__[^"\']*["\']([0-9]+\.[0-9]+\.[0-9]+)', f.read()).group(1)
    files = collect(load_modules(folder))
    rewrite(files)
    data = files.SerializeToString(deterministic=True)
    old = None
    if os.path.exists(out):
        with open(out, "rb") as f:
            old = f.read()
    if data != old:
        with open(out, "wb") as f:
            f.write(data)
    print(";".join([version, version_file] + [f.name for f in files.file]), end="")


if __name__ == "__main__":
    main()
