#include "kafka/compression.h"

#include <algorithm>
#include <array>
#include <memory>

#include <lz4frame.h>
#include <snappy-c.h>
#include <zlib.h>
#include <zstd.h>

namespace ticklake::kafka {
namespace {

using base::ByteReader;
using base::Bytes;
using base::ByteView;
using base::ErrorCode;
using base::fail;
using base::Result;

// org.xerial.snappy's SnappyOutputStream: a magic of 8 bytes, version and lowest compatible
// version (int32 each), then chunks of an int32 length and raw snappy.
constexpr std::array<std::byte, 8> kXerialMagic{std::byte{0x82}, std::byte{'S'}, std::byte{'N'},
                                                std::byte{'A'},  std::byte{'P'}, std::byte{'P'},
                                                std::byte{'Y'},  std::byte{0}};
constexpr size_t kXerialHeaderBytes = 16;
constexpr size_t kXerialChunkBytes = 32 * 1024;
constexpr size_t kGrowBytes = 64 * 1024;
constexpr int kGzipWindowBits = 15 + 16;  // zlib's way to ask for the gzip format

tl::unexpected<base::Error> damaged(std::string_view codec) {
  return fail(ErrorCode::kInvalidData, "cannot decompress",
              std::string(codec) + " data is damaged");
}

tl::unexpected<base::Error> too_large(size_t bytes_max) {
  return fail(ErrorCode::kInvalidData, "cannot decompress",
              "it grows past " + std::to_string(bytes_max) + " bytes");
}

tl::unexpected<base::Error> cannot_compress(std::string_view codec) {
  return fail(ErrorCode::kIo, "cannot compress with " + std::string(codec));
}

Bytef* zlib_bytes(const std::byte* bytes) {
  return reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes));
}
const char* chars(ByteView bytes) { return reinterpret_cast<const char*>(bytes.data()); }
char* chars(std::byte* bytes) { return reinterpret_cast<char*>(bytes); }

/// Makes room for more output, doubling up to one byte past the limit, so that a stream which
/// fills the limit exactly is told apart from one that would go on.
bool grow(Bytes& out, size_t bytes_max) {
  if (out.size() > bytes_max) return false;
  out.resize(std::min(std::max(out.size() * 2, kGrowBytes), bytes_max + 1));
  return true;
}

Result<Bytes> compress_gzip(ByteView bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindowBits, 8,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return cannot_compress("gzip");
  }
  Bytes out(deflateBound(&stream, bytes.size()));
  stream.next_in = zlib_bytes(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = zlib_bytes(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) return cannot_compress("gzip");
  return out;
}

Result<Bytes> decompress_gzip(ByteView bytes, size_t bytes_max) {
  z_stream stream{};
  if (inflateInit2(&stream, kGzipWindowBits) != Z_OK) return damaged("gzip");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, inflateEnd);
  stream.next_in = zlib_bytes(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  Bytes out;
  for (int status = Z_OK; status != Z_STREAM_END;) {
    const size_t done = stream.total_out;
    if (done == out.size() && !grow(out, bytes_max)) return too_large(bytes_max);
    stream.next_out = zlib_bytes(out.data() + done);
    stream.avail_out = static_cast<uInt>(out.size() - done);
    status = inflate(&stream, Z_NO_FLUSH);
    const bool is_stuck = stream.avail_in == 0 && stream.avail_out > 0;
    if (status != Z_STREAM_END && (status != Z_OK || is_stuck)) return damaged("gzip");
  }
  if (stream.total_out > bytes_max) return too_large(bytes_max);
  out.resize(stream.total_out);
  return out;
}

Result<Bytes> compress_snappy(ByteView bytes) {
  base::ByteWriter out;
  out.append(kXerialMagic);
  out.big_endian(int32_t{1});
  out.big_endian(int32_t{1});
  std::array<char, 64 * 1024> chunk_out;
  static_assert(kXerialChunkBytes + kXerialChunkBytes / 6 + 32 <= sizeof chunk_out);
  while (!bytes.empty()) {
    const ByteView chunk = bytes.first(std::min(bytes.size(), kXerialChunkBytes));
    size_t size = chunk_out.size();
    if (snappy_compress(chars(chunk), chunk.size(), chunk_out.data(), &size) != SNAPPY_OK) {
      return cannot_compress("snappy");
    }
    out.big_endian(static_cast<int32_t>(size));
    out.append(base::as_bytes({chunk_out.data(), size}));
    bytes = bytes.subspan(chunk.size());
  }
  return out.take();
}

Result<void> append_raw_snappy(ByteView bytes, size_t bytes_max, Bytes& out) {
  size_t size = 0;
  if (snappy_uncompressed_length(chars(bytes), bytes.size(), &size) != SNAPPY_OK) {
    return damaged("snappy");
  }
  if (size > bytes_max - out.size()) return too_large(bytes_max);
  // Checked before memory is set aside for a length that a few bytes may claim.
  if (snappy_validate_compressed_buffer(chars(bytes), bytes.size()) != SNAPPY_OK) {
    return damaged("snappy");
  }
  const size_t at = out.size();
  out.resize(at + size);
  if (snappy_uncompress(chars(bytes), bytes.size(), chars(out.data() + at), &size) != SNAPPY_OK) {
    return damaged("snappy");
  }
  return {};
}

