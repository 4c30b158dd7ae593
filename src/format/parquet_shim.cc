/*
 * parquet_shim.cc - Parquet files through libparquet of the pyarrow package.
 *
 * The one file that includes Parquet's C++ headers. It becomes a library of its own,
 * libforebay_parquet.so, apart from the one for Arrow IPC, since libparquet brings symbols of
 * OpenSSL and simdjson along: parquet_load.c loads it so that they stay inside. Everything runs on
 * the calling thread, bytes come and go through callbacks, and memory comes from malloc rather than
 * from Arrow's own pools. What a file that is read may take of memory is capped.
 *
 * Schemas cross as flat arrays of nodes: what they mean to Spark is decided in C. A written file
 * has the schema that it was given, not the one that Arrow would choose for the same types; the
 * values are those of Arrow's arrays, column by column.
 *
 * Files may be hostile. libparquet checks what it decodes; the numbers of the footer that come from
 * here (rows, offsets) are the file's own word and are checked by who uses them.
 */
#include "format/parquet_shim.h"

#include <arrow/buffer.h>
#include <arrow/c/bridge.h>
#include <arrow/io/interfaces.h>
#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <arrow/status.h>
#include <arrow/util/key_value_metadata.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/writer.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>
#include <parquet/file_writer.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>
#include <parquet/schema.h>
#include <parquet/statistics.h>
#include <parquet/types.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <memory>
#include <string>
#include <vector>

namespace
{

using arrow::Status;
using parquet::LogicalType;

/* ---- bytes ---- */

/* A file that a function in C reads. */
class CallbackFile final : public arrow::io::RandomAccessFile
{
  public:
    CallbackFile(ParquetReadAt read_at, void *arg, int64_t size)
        : read_at_(read_at), arg_(arg), size_(size)
    {
        set_mode(arrow::io::FileMode::READ);
    }
    arrow::Result<int64_t> ReadAt(int64_t position, int64_t nbytes, void *out) override
    {
        if (position < 0 || position > size_ || nbytes < 0) {
            return Status::IOError("an offset is outside of the file");
        }
        nbytes = std::min(nbytes, size_ - position);
        if (nbytes > 0 && read_at_(arg_, position, nbytes, out) != 0) {
            failed_ = true;
            return Status::IOError("the file can't be read");
        }
        return nbytes;
    }
    arrow::Result<std::shared_ptr<arrow::Buffer>> ReadAt(int64_t position, int64_t nbytes) override
    {
        if (position < 0 || position > size_ || nbytes < 0) {
            return Status::IOError("an offset is outside of the file");
        }
        nbytes = std::min(nbytes, size_ - position);
        ARROW_ASSIGN_OR_RAISE(auto buffer,
                              arrow::AllocateBuffer(nbytes, arrow::system_memory_pool()));
        ARROW_RETURN_NOT_OK(ReadAt(position, nbytes, buffer->mutable_data()).status());
        return std::shared_ptr<arrow::Buffer>(std::move(buffer));
    }
    arrow::Result<int64_t> Read(int64_t nbytes, void *out) override
    {
        ARROW_ASSIGN_OR_RAISE(int64_t n, ReadAt(position_, nbytes, out));
        position_ += n;
        return n;
    }
    arrow::Result<std::shared_ptr<arrow::Buffer>> Read(int64_t nbytes) override
    {
        ARROW_ASSIGN_OR_RAISE(auto buffer, ReadAt(position_, nbytes));
        position_ += buffer->size();
        return buffer;
    }
    Status Seek(int64_t position) override
    {
        position_ = position;
        return Status::OK();
    }
    arrow::Result<int64_t> Tell() const override
    {
        return position_;
    }
    arrow::Result<int64_t> GetSize() override
    {
        return size_;
    }
    Status Close() override
    {
        closed_ = true;
        return Status::OK();
    }
    bool closed() const override
    {
        return closed_;
    }
    bool failed() const
    {
        return failed_;
    }

