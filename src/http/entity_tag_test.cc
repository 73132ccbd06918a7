#include "http/entity_tag.h"

#include <gmock/gmock.h>

namespace ticklake::http {
namespace {

TEST(EntityTag, IsFoundInAList) {
  EXPECT_TRUE(matches_strongly(R"("a", "b")", R"("b")"));
  EXPECT_TRUE(matches_strongly("b", R"("b")"));
  EXPECT_TRUE(matches_strongly("*", R"("b")"));
  EXPECT_TRUE(matches_strongly(R"("a,b")", R"("a,b")"));
  EXPECT_FALSE(matches_strongly(R"("a", "bb")", R"("b")"));
  EXPECT_FALSE(matches_strongly("", R"("b")"));
}

TEST(EntityTag, WeakOnesMatchOnlyWhereThatIsEnough) {
  EXPECT_FALSE(matches_strongly(R"(W/"b")", R"("b")"));
  EXPECT_FALSE(matches_strongly(R"(W/"b")", R"(W/"b")"));
  EXPECT_TRUE(matches_weakly(R"("a", W/"b")", R"("b")"));
  EXPECT_TRUE(matches_weakly(R"("b")", R"(W/"b")"));
  EXPECT_TRUE(matches_weakly("*", R"(W/"b")"));
  EXPECT_FALSE(matches_weakly(R"("a")", R"("b")"));
}

}  // namespace
}  // namespace ticklake::http
