#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "kafka/message.h"
#include "kafka/messages/all.h"

namespace ticklake::kafka {
namespace {

using base::Bytes;

Bytes from_hex(const std::string& hex) {
  Bytes bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

template <typename Message>
void expect_same(const Bytes& bytes, int16_t version, const std::string& text) {
  const auto message = decode<Message>(bytes, version);
  ASSERT_TRUE(message) << to_text(message.error());
  EXPECT_EQ(print(*message, version), text);
  base::ByteWriter written;
  encode(*message, version, written);
  EXPECT_EQ(print(*decode<Message>(written.view(), version), version), text);
  EXPECT_EQ(written.take(), bytes);
}

/// Whether `name` is that of a message that ticklake describes.
bool check_by_name(const std::string& name, const Bytes& bytes, int16_t version,
                   const std::string& text) {
  const auto check = [&]<typename Request>(std::type_identity<Request>) {
    const bool is_request = name == std::string(Request::kApi.name) + "Request";
    const bool is_response = name == std::string(Request::kApi.name) + "Response";
    if (is_request) expect_same<Request>(bytes, version, text);
    if (is_response) expect_same<typename Request::Response>(bytes, version, text);
    return is_request || is_response;
  };
  return [&]<typename... Requests>(std::type_identity<std::tuple<Requests...>>) {
    return (check(std::type_identity<Requests>()) || ...);
  }(std::type_identity<AllRequests>());
}

// tests/data/make_kafka_messages.py says where the bytes come from.
TEST(Message, reads_and_writes_the_bytes_that_another_implementation_wrote) {
  std::ifstream file(TICKLAKE_TEST_DATA "/kafka-messages.txt");
  ASSERT_TRUE(file) << "cannot read tests/data/kafka-messages.txt";
  int lines = 0;
  for (std::string line; std::getline(file, line); ++lines) {
    std::istringstream words(line);
    std::string name, hex, text;
    int16_t version = 0;
    words >> name >> version >> hex >> std::ws;
    std::getline(words, text);
    SCOPED_TRACE(name + " " + std::to_string(version));
    EXPECT_TRUE(check_by_name(name, hex == "-" ? Bytes{} : from_hex(hex), version, text));
  }
  EXPECT_EQ(lines, 394);
}

}  // namespace
}  // namespace ticklake::kafka