  private:
    ParquetReadAt read_at_;
    void *arg_;
    int64_t size_, position_ = 0;
    bool closed_ = false, failed_ = false;
};

/* Hands each write on to a function in C. */
class CallbackStream final : public arrow::io::OutputStream
{
  public:
    CallbackStream(ParquetSink sink, void *arg) : sink_(sink), arg_(arg)
    {
        set_mode(arrow::io::FileMode::WRITE);
    }
    using arrow::io::OutputStream::Write;
    Status Write(const void *data, int64_t nbytes) override
    {
        if (abandoned_) {
            return Status::OK();
        }
        if (nbytes > 0 && sink_(arg_, data, nbytes) != 0) {
            failed_ = true;
            return Status::IOError("the file can't be written");
        }
        position_ += nbytes;
        return Status::OK();
    }
    arrow::Result<int64_t> Tell() const override
    {
        return position_;
    }
    Status Close() override
    {
        closed_ = true;
        return Status::OK();
    }
    bool closed() const override
    {
        return closed_;
    }
    bool failed() const
    {
        return failed_;
    }

    /* Nothing is written any more: the destructors of a writer would add the footer. */
    void abandon()
    {
        abandoned_ = true;
    }

  private:
    ParquetSink sink_;
    void *arg_;
    int64_t position_ = 0;
    bool closed_ = false, failed_ = false, abandoned_ = false;
};

void set_why(ParquetWhy *why, bool io, const char *text)
{
    size_t n = std::min(std::strlen(text), sizeof(why->text) - 1);
    why->io = io;
    std::memcpy(why->text, text, n);
    why->text[n] = '\0';
}

/* Runs a step, with its failure or exception as the reason. failed() tells of callbacks. */
template <typename Failed, typename Step> int run(ParquetWhy *why, Failed failed, Step step)
{
    try {
        Status st = step();
        if (st.ok()) {
            return 0;
        }
        set_why(why, failed(), st.message().c_str());
    } catch (const std::exception &e) {
        set_why(why, failed(), e.what());
    } catch (...) {
        set_why(why, failed(), "unknown C++ exception");
    }
    return -1;
}

/* ---- schemas to nodes ---- */

int32_t digits_of(LogicalType::TimeUnit::unit unit)
{
    return unit == LogicalType::TimeUnit::MILLIS   ? 3
           : unit == LogicalType::TimeUnit::MICROS ? 6
                                                   : 9;
}

void describe_logical(const LogicalType &t, ParquetNode *to)
{
    to->logical = t.is_string()                   ? PARQUET_STRING
                  : t.is_enum()                   ? PARQUET_ENUM
                  : t.is_JSON()                   ? PARQUET_JSON
                  : t.is_BSON()                   ? PARQUET_BSON
                  : t.is_UUID()                   ? PARQUET_UUID
                  : t.is_decimal()                ? PARQUET_DECIMAL
                  : t.is_date()                   ? PARQUET_DATE
                  : t.is_time()                   ? PARQUET_TIME
                  : t.is_timestamp()              ? PARQUET_TIMESTAMP
                  : t.is_int()                    ? PARQUET_INT
                  : t.is_list()                   ? PARQUET_LIST
                  : t.is_map()                    ? PARQUET_MAP
                  : t.is_null()                   ? PARQUET_NULL
                  : t.is_interval()               ? PARQUET_INTERVAL
                  : t.is_float16()                ? PARQUET_FLOAT16
                  : t.is_none() || t.is_invalid() ? PARQUET_NONE
                                                  : PARQUET_OTHER;
    if (t.is_decimal()) {
        auto &d = static_cast<const parquet::DecimalLogicalType &>(t);
        to->precision = d.precision();
        to->scale = d.scale();
    } else if (t.is_int()) {
        auto &i = static_cast<const parquet::IntLogicalType &>(t);
        to->bits = i.bit_width();
        to->is_signed = i.is_signed();
    } else if (t.is_timestamp()) {
        auto &ts = static_cast<const parquet::TimestampLogicalType &>(t);
        to->utc = ts.is_adjusted_to_utc();
        to->unit = digits_of(ts.time_unit());
    } else if (t.is_time()) {
        auto &ti = static_cast<const parquet::TimeLogicalType &>(t);
        to->utc = ti.is_adjusted_to_utc();
        to->unit = digits_of(ti.time_unit());
    }
}

/* Depth is bounded by libparquet, which refuses deeper schemas. */
void describe(const parquet::schema::Node &n, int32_t *column, std::vector<ParquetNode> *to)
{
    ParquetNode node = {};
    node.name = n.name().c_str();
    node.repetition = static_cast<int32_t>(n.repetition());
    node.physical = PARQUET_GROUP;
    node.column = -1;
    node.field_id = n.field_id();
    if (n.logical_type()) {
        describe_logical(*n.logical_type(), &node);
    }
    if (n.is_primitive()) {
        auto &p = static_cast<const parquet::schema::PrimitiveNode &>(n);
        node.physical = static_cast<int32_t>(p.physical_type());
        node.length = p.type_length();
        node.column = (*column)++;
        node.span = 1;
        to->push_back(node);
        return;
    }
    auto &group = static_cast<const parquet::schema::GroupNode &>(n);
    node.n_children = group.field_count();
    size_t at = to->size();
    to->push_back(node);
    for (int i = 0; i < group.field_count(); i++) {
        describe(*group.field(i), column, to);
    }
    (*to)[at].span = static_cast<int32_t>(to->size() - at);
}

} // namespace

