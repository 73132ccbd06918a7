#include <memory>
#include <string>
#include <vector>

#include "aws/hash.h"
#include "aws/identity_store.h"
#include "aws_api/endpoint.h"
#include "aws_api/iam/iam_service.h"
#include "aws_api/iam/sts_service.h"
#include "base/assert.h"
#include "base/secret_random.h"
#include "base/temporary_folder.h"
#include "http/connection.h"
#include "http/testing/memory_bed.h"

using namespace ticklake;

namespace {

/// The front over identities of its own; IAM's reading operations, STS, and a Glue that gives back
/// its input.
class Front {
 public:
  Front() {
    auto opened = aws::IdentityStore::open(files_, folder_.path() / "identities.db", clock_,
                                           base::system_secret_random());
    TICKLAKE_ASSERT(opened);
    store_ = std::move(*opened);
    iam_.emplace(*store_);
    sts_.emplace(*store_);
    aws_api::Services services;
    services.iam = [this](const aws_api::QueryCall& call) -> aws::Answer<std::string> {
      ++calls;
      // What would be written stays, and makes the next input's answer another one.
      const bool is_reading =
          call.operation.starts_with("Get") || call.operation.starts_with("List");
      return is_reading ? iam_->call(call) : aws::refuse_as("InvalidAction", "not here");
    };
    services.sts = [this](const aws_api::QueryCall& call) {
      ++calls;
      return sts_->call(call);
    };
    services.glue = [this](const aws_api::Call& call) -> aws::Answer<nlohmann::json> {
      ++calls;
      TICKLAKE_ASSERT(call.input.is_object());
      return call.input;
    };
    services.s3 = [this](http::Exchange& exchange, const aws::AuthenticatedRequest&) {
      ++calls;
      return echo(exchange);
    };
    endpoint_.emplace(std::move(services), *store_, clock_, *logger_, 1);
    site_ = endpoint_->site();
  }

  std::string answer(const std::string& input) {
    http::MemoryTransport transport(input);
    http::MemoryRuntime runtime;
    http::Connection connection(transport, site_, runtime);
    bool has_ended = false;
    http::run_detached(connection.run(), [&](std::exception_ptr thrown) {
      TICKLAKE_ASSERT(!thrown);
      has_ended = true;
    });
    TICKLAKE_ASSERT(has_ended);
    return transport.output;
  }

  /// A request of root to a service.
  std::string signed_request(std::string_view service, std::string_view method,
                             std::string_view target, std::string_view body) const {
    const std::string json_target = service == "glue" ? "AWSGlue.Tell" : "";
    std::vector<aws::HeaderField> fields{{"host", "127.0.0.1"}};
    if (!json_target.empty()) fields.push_back({"x-amz-target", json_target});
    const aws::AccessKey& key = *store_->first_key();
    const auto added = aws::sign_v4({method, target, fields}, {key.id, key.secret}, "us-east-1",
                                    service, aws::sha256_hex(body), clock_.wall_now());
    std::string text = std::string(method) + " " + std::string(target) + " HTTP/1.1\r\n";
    for (const auto& [name, value] : fields)
      text += std::string(name) + ": " + std::string(value) + "\r\n";
    for (const auto& [name, value] : added)
      text += name + ": " + value + "\r\n";
    return text + "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
  }

  int calls = 0;

 private:
  static http::Task<http::Response> echo(http::Exchange& exchange) {
    const auto body = co_await exchange.read_whole_body();
    if (!body) co_return http::Response();
    co_return http::Response::of(200, "text/plain", *body);
  }

  base::TemporaryFolder folder_;
  base::PosixFileSystem files_;
  base::ManualClock clock_;
  std::shared_ptr<base::Logger> logger_ = base::make_null_logger();
  std::unique_ptr<aws::IdentityStore> store_;
  std::optional<aws_api::iam::IamService> iam_;
  std::optional<aws_api::iam::StsService> sts_;
  std::optional<aws_api::Endpoint> endpoint_;
  http::Site site_;
};

/// One that can be signed.
bool is_target(std::string_view text) {
  const bool is_one_word =
      text.find_first_of(std::string_view(" \r\n\t\0", 5)) == std::string_view::npos;
  return text.starts_with('/') && is_one_word &&
         aws::v4_canonical_request({"POST", text, {}}, {}, {}, aws::kS3Service).has_value();
}

}  // namespace

/// Nobody without the secret reaches a service, whatever he sends; what the holder of a key sends
/// is answered, and reaches the service that it was signed for. The first byte says which: 0: raw;
/// 1 to 4: signed for S3, Glue, IAM, STS, a line with the target and then the body.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Front front;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const size_t mode = data[0] % 5;
  front.calls = 0;
  if (mode == 0) {
    const std::string output = front.answer(std::string(text));
    TICKLAKE_ASSERT(front.calls == 0);
    TICKLAKE_ASSERT(output.empty() || output.starts_with("HTTP/1.1 "));
    TICKLAKE_ASSERT(output.find("HTTP/1.1 2") == std::string::npos);
    return 0;
  }
  const size_t end = text.find('\n');
  const std::string_view target = text.substr(0, end);
  if (end == std::string_view::npos || !is_target(target)) return 0;
  const std::string_view body = text.substr(end + 1);
  static constexpr std::string_view kServices[] = {"s3", "glue", "iam", "sts"};
  const std::string request = front.signed_request(kServices[mode - 1], "POST", target, body);
  const std::string output = front.answer(request);
  TICKLAKE_ASSERT(output.starts_with("HTTP/1.1 "));
  TICKLAKE_ASSERT(output.find("SignatureDoesNotMatch") == std::string::npos);
  TICKLAKE_ASSERT(front.calls <= 1);
  if (body.empty()) return 0;
  std::string altered = request;
  altered.back() = static_cast<char>(altered.back() ^ 1);
  front.calls = 0;
  // S3 holds the body against the head's hash by itself, while it reads.
  if (mode != 1) front.answer(altered);
  TICKLAKE_ASSERT(front.calls == 0);
  return 0;
}
