#include <cstdio>
#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "aws/iam_policies.h"
#include "aws/iam_users.h"
#include "aws/timestamp.h"
#include "cli/aws_settings.h"
#include "cli/command.h"
#include "cli/listing.h"

namespace ticklake::cli {
namespace {

using aws::IdentityState;

constexpr const char* kInlinePolicy = "key-create";
constexpr const char* kRootText = "(root)";

struct Flags {
  std::string data = "ticklake-data";
  std::string user;
  bool is_root = false;
  std::vector<std::string> policies;
  std::string policy_file;
  std::string format = "sh";
  std::string output = "table";
  std::string key_id;
};

/// The keys of a data folder, whether `up` runs there or not: it sees changes within a second.
struct Keys {
  base::PosixFileSystem files;
  base::SystemClock clock;
  std::unique_ptr<aws::IdentityStore> store;

  static base::Result<std::unique_ptr<Keys>> open(const Flags& flags) {
    auto keys = std::make_unique<Keys>();
    TICKLAKE_ASSIGN(keys->store, open_identities(keys->files, flags.data, keys->clock, false));
    return keys;
  }
};

/// Of an Answer, what the command says.
template <typename T>
base::Result<T> told(aws::Answer<T> answer, const std::string& what) {
  if (!answer) return base::fail(to_base_error(answer.error(), what));
  if constexpr (!std::is_void_v<T>) return std::move(*answer);
  return base::Result<T>();
}

/// An ARN, or a name that is unmistakable.
base::Result<std::string> policy_arn(const aws::IdentityStore& store, const std::string& policy) {
  const auto state = store.state();
  if (state->find_policy(policy)) return policy;
  for (const auto& one : state->policies()) {
    if (one->name == policy) return one->arn();
  }
  return base::fail(base::ErrorCode::kNotFound, "there is no policy " + policy, {},
                    "a name such as AmazonS3ReadOnlyAccess, or an ARN (aws iam list-policies)");
}

base::Result<void> permit(Keys& keys, const Flags& flags) {
  aws::IamUsers users(*keys.store);
  for (const std::string& policy : flags.policies) {
    TICKLAKE_ASSIGN(const std::string arn, policy_arn(*keys.store, policy));
    TICKLAKE_TRY(told(users.attach_policy(flags.user, arn), "cannot attach " + policy));
  }
  if (flags.policy_file.empty()) return {};
  TICKLAKE_ASSIGN(std::string text,
                  base::read_text(keys.files, flags.policy_file, aws::kPolicyTextBytesMax));
  return told(users.put_policy(flags.user, kInlinePolicy, std::move(text)),
              "cannot use the policy of " + flags.policy_file);
}

base::Result<void> create(const Flags& flags) {
  if (flags.is_root == !flags.user.empty()) {
    return base::fail(base::ErrorCode::kInvalidArgument, "whose key shall it be?", {},
                      "name a user: ticklake key create alice --policy AmazonS3ReadOnlyAccess; or "
                      "--root for another one that may do everything");
  }
  if (flags.is_root && !(flags.policies.empty() && flags.policy_file.empty())) {
    return base::fail(base::ErrorCode::kInvalidArgument, "a key of root has no policies",
                      "it may do everything", "name a user instead of --root");
  }
  TICKLAKE_ASSIGN(const auto keys, Keys::open(flags));
  aws::IamUsers users(*keys->store);
  const std::string name = flags.is_root ? std::string(IdentityState::kRootName) : flags.user;
  if (!flags.is_root && !keys->store->state()->find_user(name)) {
    TICKLAKE_TRY(told(users.create(name), "cannot make the user " + name));
  }
  TICKLAKE_TRY(permit(*keys, flags));
  TICKLAKE_ASSIGN(const aws::AccessKey key,
                  told(users.create_key(name), "cannot make a key for " + name));
  TICKLAKE_ASSIGN(std::string url, read_endpoint_url(keys->files, flags.data));
  std::fputs(to_text({std::move(url), key.id, key.secret}, flags.format).c_str(), stdout);
  fmt::print(stderr, "a key of {}; its secret is not shown again\n",
             flags.is_root ? "root, which may do everything" : "the user " + name);
  return {};
}

void add_rows(Listing& listing, const IdentityState& state, const aws::User& user) {
  const bool is_root = user.name == IdentityState::kRootName;
  std::vector<std::string> policies;
  for (const aws::AttachedPolicy& policy : aws::attached_policies(state, user))
    policies.push_back(policy.name);
  for (const auto& [name, document] : user.inline_policies)
    policies.push_back(name);
  for (const aws::AccessKey& key : user.keys) {
    listing.add({key.id, is_root ? kRootText : user.name, key.is_active ? "active" : "inactive",
                 aws::to_iso_time(key.created),
                 is_root ? "everything" : fmt::format("{}", fmt::join(policies, ", "))});
  }
}

base::Result<void> list(const Flags& flags) {
  TICKLAKE_ASSIGN(const auto keys, Keys::open(flags));
  const auto state = keys->store->state();
  Listing listing({{"key"}, {"user"}, {"status"}, {"created"}, {"policies"}});
  if (const auto root = state->find_user(IdentityState::kRootName))
    add_rows(listing, *state, *root);
  for (const auto& user : state->users())
    add_rows(listing, *state, *user);
  listing.print(flags.output);
  return {};
}

base::Result<void> revoke(const Flags& flags) {
  TICKLAKE_ASSIGN(const auto keys, Keys::open(flags));
  aws::IamUsers users(*keys->store);
  const std::string what = "cannot revoke " + flags.key_id;
  TICKLAKE_ASSIGN(const auto owner, told(users.owner_of_key(flags.key_id), what));
  if (owner->name == IdentityState::kRootName && owner->keys.size() == 1) {
    return base::fail(base::ErrorCode::kInvalidArgument, what,
                      "it is the only key that may do everything",
                      "make another one first: ticklake key create --root");
  }
  TICKLAKE_TRY(told(users.delete_key(owner->name, flags.key_id), what));
  fmt::print(stderr, "{} is revoked: a `ticklake up` that runs refuses it within a second\n",
             flags.key_id);
  return {};
}

using Run = base::Result<void> (*)(const Flags&);

CLI::App* add_subcommand(CLI::App& parent, const char* name, const char* what,
                         const std::shared_ptr<Flags>& flags, Action& action, Run run) {
  CLI::App* const command = parent.add_subcommand(name, what);
  command->add_option("--data", flags->data, "Folder of `ticklake up`, which may run")
      ->capture_default_str();
  command->callback([flags, run, &action] { action = [flags, run] { return run(*flags); }; });
  return command;
}

}  // namespace

void add_key_command(CLI::App& app, Action& action) {
  const auto flags = std::make_shared<Flags>();
  CLI::App& key = *app.add_subcommand("key", "Access keys of AWS clients, and what they may do");
  key.require_subcommand(1);

  CLI::App* command = add_subcommand(
      key, "create",
      "Make a key for a user, who is made if there is none; its secret is printed once", flags,
      action, create);
  command->add_option("user", flags->user, "the user, who may do nothing but what policies allow")
      ->type_name("NAME");
  command->add_flag("--root", flags->is_root, "instead of a user's: a key that may do everything");
  command
      ->add_option("--policy", flags->policies,
                   "a managed policy to attach, by name or ARN; repeatable")
      ->type_name("POLICY")
      ->allow_extra_args(false);
  command
      ->add_option("--policy-file", flags->policy_file, "a policy of the user's own, in IAM's JSON")
      ->type_name("FILE");
  command->add_option("--format", flags->format, "as with `ticklake env`")
      ->capture_default_str()
      ->check(CLI::IsMember({"sh", "json", "profile"}));

  command =
      add_subcommand(key, "list", "Name all keys, without their secrets", flags, action, list);
  command->add_option("--output", flags->output, "table, csv or json")
      ->capture_default_str()
      ->check(CLI::IsMember({"table", "csv", "json"}));

  command = add_subcommand(key, "revoke", "Delete a key for good", flags, action, revoke);
  command->add_option("key", flags->key_id, "the access key id")->required()->type_name("ID");
}

}  // namespace ticklake::cli
