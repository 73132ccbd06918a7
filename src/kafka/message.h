#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/fragment.h"
#include "base/result.h"
#include "kafka/api.h"

namespace ticklake::kafka {

/// Record batches of a Fetch response, one after another, in files or in memory that somebody else
/// owns: the parts in their order are the field's value. Never null on the wire: no part means
/// length 0. What was decoded is in memory, in one part at most.
struct RecordsChain {
  std::vector<base::Fragment> parts;

  size_t size() const;
  /// Of what was decoded.
  base::ByteView decoded() const {
    return parts.empty() ? base::ByteView() : std::get<base::ByteView>(parts.front());
  }
};

/// Bytes to send, in which large payloads stand as fragments of files and of others' memory, so
/// that they go from the page cache (or a buffer) to the socket without being copied.
struct Frame {
  struct Splice {
    size_t position;         ///< the payload stands before bytes[position]
    base::Fragment payload;  ///< one in memory must outlive the sending
  };

  base::Bytes bytes;
  std::vector<Splice> splices;  ///< by rising position

  size_t size() const;
  /// In the order in which they are to be sent. Valid while the frame is not changed.
  std::vector<base::Fragment> fragments() const;
  /// A copy in one piece of a frame that is all in memory.
  base::Bytes flattened() const;
};

/// The body of one message (without length and header). Every array length is checked against
/// the bytes that remain before memory is set aside, and what all arrays of a request take in
/// memory is bounded (message_codec.h), since an element of three bytes may be a hundred here.
/// Views in the message (records) point into `body`. Unknown tagged fields are skipped, and bytes
/// after the message are ignored, as Kafka does. kInvalidData names the field at fault;
/// kUnsupported if the message has no such version. Defined for every message under messages/.
template <typename Message>
base::Result<Message> decode(base::ByteView body, int16_t version);

/// Appends the body of `message`; `version` must be one that the message has. A member that does
/// not exist in that version is left out, null where the version allows none is written empty.
template <typename Message>
void encode(const Message& message, int16_t version, base::ByteWriter& to);

/// One line of JSON-like text: {"max_wait_ms": 500, "topics": [...]}; bytes as their size.
template <typename Message>
std::string print(const Message& message, int16_t version);

struct RequestHeader {
  ApiKey api_key = ApiKey::kApiVersions;  ///< may be a number that ApiKey does not name
  int16_t api_version = 0;
  int32_t correlation_id = 0;
  std::optional<std::string> client_id;
};

struct Request {
  RequestHeader header;
  base::ByteView body;  ///< to be decoded as the message of that key and version
};

/// Splits a request (without its length) into header and body; header version 2 where the API's
/// version is flexible. kInvalidData if it is cut. Key and version may be unknown.
base::Result<Request> parse_request(base::ByteView request);

/// A whole request on its way out: length, header, body; large record payloads as splices.
/// `header.api_key` is ignored: the message knows its own.
template <typename RequestMessage>
Frame request_frame(const RequestHeader& header, const RequestMessage& message);

/// A whole response on its way out: length, header (version 0 for every ApiVersions response,
/// else version 1 where flexible), body; large record payloads as splices.
template <typename ResponseMessage>
Frame response_frame(int32_t correlation_id, const ResponseMessage& message, int16_t version);

/// The reverse, without the length: checks the correlation id (kInvalidData) and gives the body.
base::Result<base::ByteView> parse_response(base::ByteView response, const Api& api,
                                            int16_t version, int32_t correlation_id);

/// The API of that key, or null if ticklake describes none.
const Api* find_api(ApiKey key);

}  // namespace ticklake::kafka
