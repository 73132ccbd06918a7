#include "base/java_properties.h"

#include <gtest/gtest.h>

namespace ticklake::base {
namespace {

/// "name=value@line" of each entry, by blanks.
std::string read(std::string_view text) {
  const auto properties = parse_java_properties(text);
  if (!properties) return to_line(properties.error());
  std::string all;
  for (const JavaProperty& property : *properties) {
    if (!all.empty()) all += ' ';
    all += property.name + "=" + property.value + "@" + std::to_string(property.line);
  }
  return all;
}

TEST(JavaProperties, name_and_value_are_parted_by_a_sign_or_by_blanks) {
  EXPECT_EQ(read("a=1"), "a=1@1");
  EXPECT_EQ(read("a:1\nb 2\n c\t=\t3\nd = = 4"), "a=1@1 b=2@2 c=3@3 d== 4@4");
  EXPECT_EQ(read("a\nb=\n=c"), "a=@1 b=@2 =c@3");
  EXPECT_EQ(read("num.partitions = 4  "), "num.partitions=4  @1");  // blanks at the end stay
}

TEST(JavaProperties, comments_and_blank_lines_say_nothing) {
  EXPECT_EQ(read("# a=1\n\n  ! b=2 \\\n   \t\nc=3 # no comment\n"), "c=3 # no comment@5");
  EXPECT_EQ(read(""), "");
  EXPECT_EQ(read("#"), "");
}

TEST(JavaProperties, every_kind_of_line_end_is_one) {
  EXPECT_EQ(read("a=1\r\nb=2\rc=3\n\r\nd=4"), "a=1@1 b=2@2 c=3@3 d=4@5");
}

TEST(JavaProperties, a_backslash_at_its_end_joins_a_line_with_the_next) {
  EXPECT_EQ(read("a=1,\\\n   2,\\\r\n\t3\nb=4"), "a=1,2,3@1 b=4@4");
  EXPECT_EQ(read("a=1\\\\\nb=2"), "a=1\\@1 b=2@2");    // the backslash is escaped
  EXPECT_EQ(read("a=1\\\n#2\nb=3"), "a=1#2@1 b=3@3");  // no comment in the middle
  EXPECT_EQ(read("a=1\\\n\nb=2"), "a=1@1 b=2@3");      // goes on with nothing
  EXPECT_EQ(read("a=1\\"), "a=1@1");                   // the end of the file
  EXPECT_EQ(read("\\\n  a=1\nb=2"), "a=1@2 b=2@3");
}

TEST(JavaProperties, escapes_stand_for_what_java_takes_them_for) {
  EXPECT_EQ(read(R"(a\=b\:c\ d=\t|\n|\r|\f|\q|\\)"), "a=b:c d=\t|\n|\r|\f|q|\\@1");
  EXPECT_EQ(read(R"(a=\u0041\u00e9\u20ac\ud83d\ude00)"),
            "a=A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80@1");
  EXPECT_EQ(read(R"(a=\ud83d!)"), "a=\xef\xbf\xbd!@1");  // half a pair
  EXPECT_EQ(read("a=\xe9"), "a=\xc3\xa9@1");             // Latin-1
}

TEST(JavaProperties, a_broken_escape_is_named_with_its_line) {
  EXPECT_EQ(read("a=1\nb=\\u12"),
            "line 2 does not read: a \\u without four hexadecimal digits behind it");
  EXPECT_EQ(read("a\\u00g0=1"),
            "line 1 does not read: a \\u without four hexadecimal digits behind it");
}

}  // namespace
}  // namespace ticklake::base
