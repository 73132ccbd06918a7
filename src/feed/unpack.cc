#include "feed/unpack.h"

#include <algorithm>
#include <cstring>

#include <bzlib.h>
#include <zlib.h>
#include <zstd.h>

#include "base/assert.h"

namespace ticklake::feed {
namespace {

constexpr size_t kPackedBytes = 64 * 1024;
constexpr size_t kPieceBytesMax = 1 << 20;
constexpr int kZstdWindowLogMax = 27;  // 128 MiB, which zstd's own command takes too

tl::unexpected<base::Error> damaged(std::string_view format, std::string_view cause) {
  return base::fail(base::ErrorCode::kInvalidData, std::string(format) + " data is damaged",
                    std::string(cause), "fetch the file again");
}

constexpr std::string_view kBreaksOff = "it breaks off: the end of the file is missing";
constexpr std::string_view kBytesBehind = "other bytes follow behind its end";

/// The packed bytes that were read and not yet decoded.
class PackedBytes {
 public:
  explicit PackedBytes(ReadText read) : read_(std::move(read)), buffer_(kPackedBytes, '\0') {}

  /// False at the end.
  base::Result<bool> have_some() {
    if (begin_ < end_) return true;
    TICKLAKE_ASSIGN(end_, read_(std::span<char>(buffer_)));
    begin_ = 0;
    return end_ > 0;
  }
  std::string_view view() const { return std::string_view(buffer_).substr(begin_, end_ - begin_); }
  void take(size_t size) { begin_ += size; }

  /// Between members: goes over padding. True if a member that begins with `magic` follows.
  base::Result<bool> next_member(std::string_view format, char magic) {
    bool is_padding = false;
    while (true) {
      TICKLAKE_ASSIGN(const bool more, have_some());
      if (!more) return false;
      if (view()[0] != 0) break;
      take(1);
      is_padding = true;
    }
    if (is_padding || view()[0] != magic) return damaged(format, kBytesBehind);
    return true;
  }

 private:
  ReadText read_;
  std::string buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
};

/// gzip's members, or one raw deflate stream.
class Inflater {
 public:
  Inflater(ReadText packed, bool is_raw) : packed_(std::move(packed)), is_raw_(is_raw) {
    const int status = ::inflateInit2(&stream_, is_raw ? -MAX_WBITS : MAX_WBITS + 16);
    TICKLAKE_ASSERT(status == Z_OK);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { ::inflateEnd(&stream_); }

  base::Result<size_t> read(std::span<char> into) {
    const std::string_view format = is_raw_ ? "deflate" : "gzip";
    while (true) {
      if (is_at_end_) {
        if (is_raw_) return size_t{0};
        TICKLAKE_ASSIGN(const bool more, packed_.next_member(format, '\x1F'));
        if (!more) return size_t{0};
        ::inflateReset(&stream_);
        is_at_end_ = false;
      }
      TICKLAKE_ASSIGN(const bool more, packed_.have_some());
      if (!more) return damaged(format, kBreaksOff);
      const std::string_view in = packed_.view();
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
      stream_.avail_in = static_cast<uInt>(in.size());
      stream_.next_out = reinterpret_cast<Bytef*>(into.data());
      stream_.avail_out = static_cast<uInt>(std::min(into.size(), kPieceBytesMax));
      const size_t room = stream_.avail_out;
      const int status = ::inflate(&stream_, Z_NO_FLUSH);
      packed_.take(in.size() - stream_.avail_in);
      if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
        return damaged(format, stream_.msg != nullptr ? stream_.msg : "it cannot be decoded");
      is_at_end_ = status == Z_STREAM_END;
      if (stream_.avail_out < room) return room - stream_.avail_out;
    }
  }

 private:
  PackedBytes packed_;
  bool is_raw_;
  z_stream stream_{};
  bool is_at_end_ = false;  ///< of a member
};

class Bunzipper {
 public:
  explicit Bunzipper(ReadText packed) : packed_(std::move(packed)) { begin(); }
  Bunzipper(const Bunzipper&) = delete;
  Bunzipper& operator=(const Bunzipper&) = delete;
  ~Bunzipper() { ::BZ2_bzDecompressEnd(&stream_); }

  base::Result<size_t> read(std::span<char> into) {
    while (true) {
      if (is_at_end_) {
        TICKLAKE_ASSIGN(const bool more, packed_.next_member("bzip2", 'B'));
        if (!more) return size_t{0};
        ::BZ2_bzDecompressEnd(&stream_);  // bzip2 has no reset
        begin();
      }
      TICKLAKE_ASSIGN(const bool more, packed_.have_some());
      if (!more) return damaged("bzip2", kBreaksOff);
      const std::string_view in = packed_.view();
      stream_.next_in = const_cast<char*>(in.data());
      stream_.avail_in = static_cast<unsigned>(in.size());
      stream_.next_out = into.data();
      stream_.avail_out = static_cast<unsigned>(std::min(into.size(), kPieceBytesMax));
      const size_t room = stream_.avail_out;
      const int status = ::BZ2_bzDecompress(&stream_);
      packed_.take(in.size() - stream_.avail_in);
      if (status != BZ_OK && status != BZ_STREAM_END)
        return damaged("bzip2", "it cannot be decoded");
      is_at_end_ = status == BZ_STREAM_END;
      if (stream_.avail_out < room) return room - stream_.avail_out;
    }
  }

