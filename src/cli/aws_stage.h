#pragma once

#include <memory>
#include <mutex>
#include <stop_token>
#include <string>

#include "aws/identity_store.h"
#include "aws_api/endpoint.h"
#include "aws_api/iam/iam_service.h"
#include "aws_api/iam/sts_service.h"
#include "base/clock.h"
#include "base/file_system.h"
#include "base/log.h"
#include "base/result.h"
#include "http/server.h"

namespace ticklake::cli {

/// S3, Glue, Athena, STS and IAM of `ticklake up`, and who may use them.
class AwsStage {
 public:
  struct Options {
    base::Path data;
    http::Listener listener;
  };

  /// Binds the port, and makes the first key if there is none. What is passed by reference must
  /// outlive it.
  static base::Result<std::unique_ptr<AwsStage>> start(Options options, base::FileSystem& files,
                                                       const base::Clock& clock,
                                                       base::Logger& logger);

  /// As clients on this machine write it.
  const std::string& url() const { return url_; }
  /// Somebody else than root's first key may come in.
  bool has_other_keys() const;

  /// Serves until a stop is requested, and follows what `ticklake key` changes meanwhile.
  void run(const std::stop_token& stop);

 private:
  AwsStage(Options options, base::FileSystem& files, const base::Clock& clock,
           base::Logger& logger);
  base::Result<void> open();
  void follow_identities(const std::stop_token& stop);

  const Options options_;
  base::FileSystem& files_;
  const base::Clock& clock_;
  base::Logger& logger_;
  std::string url_;
  std::unique_ptr<aws::IdentityStore> identities_;
  std::unique_ptr<aws_api::iam::IamService> iam_;
  std::unique_ptr<aws_api::iam::StsService> sts_;
  std::unique_ptr<aws_api::Endpoint> endpoint_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace ticklake::cli
