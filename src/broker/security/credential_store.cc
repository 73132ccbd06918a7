#include "broker/security/credential_store.h"

#include <charconv>

#include "base/base64.h"

namespace ticklake::broker {
namespace {

using kafka::ScramCredential;
using kafka::ScramMechanism;

constexpr std::string_view kFirstLine = "ticklake scram-credentials 1";
constexpr uint64_t kFileBytesMax = uint64_t{64} << 20;
constexpr size_t kDecoyKeyBytes = 32;
constexpr size_t kSaltBytes = 24;

std::string_view take_until(std::string_view& text, char separator) {
  const size_t end = std::min(text.find(separator), text.size());
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return taken;
}

std::string line_of(const std::string& user, ScramMechanism mechanism,
                    const ScramCredential& credential) {
  std::string line = "user " + base::to_base64(base::as_bytes(user));
  line.append(" ").append(name_of(mechanism));
  line.append(" ").append(std::to_string(credential.iterations));
  for (const base::Bytes* const part :
       {&credential.salt, &credential.stored_key, &credential.server_key}) {
    line.append(" ").append(base::to_base64(*part));
  }
  return line + "\n";
}

/// What follows "user " on its line.
std::optional<CredentialStore::Change> parse_user(std::string_view line) {
  const auto name = base::from_base64(take_until(line, ' '));
  const auto mechanism = kafka::find_scram_mechanism(take_until(line, ' '));
  const std::string_view count = take_until(line, ' ');
  ScramCredential credential;
  const auto [end, error] =
      std::from_chars(count.data(), count.data() + count.size(), credential.iterations);
  const bool is_count = error == std::errc{} && end == count.data() + count.size();
  for (base::Bytes* const part :
       {&credential.salt, &credential.stored_key, &credential.server_key}) {
    auto bytes = base::from_base64(take_until(line, ' '));
    if (!bytes || bytes->empty()) return std::nullopt;
    *part = std::move(*bytes);
  }
  if (!name || !mechanism || !is_count || credential.iterations <= 0 || !line.empty() ||
      credential.stored_key.size() != kafka::scram_key_bytes(*mechanism) ||
      credential.server_key.size() != credential.stored_key.size()) {
    return std::nullopt;
  }
  return CredentialStore::Change{std::string(base::as_text(*name)), *mechanism,
                                 std::move(credential)};
}

void change(std::map<std::string, CredentialStore::OfUser>& users,
            const CredentialStore::Change& change) {
  if (change.credential) {
    users[change.user][change.mechanism] = *change.credential;
    return;
  }
  const auto user = users.find(change.user);
  if (user == users.end()) return;
  user->second.erase(change.mechanism);
  if (user->second.empty()) users.erase(user);
}

const ScramCredential* find_in(const std::map<std::string, CredentialStore::OfUser>& users,
                               const std::string& user, ScramMechanism mechanism) {
  const auto found = users.find(user);
  if (found == users.end()) return nullptr;
  const auto credential = found->second.find(mechanism);
  return credential == found->second.end() ? nullptr : &credential->second;
}

}  // namespace

CredentialStore::CredentialStore(base::SecretRandom random) : decoy_key_(kDecoyKeyBytes) {
  random(decoy_key_);
}

base::Result<void> CredentialStore::open(base::FileSystem& files, const base::Path& folder) {
  files_ = &files;
  path_ = folder / kFileName;
  TICKLAKE_ASSIGN(const auto text, base::read_text_if_there(files, path_, kFileBytesMax));
  return text ? parse(*text) : base::Result<void>();
}

base::Result<void> CredentialStore::parse(std::string_view text) {
  size_t number = 1;
  const auto corrupt = [&] {
    return base::fail(base::ErrorCode::kCorrupt, path_.string() + " cannot be read",
                      "line " + std::to_string(number) + " is not as it was written",
                      "restore the file, or remove it and make the users again");
  };
  if (take_until(text, '\n') != kFirstLine) return corrupt();
  while (!text.empty()) {
    ++number;
    std::string_view line = take_until(text, '\n');
    const std::string_view kind = take_until(line, ' ');
    if (kind == "decoy") {
      auto key = base::from_base64(line);
      if (!key || key->size() != kDecoyKeyBytes) return corrupt();
      decoy_key_ = std::move(*key);
    } else {
      const auto user = kind == "user" ? parse_user(line) : std::nullopt;
      if (!user) return corrupt();
      change(users_, *user);
    }
  }
  return {};
}

std::string CredentialStore::text() const {
  std::string text(kFirstLine);
  text += "\ndecoy " + base::to_base64(decoy_key_) + "\n";
  for (const auto& [user, credentials] : users_) {
    for (const auto& [mechanism, credential] : credentials)
      text += line_of(user, mechanism, credential);
  }
  return text;
}

base::Result<void> CredentialStore::apply(const std::vector<Change>& changes) {
  const std::map<std::string, OfUser> before = users_;
  for (const Change& one : changes)
    change(users_, one);
  if (!files_) return {};
  auto written = base::replace_secret_text(*files_, path_, text());
  if (!written) users_ = before;
  return written;
}

void CredentialStore::set_unlisted(const std::string& user, OfUser credentials) {
  unlisted_[user] = std::move(credentials);
}

const ScramCredential* CredentialStore::find(const std::string& user,
                                             ScramMechanism mechanism) const {
  return find_in(unlisted_.contains(user) ? unlisted_ : users_, user, mechanism);
}

ScramCredential CredentialStore::decoy(const std::string& user, ScramMechanism mechanism) const {
  const auto derive = [&](std::string_view purpose) {
    return kafka::scram_hmac(mechanism, decoy_key_,
                             base::as_bytes(std::string(purpose) + ":" + user));
  };
  base::Bytes salt = derive("salt");
  salt.resize(kSaltBytes);
  return {std::move(salt), derive("stored key"), derive("server key"), kafka::kScramIterationsMin};
}

ScramCredential make_credential(ScramMechanism mechanism, std::string_view password,
                                const base::SecretRandom& random, int32_t iterations) {
  base::Bytes salt(kSaltBytes);
  random(salt);
  const base::Bytes salted = kafka::salted_password(mechanism, password, salt, iterations);
  return kafka::scram_credential(mechanism, salted, salt, iterations);
}

}  // namespace ticklake::broker
