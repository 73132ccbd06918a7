#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace ticklake::kafka {

// SCRAM (RFC 5802, RFC 7677) as Kafka speaks it: names and passwords are taken as UTF-8, without
// SASLprep; no channel binding. Pure functions: no clock, no randomness, no I/O.

/// As AlterUserScramCredentials numbers them (KIP-554).
enum class ScramMechanism : int8_t { kSha256 = 1, kSha512 = 2 };

/// "SCRAM-SHA-256" or "SCRAM-SHA-512".
std::string_view name_of(ScramMechanism mechanism);
std::optional<ScramMechanism> find_scram_mechanism(std::string_view name);
/// None for a number that stands for no mechanism.
std::optional<ScramMechanism> find_scram_mechanism(int8_t number);

/// Those of Kafka's brokers.
inline constexpr int32_t kScramIterationsMin = 4096;
inline constexpr int32_t kScramIterationsMax = 16384;

/// What a server keeps of a password: enough to recognise it, not enough to use it.
struct ScramCredential {
  base::Bytes salt;
  base::Bytes stored_key;
  base::Bytes server_key;
  int32_t iterations = 0;

  bool operator==(const ScramCredential&) const = default;
};

/// Hi() of RFC 5802: PBKDF2, which takes milliseconds on purpose.
base::Bytes salted_password(ScramMechanism mechanism, std::string_view password,
                            base::ByteView salt, int32_t iterations);
/// From what salted_password() gives; AlterUserScramCredentials carries that, not the password.
ScramCredential scram_credential(ScramMechanism mechanism, base::ByteView salted_password,
                                 base::ByteView salt, int32_t iterations);
/// Whether the credential was made of that password; as slow as salted_password().
bool is_password_of(ScramMechanism mechanism, const ScramCredential& credential,
                    std::string_view password);
/// Size of the mechanism's hash, and so of its keys.
size_t scram_key_bytes(ScramMechanism mechanism);
base::Bytes scram_hmac(ScramMechanism mechanism, base::ByteView key, base::ByteView text);

// The four messages, as they stand on the wire. kInvalidData if one does not parse.

struct ScramClientFirst {
  std::string gs2_header;        ///< "n,," or "n,a=NAME,"
  std::string authorization_id;  ///< usually empty
  std::string user;              ///< unescaped
  std::string nonce;
  bool is_delegation_token = false;  ///< Kafka's extension tokenauth=true
  std::string bare;                  ///< what is signed of it

  static base::Result<ScramClientFirst> parse(std::string_view text);
};

struct ScramServerFirst {
  std::string nonce;  ///< the client's, and the server's behind it
  base::Bytes salt;
  int32_t iterations = 0;

  static base::Result<ScramServerFirst> parse(std::string_view text);
  std::string text() const;
};

struct ScramClientFinal {
  std::string gs2_header;  ///< decoded: what the client began with
  std::string nonce;
  base::Bytes proof;
  std::string without_proof;  ///< what is signed of it

  static base::Result<ScramClientFinal> parse(std::string_view text);
};

/// What both sides sign: the three messages without the proof.
std::string scram_auth_message(std::string_view client_first_bare, std::string_view server_first,
                               std::string_view client_final_without_proof);
/// Whether `proof` shows that its sender knows the password that the credential was made of.
bool is_proof_of(ScramMechanism mechanism, const ScramCredential& credential,
                 std::string_view auth_message, base::ByteView proof);

/// The client's side of one authentication: first(), final(), check(), in this order.
class ScramClient {
 public:
  /// `nonce` is printable, without commas, and never used twice.
  ScramClient(ScramMechanism mechanism, std::string user, std::string password, std::string nonce);

  std::string first() const;
  /// The answer to the server's first message. kInvalidData if it is malformed or not an answer to
  /// ours, or asks for fewer iterations than kScramIterationsMin, or for absurdly many.
  base::Result<std::string> final(std::string_view server_first);
  /// kPermission if the server refused, or does not know the password itself.
  base::Result<void> check(std::string_view server_final) const;

 private:
  std::string first_bare() const;

  ScramMechanism mechanism_;
  std::string user_;
  std::string password_;
  std::string nonce_;
  std::string server_signature_;  ///< base64: what the server will have to show
};

}  // namespace ticklake::kafka
