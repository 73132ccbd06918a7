#include <cstdio>
#include <memory>

#include <fmt/format.h>

#include "broker/folder_lock.h"
#include "broker/security/credential_store.h"
#include "cli/command.h"
#include "cli/kafka_flags.h"
#include "cli/listing.h"
#include "cli/secret_input.h"
#include "kafka/user_admin.h"

namespace ticklake::cli {
namespace {

using kafka::ScramMechanism;
using Users = kafka::UserAdmin::Users;

constexpr std::chrono::milliseconds kTimeout{10'000};

struct Flags {
  KafkaFlags kafka;
  std::string data;  ///< of a broker that does not run; empty: one that does is asked
  std::string user;
  std::vector<std::string> mechanisms;
  int32_t iterations = kafka::kScramIterationsMin;
};

/// The users of a broker that does not run: its folder is locked meanwhile.
class StoppedBroker {
 public:
  static base::Result<std::unique_ptr<StoppedBroker>> open(const std::string& data) {
    std::unique_ptr<StoppedBroker> broker(new StoppedBroker);
    const base::Path folder = base::Path(data) / "broker";
    TICKLAKE_TRY(broker->files_.make_folders(folder));
    TICKLAKE_ASSIGN(broker->lock_, broker::lock_folder(broker->files_, folder));
    TICKLAKE_TRY(broker->store_.open(broker->files_, folder));
    return broker;
  }
  broker::CredentialStore& store() { return store_; }

 private:
  StoppedBroker() = default;

  base::PosixFileSystem files_;
  std::unique_ptr<base::File> lock_;
  broker::CredentialStore store_;
};

base::Result<kafka::UserAdmin> running_broker(const Flags& flags) {
  base::PosixFileSystem files;
  TICKLAKE_ASSIGN(const kafka::ClientSettings settings, client_settings(flags.kafka));
  TICKLAKE_ASSIGN(auto security, kafka::client_security(settings, files));
  return kafka::UserAdmin(flags.kafka.kafka, kTimeout, std::move(security));
}

base::Result<Users> all_users(const Flags& flags) {
  if (flags.data.empty()) {
    TICKLAKE_ASSIGN(const auto admin, running_broker(flags));
    return admin.list();
  }
  TICKLAKE_ASSIGN(const auto stopped, StoppedBroker::open(flags.data));
  Users users;
  for (const auto& [user, credentials] : stopped->store().users()) {
    for (const auto& [mechanism, credential] : credentials)
      users[user][mechanism] = credential.iterations;
  }
  return users;
}

tl::unexpected<base::Error> no_such_user(const std::string& user) {
  return base::fail(base::ErrorCode::kNotFound, "there is no user '" + user + "'", {},
                    "ticklake user list");
}

/// Those that were named, or `otherwise`.
base::Result<std::vector<ScramMechanism>> mechanisms_of(const Flags& flags,
                                                        std::vector<ScramMechanism> otherwise) {
  if (flags.mechanisms.empty()) return otherwise;
  std::vector<ScramMechanism> mechanisms;
  for (const std::string& name : flags.mechanisms) {
    const auto mechanism = kafka::find_scram_mechanism(name);
    if (!mechanism) {
      return base::fail(base::ErrorCode::kInvalidArgument, "there is no mechanism " + name, {},
                        "SCRAM-SHA-256 or SCRAM-SHA-512");
    }
    mechanisms.push_back(*mechanism);
  }
  return mechanisms;
}

base::Result<void> print(const Users& users, const Flags& flags) {
  Listing listing({{"user"}, {"mechanism"}, {"iterations", true}});
  for (const auto& [user, mechanisms] : users) {
    for (const auto& [mechanism, iterations] : mechanisms)
      listing.add({user, std::string(name_of(mechanism)), std::to_string(iterations)});
  }
  listing.print(flags.kafka.output);
  return {};
}

base::Result<void> list(const Flags& flags) {
  TICKLAKE_ASSIGN(const Users users, all_users(flags));
  return print(users, flags);
}

base::Result<void> describe(const Flags& flags) {
  TICKLAKE_ASSIGN(const Users users, all_users(flags));
  const auto found = users.find(flags.user);
  if (found == users.end()) return no_such_user(flags.user);
  return print({*found}, flags);
}

base::Result<void> add(const Flags& flags) {
  TICKLAKE_ASSIGN(const auto mechanisms,
                  mechanisms_of(flags, {ScramMechanism::kSha256, ScramMechanism::kSha512}));
  TICKLAKE_ASSIGN(const std::string password, read_new_password(flags.user));
  if (flags.data.empty()) {
    TICKLAKE_ASSIGN(const auto admin, running_broker(flags));
    for (const ScramMechanism mechanism : mechanisms)
      TICKLAKE_TRY(admin.set(flags.user, mechanism, password, flags.iterations));
  } else {
    TICKLAKE_ASSIGN(const auto stopped, StoppedBroker::open(flags.data));
    std::vector<broker::CredentialStore::Change> changes;
    for (const ScramMechanism mechanism : mechanisms) {
      changes.push_back({flags.user, mechanism,
                         broker::make_credential(mechanism, password, base::system_secret_random(),
                                                 flags.iterations)});
    }
    TICKLAKE_TRY(stopped->store().apply(changes));
  }
  fmt::print(stderr, "user {} may authenticate\n", flags.user);
  return {};
}

base::Result<void> remove(const Flags& flags) {
  TICKLAKE_ASSIGN(const Users users, all_users(flags));
  const auto found = users.find(flags.user);
  if (found == users.end()) return no_such_user(flags.user);
  std::vector<ScramMechanism> all;
  for (const auto& [mechanism, iterations] : found->second)
    all.push_back(mechanism);
  TICKLAKE_ASSIGN(const auto mechanisms, mechanisms_of(flags, std::move(all)));
  if (flags.data.empty()) {
    TICKLAKE_ASSIGN(const auto admin, running_broker(flags));
    for (const ScramMechanism mechanism : mechanisms)
      TICKLAKE_TRY(admin.remove(flags.user, mechanism));
  } else {
    TICKLAKE_ASSIGN(const auto stopped, StoppedBroker::open(flags.data));
    std::vector<broker::CredentialStore::Change> changes;
    for (const ScramMechanism mechanism : mechanisms)
      changes.push_back({flags.user, mechanism, std::nullopt});
    TICKLAKE_TRY(stopped->store().apply(changes));
  }
  fmt::print(stderr, "user {} deleted\n", flags.user);
  return {};
}

using Run = base::Result<void> (*)(const Flags&);

CLI::App* add_subcommand(CLI::App& parent, const char* name, const char* what,
                         const std::shared_ptr<Flags>& flags, Action& action, Run run) {
  CLI::App* const command = parent.add_subcommand(name, what);
  add_kafka_flags(*command, flags->kafka);
  command
      ->add_option("--data", flags->data,
                   "folder of a ticklake broker that does not run, instead of --kafka: so the "
                   "first user is made")
      ->type_name("FOLDER");
  command->callback([flags, run, &action] { action = [flags, run] { return run(*flags); }; });
  return command;
}

void add_user_name(CLI::App& command, Flags& flags) {
  command.add_option("user", flags.user, "the user")->required()->type_name("NAME");
}

void add_mechanism_flag(CLI::App& command, Flags& flags) {
  command.add_option("--mechanism", flags.mechanisms, "only that; default: both of SCRAM")
      ->type_name("NAME")
      ->allow_extra_args(false);
}

}  // namespace

void add_user_command(CLI::App& app, Action& action) {
  const auto flags = std::make_shared<Flags>();
  CLI::App& user = *app.add_subcommand("user", "Who may authenticate at any Kafka, by SCRAM");
  user.require_subcommand(1);

  CLI::App* command = add_subcommand(
      user, "add",
      "Make a user, or give one a new password: TICKLAKE_PASSWORD, else typed, else from stdin",
      flags, action, add);
  add_user_name(*command, *flags);
  add_mechanism_flag(*command, *flags);
  command->add_option("--iterations", flags->iterations, "of the hash")
      ->check(CLI::Range(kafka::kScramIterationsMin, kafka::kScramIterationsMax))
      ->capture_default_str();

  command = add_subcommand(user, "list", "Name all users", flags, action, list);
  add_output_flag(*command, flags->kafka);

  command = add_subcommand(user, "describe", "What a user has", flags, action, describe);
  add_user_name(*command, *flags);
  add_output_flag(*command, flags->kafka);

  command = add_subcommand(user, "delete", "Delete a user", flags, action, remove);
  add_user_name(*command, *flags);
  add_mechanism_flag(*command, *flags);
}

}  // namespace ticklake::cli