/* ---- reading ---- */

struct ParquetFile {
    arrow::CappedMemoryPool pool; /* destroyed last: buffers are from it */
    std::shared_ptr<CallbackFile> bytes;
    std::unique_ptr<parquet::arrow::FileReader> reader;
    std::shared_ptr<parquet::FileMetaData> footer;
    std::vector<ParquetNode> nodes;
    std::string value; /* of the last pair asked for */

    ParquetFile(ParquetReadAt read_at, void *arg, int64_t size, int64_t limit)
        : pool(arrow::system_memory_pool(), limit),
          bytes(std::make_shared<CallbackFile>(read_at, arg, size))
    {
    }
};

namespace
{

/* Arrow's own schema in the footer would change the types of what is read (dictionaries, durations,
 * zones): the Parquet schema alone counts. */
void forget_arrow_schema(const parquet::FileMetaData &footer)
{
    if (footer.key_value_metadata() && footer.key_value_metadata()->Contains("ARROW:schema")) {
        auto pairs = std::const_pointer_cast<arrow::KeyValueMetadata>(footer.key_value_metadata());
        (void)pairs->Delete("ARROW:schema");
    }
}

Status open_file(ParquetFile *f)
{
    parquet::ReaderProperties properties(&f->pool);
    properties.enable_buffered_stream(); /* else a column of a row group is read as a whole */
    properties.set_buffer_size(1 << 20);
    auto file = parquet::ParquetFileReader::Open(f->bytes, properties);
    f->footer = file->metadata();
    forget_arrow_schema(*f->footer);
    parquet::ArrowReaderProperties arrow_properties(/*use_threads=*/false);
    arrow_properties.set_pre_buffer(false); /* it would keep the whole file */
    arrow_properties.set_binary_type(arrow::Type::BINARY_VIEW);
    arrow_properties.set_coerce_int96_timestamp_unit(arrow::TimeUnit::MICRO);
    ARROW_RETURN_NOT_OK(
        parquet::arrow::FileReader::Make(&f->pool, std::move(file), arrow_properties)
            .Value(&f->reader));
    int32_t column = 0;
    describe(*f->footer->schema()->schema_root(), &column, &f->nodes);
    return Status::OK();
}

int shim_open(ParquetReadAt read_at, void *arg, int64_t size, int64_t memory_limit,
              ParquetFile **ret, ParquetWhy *why)
{
    *ret = nullptr;
    std::unique_ptr<ParquetFile> f;
    int rc = run(
        why, [&] { return f && f->bytes->failed(); },
        [&] {
            f = std::make_unique<ParquetFile>(read_at, arg, size, memory_limit);
            return open_file(f.get());
        });
    if (rc == 0) {
        *ret = f.release();
    }
    return rc;
}

void shim_close(ParquetFile *f)
{
    delete f;
}

const ParquetNode *shim_schema(ParquetFile *f, int32_t *ret_n)
{
    *ret_n = static_cast<int32_t>(f->nodes.size());
    return f->nodes.data();
}

const char *shim_pair(ParquetFile *f, const char *key)
{
    auto pairs = f->footer->key_value_metadata();
    int at = pairs ? pairs->FindKey(key) : -1;
    if (at < 0) {
        return nullptr;
    }
    f->value = pairs->value(at);
    return f->value.c_str();
}

int32_t shim_n_groups(ParquetFile *f)
{
    return f->footer->num_row_groups();
}

/* As parquet-mr: from the first page of the first column, half of the compressed size. */
void shim_group(ParquetFile *f, int32_t i, ParquetGroup *ret)
{
    *ret = {};
    ParquetWhy ignored;
    (void)run(
        &ignored, [] { return false; },
        [&] {
            auto group = f->footer->RowGroup(i);
            ret->n_rows = group->num_rows();
            if (group->num_columns() == 0) {
                return Status::OK();
            }
            int64_t start = 0;
            uint64_t size = 0;
            for (int c = 0; c < group->num_columns(); c++) {
                auto chunk = group->ColumnChunk(c);
                if (c == 0) {
                    start = chunk->data_page_offset();
                    if (chunk->has_dictionary_page() && chunk->dictionary_page_offset() > 0) {
                        start = std::min(start, chunk->dictionary_page_offset());
                    }
                }
                size += static_cast<uint64_t>(chunk->total_compressed_size());
            }
            ret->middle = static_cast<int64_t>(static_cast<uint64_t>(start) + size / 2);
            return Status::OK();
        });
}

void shim_stats(ParquetFile *f, int32_t group, int32_t column, ParquetStats *ret)
{
    *ret = {};
    ParquetWhy ignored;
    (void)run(
        &ignored, [] { return false; },
        [&] {
            auto chunk = f->footer->RowGroup(group)->ColumnChunk(column);
            ret->n_values = chunk->num_values();
            auto stats = chunk->statistics();
            if (!stats) {
                return Status::OK();
            }
            ret->has_null_count = stats->HasNullCount();
            ret->n_nulls = stats->null_count();
            if (!stats->HasMinMax()) {
                return Status::OK();
            }
            if (stats->physical_type() == parquet::Type::INT32) {
                auto &s = static_cast<const parquet::Int32Statistics &>(*stats);
                ret->low = s.min();
                ret->high = s.max();
                ret->has_bounds = 1;
            } else if (stats->physical_type() == parquet::Type::INT64) {
                auto &s = static_cast<const parquet::Int64Statistics &>(*stats);
                ret->low = s.min();
                ret->high = s.max();
                ret->has_bounds = 1;
            }
            return Status::OK();
        });
}

int shim_read(ParquetFile *f, const int32_t *groups, int32_t n_groups, const int32_t *columns,
              int32_t n_columns, int64_t batch_rows, struct ArrowArrayStream *ret, ParquetWhy *why)
{
    return run(
        why, [&] { return f->bytes->failed(); },
        [&] {
            f->reader->set_batch_size(batch_rows);
            std::unique_ptr<arrow::RecordBatchReader> batches;
            ARROW_RETURN_NOT_OK(
                f->reader
                    ->GetRecordBatchReader(std::vector<int>(groups, groups + n_groups),
                                           std::vector<int>(columns, columns + n_columns))
                    .Value(&batches));
            return arrow::ExportRecordBatchReader(
                std::shared_ptr<arrow::RecordBatchReader>(std::move(batches)), ret);
        });
}

} // namespace

