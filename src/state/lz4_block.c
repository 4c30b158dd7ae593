/*
 * lz4_block.c - the block stream of lz4-java's LZ4BlockOutputStream.
 *
 * Each block has a 21-byte head: "LZ4Block", a token (method in the high nibble, block size class
 * in the low one), compressed length, original length and a check sum, ints little-endian. Written
 * with 32 KiB blocks as Spark writes them; read with any block size up to the class's.
 */
#include "state/state.h"

#include <lz4.h>
#include <xxhash.h>

#define MAGIC "LZ4Block"
#define MAGIC_BYTES 8
#define HEAD_BYTES 21
#define BLOCK_BYTES (32u << 10)
#define LEVEL 5u /* 2^(10+5) = 32 KiB */
#define METHOD_RAW 0x10u
#define METHOD_LZ4 0x20u
#define CHECK_SEED 0x9747b28cu
#define CHECK_MASK 0x0fffffffu

static void put_u32(unsigned char *p, uint32_t v)
{
    memcpy(p, &v, sizeof(v)); /* the engine runs on little-endian machines only */
}

static uint32_t get_u32(const unsigned char *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof(v));
    return v;
}

static void write_head(unsigned char *head, uint32_t method, uint32_t packed, uint32_t raw,
                       uint32_t check)
{
    memcpy(head, MAGIC, MAGIC_BYTES);
    head[8] = (unsigned char)(method | LEVEL);
    put_u32(head + 9, packed);
    put_u32(head + 13, raw);
    put_u32(head + 17, check);
}

void lz4_block_encode(const void *p, size_t n, StrBuf *out)
{
    const char *in = p;
    unsigned char head[HEAD_BYTES];
    for (size_t at = 0; at < n;) {
        uint32_t raw = n - at < BLOCK_BYTES ? (uint32_t)(n - at) : BLOCK_BYTES;
        uint32_t check = XXH32(in + at, raw, CHECK_SEED) & CHECK_MASK;
        int bound = LZ4_compressBound((int)raw);
        strbuf_reserve(out, HEAD_BYTES + (size_t)bound);
        char *dst = out->p + out->n + HEAD_BYTES;
        int packed = LZ4_compress_default(in + at, dst, (int)raw, bound);
        uint32_t method = METHOD_LZ4;
        if (packed <= 0 || (uint32_t)packed >= raw) {
            method = METHOD_RAW;
            packed = (int)raw;
            memcpy(dst, in + at, raw);
        }
        write_head(head, method, (uint32_t)packed, raw, check);
        memcpy(out->p + out->n, head, HEAD_BYTES);
        out->n += HEAD_BYTES + (size_t)packed;
        at += raw;
    }
    write_head(head, METHOD_RAW, 0, 0, 0);
    strbuf_append(out, head, HEAD_BYTES);
}

static fb_status corrupt(fb_error *err, const char *why)
{
    return err_set(err, ERR_STATE_FILE_CORRUPT, "reason", why, NULL);
}

static fb_status decode_block(const unsigned char *data, uint32_t method, uint32_t packed,
                              uint32_t raw, uint32_t check, StrBuf *out, fb_error *err)
{
    strbuf_reserve(out, raw);
    char *dst = out->p + out->n;
    if (method == METHOD_RAW) {
        if (packed != raw) {
            return corrupt(err, "a stored block with two lengths");
        }
        memcpy(dst, data, raw);
    } else if (LZ4_decompress_safe((const char *)data, dst, (int)packed, (int)raw) != (int)raw) {
        return corrupt(err, "a block that does not decompress to its length");
    }
    if ((XXH32(dst, raw, CHECK_SEED) & CHECK_MASK) != check) {
        return corrupt(err, "a block whose check sum is wrong");
    }
    out->n += raw;
    return FB_OK;
}

fb_status lz4_block_decode(const void *p, size_t n, StrBuf *out, fb_error *err)
{
    const unsigned char *in = p;
    size_t at = 0;
    while (at < n) {
        if (n - at < HEAD_BYTES || memcmp(in + at, MAGIC, MAGIC_BYTES) != 0) {
            return corrupt(err, "no block where one should begin");
        }
        uint32_t token = in[at + 8], method = token & 0xf0;
        uint32_t packed = get_u32(in + at + 9), raw = get_u32(in + at + 13);
        uint32_t check = get_u32(in + at + 17);
        at += HEAD_BYTES;
        if ((method != METHOD_RAW && method != METHOD_LZ4) || raw > 1u << (10 + (token & 15)) ||
            (packed == 0) != (raw == 0) || packed > n - at) {
            return corrupt(err, "a block head that can't be true, or a file cut short");
        }
        if (raw == 0) {
            if (check) {
                return corrupt(err, "an end block with a check sum");
            }
            continue; /* another stream may follow */
        }
        TRY(decode_block(in + at, method, packed, raw, check, out, err));
        at += packed;
    }
    return FB_OK;
}
