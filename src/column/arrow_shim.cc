/*
 * arrow_shim.cc - Arrow IPC streams through libarrow of the pyarrow package.
 *
 * The one file that includes Arrow C++. It becomes a library of its own, libforebay_arrow.so, which
 * arrow_ipc.c loads when the first stream is read or written; record batches cross as the C Data
 * Interface. Everything runs on the calling thread, and memory comes from malloc rather than from
 * Arrow's own pools, so that what a batch took goes back to where the engine can use it again.
 *
 * Input may be hostile: each batch that is read is validated in full (offsets, sizes of buffers,
 * UTF-8, dictionary indices) before anybody sees it, and what decompression may allocate is capped.
 */
#include "column/arrow_shim.h"

#include <arrow/array/data.h>
#include <arrow/buffer.h>
#include <arrow/c/bridge.h>
#include <arrow/io/interfaces.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/options.h>
#include <arrow/ipc/reader.h>
#include <arrow/ipc/writer.h>
#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <arrow/status.h>
#include <arrow/type.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#define SHIM_EXPORT extern "C" __attribute__((visibility("default")))

namespace
{

/* Hands each write on to a function in C. */
class SinkStream final : public arrow::io::OutputStream
{
  public:
    SinkStream(ArrowShimSink sink, void *arg) : sink_(sink), arg_(arg)
    {
        set_mode(arrow::io::FileMode::WRITE);
    }
    using arrow::io::OutputStream::Write;
    arrow::Status Write(const void *data, int64_t nbytes) override
    {
        sink_(arg_, data, static_cast<size_t>(nbytes));
        position_ += nbytes;
        return arrow::Status::OK();
    }
    arrow::Result<int64_t> Tell() const override
    {
        return position_;
    }
    arrow::Status Close() override
    {
        closed_ = true;
        return arrow::Status::OK();
    }
    bool closed() const override
    {
        return closed_;
    }

  private:
    ArrowShimSink sink_;
    void *arg_;
    int64_t position_ = 0;
    bool closed_ = false;
};

/* A reader whose batches are valid; it owns the capped pool that they live in. */
class CheckedReader final : public arrow::RecordBatchReader
{
  public:
    explicit CheckedReader(int64_t memory_limit) : pool_(arrow::system_memory_pool(), memory_limit)
    {
    }
    arrow::Status Open(std::shared_ptr<arrow::io::InputStream> in)
    {
        auto options = arrow::ipc::IpcReadOptions::Defaults();
        options.memory_pool = &pool_;
        options.use_threads = false;
        options.ensure_alignment = arrow::ipc::Alignment::kDataTypeSpecificAlignment;
        return arrow::ipc::RecordBatchStreamReader::Open(std::move(in), options).Value(&reader_);
    }
    std::shared_ptr<arrow::Schema> schema() const override
    {
        return reader_->schema();
    }
    arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch> *batch) override
    {
        ARROW_RETURN_NOT_OK(reader_->ReadNext(batch));
        return *batch ? (*batch)->ValidateFull() : arrow::Status::OK();
    }
    arrow::Status Close() override
    {
        return reader_->Close();
    }

  private:
    arrow::CappedMemoryPool pool_; /* destroyed last: the reader's buffers are from it */
    std::shared_ptr<arrow::ipc::RecordBatchStreamReader> reader_;
};

/* Names come as C strings with CSTR_NUL for NUL (base/arena.h), which only Arrow's own have. */
constexpr char kNul = '\xFF';

bool has_nul_name(const arrow::FieldVector &fields)
{
    return std::any_of(fields.begin(), fields.end(), [](const std::shared_ptr<arrow::Field> &f) {
        return f->name().find(kNul) != std::string::npos || has_nul_name(f->type()->fields());
    });
}

arrow::FieldVector restored(const arrow::FieldVector &fields);

std::shared_ptr<arrow::DataType> restored(const std::shared_ptr<arrow::DataType> &type)
{
    arrow::FieldVector f = restored(type->fields());
    switch (type->id()) {
    case arrow::Type::STRUCT:
        return arrow::struct_(f);
    case arrow::Type::LIST:
        return arrow::list(f[0]);
    case arrow::Type::MAP: /* one field: the entries, of key and value */
        return std::make_shared<arrow::MapType>(f[0]->type()->field(0), f[0]->type()->field(1));
    default:
        return type;
    }
}