/* ---- writing ---- */

struct ParquetWriter {
    arrow::ProxyMemoryPool pool; /* counts; destroyed last */
    std::shared_ptr<CallbackStream> out;
    std::shared_ptr<arrow::Schema> rows;
    std::unique_ptr<parquet::arrow::FileWriter> writer;
    /* The last rows are kept back, so that a row group that begins is never left empty. */
    std::shared_ptr<arrow::RecordBatch> last;
    int64_t idle = 0; /* what the pool holds without rows */

    ParquetWriter(ParquetSink sink, void *arg)
        : pool(arrow::system_memory_pool()), out(std::make_shared<CallbackStream>(sink, arg))
    {
    }
};

namespace
{

std::shared_ptr<const LogicalType> logical_of(const ParquetNode &n)
{
    auto unit = n.unit == 3   ? LogicalType::TimeUnit::MILLIS
                : n.unit == 6 ? LogicalType::TimeUnit::MICROS
                              : LogicalType::TimeUnit::NANOS;
    switch (n.logical) {
    case PARQUET_STRING:
        return LogicalType::String();
    case PARQUET_DECIMAL:
        return LogicalType::Decimal(n.precision, n.scale);
    case PARQUET_DATE:
        return LogicalType::Date();
    case PARQUET_TIMESTAMP:
        return LogicalType::Timestamp(n.utc != 0, unit);
    case PARQUET_INT:
        return LogicalType::Int(n.bits, n.is_signed != 0);
    case PARQUET_LIST:
        return LogicalType::List();
    case PARQUET_MAP:
        return LogicalType::Map();
    case PARQUET_NULL:
        return LogicalType::Null();
    default:
        return LogicalType::None();
    }
}

/* Node *at and what is below it; *at moves behind. The engine bounds the depth of its types. */
parquet::schema::NodePtr build(const ParquetNode *nodes, int32_t n_nodes, int32_t *at)
{
    if (*at >= n_nodes) {
        throw parquet::ParquetException("the schema ends in the middle");
    }
    const ParquetNode &n = nodes[(*at)++];
    auto repetition = static_cast<parquet::Repetition::type>(n.repetition);
    if (n.physical != PARQUET_GROUP) {
        return parquet::schema::PrimitiveNode::Make(
            n.name, repetition, logical_of(n), static_cast<parquet::Type::type>(n.physical),
            n.physical == PARQUET_FIXED ? n.length : -1, n.field_id);
    }
    parquet::schema::NodeVector children;
    for (int32_t i = 0; i < n.n_children; i++) {
        children.push_back(build(nodes, n_nodes, at));
    }
    if (n.logical == PARQUET_MAP_ENTRIES) {
        return parquet::schema::GroupNode::Make(n.name, repetition, children,
                                                parquet::ConvertedType::MAP_KEY_VALUE, n.field_id);
    }
    return parquet::schema::GroupNode::Make(n.name, repetition, children,
                                            n.logical == PARQUET_NONE ? nullptr : logical_of(n),
                                            n.field_id);
}

parquet::Compression::type codec_of(const std::string &name)
{
    return name == "snappy"    ? parquet::Compression::SNAPPY
           : name == "gzip"    ? parquet::Compression::GZIP
           : name == "zstd"    ? parquet::Compression::ZSTD
           : name == "brotli"  ? parquet::Compression::BROTLI
           : name == "lz4"     ? parquet::Compression::LZ4_HADOOP
           : name == "lz4_raw" ? parquet::Compression::LZ4
                               : parquet::Compression::UNCOMPRESSED;
}

Status create_writer(ParquetWriter *w, const ParquetNode *nodes, int32_t n_nodes,
                     const ParquetWriteOptions *options, struct ArrowSchema *rows)
{
    ARROW_ASSIGN_OR_RAISE(w->rows, arrow::ImportSchema(rows));
    int32_t at = 0;
    auto root = std::static_pointer_cast<parquet::schema::GroupNode>(build(nodes, n_nodes, &at));
    auto properties = parquet::WriterProperties::Builder()
                          .memory_pool(&w->pool)
                          ->version(parquet::ParquetVersion::PARQUET_2_6)
                          ->data_page_version(parquet::ParquetDataPageVersion::V1)
                          ->compression(codec_of(options->codec))
                          ->created_by(options->created_by)
                          ->enable_page_checksum()
                          ->max_row_group_length(INT64_MAX)
                          ->build();
    auto pairs = std::make_shared<arrow::KeyValueMetadata>();
    for (int32_t i = 0; i < options->n_pairs; i++) {
        pairs->Append(options->pairs[2 * i], options->pairs[2 * i + 1]);
    }
    auto file = parquet::ParquetFileWriter::Open(w->out, root, properties, pairs);
    auto arrow_properties = parquet::ArrowWriterProperties::Builder().build();
    ARROW_RETURN_NOT_OK(parquet::arrow::FileWriter::Make(&w->pool, std::move(file), w->rows,
                                                         arrow_properties, &w->writer));
    w->idle = w->pool.bytes_allocated();
    return Status::OK();
}

int shim_create(const ParquetNode *nodes, int32_t n_nodes, const ParquetWriteOptions *options,
                struct ArrowSchema *rows, ParquetSink sink, void *arg, ParquetWriter **ret,
                ParquetWhy *why)
{
    *ret = nullptr;
    std::unique_ptr<ParquetWriter> w;
    int rc = run(
        why, [&] { return w && w->out->failed(); },
        [&] {
            w = std::make_unique<ParquetWriter>(sink, arg);
            return create_writer(w.get(), nodes, n_nodes, options, rows);
        });
    if (rows->release) {
        rows->release(rows);
    }
    if (rc == 0) {
        *ret = w.release();
    }
    return rc;
}

/* Writes the rows that were kept back. */
Status write_last(ParquetWriter *w)
{
    auto rows = std::move(w->last);
    w->last.reset();
    return rows ? w->writer->WriteRecordBatch(*rows) : Status::OK();
}

int shim_write(ParquetWriter *w, struct ArrowArray *batch, ParquetWhy *why)
{
    int rc = run(
        why, [&] { return w->out->failed(); },
        [&] {
            ARROW_ASSIGN_OR_RAISE(auto rows, arrow::ImportRecordBatch(batch, w->rows));
            ARROW_RETURN_NOT_OK(write_last(w));
            w->last = rows;
            return Status::OK();
        });
    if (batch->release) {
        batch->release(batch);
    }
    return rc;
}

int64_t shim_held(ParquetWriter *w)
{
    return std::max<int64_t>(w->pool.bytes_allocated() - w->idle, 0);
}

/* The open group is closed when the next one, which gets the last rows, is opened. */
int shim_end_group(ParquetWriter *w, ParquetWhy *why)
{
    return run(
        why, [&] { return w->out->failed(); },
        [&] { return w->last ? w->writer->NewBufferedRowGroup() : Status::OK(); });
}

int shim_finish(ParquetWriter *w, ParquetWhy *why)
{
    return run(
        why, [&] { return w->out->failed(); },
        [&] {
            ARROW_RETURN_NOT_OK(write_last(w));
            return w->writer->Close();
        });
}

void shim_free(ParquetWriter *w)
{
    ParquetWhy ignored;
    w->out->abandon();
    (void)run(
        &ignored, [] { return false; },
        [&] {
            w->writer.reset();
            return Status::OK();
        });
    delete w;
}

} // namespace

extern "C" __attribute__((visibility("default"))) const ParquetShim *fb_parquet_shim(void)
{
    static const ParquetShim shim = {PARQUET_SHIM_ABI, shim_open,     shim_close, shim_schema,
                                     shim_pair,        shim_n_groups, shim_group, shim_stats,
                                     shim_read,        shim_create,   shim_write, shim_held,
                                     shim_end_group,   shim_finish,   shim_free};
    return &shim;
}
