#pragma once

#include <string>
#include <utility>

#include "aws/json_client.h"
#include "catalog/message_reader.h"

namespace ticklake::catalog {

/// An answer that is not what its description says; kInvalidData.
inline aws::CallFailure unreadable_answer(const aws::JsonClient& client, const char* operation,
                                          const std::string& problem) {
  return {{base::ErrorCode::kInvalidData, std::string("cannot read the answer to ") + operation,
           problem,
           "check that AWS_ENDPOINT_URL is an endpoint of " + std::string(client.service().title),
           false},
          {}};
}

/// Calls an operation whose request and answer are described messages. Errors are those of
/// JsonClient::call(), and unreadable_answer().
template <typename Reply, typename Message>
aws::CallResult<Reply> call(aws::JsonClient& client, const char* operation, const Message& message,
                            const std::stop_token& stop) {
  TICKLAKE_ASSIGN(const nlohmann::json answer,
                  client.call(operation, aws::MessageWriter::write(message), stop));
  Reply reply;
  std::string problem;
  JsonReader reader(answer, {}, problem);
  MessageReader::read(reader, reply);
  if (!problem.empty()) return tl::unexpected(unreadable_answer(client, operation, problem));
  return reply;
}

}  // namespace ticklake::catalog
