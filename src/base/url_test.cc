#include "base/url.h"

#include <gtest/gtest.h>

namespace ticklake::base {
namespace {

TEST(Url, links_are_followed_as_a_browser_does) {
  const std::string from = "https://api.example.com/v1/trades?limit=2";
  EXPECT_EQ(resolve_url(from, "https://other.example.com/x").value(),
            "https://other.example.com/x");
  EXPECT_EQ(resolve_url(from, "/v2/bars?page=2").value(), "https://api.example.com/v2/bars?page=2");
  EXPECT_EQ(resolve_url(from, "?page=2").value(), "https://api.example.com/v1/trades?page=2");
  EXPECT_FALSE(resolve_url(from, "file:///etc/passwd"));
  EXPECT_FALSE(resolve_url("no address", "?page=2"));
}

TEST(Url, an_origin_tells_servers_apart) {
  EXPECT_EQ(url_origin("https://Api.example.com/a"), url_origin("https://api.example.com:443/b"));
  EXPECT_NE(url_origin("https://api.example.com/"), url_origin("http://api.example.com/"));
  EXPECT_NE(url_origin("http://127.0.0.1:1/"), url_origin("http://127.0.0.1:2/"));
  EXPECT_EQ(url_origin("ftp://api.example.com/"), "");
}

TEST(Url, what_is_shown_has_neither_query_nor_user) {
  EXPECT_EQ(url_without_query("https://me:pw@api.example.com/v1/trades?apikey=secret#top"),
            "https://api.example.com/v1/trades");
}

TEST(Url, a_parameter_of_the_query_is_set_replaced_and_removed) {
  const std::string url = "http://h/p?a=1&b=2&a=3";
  EXPECT_EQ(with_query_parameter(url, "c", "x y&"), "http://h/p?a=1&b=2&a=3&c=x%20y%26");
  EXPECT_EQ(with_query_parameter(url, "a", "9"), "http://h/p?b=2&a=9");
  EXPECT_EQ(with_query_parameter("http://h/p?a=1", "a", std::nullopt), "http://h/p");
}

}  // namespace
}  // namespace ticklake::base
