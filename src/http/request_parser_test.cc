#include "http/request_parser.h"

#include <gmock/gmock.h>

namespace ticklake::http {
namespace {

using testing::HasSubstr;

const Peer kPeer{"127.0.0.1", {"127.0.0.1", 80}};

/// The status and the cause with which a head is refused; 0 if it is not.
std::pair<int, std::string> refusal(const std::string& text) {
  RequestParser parser(kPeer);
  const auto size = parser.read_head(base::as_bytes(text));
  if (size) return {0, *size == 0 ? "more is needed" : ""};
  return {size.error().status, size.error().error.cause};
}

/// The body behind a head, given in pieces of `step` bytes; or why it is none.
std::string body_of(const std::string& text, size_t step) {
  RequestParser parser(kPeer);
  std::string input;
  std::string body;
  bool has_head = false;
  for (size_t given = 0; given < text.size();) {
    const size_t size = std::min(step, text.size() - given);
    input += text.substr(given, size);
    given += size;
    if (!has_head) {
      const auto head = parser.read_head(base::as_bytes(input));
      if (!head) return "refused: " + head.error().error.cause;
      has_head = *head > 0;
      input.erase(0, *head);
    }
    while (has_head && !parser.is_body_done()) {
      const auto piece = parser.read_body(base::as_bytes(input));
      if (!piece) return "refused: " + piece.error().error.cause;
      body += base::as_text(piece->data);
      input.erase(0, piece->taken);
      if (piece->data.empty()) break;
    }
  }
  if (!has_head || !parser.is_body_done()) return "incomplete: " + body;
  return body + "|" + input;
}

TEST(RequestParser, KeepsWhatWasSentByteForByte) {
  const std::string text =
      "PUT /b/dt%3D1/../a%2fb?X-Id=PutObject&uploads&a=+%20 HTTP/1.1\r\n"
      "hOsT: bucket.localhost:8090\r\nX-Amz-Meta-A:  b  c \t\r\nx-amz-meta-a:d\r\nEmpty:\r\n"
      "Content-Length: 3\r\n\r\nabc";
  RequestParser parser(kPeer);
  ASSERT_EQ(parser.read_head(base::as_bytes(text)), text.size() - 3);
  const Request& request = parser.request();
  EXPECT_EQ(request.method(), "PUT");
  EXPECT_EQ(request.target(), "/b/dt%3D1/../a%2fb?X-Id=PutObject&uploads&a=+%20");
  EXPECT_EQ(request.raw_path(), "/b/dt%3D1/../a%2fb");
  EXPECT_EQ(request.raw_query(), "X-Id=PutObject&uploads&a=+%20");
  EXPECT_EQ(request.host(), "bucket.localhost:8090");
  ASSERT_EQ(request.fields().size(), 5);
  EXPECT_EQ(request.fields()[0].name, "hOsT");
  EXPECT_EQ(request.fields()[1].value, "b  c");
  EXPECT_EQ(request.joined_field("X-AMZ-META-A"), "b  c, d");
  EXPECT_TRUE(request.has_field("empty"));
  EXPECT_EQ(request.field("empty"), "");
  EXPECT_EQ(request.content_length(), 3);
  EXPECT_TRUE(request.keeps_alive());
}

TEST(RequestParser, TakesAHeadInAnyCuts) {
  const std::string text = "\r\nGET / HTTP/1.1\r\nHost: a\r\nB: c\r\n\r\n";
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    RequestParser parser(kPeer);
    const auto first = parser.read_head(base::as_bytes(text).first(cut));
    ASSERT_TRUE(first) << cut;
    if (cut < text.size()) {
      ASSERT_EQ(*first, 0) << cut;
      ASSERT_EQ(parser.read_head(base::as_bytes(text)), text.size()) << cut;
    }
    EXPECT_EQ(parser.request().field("b"), "c");
  }
}

TEST(RequestParser, UnderstandsAllFormsOfATarget) {
  const auto parsed = [](const std::string& line) {
    RequestParser parser(kPeer);
    const std::string text = line + " HTTP/1.1\r\nHost: a:1\r\n\r\n";
    if (!parser.read_head(base::as_bytes(text))) return std::string("refused");
    const Request& request = parser.request();
    return std::string(request.host()) + " " + std::string(request.raw_path()) + " " +
           std::string(request.raw_query());
  };
  EXPECT_EQ(parsed("GET http://b:2/c?d=e"), "b:2 /c d=e");
  EXPECT_EQ(parsed("GET HTTPS://b"), "b / ");
  EXPECT_EQ(parsed("GET http://b?c"), "b / c");
  EXPECT_EQ(parsed("OPTIONS *"), "a:1 * ");
  EXPECT_EQ(parsed("GET //c?d?e"), "a:1 //c d?e");
  EXPECT_EQ(parsed("GET *"), "refused");
  EXPECT_EQ(parsed("CONNECT b:443"), "refused");
  EXPECT_EQ(parsed("GET c"), "refused");
}

TEST(RequestParser, RefusesWhatTwoServersCouldReadDifferently) {
  const auto cause = [](const std::string& fields) {
    const auto [status, why] = refusal("POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n");
    EXPECT_NE(status, 0) << fields;
    return std::to_string(status) + " " + why;
  };
  EXPECT_THAT(cause("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"), HasSubstr("400"));
  EXPECT_THAT(cause("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"), HasSubstr("400"));
  EXPECT_THAT(cause("Content-Length: 3\r\nContent-Length: 4\r\n"), HasSubstr("more than one"));
  EXPECT_THAT(cause("Content-Length: 3\r\nContent-Length: 3\r\n"), HasSubstr("more than one"));
  EXPECT_THAT(cause("Content-Length: 3, 3\r\n"), HasSubstr("no number"));
  for (const char* length : {"+3", "-3", "0x3", "3a", "", " ", "3 3", "99999999999999999999999"})
    EXPECT_THAT(cause("Content-Length: " + std::string(length) + "\r\n"), HasSubstr("400"));
  EXPECT_THAT(cause("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
              HasSubstr("400"));
  EXPECT_THAT(cause("Transfer-Encoding: gzip, chunked\r\n"), HasSubstr("501"));
  EXPECT_THAT(cause("Transfer-Encoding: chunked, gzip\r\n"), HasSubstr("501"));
  EXPECT_THAT(cause("Transfer-Encoding: identity\r\n"), HasSubstr("501"));
  EXPECT_THAT(cause("Transfer-Encoding: xchunked\r\n"), HasSubstr("501"));
  EXPECT_THAT(cause("Transfer-Encoding:\r\n"), HasSubstr("501"));
  EXPECT_THAT(cause("Transfer-Encoding: \x0b"
                    "chunked\r\n"),
              HasSubstr("400"));
  EXPECT_THAT(cause("A: b\r\n c\r\n"), HasSubstr("second line"));
  EXPECT_THAT(cause("A: b\r\n\tc\r\n"), HasSubstr("second line"));
  EXPECT_THAT(cause("A : b\r\n"), HasSubstr("blank before the colon"));
  EXPECT_THAT(cause("A\t: b\r\n"), HasSubstr("blank before the colon"));
  EXPECT_THAT(cause("A: b\n"), HasSubstr("CR and LF"));
  EXPECT_THAT(cause("A: b\rc\r\n"), HasSubstr("CR stands alone"));
  EXPECT_THAT(cause(std::string("A: b\0c\r\n", 8)), HasSubstr("not allowed"));
  EXPECT_THAT(cause("A: b\x01\r\n"), HasSubstr("not allowed"));
  EXPECT_THAT(cause("A b\r\n"), HasSubstr("no colon"));
  EXPECT_THAT(cause(": b\r\n"), HasSubstr("no token"));
  EXPECT_THAT(cause("A(: b\r\n"), HasSubstr("no token"));
  EXPECT_THAT(cause("Host: b\r\n"), HasSubstr("more than one Host"));
  EXPECT_THAT(cause("Expect: 200-ok\r\n"), HasSubstr("417"));
}

TEST(RequestParser, RefusesLinesThatAreNoRequest) {
  for (const char* line :
       {"", " ", "GET", "GET /", "GET / HTTP/2.0", "GET / HTTP/1.1 ", "GET  / HTTP/1.1",
        " GET / HTTP/1.1", "GET / http/1.1", "GET /\t HTTP/1.1", "G@T / HTTP/1.1",
        "GET / HTTP/1.1\r", "GET /a b HTTP/1.1", "GET /a\x7f HTTP/1.1", "\x16\x03\x01"}) {
    const auto [status, why] = refusal(std::string(line) + "\r\nHost: a\r\n\r\n");
    EXPECT_EQ(status, 400) << line << why;
  }
  EXPECT_EQ(refusal("GET / HTTP/1.1\nHost: a\n\n").first, 400);
  EXPECT_EQ(refusal("\n").first, 400);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\n\r\n").second, "it has no Host");
  EXPECT_EQ(refusal("GET / HTTP/1.0\r\n\r\n").first, 0);
  EXPECT_EQ(refusal("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n").first, 400);
}

TEST(RequestParser, LimitsHoldToTheByte) {
  const auto with_target = [](size_t size) {
    return refusal("GET /" + std::string(size - 1, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n").first;
  };
  EXPECT_EQ(with_target(kTargetBytesMax), 0);
  EXPECT_EQ(with_target(kTargetBytesMax + 1), 414);
  EXPECT_EQ(refusal("GET /" + std::string(2 * kTargetBytesMax, 'a')).first, 414);

  const auto with_head = [](size_t size) {
    std::string text = "GET / HTTP/1.1\r\nHost: a\r\nB: ";
    text += std::string(size - text.size() - 4, 'b') + "\r\n\r\n";
    EXPECT_EQ(text.size(), size);
    return refusal(text).first;
  };
  EXPECT_EQ(with_head(kHeadBytesMax), 0);
  EXPECT_EQ(with_head(kHeadBytesMax + 1), 431);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nB: " + std::string(kHeadBytesMax, 'b')).first, 431);

  const auto with_fields = [](size_t count) {
    std::string text = "GET / HTTP/1.1\r\nHost: a\r\n";
    for (size_t i = 1; i < count; ++i)
      text += "B: b\r\n";
    return refusal(text + "\r\n").first;
  };
  EXPECT_EQ(with_fields(kFieldsMax), 0);
  EXPECT_EQ(with_fields(kFieldsMax + 1), 431);
}

TEST(RequestParser, ReadsBodiesInAnyCuts) {
  const std::string head = "PUT / HTTP/1.1\r\nHost: a\r\n";
  const std::string chunked = head + "Transfer-Encoding: Chunked\r\n\r\n";
  for (size_t step = 1; step < 60; ++step) {
    EXPECT_EQ(body_of(head + "Content-Length: 5\r\n\r\nhelloGET", step).substr(0, 6), "hello|");
    EXPECT_EQ(body_of(head + "Content-Length: 0\r\n\r\n", step), "|");
    EXPECT_EQ(body_of(head + "\r\n", step), "|");
    EXPECT_EQ(body_of(chunked + "5\r\nhello\r\n06;a=b\r\n world\r\n0\r\n\r\n", step),
              "hello world|");
    EXPECT_EQ(body_of(chunked + "A\r\n0123456789\r\n0\r\nX-Trailer: a\r\nB: c\r\n\r\n", step),
              "0123456789|");
    EXPECT_EQ(body_of(chunked + "0\r\n\r\n", step), "|");
    EXPECT_EQ(body_of(chunked + "5\r\nhel", step), "incomplete: hel");
  }
}

TEST(RequestParser, RefusesChunksThatAreNone) {
  const std::string head = "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const char* body : {"x\r\n", "5\nhello\r\n0\r\n\r\n", "5\r\nhelloX\r\n0\r\n\r\n", "-1\r\n",
                           " 5\r\nhello\r\n", "0x5\r\nhello\r\n", "fffffffffffffffff\r\n", ";\r\n",
                           "5 \x01\r\nhello\r\n", "0\r\nA : b\x01\r\n\r\n"}) {
    for (const size_t step : {size_t{1}, size_t{1000}})
      EXPECT_THAT(body_of(head + body + "0\r\n\r\n", step), testing::StartsWith("refused")) << body;
  }
  EXPECT_THAT(body_of(head + "5;" + std::string(2 * kChunkLineBytesMax, 'a'), 100),
              HasSubstr("too long"));
}

TEST(RequestParser, ATrailerIsNotPartOfTheHead) {
  const std::string text =
      "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nAuthorization: "
      "me\r\n\r\n";
  RequestParser parser(kPeer);
  const auto head = parser.read_head(base::as_bytes(text));
  ASSERT_TRUE(head);
  ASSERT_TRUE(parser.read_body(base::as_bytes(text).subspan(*head)));
  EXPECT_TRUE(parser.is_body_done());
  EXPECT_FALSE(parser.request().has_field("Authorization"));
}

TEST(RequestParser, KnowsWhetherTheConnectionGoesOn) {
  const auto keeps = [](const std::string& version, const std::string& fields) {
    RequestParser parser(kPeer);
    const std::string text = "GET / HTTP/" + version + "\r\nHost: a\r\n" + fields + "\r\n";
    EXPECT_TRUE(parser.read_head(base::as_bytes(text)));
    return parser.request().keeps_alive();
  };
  EXPECT_TRUE(keeps("1.1", ""));
  EXPECT_FALSE(keeps("1.1", "Connection: Close\r\n"));
  EXPECT_FALSE(keeps("1.0", ""));
  EXPECT_TRUE(keeps("1.0", "Connection: keep-alive\r\n"));
}

}  // namespace
}  // namespace ticklake::http
