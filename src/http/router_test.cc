#include "http/router.h"

#include <gmock/gmock.h>

#include "http/request_parser.h"
#include "http/same_site.h"

namespace ticklake::http {
namespace {

const Peer kPeer{"127.0.0.1", {"127.0.0.1", 80}};

/// A request as it would be received.
class Asked {
 public:
  explicit Asked(const std::string& line, const std::string& fields = "Host: localhost\r\n")
      : parser_(kPeer) {
    const std::string text = line + " HTTP/1.1\r\n" + fields + "\r\n";
    EXPECT_TRUE(parser_.read_head(base::as_bytes(text)));
  }
  Request& request() { return parser_.request(); }

 private:
  RequestParser parser_;
};

Router make_router() {
  Router router;
  for (const auto& [method, pattern] :
       std::vector<std::pair<std::string, std::string>>{{"GET", "/{file...}"},
                                                        {"GET", "/api/tables"},
                                                        {"GET", "/api/tables/{name}"},
                                                        {"DELETE", "/api/tables/{name}"},
                                                        {"GET", "/api/tables/new"},
                                                        {"GET", "/api/tables/{name}/rows/{from}"},
                                                        {"POST", "/api/query"},
                                                        {"HEAD", "/api/tables/{name}"},
                                                        {"*", "/any"},
                                                        {"GET", "/any"}}) {
    router.add({method, pattern, anyone(), [what = method + " " + pattern](const Request& request) {
                  std::string text = what;
                  for (const char* name : {"name", "from", "file"}) {
                    if (!request.parameter(name).empty())
                      text += std::string(" ") + name + "=" + std::string(request.parameter(name));
                  }
                  return Response::of(200, "text/plain", text);
                }});
  }
  return router;
}

std::string found(const std::string& line) {
  static const Router router = make_router();
  Asked asked(line);
  const auto route = router.find(asked.request());
  if (!route) {
    return std::to_string(route.error().status) + " " +
           router.allowed_methods(asked.request().raw_path());
  }
  const auto response =
      std::get<std::function<Response(const Request&)>>((*route)->handler)(asked.request());
  return std::get<std::string>(response.body);
}

TEST(Router, TakesTheMostSpecialPattern) {
  EXPECT_EQ(found("GET /api/tables"), "GET /api/tables");
  EXPECT_EQ(found("GET /api/tables/new"), "GET /api/tables/new");
  EXPECT_EQ(found("GET /api/tables/old"), "GET /api/tables/{name} name=old");
  EXPECT_EQ(found("GET /api/tables/a/rows/7"), "GET /api/tables/{name}/rows/{from} name=a from=7");
  EXPECT_EQ(found("GET /assets/a.js"), "GET /{file...} file=assets/a.js");
  EXPECT_EQ(found("GET /"), "GET /{file...}");
}

TEST(Router, DecodesNamesAndKeepsTheRestAsItIs) {
  EXPECT_EQ(found("GET /api/tables/a%2Fb%20c"), "GET /api/tables/{name} name=a/b c");
  EXPECT_EQ(found("GET /api/%74ables/x"), "GET /api/tables/{name} name=x");
  EXPECT_EQ(found("GET /a%2Fb//c/../d"), "GET /{file...} file=a%2Fb//c/../d");
  EXPECT_EQ(found("GET /api/tables/%zz"), "GET /{file...} file=api/tables/%zz");
  EXPECT_EQ(found("GET /api/tables/"), "GET /{file...} file=api/tables/");
}

TEST(Router, AnswersHeadByGetUnlessThereIsOneOfItsOwn) {
  EXPECT_EQ(found("HEAD /api/tables"), "GET /api/tables");
  EXPECT_EQ(found("HEAD /api/tables/x"), "HEAD /api/tables/{name} name=x");
  EXPECT_EQ(found("HEAD /any"), "GET /any");
  EXPECT_EQ(found("PATCH /any"), "* /any");
}

TEST(Router, SaysWhichMethodsAPathKnows) {
  EXPECT_EQ(found("POST /api/tables/x"), "405 DELETE, GET, HEAD");
  EXPECT_EQ(found("POST /"), "405 GET, HEAD");
  EXPECT_EQ(found("get /"), "405 GET, HEAD");
  EXPECT_EQ(found("GET /api/query"), "405 POST");
  EXPECT_EQ(found("OPTIONS *"), "404 ");
}

TEST(Router, WithoutARouteForAllWhatIsUnknownIsNotFound) {
  Router router;
  router.add({"GET", "/a", anyone(), [](const Request&) { return Response(); }});
  for (const char* path : {"/", "/b", "/a/", "/a/b", "//a", "/A"}) {
    Asked asked(std::string("GET ") + path);
    const auto route = router.find(asked.request());
    ASSERT_FALSE(route) << path;
    EXPECT_EQ(route.error().status, 404) << path;
  }
}

int refusal(const std::string& fields) {
  static const Policy policy = same_site({"ticks.example"}, answer_in_text);
  Asked asked("GET /", fields);
  const auto refused = policy(asked.request());
  return refused ? refused->status : 0;
}

TEST(SameSite, LetsInWhoCallsThisMachineByItsOwnNames) {
  for (const char* host : {"localhost", "LOCALHOST:8080", "127.0.0.1:8080", "[::1]:8080",
                           "10.1.2.3", "b.localhost:1", "ticks.example", "Ticks.Example:80"})
    EXPECT_EQ(refusal("Host: " + std::string(host) + "\r\n"), 0) << host;
  EXPECT_EQ(refusal("Host: a.localhost:1\r\nOrigin: http://a.localhost:1\r\n"), 0);
}

TEST(SameSite, RefusesWhatAPageOfAnotherSiteCouldSend) {
  for (const char* host : {"evil.example", "localhost.evil.example", "", "127.0.0.1.evil.example"})
    EXPECT_EQ(refusal("Host: " + std::string(host) + "\r\n"), 403) << host;
  for (const char* origin : {"http://evil.example", "null", "http://localhost:81", "localhost:80"})
    EXPECT_EQ(refusal("Host: localhost:80\r\nOrigin: " + std::string(origin) + "\r\n"), 403)
        << origin;
}

}  // namespace
}  // namespace ticklake::http
