// S3 alone, without what `up` starts besides: for tests and measurements of it.
// usage: s3_server DATA HOST:PORT; prints {"endpoint", "key", "secret"} once clients can come, and
// serves until its standard input ends.

#include <cstdio>
#include <stop_token>
#include <string>
#include <thread>

#include <fmt/format.h>

#include "aws/identity_store.h"
#include "aws_api/endpoint.h"
#include "aws_api/s3/service.h"
#include "base/random.h"
#include "base/secret_random.h"
#include "http/server.h"
#include "lake/bucket_store.h"

using namespace ticklake;

namespace {

base::Result<void> serve(const base::Path& data, const std::string& address) {
  base::PosixFileSystem files;
  base::SystemClock clock;
  const auto logger = base::make_null_logger();
  TICKLAKE_TRY(files.make_folders(data));
  std::filesystem::remove(data / "identities.sqlite");
  TICKLAKE_ASSIGN(const auto identities,
                  aws::IdentityStore::open(files, data / "identities.sqlite", clock,
                                           base::system_secret_random()));
  TICKLAKE_ASSIGN(const auto store,
                  lake::BucketStore::open({data / "buckets", data / "lake"}, files, clock,
                                          base::system_secret_random(), *logger));
  aws_api::s3::Service s3(*store, *identities, clock, *logger);
  aws_api::Services services;
  services.s3 = [&s3](http::Exchange& exchange, const aws::AuthenticatedRequest& caller) {
    return s3.handle(exchange, caller);
  };
  aws_api::Endpoint endpoint(std::move(services), *identities, clock, *logger,
                             base::entropy_seed());
  http::Server server({2, 16}, files, clock, *logger);
  TICKLAKE_ASSIGN(const base::Endpoint where, base::Endpoint::parse(address));
  TICKLAKE_ASSIGN(const base::Endpoint bound, server.listen({where}, endpoint.site()));
  fmt::print("{{\"endpoint\": \"http://{}\", \"key\": \"{}\", \"secret\": \"{}\"}}\n", bound.text(),
             identities->first_key()->id, identities->first_key()->secret);
  std::fflush(stdout);
  std::stop_source stop;
  std::jthread reader([&stop] {
    while (std::getchar() != EOF) {
    }
    stop.request_stop();
  });
  server.run(stop.get_token());
  return {};
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) return 2;
  const auto served = serve(arguments[1], arguments[2]);
  if (served) return 0;
  fmt::print(stderr, "{}\n", base::to_text(served.error()));
  return 1;
}