arrow::FieldVector restored(const arrow::FieldVector &fields)
{
    arrow::FieldVector ret;
    for (const auto &f : fields) {
        std::string name = f->name();
        std::replace(name.begin(), name.end(), kNul, '\0');
        ret.push_back(f->WithName(name)->WithType(restored(f->type())));
    }
    return ret;
}

std::shared_ptr<arrow::ArrayData> with_type(const arrow::ArrayData &data,
                                            const std::shared_ptr<arrow::DataType> &type)
{
    auto ret = data.Copy();
    ret->type = type;
    for (size_t i = 0; i < ret->child_data.size(); i++) {
        ret->child_data[i] =
            with_type(*data.child_data[i], type->field(static_cast<int>(i))->type());
    }
    return ret;
}

std::shared_ptr<arrow::RecordBatch> restored(const std::shared_ptr<arrow::RecordBatch> &batch)
{
    auto schema = arrow::schema(restored(batch->schema()->fields()), batch->schema()->metadata());
    std::vector<std::shared_ptr<arrow::ArrayData>> columns;
    for (int i = 0; i < batch->num_columns(); i++) {
        columns.push_back(with_type(*batch->column_data(i), schema->field(i)->type()));
    }
    return arrow::RecordBatch::Make(schema, batch->num_rows(), std::move(columns));
}

arrow::Status write_stream(ArrowSchema *c_schema, ArrowArray *c_batch, ArrowShimSink sink,
                           void *arg)
{
    ARROW_ASSIGN_OR_RAISE(auto batch, arrow::ImportRecordBatch(c_batch, c_schema));
    if (has_nul_name(batch->schema()->fields())) {
        batch = restored(batch);
    }
    auto options = arrow::ipc::IpcWriteOptions::Defaults();
    options.memory_pool = arrow::system_memory_pool();
    options.use_threads = false;
    SinkStream out(sink, arg);
    ARROW_ASSIGN_OR_RAISE(auto writer,
                          arrow::ipc::MakeStreamWriter(&out, batch->schema(), options));
    ARROW_RETURN_NOT_OK(writer->WriteRecordBatch(*batch));
    return writer->Close();
}

arrow::Status open_stream(const void *p, size_t n, int64_t memory_limit, ArrowArrayStream *ret)
{
    auto buffer =
        std::make_shared<arrow::Buffer>(static_cast<const uint8_t *>(p), static_cast<int64_t>(n));
    auto reader = std::make_shared<CheckedReader>(memory_limit);
    ARROW_RETURN_NOT_OK(reader->Open(std::make_shared<arrow::io::BufferReader>(buffer)));
    return arrow::ExportRecordBatchReader(reader, ret);
}

void set_message(char *msg, size_t msg_len, const std::string &text)
{
    size_t n = std::min(text.size(), msg_len - 1);
    std::memcpy(msg, text.data(), n);
    msg[n] = '\0';
}

/* Runs a step, with its failure or exception as the message. */
template <typename Step> int run(char *msg, size_t msg_len, Step step)
{
    try {
        arrow::Status st = step();
        if (st.ok()) {
            return 0;
        }
        set_message(msg, msg_len, st.message());
    } catch (const std::exception &e) {
        set_message(msg, msg_len, e.what());
    } catch (...) {
        set_message(msg, msg_len, "unknown C++ exception");
    }
    return -1;
}

} // namespace

SHIM_EXPORT int fb_arrow_abi(void)
{
    return ARROW_SHIM_ABI;
}

SHIM_EXPORT int fb_arrow_ipc_write(struct ArrowSchema *schema, struct ArrowArray *batch,
                                   ArrowShimSink sink, void *arg, char *msg, size_t msg_len)
{
    return run(msg, msg_len, [&] { return write_stream(schema, batch, sink, arg); });
}

SHIM_EXPORT int fb_arrow_ipc_open(const void *p, size_t n, int64_t memory_limit,
                                  struct ArrowArrayStream *ret, char *msg, size_t msg_len)
{
    return run(msg, msg_len, [&] { return open_stream(p, n, memory_limit, ret); });
}
