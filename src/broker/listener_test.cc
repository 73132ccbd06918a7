#include "broker/listener.h"

#include <gtest/gtest.h>

namespace ticklake::broker {
namespace {

TEST(Listener, is_read_as_kafka_writes_it) {
  const auto listener = Listener::parse("SASL_SSL://[::1]:9093");
  ASSERT_TRUE(listener);
  EXPECT_EQ(listener->protocol, SecurityProtocol::kSaslSsl);
  EXPECT_EQ(listener->address, (base::Endpoint{"::1", 9093}));
  EXPECT_TRUE(listener->uses_tls() && listener->uses_sasl());
  EXPECT_EQ(listener->text(), "SASL_SSL://[::1]:9093");
  EXPECT_EQ(Listener::parse("ssl://127.0.0.1:1")->protocol, SecurityProtocol::kSsl);
  EXPECT_TRUE(Listener::parse("SASL_PLAINTEXT://127.0.0.1:1")->uses_sasl());
}

TEST(Listener, a_bare_address_is_plaintext) {
  const auto listener = Listener::parse("127.0.0.1:9092");
  ASSERT_TRUE(listener);
  EXPECT_EQ(listener->protocol, SecurityProtocol::kPlaintext);
  EXPECT_FALSE(listener->uses_tls() || listener->uses_sasl());
}

TEST(Listener, another_protocol_is_refused_by_name) {
  const auto listener = Listener::parse("http://127.0.0.1:9092");
  ASSERT_FALSE(listener);
  EXPECT_EQ(listener.error().cause, "there is no protocol HTTP");
  EXPECT_FALSE(Listener::parse("SSL://nowhere"));
}

}  // namespace
}  // namespace ticklake::broker
