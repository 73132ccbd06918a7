#include "catalog/decompression.h"

#include <memory>

#include <bzlib.h>
#include <zlib.h>
#include <zstd.h>

namespace ticklake::catalog {
namespace {

constexpr size_t kChunkBytes = 64 << 10;

/// Gives the next bytes of the file; empty at its end.
class Reader {
 public:
  explicit Reader(base::File& file)
      : file_(file), chunk_(std::make_unique_for_overwrite<std::byte[]>(kChunkBytes)) {}

  base::Result<std::string_view> next() {
    TICKLAKE_ASSIGN(const size_t read, file_.read_at(position_, {chunk_.get(), kChunkBytes}));
    position_ += read;
    return std::string_view(reinterpret_cast<const char*>(chunk_.get()), read);
  }

 private:
  base::File& file_;
  uint64_t position_ = 0;
  const std::unique_ptr<std::byte[]> chunk_;  ///< of a small file, most of it is never touched
};

tl::unexpected<base::Error> damaged(const char* format) {
  return base::fail(base::ErrorCode::kInvalidData, std::string("it is no sound ") + format);
}

base::Result<FileStart> read_plain(Reader& reader, uint64_t bytes_max) {
  FileStart start;
  while (start.text.size() < bytes_max) {
    TICKLAKE_ASSIGN(const std::string_view chunk, reader.next());
    start.is_whole = chunk.size() < kChunkBytes;
    start.text += chunk;
    if (start.is_whole) break;
  }
  return start;
}

base::Result<FileStart> read_gzip(Reader& reader, uint64_t bytes_max) {
  z_stream stream{};
  if (::inflateInit2(&stream, MAX_WBITS + 16) != Z_OK) return damaged("gzip");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, ::inflateEnd);
  std::string out(kChunkBytes, '\0');
  FileStart start;
  bool is_at_end = false;  // of a member: another may follow
  while (start.text.size() < bytes_max) {
    if (stream.avail_in == 0) {
      TICKLAKE_ASSIGN(const std::string_view chunk, reader.next());
      if (chunk.empty() && !is_at_end) return damaged("gzip");
      start.is_whole = chunk.empty();
      if (start.is_whole) break;
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(chunk.data()));
      stream.avail_in = static_cast<uInt>(chunk.size());
    }
    if (is_at_end && ::inflateReset(&stream) != Z_OK) return damaged("gzip");
    is_at_end = false;
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int status = ::inflate(&stream, Z_NO_FLUSH);
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) return damaged("gzip");
    start.text.append(out, 0, out.size() - stream.avail_out);
    is_at_end = status == Z_STREAM_END;
  }
  return start;
}

base::Result<FileStart> read_bzip2(Reader& reader, uint64_t bytes_max) {
  bz_stream stream{};
  if (::BZ2_bzDecompressInit(&stream, 0, 0) != BZ_OK) return damaged("bzip2");
  const std::unique_ptr<bz_stream, int (*)(bz_stream*)> end(&stream, ::BZ2_bzDecompressEnd);
  std::string out(kChunkBytes, '\0');
  FileStart start;
  bool is_at_end = false;
  while (start.text.size() < bytes_max) {
    if (stream.avail_in == 0) {
      TICKLAKE_ASSIGN(const std::string_view chunk, reader.next());
      if (chunk.empty() && !is_at_end) return damaged("bzip2");
      start.is_whole = chunk.empty();
      if (start.is_whole) break;
      stream.next_in = const_cast<char*>(chunk.data());
      stream.avail_in = static_cast<unsigned>(chunk.size());
    }
    if (is_at_end) {
      // bzip2 has no reset: the next stream begins with what is left of the chunk.
      const bz_stream rest = stream;
      ::BZ2_bzDecompressEnd(&stream);
      stream = bz_stream{};
      if (::BZ2_bzDecompressInit(&stream, 0, 0) != BZ_OK) return damaged("bzip2");
      stream.next_in = rest.next_in;
      stream.avail_in = rest.avail_in;
    }
    is_at_end = false;
    stream.next_out = out.data();
    stream.avail_out = static_cast<unsigned>(out.size());
    const int status = ::BZ2_bzDecompress(&stream);
    if (status != BZ_OK && status != BZ_STREAM_END) return damaged("bzip2");
    start.text.append(out, 0, out.size() - stream.avail_out);
    is_at_end = status == BZ_STREAM_END;
  }
  return start;
}

base::Result<FileStart> read_zstd(Reader& reader, uint64_t bytes_max) {
  const std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context(::ZSTD_createDCtx(),
                                                                   ::ZSTD_freeDCtx);
  std::string out(kChunkBytes, '\0');
  FileStart start;
  ZSTD_inBuffer in{nullptr, 0, 0};
  size_t wanted = 1;  // zero at the end of a frame
  while (start.text.size() < bytes_max) {
    if (in.pos == in.size) {
      TICKLAKE_ASSIGN(const std::string_view chunk, reader.next());
      if (chunk.empty() && wanted != 0) return damaged("zstd");
      start.is_whole = chunk.empty();
      if (start.is_whole) break;
      in = {chunk.data(), chunk.size(), 0};
    }
    ZSTD_outBuffer room{out.data(), out.size(), 0};
    wanted = ::ZSTD_decompressStream(context.get(), &room, &in);
    if (::ZSTD_isError(wanted)) return damaged("zstd");
    start.text.append(out, 0, room.pos);
  }
  return start;
}

}  // namespace

std::string_view compression_name(Compression compression) {
  switch (compression) {
    case Compression::kNone: return "none";
    case Compression::kGzip: return "gzip";
    case Compression::kBzip2: return "bzip2";
    case Compression::kZstd: return "zstd";
  }
  return "none";
}

Compression compression_of(std::string_view start) {
  if (start.starts_with("\x1f\x8b\x08")) return Compression::kGzip;
  if (start.starts_with("BZh")) return Compression::kBzip2;
  if (start.starts_with("\x28\xb5\x2f\xfd")) return Compression::kZstd;
  return Compression::kNone;
}

base::Result<FileStart> read_start(base::File& file, Compression compression, uint64_t bytes_max) {
  Reader reader(file);
  switch (compression) {
    case Compression::kNone: return read_plain(reader, bytes_max);
    case Compression::kGzip: return read_gzip(reader, bytes_max);
    case Compression::kBzip2: return read_bzip2(reader, bytes_max);
    case Compression::kZstd: return read_zstd(reader, bytes_max);
  }
  return damaged("file");
}

}  // namespace ticklake::catalog
