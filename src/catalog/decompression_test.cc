#include "catalog/decompression.h"

#include <bzlib.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include "base/temporary_folder.h"

namespace ticklake::catalog {
namespace {

std::string gzip(const std::string& text) {
  z_stream stream{};
  EXPECT_EQ(::deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(::deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(::deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  ::deflateEnd(&stream);
  return out;
}

std::string bzip2(std::string text) {
  std::string out(text.size() + text.size() / 100 + 700, '\0');
  auto size = static_cast<unsigned>(out.size());
  EXPECT_EQ(::BZ2_bzBuffToBuffCompress(out.data(), &size, text.data(),
                                       static_cast<unsigned>(text.size()), 9, 0, 0),
            BZ_OK);
  out.resize(size);
  return out;
}

std::string zstd(const std::string& text) {
  std::string out(::ZSTD_compressBound(text.size()), '\0');
  out.resize(::ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

class DecompressionTest : public testing::Test {
 protected:
  base::Result<FileStart> start(const std::string& bytes, uint64_t bytes_max) {
    const auto file = files_.open(folder_.path() / "f", base::OpenMode::kCreate).value();
    EXPECT_TRUE(file->truncate(0));
    EXPECT_TRUE(file->write_at(0, base::as_bytes(bytes)));
    return read_start(*file, compression_of(bytes), bytes_max);
  }

  base::TemporaryFolder folder_;
  base::PosixFileSystem files_;
};

TEST_F(DecompressionTest, GivesTheStartOfEachFormatAndSaysWhetherItIsAll) {
  std::string text;
  for (int i = 0; i < 100'000; ++i)
    text += "line " + std::to_string(i) + "\n";
  for (const std::string& bytes : {text, gzip(text), bzip2(text), zstd(text)}) {
    const auto whole = start(bytes, UINT64_MAX);
    ASSERT_TRUE(whole) << to_text(whole.error());
    EXPECT_EQ(whole->text, text);
    EXPECT_TRUE(whole->is_whole);
    const auto part = start(bytes, 1'000);
    ASSERT_TRUE(part);
    EXPECT_GE(part->text.size(), 1'000);
    EXPECT_TRUE(text.starts_with(part->text));
    EXPECT_FALSE(part->is_whole);
  }
}

TEST_F(DecompressionTest, FilesThatWerePutTogetherAreRead) {
  for (const std::string& bytes :
       {gzip("a\n") + gzip("b\n"), bzip2("a\n") + bzip2("b\n"), zstd("a\n") + zstd("b\n")}) {
    const auto whole = start(bytes, UINT64_MAX);
    ASSERT_TRUE(whole) << to_text(whole.error());
    EXPECT_EQ(whole->text, "a\nb\n");
  }
}

TEST_F(DecompressionTest, AFileThatIsCutIsAnError) {
  const std::string text(100'000, 'x');
  for (std::string bytes : {gzip(text), bzip2(text), zstd(text)}) {
    bytes.resize(bytes.size() / 2);
    EXPECT_FALSE(start(bytes, UINT64_MAX));
  }
}

}  // namespace
}  // namespace ticklake::catalog
