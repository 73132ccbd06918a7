#include "lake/object_key.h"

#include <gtest/gtest.h>

namespace ticklake::lake {
namespace {

TEST(ObjectKey, usual_keys_stand_at_the_path_that_says_them) {
  for (const char* const key :
       {"x.json", "dt=2026-01-01/x.json", "a b/c+d", "Ünïcödé/日本.csv", ".hidden", "a/..b/c"})
    EXPECT_EQ(plain_path(key), base::Path(key)) << key;
}

TEST(ObjectKey, what_a_file_system_cannot_hold_has_no_plain_path) {
  for (const std::string& key :
       {std::string(""), std::string("/a"), std::string("a/"), std::string("a//b"),
        std::string(".."), std::string("a/../b"), std::string("./a"), std::string("a/."),
        std::string("a\0b", 3), std::string("a\nb"), std::string("a*b"), std::string(256, 'x'),
        std::string("\xff\xfe"), std::string(1025, 'x')})
    EXPECT_FALSE(plain_path(key)) << key;
}

TEST(ObjectKey, any_key_has_an_encoded_path_of_its_own_from_which_it_is_read_back) {
  for (const std::string& key :
       {std::string("a"), std::string("a/b"), std::string("../../etc/passwd"), std::string("//"),
        std::string(1024, '/'), std::string(1024, 'x'), std::string("a=+b")}) {
    const std::string path = encoded_path(key).string();
    EXPECT_EQ(decode_path(path), key);
    for (const base::Path& part : base::Path(path))
      EXPECT_TRUE(part != ".." && part != "." && part.string().size() <= 255) << path;
  }
  EXPECT_FALSE(decode_path("a+"));
  EXPECT_FALSE(decode_path("%2f="));
}

TEST(BucketName, is_one_that_s3_takes) {
  for (const char* const name : {"abc", "my-bucket.2026", "123"})
    EXPECT_TRUE(is_bucket_name(name)) << name;
  for (const char* const name :
       {"ab", "Abc", "a_b", "-ab", "ab-", "a..b", "192.168.0.1", "..", "../x", "a/b"})
    EXPECT_FALSE(is_bucket_name(name)) << name;
}

}  // namespace
}  // namespace ticklake::lake
