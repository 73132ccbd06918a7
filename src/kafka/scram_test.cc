#include "kafka/scram.h"

#include <gtest/gtest.h>

#include "base/base64.h"

namespace ticklake::kafka {
namespace {

// The example of RFC 7677, section 3.
constexpr const char* kUser = "user";
constexpr const char* kPassword = "pencil";
constexpr const char* kClientNonce = "rOprNGfwEbeRWgbNEkqO";
constexpr const char* kServerFirst =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
constexpr const char* kClientFinal =
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
    "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
constexpr const char* kServerFinal = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

TEST(ScramClient, says_what_rfc_7677_says) {
  ScramClient client(ScramMechanism::kSha256, kUser, kPassword, kClientNonce);
  EXPECT_EQ(client.first(), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
  const auto final = client.final(kServerFirst);
  ASSERT_TRUE(final) << base::to_text(final.error());
  EXPECT_EQ(*final, kClientFinal);
  EXPECT_TRUE(client.check(kServerFinal));
}

TEST(ScramClient, a_server_that_does_not_know_the_password_is_told_apart) {
  ScramClient client(ScramMechanism::kSha256, kUser, "other", kClientNonce);
  ASSERT_TRUE(client.final(kServerFirst));
  for (const char* const answer : {kServerFinal, "e=other-error", "v=", ""}) {
    const auto checked = client.check(answer);
    ASSERT_FALSE(checked) << answer;
    EXPECT_EQ(checked.error().code, base::ErrorCode::kPermission);
  }
}

TEST(ScramClient, a_server_that_would_weaken_the_exchange_is_refused) {
  for (const char* const first :
       {"r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",       // no nonce of its own
        "r=somethingelse,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",              // not our nonce
        "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4095",      // too few iterations
        "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=99999999",  // would take for ever
        "r=rOprNGfwEbeRWgbNEkqOx,s=,i=4096", "r=rOprNGfwEbeRWgbNEkqOx,s=!,i=4096",
        "r=rOprNGfwEbeRWgbNEkqOx,i=4096", "", "m=ext,r=rOprNGfwEbeRWgbNEkqOx,s=QQ==,i=4096"}) {
    ScramClient client(ScramMechanism::kSha256, kUser, kPassword, kClientNonce);
    EXPECT_FALSE(client.final(first)) << first;
  }
}

TEST(Scram, a_server_recognises_the_proof_of_rfc_7677) {
  const auto salt = base::from_base64("W22ZaJ0SNY7soEsUEjb6gQ==");
  const auto salted = salted_password(ScramMechanism::kSha256, kPassword, *salt, 4096);
  const auto credential = scram_credential(ScramMechanism::kSha256, salted, *salt, 4096);
  EXPECT_EQ(base::to_base64(credential.stored_key), "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=");
  EXPECT_EQ(base::to_base64(credential.server_key), "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
  const auto final = ScramClientFinal::parse(kClientFinal);
  ASSERT_TRUE(final);
  EXPECT_EQ(final->gs2_header, "n,,");
  const std::string auth =
      scram_auth_message("n=user,r=rOprNGfwEbeRWgbNEkqO", kServerFirst, final->without_proof);
  EXPECT_TRUE(is_proof_of(ScramMechanism::kSha256, credential, auth, final->proof));
  EXPECT_FALSE(is_proof_of(ScramMechanism::kSha256, credential, auth + "x", final->proof));
  EXPECT_FALSE(is_proof_of(ScramMechanism::kSha256, credential, auth,
                           base::ByteView(final->proof).first(31)));
}

TEST(Scram, a_password_is_recognised_without_being_kept) {
  for (const auto mechanism : {ScramMechanism::kSha256, ScramMechanism::kSha512}) {
    const base::Bytes salt(20, std::byte{7});
    const auto credential =
        scram_credential(mechanism, salted_password(mechanism, "päss", salt, 4096), salt, 4096);
    EXPECT_EQ(credential.stored_key.size(), scram_key_bytes(mechanism));
    EXPECT_TRUE(is_password_of(mechanism, credential, "päss"));
    EXPECT_FALSE(is_password_of(mechanism, credential, "pass"));
    EXPECT_FALSE(is_password_of(mechanism, credential, ""));
  }
}

TEST(ScramClientFirst, names_are_unescaped) {
  const auto first = ScramClientFirst::parse("n,a=al=2Cice,n=al=2Cice=3D,r=abc,tokenauth=true");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->gs2_header, "n,a=al=2Cice,");
  EXPECT_EQ(first->authorization_id, "al,ice");
  EXPECT_EQ(first->user, "al,ice=");
  EXPECT_EQ(first->bare, "n=al=2Cice=3D,r=abc,tokenauth=true");
  EXPECT_TRUE(first->is_delegation_token);
}

TEST(ScramClientFirst, what_is_no_first_message_is_refused) {
  for (const char* const text :
       {"", "n", "n,", "n,,", "n,,n=user", "n,,n=,r=abc", "n,,n=us=er,r=abc", "n,,n=us=2Zer,r=a",
        "p=tls-unique,,n=user,r=abc", "x,,n=user,r=abc", "n,,r=abc,n=user", "n,,n=user,r=", "n,a=x",
        "n,,n=user,r=a\x01"}) {
    EXPECT_FALSE(ScramClientFirst::parse(text)) << text;
  }
  EXPECT_FALSE(ScramClientFirst::parse(std::string("n,,n=us\0er,r=abc", 16)));
}

TEST(ScramClientFinal, what_is_no_final_message_is_refused) {
  for (const char* const text : {"", "c=biws,r=abc", "c=biws,r=abc,p=!", "c=!,r=abc,p=QQ==",
                                 "r=abc,p=QQ==", "c=biws,p=QQ==", "c=biws,r=,p=QQ=="}) {
    EXPECT_FALSE(ScramClientFinal::parse(text)) << text;
  }
}

TEST(Scram, mechanisms_have_kafkas_names_and_numbers) {
  EXPECT_EQ(find_scram_mechanism("SCRAM-SHA-512"), ScramMechanism::kSha512);
  EXPECT_EQ(find_scram_mechanism("scram-sha-512"), std::nullopt);
  EXPECT_EQ(find_scram_mechanism(int8_t{1}), ScramMechanism::kSha256);
  EXPECT_EQ(find_scram_mechanism(int8_t{0}), std::nullopt);
  EXPECT_EQ(find_scram_mechanism(int8_t{3}), std::nullopt);
}

}  // namespace
}  // namespace ticklake::kafka
