#include "http/input_buffer.h"

#include <algorithm>

#include <gmock/gmock.h>

namespace ticklake::http {
namespace {

void put(InputBuffer& buffer, std::string_view text, size_t size) {
  const auto room = buffer.room(size);
  ASSERT_GE(room.size(), text.size());
  std::ranges::copy(base::as_bytes(text), room.begin());
  buffer.fill(text.size());
}

TEST(InputBuffer, KeepsWhatWasNotTaken) {
  InputBuffer buffer;
  put(buffer, "hello", 1);
  buffer.take(2);
  put(buffer, "world", 100'000);
  EXPECT_EQ(base::as_text(buffer.view()), "lloworld");
  buffer.rest();
  EXPECT_EQ(base::as_text(buffer.view()), "lloworld");
  buffer.take(8);
  EXPECT_TRUE(buffer.empty());
}

TEST(InputBuffer, AlwaysHasRoomForMore) {
  InputBuffer buffer;
  std::string expected;
  for (int i = 0; i < 1'000; ++i) {
    const auto room = buffer.room(0);
    ASSERT_GE(room.size(), 1);
    room[0] = static_cast<std::byte>('a' + i % 26);
    buffer.fill(1);
    expected += static_cast<char>('a' + i % 26);
    if (i % 3 == 0) {
      buffer.take(1);
      expected.erase(0, 1);
    }
    ASSERT_EQ(base::as_text(buffer.view()), expected);
  }
}

TEST(InputBuffer, RestsSmall) {
  InputBuffer buffer;
  put(buffer, std::string(100'000, 'x'), 100'000);
  buffer.take(100'000 - 7);
  buffer.rest();
  EXPECT_EQ(buffer.view().size(), 7);
  EXPECT_LE(buffer.room(1).size(), InputBuffer::kRestingBytes);
}

}  // namespace
}  // namespace ticklake::http
