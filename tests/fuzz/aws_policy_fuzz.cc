#include "aws/policy.h"
#include "base/assert.h"

using namespace ticklake;

// A policy that parses answers any question, and says the same the second time it is read.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  aws::Principal principal;
  principal.arn = "arn:aws:iam::000000000000:user/alice";
  principal.user_id = "AIDAALICE";
  principal.user_name = "alice";
  const aws::RequestContext context{.now = base::WallTime{std::chrono::seconds{1'795'962'600}},
                                    .source_ip = "127.0.0.1",
                                    .s3_prefix = "home/alice/",
                                    .s3_max_keys = "10"};
  const aws::PolicyRequest request{principal, "s3:ListBucket", "arn:aws:s3:::bucket", context};
  const auto identity = aws::Policy::parse(text, aws::PolicyKind::kIdentity);
  if (identity) {
    const auto again = aws::Policy::parse(text, aws::PolicyKind::kIdentity);
    TICKLAKE_ASSERT(again && again->effect_on(request) == identity->effect_on(request));
  } else {
    TICKLAKE_ASSERT(identity.error().kind == aws::ErrorKind::kMalformedPolicyDocument);
  }
  const auto trust = aws::Policy::parse(text, aws::PolicyKind::kTrust);
  if (trust) static_cast<void>(trust->trust_in(request));
  TICKLAKE_ASSERT(!identity || !trust);
  return 0;
}
