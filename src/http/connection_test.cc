#include "http/connection.h"

#include <gmock/gmock.h>

#include "base/temporary_folder.h"
#include "http/testing/memory_bed.h"

namespace ticklake::http {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr uint64_t kUploadBytesMax = 1'000'000;

Task<Response> echo(Exchange& exchange) {
  const auto body = co_await exchange.read_whole_body();
  if (!body) co_return Response::of(500, "text/plain", "nobody sees this");
  co_return Response::of(200, "text/plain", *body);
}

Task<Response> count_bytes(Exchange& exchange) {
  uint64_t size = 0;
  while (true) {
    const auto piece = co_await exchange.read_body();
    if (!piece) co_return Response::of(500, "text/plain", "nobody sees this");
    if (piece->empty()) break;
    size += piece->size();
  }
  co_return Response::of(200, "text/plain", std::to_string(size));
}

/// Writes "0;1;2;…", as many as {count} says.
Response count_up(const Request& request, std::optional<uint64_t> length) {
  Response response;
  const int count = std::atoi(std::string(request.parameter("count")).c_str());
  response.body = BodyStream{[count](BodyWriter& writer) -> Task<base::Result<void>> {
                               for (int i = 0; i < count; ++i)
                                 TICKLAKE_CO_TRY(co_await writer.write(std::to_string(i) + ";"));
                               co_return base::Result<void>();
                             },
                             length};
  return response;
}

Task<Response> fail_by_throwing(Exchange& exchange) {
  co_await exchange.run_blocking([] { throw std::runtime_error("no more memory"); });
  co_return Response();
}

Response say_hello(const Request&) { return Response::of(200, "text/plain", "hello"); }

Policy nobody() {
  return [](Request& request) -> std::optional<Response> {
    request.attach(std::string("alice"));
    if (request.field("Authorization") == "yes") return std::nullopt;
    return Response::of(403, "text/plain", "no");
  };
}

Site make_site() {
  Site site;
  Router& router = site.router;
  router.add({"GET", "/hello", anyone(), say_hello});
  router.add({"PUT", "/echo", anyone(), echo});
  router.add({"PUT", "/count", anyone(), count_bytes, kUploadBytesMax});
  router.add({"PUT", "/ignore", anyone(), say_hello, kUploadBytesMax});
  router.add({"PUT", "/secret", nobody(), [](Exchange& exchange) -> Task<Response> {
                const std::string who = *exchange.request().attached<std::string>();
                const auto body = co_await exchange.read_whole_body();
                co_return Response::of(200, "text/plain", who + *body);
              }});
  router.add({"GET", "/up/{count}", anyone(),
              [](const Request& request) { return count_up(request, std::nullopt); }});
  router.add({"GET", "/up/{count}/to/{length}", anyone(), [](const Request& request) {
                return count_up(request,
                                std::atoi(std::string(request.parameter("length")).c_str()));
              }});
  router.add({"GET", "/throw", anyone(), fail_by_throwing});
  router.add({"GET", "/none/{status}", anyone(), [](const Request& request) {
                Response response = Response::of(
                    std::atoi(std::string(request.parameter("status")).c_str()), "a/b", "body");
                return response;
              }});
  router.add({"GET", "/pause", anyone(), [](Exchange& exchange) -> Task<Response> {
                const bool goes_on = co_await exchange.sleep(std::chrono::milliseconds(10));
                co_return Response::of(200, "text/plain", goes_on ? "on" : "stopped");
              }});
  return site;
}

struct Talk {
  std::string answers;
  size_t unread = 0;
  size_t writes = 0;
};

Talk talk(const std::string& input, size_t piece_bytes = SIZE_MAX, const Site& site = make_site()) {
  MemoryTransport transport(input, piece_bytes);
  MemoryRuntime runtime;
  {
    Connection connection(transport, site, runtime);
    bool has_ended = false;
    run_detached(connection.run(), [&](const std::exception_ptr& thrown) {
      EXPECT_FALSE(thrown);
      has_ended = true;
    });
    EXPECT_TRUE(has_ended);
  }
  return {transport.output, transport.unread(), transport.writes};
}

const std::string kDate = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";

std::string answer(const std::string& rest, const std::string& body) {
  return "HTTP/1.1 200 OK\r\n" + kDate + "Content-Type: text/plain\r\n" + rest + "\r\n" + body;
}

TEST(Connection, AnswersRequestsThatComeAtOnceOneAfterTheOther) {
  const std::string input =
      "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
      "PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
      "PUT /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n0\r\n\r\n"
      "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
      "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string expected = answer("Content-Length: 5\r\n", "hello") +
                               answer("Content-Length: 3\r\n", "abc") +
                               answer("Content-Length: 2\r\n", "de") +
                               answer("Content-Length: 5\r\nConnection: close\r\n", "hello");
  for (const size_t piece : {size_t{1}, size_t{2}, size_t{7}, size_t{100}, SIZE_MAX})
    EXPECT_EQ(talk(input, piece).answers, expected) << piece;
}

TEST(Connection, ASmallAnswerIsOneWrite) {
  EXPECT_EQ(talk("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n").writes, 1);
}

TEST(Connection, HeadHasTheFieldsOfGetAndNoBody) {
  const Talk head = talk("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(head.answers, answer("Content-Length: 5\r\n", ""));
  EXPECT_THAT(talk("HEAD /up/3 HTTP/1.1\r\nHost: a\r\n\r\n").answers,
              EndsWith("Transfer-Encoding: chunked\r\n\r\n"));
}

TEST(Connection, StatusesWithoutABodyHaveNone) {
  EXPECT_EQ(talk("GET /none/204 HTTP/1.1\r\nHost: a\r\n\r\n").answers,
            "HTTP/1.1 204 No Content\r\n" + kDate + "Content-Type: a/b\r\n\r\n");
  EXPECT_EQ(talk("GET /none/304 HTTP/1.1\r\nHost: a\r\n\r\n").answers,
            "HTTP/1.1 304 Not Modified\r\n" + kDate + "Content-Type: a/b\r\n\r\n");
}

TEST(Connection, OldClientsAreUnderstood) {
  EXPECT_EQ(talk("GET /hello HTTP/1.0\r\n\r\nGET /hello HTTP/1.0\r\n\r\n").answers,
            answer("Content-Length: 5\r\nConnection: close\r\n", "hello"));
  const std::string again = "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
  EXPECT_EQ(talk(again + again).answers,
            answer("Content-Length: 5\r\nConnection: keep-alive\r\n", "hello") +
                answer("Content-Length: 5\r\nConnection: keep-alive\r\n", "hello"));
  // They know no chunks: the end of the connection ends the body.
  EXPECT_EQ(talk("GET /up/3 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").answers,
            "HTTP/1.1 200 OK\r\n" + kDate + "Connection: close\r\n\r\n0;1;2;");
}

TEST(Connection, StreamsBodiesInChunksOrWithALength) {
  EXPECT_THAT(talk("GET /up/3 HTTP/1.1\r\nHost: a\r\n\r\n").answers,
              EndsWith("Transfer-Encoding: chunked\r\n\r\n"
                       "2\r\n0;\r\n2\r\n1;\r\n2\r\n2;\r\n0\r\n\r\n"));
  EXPECT_THAT(talk("GET /up/3/to/6 HTTP/1.1\r\nHost: a\r\n\r\n").answers,
              EndsWith("Content-Length: 6\r\n\r\n0;1;2;"));
}

TEST(Connection, ABodyThatIsNotWhatItSaidIsCutOff) {
  const std::string next = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_THAT(talk("GET /up/3/to/5 HTTP/1.1\r\nHost: a\r\n\r\n" + next).answers,
              EndsWith("Content-Length: 5\r\n\r\n0;1;"));
  EXPECT_THAT(talk("GET /up/3/to/7 HTTP/1.1\r\nHost: a\r\n\r\n" + next).answers,
              EndsWith("Content-Length: 7\r\n\r\n0;1;2;"));
}

TEST(Connection, TellsToContinueOnlyWhoseBodyIsWanted) {
  const std::string fields = "Host: a\r\nExpect: 100-Continue\r\nContent-Length: 3\r\n";
  EXPECT_THAT(talk("PUT /echo HTTP/1.1\r\n" + fields + "\r\n").answers,
              StartsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 400"));
  // The body came without waiting.
  EXPECT_EQ(talk("PUT /echo HTTP/1.1\r\n" + fields + "\r\nabc").answers,
            answer("Content-Length: 3\r\n", "abc"));
  const Talk refused = talk("PUT /secret HTTP/1.1\r\n" + fields + "\r\n");
  EXPECT_THAT(refused.answers, StartsWith("HTTP/1.1 403"));
  EXPECT_THAT(refused.answers, HasSubstr("Connection: close"));
  EXPECT_THAT(refused.answers, Not(HasSubstr("100 Continue")));
}

TEST(Connection, NeverTakesABodyThatMayNotComeForTheNextRequest) {
  const std::string hidden = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string input =
      "PUT /ignore HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
      "Content-Length: " +
      std::to_string(hidden.size()) + "\r\n\r\n";
  EXPECT_EQ(talk(input + hidden).answers,
            answer("Content-Length: 5\r\nConnection: close\r\n", "hello"));
}

TEST(Connection, PoliciesAreAskedBeforeTheBodyAndTellHandlersWhatTheyFound) {
  const std::string input = "PUT /secret HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n";
  EXPECT_THAT(talk(input + "\r\n!").answers, StartsWith("HTTP/1.1 403"));
  EXPECT_THAT(talk(input + "Authorization: yes\r\n\r\n!").answers, EndsWith("\r\n\r\nalice!"));
}

TEST(Connection, ReadsAnUnwantedBodyForTheNextRequestsSake) {
  const std::string input = "PUT /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n" +
                            std::string(200'000, 'x') + "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string hello = answer("Content-Length: 5\r\n", "hello");
  EXPECT_EQ(talk(input, 1000).answers, hello + hello);
  const std::string chunked =
      "PUT /ignore HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n0\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_EQ(talk(chunked, 3).answers, hello + hello);
}

TEST(Connection, ClosesRatherThanReadAllOfAnUnwantedBody) {
  const std::string body(900'000, 'x');
  const std::string next = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_EQ(talk("PUT /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n" + body + next)
                .answers,
            answer("Content-Length: 5\r\nConnection: close\r\n", "hello"));
  EXPECT_EQ(talk("PUT /ignore HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\ndbba0\r\n" +
                 body + "\r\n0\r\n\r\n" + next)
                .answers,
            answer("Content-Length: 5\r\n", "hello"));
}

TEST(Connection, TheLimitOfABodyHoldsToTheByte) {
  const auto upload = [](size_t size, bool is_chunked) {
    const std::string body(size, 'x');
    std::string input = "PUT /count HTTP/1.1\r\nHost: a\r\n";
    char line[20];
    std::snprintf(line, sizeof line, "%zx\r\n", size);
    input += is_chunked ? "Transfer-Encoding: chunked\r\n\r\n" + (line + body) + "\r\n0\r\n\r\n"
                        : "Content-Length: " + std::to_string(size) + "\r\n\r\n" + body;
    return talk(input, 50'000).answers;
  };
  for (const bool is_chunked : {false, true}) {
    EXPECT_THAT(upload(kUploadBytesMax, is_chunked), EndsWith("\r\n\r\n1000000"));
    EXPECT_THAT(upload(kUploadBytesMax + 1, is_chunked), StartsWith("HTTP/1.1 413"));
  }
}

TEST(Connection, ABodyThatBreaksOffIsNoBody) {
  for (const char* rest :
       {"Content-Length: 5\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nab",
        "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nx\r\n"}) {
    const Talk broken = talk("PUT /echo HTTP/1.1\r\nHost: a\r\n" + std::string(rest));
    EXPECT_THAT(broken.answers, StartsWith("HTTP/1.1 400")) << rest;
    EXPECT_THAT(broken.answers, HasSubstr("Connection: close")) << rest;
  }
}

TEST(Connection, WhatIsNoHttpIsToldSoAndClosed) {
  const Talk refused = talk("SSH-2.0-OpenSSH\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(refused.answers, StartsWith("HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_THAT(refused.answers, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(refused.answers, Not(HasSubstr("hello")));
  EXPECT_EQ(talk("").answers, "");
  EXPECT_EQ(talk("GET /hello HT").answers, "");
}

TEST(Connection, UnknownPathsAndMethodsAreAnswered) {
  EXPECT_THAT(talk("GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n").answers,
              StartsWith("HTTP/1.1 404 Not Found"));
  const Talk refused = talk("POST /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(refused.answers, StartsWith("HTTP/1.1 405 Method Not Allowed"));
  EXPECT_THAT(refused.answers, HasSubstr("Allow: GET, HEAD\r\n"));
}

TEST(Connection, AHandlerThatThrowsCostsItsRequestAlone) {
  EXPECT_THAT(talk("GET /throw HTTP/1.1\r\nHost: a\r\n\r\n"
                   "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
                  .answers,
              testing::AllOf(StartsWith("HTTP/1.1 500 Internal Server Error"), EndsWith("hello")));
}

TEST(Connection, TheSiteHasTheLastWord) {
  Site site = make_site();
  site.answer_failure = [](const Failure& failure, const Request* request) {
    return Response::of(failure.status, "application/xml",
                        request ? std::string(request->target()) : "none");
  };
  site.complete = [](const Request*, Response& response) {
    response.fields.add("x-amz-request-id", "7");
  };
  const auto failed = talk("GET /nothing?a HTTP/1.1\r\nHost: a\r\n\r\nbad\r\n\r\n", SIZE_MAX, site);
  EXPECT_THAT(failed.answers, HasSubstr("\r\n\r\n/nothing?aHTTP/1.1 400"));
  EXPECT_THAT(failed.answers, EndsWith("none"));
  site.policy = [](Request&) -> std::optional<Response> {
    return Response::of(403, "text/plain", "closed");
  };
  EXPECT_THAT(talk("GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n", SIZE_MAX, site).answers,
              testing::AllOf(StartsWith("HTTP/1.1 403"), HasSubstr("x-amz-request-id: 7\r\n")));
}

TEST(Connection, FilesAreSentInPart) {
  const base::TemporaryFolder folder;
  base::PosixFileSystem files;
  const std::string text(3'000'000, 'x');
  ASSERT_TRUE(base::replace_text(files, folder.path() / "a", "0123456789" + text));
  auto opened = files.open(folder.path() / "a", base::OpenMode::kRead);
  ASSERT_TRUE(opened);
  const std::shared_ptr<base::File> file = std::move(*opened);
  Site site;
  size_t size = 4;
  site.router.add({"GET", "/a", anyone(), [&](const Request&) {
                     Response response;
                     response.body = base::FileRegion{file, 3, size};
                     return response;
                   }});
  const std::string get = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_THAT(talk(get, SIZE_MAX, site).answers, EndsWith("Content-Length: 4\r\n\r\n3456"));
  EXPECT_EQ(talk(get, SIZE_MAX, site).writes, 1);
  size = text.size() + 7;
  EXPECT_THAT(talk(get, SIZE_MAX, site).answers,
              EndsWith("Content-Length: 3000007\r\n\r\n3456789" + text));
  EXPECT_THAT(talk("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n", SIZE_MAX, site).answers,
              EndsWith("Content-Length: 3000007\r\n\r\n"));
  // Behind its end there is nothing that could be sent.
  size = 10;
  ASSERT_TRUE(base::replace_text(files, folder.path() / "a", "short"));
  opened = files.open(folder.path() / "a", base::OpenMode::kRead);
  const std::shared_ptr<base::File> cut = std::move(*opened);
  site = Site();
  site.router.add({"GET", "/a", anyone(), [&](const Request&) {
                     Response response;
                     response.body = base::FileRegion{cut, 3, size};
                     return response;
                   }});
  EXPECT_THAT(talk(get, SIZE_MAX, site).answers, StartsWith("HTTP/1.1 500"));
}

TEST(Connection, AClientThatTakesNoMoreEndsTheStream) {
  MemoryTransport transport("GET /up/1000000 HTTP/1.1\r\nHost: a\r\n\r\n");
  transport.output_bytes_max = 5'000;
  MemoryRuntime runtime;
  const Site site = make_site();
  Connection connection(transport, site, runtime);
  run_detached(connection.run(), [](const std::exception_ptr& thrown) { EXPECT_FALSE(thrown); });
  EXPECT_LT(transport.writes, 2'000);
}

TEST(Connection, OneTooManyIsToldSo) {
  MemoryTransport transport("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  MemoryRuntime runtime;
  const Site site = make_site();
  Connection connection(transport, site, runtime);
  run_detached(connection.refuse(), [](const std::exception_ptr& thrown) { EXPECT_FALSE(thrown); });
  EXPECT_THAT(transport.output, StartsWith("HTTP/1.1 503 Service Unavailable"));
  EXPECT_EQ(transport.unread(), 0);
}

}  // namespace
}  // namespace ticklake::http