Result<Bytes> decompress_snappy(ByteView bytes, size_t bytes_max) {
  Bytes out;
  const bool is_framed = bytes.size() >= kXerialHeaderBytes &&
                         std::equal(kXerialMagic.begin(), kXerialMagic.end(), bytes.begin());
  if (!is_framed) {
    TICKLAKE_TRY(append_raw_snappy(bytes, bytes_max, out));
    return out;
  }
  ByteReader reader(bytes.subspan(kXerialHeaderBytes));
  while (reader.ok() && reader.remaining() > 0) {
    const auto size = reader.big_endian<uint32_t>();
    const ByteView chunk = reader.take(size);
    if (!reader.ok() || chunk.empty()) return damaged("snappy");
    TICKLAKE_TRY(append_raw_snappy(chunk, bytes_max, out));
  }
  return out;
}

Result<Bytes> compress_lz4(ByteView bytes) {
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.blockMode = LZ4F_blockIndependent;  // what Kafka's Java client can read
  preferences.frameInfo.blockSizeID = LZ4F_max64KB;
  Bytes out(LZ4F_compressFrameBound(bytes.size(), &preferences));
  const size_t size =
      LZ4F_compressFrame(out.data(), out.size(), bytes.data(), bytes.size(), &preferences);
  if (LZ4F_isError(size)) return cannot_compress("lz4");
  out.resize(size);
  return out;
}

Result<Bytes> decompress_lz4(ByteView bytes, size_t bytes_max) {
  LZ4F_dctx* context = nullptr;
  if (LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION))) return damaged("lz4");
  const std::unique_ptr<LZ4F_dctx, LZ4F_errorCode_t (*)(LZ4F_dctx*)> owner(
      context, LZ4F_freeDecompressionContext);
  Bytes out;
  size_t done = 0;
  for (size_t hint = 1; hint != 0;) {
    if (done == out.size() && !grow(out, bytes_max)) return too_large(bytes_max);
    size_t out_size = out.size() - done;
    size_t in_size = bytes.size();
    hint = LZ4F_decompress(context, out.data() + done, &out_size, bytes.data(), &in_size, nullptr);
    if (LZ4F_isError(hint) || (hint != 0 && in_size == 0 && out_size == 0)) return damaged("lz4");
    done += out_size;
    bytes = bytes.subspan(in_size);
  }
  if (done > bytes_max) return too_large(bytes_max);
  out.resize(done);
  return out;
}

Result<Bytes> compress_zstd(ByteView bytes) {
  Bytes out(ZSTD_compressBound(bytes.size()));
  const size_t size = ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 3);
  if (ZSTD_isError(size)) return cannot_compress("zstd");
  out.resize(size);
  return out;
}

Result<Bytes> decompress_zstd(ByteView bytes, size_t bytes_max) {
  const std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(),
                                                                   ZSTD_freeDCtx);
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  Bytes out;
  size_t done = 0;
  for (size_t hint = 1; hint != 0;) {
    if (done == out.size() && !grow(out, bytes_max)) return too_large(bytes_max);
    ZSTD_outBuffer room{out.data(), out.size(), done};
    const size_t in_before = in.pos;
    hint = ZSTD_decompressStream(context.get(), &room, &in);
    const bool is_stuck = hint != 0 && in.pos == in_before && room.pos == done;
    if (ZSTD_isError(hint) || is_stuck) return damaged("zstd");
    done = room.pos;
  }
  if (done > bytes_max) return too_large(bytes_max);
  out.resize(done);
  return out;
}

}  // namespace

Result<Bytes> compress(Codec codec, ByteView bytes) {
  switch (codec) {
    case Codec::kNone: return Bytes(bytes.begin(), bytes.end());
    case Codec::kGzip: return compress_gzip(bytes);
    case Codec::kSnappy: return compress_snappy(bytes);
    case Codec::kLz4: return compress_lz4(bytes);
    case Codec::kZstd: return compress_zstd(bytes);
  }
  return fail(ErrorCode::kUnsupported, "no such codec");
}

Result<Bytes> decompress(Codec codec, ByteView bytes, size_t bytes_max) {
  switch (codec) {
    case Codec::kNone:
      if (bytes.size() > bytes_max) return too_large(bytes_max);
      return Bytes(bytes.begin(), bytes.end());
    case Codec::kGzip: return decompress_gzip(bytes, bytes_max);
    case Codec::kSnappy: return decompress_snappy(bytes, bytes_max);
    case Codec::kLz4: return decompress_lz4(bytes, bytes_max);
    case Codec::kZstd: return decompress_zstd(bytes, bytes_max);
  }
  return fail(ErrorCode::kUnsupported, "no such codec",
              "codec " + std::to_string(static_cast<int>(codec)), "");
}

}  // namespace ticklake::kafka