 private:
  void begin() {
    stream_ = {};
    const int status = ::BZ2_bzDecompressInit(&stream_, 0, 0);
    TICKLAKE_ASSERT(status == BZ_OK);
    is_at_end_ = false;
  }

  PackedBytes packed_;
  bz_stream stream_{};
  bool is_at_end_ = false;
};

class ZstdReader {
 public:
  explicit ZstdReader(ReadText packed)
      : packed_(std::move(packed)), context_(::ZSTD_createDCtx(), ::ZSTD_freeDCtx) {
    ::ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, kZstdWindowLogMax);
  }

  base::Result<size_t> read(std::span<char> into) {
    while (true) {
      if (is_at_end_) {
        // A frame that may be skipped begins with another byte, which zstd looks at itself.
        TICKLAKE_ASSIGN(const bool more, packed_.have_some());
        if (!more) return size_t{0};
        is_at_end_ = false;
      }
      TICKLAKE_ASSIGN(const bool more, packed_.have_some());
      // What a block holds may be more than fits, so zstd is asked once more at the end.
      if (!more && !has_more_) return damaged("zstd", kBreaksOff);
      ZSTD_inBuffer in{packed_.view().data(), packed_.view().size(), 0};
      if (!more) in.size = 0;
      ZSTD_outBuffer out{into.data(), std::min(into.size(), kPieceBytesMax), 0};
      const size_t wanted = ::ZSTD_decompressStream(context_.get(), &out, &in);
      if (::ZSTD_isError(wanted)) return damaged("zstd", ::ZSTD_getErrorName(wanted));
      packed_.take(in.pos);
      is_at_end_ = wanted == 0;
      has_more_ = out.pos == out.size;
      if (out.pos > 0) return out.pos;
    }
  }

 private:
  PackedBytes packed_;
  std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context_;
  bool is_at_end_ = false;
  bool has_more_ = false;
};

template <typename Reader>
ReadText reading(std::shared_ptr<Reader> reader) {
  return [reader = std::move(reader)](std::span<char> into) { return reader->read(into); };
}

class SequentialFile final : public base::File {
 public:
  SequentialFile(std::string name, std::function<ReadText()> open)
      : name_(std::move(name)), open_(std::move(open)) {}

  base::Result<size_t> read_at(uint64_t position, std::span<std::byte> into) override {
    if (position == 0) {
      read_ = open_();
      position_ = 0;
    }
    TICKLAKE_ASSERT(position == position_);
    size_t filled = 0;
    while (filled < into.size()) {
      const auto rest = into.subspan(filled);
      auto size = read_({reinterpret_cast<char*>(rest.data()), rest.size()});
      if (!size) {
        base::Error error = std::move(size).error();
        error.what = "cannot read " + name_ + ": its " + error.what;
        return base::fail(std::move(error));
      }
      if (*size == 0) break;
      filled += *size;
    }
    position_ += filled;
    return filled;
  }
  base::Result<void> write_at(uint64_t, base::ByteView) override { return read_only(); }
  base::Result<void> write_parts_at(uint64_t, std::span<const base::ByteView>) override {
    return read_only();
  }
  base::Result<uint64_t> size() override {
    TICKLAKE_TRY(read_only());
    return uint64_t{0};
  }
  base::Result<void> truncate(uint64_t) override { return read_only(); }
  base::Result<void> reserve(uint64_t) override { return read_only(); }
  base::Result<void> sync_data() override { return read_only(); }
  int descriptor() const override { return -1; }

 private:
  base::Result<void> read_only() const {
    return base::fail(base::ErrorCode::kInvalidArgument, name_ + " can only be read");
  }

  std::string name_;
  std::function<ReadText()> open_;
  ReadText read_;
  uint64_t position_ = 0;
};

}  // namespace

Packing packing_of(std::string_view head) {
  if (head.starts_with("\x1F\x8B")) return Packing::kGzip;
  if (head.size() > 3 && head.starts_with("BZh") && head[3] >= '1' && head[3] <= '9')
    return Packing::kBzip2;
  if (head.starts_with("\x28\xB5\x2F\xFD")) return Packing::kZstd;
  if (head.starts_with("PK\x03\x04") || head.starts_with("PK\x05\x06")) return Packing::kZip;
  return Packing::kNone;
}

std::string_view packing_name(Packing packing) {
  switch (packing) {
    case Packing::kNone: return "";
    case Packing::kGzip: return "gzip";
    case Packing::kBzip2: return "bzip2";
    case Packing::kZstd: return "zstd";
    case Packing::kZip: return "zip";
  }
  return "";
}

ReadText unpack(ReadText packed, Packing packing) {
  switch (packing) {
    case Packing::kGzip: return reading(std::make_shared<Inflater>(std::move(packed), false));
    case Packing::kBzip2: return reading(std::make_shared<Bunzipper>(std::move(packed)));
    case Packing::kZstd: return reading(std::make_shared<ZstdReader>(std::move(packed)));
    case Packing::kNone:
    case Packing::kZip: break;
  }
  return packed;
}

ReadText unpack_deflate(ReadText packed) {
  return reading(std::make_shared<Inflater>(std::move(packed), true));
}

std::shared_ptr<base::File> sequential_file(std::string name, std::function<ReadText()> open) {
  return std::make_shared<SequentialFile>(std::move(name), std::move(open));
}

}  // namespace ticklake::feed
