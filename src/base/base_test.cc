#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/crc32c.h"
#include "base/endpoint.h"
#include "base/file_system.h"
#include "base/random.h"
#include "base/result.h"
#include "base/temporary_folder.h"
#include "base/uuid.h"

namespace ticklake::base {
namespace {

TEST(Crc32c, matches_the_vectors_of_rfc_3720) {
  EXPECT_EQ(crc32c(Bytes(32, std::byte{0})), 0x8a9136aau);
  EXPECT_EQ(crc32c(Bytes(32, std::byte{0xff})), 0x62a8ab43u);
  EXPECT_EQ(crc32c(as_bytes("123456789")), 0xe3069283u);
}

TEST(Crc32c, the_instruction_agrees_with_the_table_at_every_length_and_split) {
  Random random(7);
  Bytes bytes(10'000);
  for (std::byte& byte : bytes)
    byte = static_cast<std::byte>(random.next());
  for (size_t size = 0; size < bytes.size(); size = size * 5 / 4 + 1) {
    const ByteView view = ByteView(bytes).first(size);
    EXPECT_EQ(crc32c(view), crc32c_by_table(view)) << size;
    const size_t split = size / 3;
    EXPECT_EQ(crc32c(view.subspan(split), crc32c(view.first(split))), crc32c_by_table(view));
  }
}

TEST(Bytes, varints_survive_the_round_trip_at_their_limits) {
  for (const int64_t value :
       {int64_t{0}, int64_t{-1}, int64_t{63}, int64_t{-64}, int64_t{64}, INT64_MAX, INT64_MIN}) {
    ByteWriter writer;
    writer.varint(value);
    ByteReader reader(writer.view());
    EXPECT_EQ(reader.varlong(), value);
    EXPECT_TRUE(reader.ok());
    EXPECT_EQ(reader.remaining(), 0u);
  }
}

TEST(Bytes, a_varint_that_does_not_fit_or_does_not_end_fails_the_reader) {
  const Bytes six(6, std::byte{0xff});
  ByteReader too_long(six);
  EXPECT_EQ(too_long.unsigned_varint(), 0u);
  EXPECT_FALSE(too_long.ok());
  ByteReader cut(ByteView(six).first(2));
  EXPECT_EQ(cut.unsigned_varlong(), 0u);
  EXPECT_FALSE(cut.ok());
}

TEST(Bytes, reading_past_the_end_gives_zero_from_then_on) {
  const Bytes three(3, std::byte{1});
  ByteReader reader(three);
  EXPECT_EQ(reader.big_endian<int32_t>(), 0);
  EXPECT_EQ(reader.big_endian<int8_t>(), 0);
  EXPECT_FALSE(reader.ok());
}

TEST(Uuid, text_survives_the_round_trip_and_never_starts_with_a_dash) {
  Random random(1);
  for (int i = 0; i < 1000; ++i) {
    const Uuid uuid = Uuid::random(random);
    EXPECT_EQ(uuid.text().size(), 22u);
    EXPECT_NE(uuid.text().front(), '-');
    EXPECT_EQ(Uuid::parse(uuid.text()), uuid);
  }
  EXPECT_FALSE(Uuid::parse("short"));
}

TEST(Endpoint, reads_names_and_both_kinds_of_address) {
  EXPECT_EQ(Endpoint::parse("127.0.0.1:9092")->port, 9092);
  EXPECT_EQ(Endpoint::parse("[::1]:9092")->host, "::1");
  EXPECT_EQ(Endpoint::parse("[::1]:9092")->text(), "[::1]:9092");
  for (const char* bad : {"", "9092", ":9092", "host:", "host:70000", "::1:9092", "host:12x"}) {
    EXPECT_FALSE(Endpoint::parse(bad)) << bad;
  }
}

TEST(FileSystem, a_replaced_file_is_read_back_whole) {
  TemporaryFolder folder;
  PosixFileSystem files;
  const Path path = folder.path() / "state";
  ASSERT_TRUE(replace_text(files, path, "one"));
  ASSERT_TRUE(replace_text(files, path, "two"));
  EXPECT_EQ(*read_text(files, path, 100), "two");
  EXPECT_EQ(*files.list(folder.path()), std::vector<std::string>{"state"});
  EXPECT_EQ(read_text(files, path, 2).error().code, ErrorCode::kInvalidData);
}

TEST(FileSystem, a_link_to_a_name_that_is_taken_says_so) {
  TemporaryFolder folder;
  PosixFileSystem files;
  ASSERT_TRUE(replace_text(files, folder.path() / "a", "a"));
  ASSERT_TRUE(replace_text(files, folder.path() / "b", "b"));
  const auto linked = files.link(folder.path() / "a", folder.path() / "b");
  ASSERT_FALSE(linked);
  EXPECT_EQ(linked.error().code, ErrorCode::kAlreadyExists);
}

TEST(FileSystem, parts_land_one_after_the_other) {
  TemporaryFolder folder;
  PosixFileSystem files;
  auto file = files.open(folder.path() / "parts", OpenMode::kCreateNew);
  ASSERT_TRUE(file);
  std::vector<ByteView> parts(200, as_bytes("abc"));
  parts.insert(parts.begin() + 3, ByteView{});
  ASSERT_TRUE((*file)->write_parts_at(5, parts));
  EXPECT_EQ(*(*file)->size(), 605u);
  Bytes back(600);
  EXPECT_EQ(*(*file)->read_at(5, back), 600u);
  EXPECT_EQ(as_text(back).substr(594), "abcabc");
}

TEST(Error, prints_what_why_and_what_to_do) {
  const Error error{ErrorCode::kIo, "cannot listen on 127.0.0.1:9092", "address in use",
                    "--kafka-listen 127.0.0.1:0", false};
  EXPECT_EQ(to_text(error),
            "error: cannot listen on 127.0.0.1:9092\ncause: address in use\n"
            "try: --kafka-listen 127.0.0.1:0");
}

}  // namespace
}  // namespace ticklake::base
