#include "http/range.h"

#include <gmock/gmock.h>

namespace ticklake::http {
namespace {

Range part(uint64_t first, uint64_t size) { return {Range::Kind::kPart, first, size}; }
constexpr Range kWholeOf100{Range::Kind::kWhole, 0, 100};
constexpr Range kNone{Range::Kind::kUnsatisfiable, 0, 0};

TEST(Range, GivesWhatIsThereOfIt) {
  EXPECT_EQ(resolve_range("bytes=0-9", 100), part(0, 10));
  EXPECT_EQ(resolve_range("bytes=90-200", 100), part(90, 10));
  EXPECT_EQ(resolve_range("bytes=99-", 100), part(99, 1));
  EXPECT_EQ(resolve_range("bytes=-1", 100), part(99, 1));
  EXPECT_EQ(resolve_range("bytes=-500", 100), part(0, 100));
  EXPECT_EQ(resolve_range("BYTES= 5-5 ", 100), part(5, 1));
  EXPECT_EQ(resolve_range("bytes=0-99999999999999999999999", 100), part(0, 100));
}

TEST(Range, BehindTheEndThereIsNothing) {
  EXPECT_EQ(resolve_range("bytes=100-", 100), kNone);
  EXPECT_EQ(resolve_range("bytes=100-200", 100), kNone);
  EXPECT_EQ(resolve_range("bytes=-0", 100), kNone);
  EXPECT_EQ(resolve_range("bytes=0-", 0), kNone);
  EXPECT_EQ(resolve_range("bytes=-5", 0), kNone);
}

TEST(Range, WhatIsNoneOrSeveralGivesTheWhole) {
  for (const char* field :
       {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=9-0", "bytes=1", "items=0-9",
        "bytes=0-1,3-4", "bytes=0-1-2", "bytes=+1-2", "bytes=0x1-2", "bytes=--1"})
    EXPECT_EQ(resolve_range(field, 100), kWholeOf100) << field;
}

TEST(Range, IsToldAsContentRange) {
  EXPECT_EQ(content_range(part(90, 10), 100), "bytes 90-99/100");
  EXPECT_EQ(content_range(kNone, 100), "bytes */100");
}

}  // namespace
}  // namespace ticklake::http
