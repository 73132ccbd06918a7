#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/random.h"
#include "cli/command.h"
#include "cli/interruption.h"
#include "cli/kafka_flags.h"
#include "cli/lake_store.h"
#include "cli/listing.h"
#include "sink/letter_reader.h"
#include "sink/replay.h"
#include "sink/replays.h"

namespace ticklake::cli {
namespace {

using sink::DeadLetter;
using sink::LetterPlace;

struct Flags {
  KafkaFlags kafka;
  std::string lake = kDefaultLake;
  std::string topic;
  std::optional<int32_t> partition;
  std::set<int64_t> offsets;
  bool is_all = false;
  size_t count = 10;
  size_t bytes_max = 1'024;
  bool as_json = false;
};

/// What list and show read from.
struct Sources {
  base::PosixFileSystem files;
  std::unique_ptr<lake::ObjectStore> store;
  std::unique_ptr<kafka::Admin> admin;
  kafka::ReaderOptions reading;
};

base::Result<void> open(const Flags& flags, LakeAccess access, Sources& sources) {
  TICKLAKE_ASSIGN(sources.store, open_lake_store(sources.files, flags.lake, access));
  TICKLAKE_ASSIGN(sources.admin, connect(flags.kafka));
  sources.reading.brokers = flags.kafka.kafka;
  TICKLAKE_ASSIGN(sources.reading.settings, client_settings(flags.kafka));
  return {};
}

bool is_chosen(const Flags& flags, const DeadLetter& letter) {
  if (flags.partition && *flags.partition != letter.partition) return false;
  return flags.offsets.empty() || flags.offsets.contains(letter.offset);
}

/// What list says of one topic.
struct Counts {
  std::set<sink::LetterId> letters;  ///< a letter may be delivered more than once
  uint64_t in_topic = 0;
  uint64_t in_lake = 0;
  uint64_t replayed = 0;
  int64_t newest_offset = -1;
  std::string newest_reason;

  void add(const DeadLetter& letter, LetterPlace place, const sink::Replays& replays) {
    ++(place == LetterPlace::kTopic ? in_topic : in_lake);
    if (letters.insert(id_of(letter)).second && replays.sent.contains(id_of(letter))) ++replayed;
    if (letter.offset < newest_offset) return;
    newest_offset = letter.offset;
    newest_reason = letter.reason;
  }
};

base::Result<void> list(const Flags& flags) {
  Sources sources;
  TICKLAKE_TRY(open(flags, LakeAccess::kRead, sources));
  TICKLAKE_ASSIGN(auto topics, sink::topics_with_letters(*sources.admin, *sources.store));
  if (!flags.topic.empty()) topics = {flags.topic};
  Listing listing({{"topic"},
                   {"letters", true},
                   {"in_topic", true},
                   {"in_lake", true},
                   {"replayed", true},
                   {"newest_reason"}});
  for (const std::string& topic : topics) {
    TICKLAKE_ASSIGN(const sink::Replays replays, sink::read_replays(*sources.store, topic));
    Counts counts;
    TICKLAKE_TRY(
        sink::read_letters(*sources.admin, sources.reading, *sources.store, topic,
                           [&](const DeadLetter& letter, LetterPlace place) -> base::Result<void> {
                             counts.add(letter, place, replays);
                             return {};
                           }));
    listing.add({topic, std::to_string(counts.letters.size()), std::to_string(counts.in_topic),
                 std::to_string(counts.in_lake), std::to_string(counts.replayed),
                 counts.newest_reason});
  }
  listing.print(flags.as_json ? "json" : "table");
  return {};
}

/// A letter to be shown, its value cut.
struct Shown {
  DeadLetter letter;
  LetterPlace place = LetterPlace::kTopic;
  size_t value_bytes = 0;
};

/// Bytes that a terminal can show, others as "\xff".
std::string printable(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    if (c == '\\') {
      text += "\\\\";
    } else if (c >= ' ' && c <= '~') {
      text += c;
    } else if (c == '\n') {
      text += "\\n";
    } else {
      text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return text;
}

std::string base64_of(std::string_view bytes) { return base::to_base64(base::as_bytes(bytes)); }

void print_letter(const Shown& shown, bool was_replayed, bool as_json) {
  const DeadLetter& letter = shown.letter;
  const char* const place = shown.place == LetterPlace::kTopic ? "topic" : "lake";
  if (as_json) {
    nlohmann::json json = {{"topic", letter.topic},
                           {"topic_id", letter.generation},
                           {"partition", letter.partition},
                           {"offset", letter.offset},
                           {"error", letter.reason},
                           {"place", place},
                           {"replayed", was_replayed},
                           {"key_base64", nullptr},
                           {"value_base64", base64_of(letter.value)},
                           {"value_bytes", shown.value_bytes}};
    if (letter.key) json["key_base64"] = base64_of(*letter.key);
    std::puts(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
    return;
  }
  fmt::print("{}/{}@{}, in the {}{}\n", letter.topic, letter.partition, letter.offset, place,
             was_replayed ? ", replayed" : "");
  fmt::print("  error: {}\n", printable(letter.reason));
  if (letter.key) fmt::print("  key:   {}\n", printable(*letter.key));
  fmt::print("  value: {}", printable(letter.value));
  if (shown.value_bytes > letter.value.size()) fmt::print(" … {} bytes", shown.value_bytes);
  fmt::print("\n");
}

base::Result<void> show(const Flags& flags) {
  Sources sources;
  TICKLAKE_TRY(open(flags, LakeAccess::kRead, sources));
  TICKLAKE_ASSIGN(const sink::Replays replays, sink::read_replays(*sources.store, flags.topic));
  // The newest by the offset that they had: the oldest one goes when there are too many.
  std::map<std::pair<int64_t, sink::LetterId>, Shown> newest;
  TICKLAKE_TRY(
      sink::read_letters(*sources.admin, sources.reading, *sources.store, flags.topic,
                         [&](const DeadLetter& letter, LetterPlace place) -> base::Result<void> {
                           if (!is_chosen(flags, letter)) return {};
                           DeadLetter cut = letter;
                           cut.value.resize(std::min(cut.value.size(), flags.bytes_max));
                           newest.try_emplace({letter.offset, id_of(letter)},
                                              Shown{std::move(cut), place, letter.value.size()});
                           if (newest.size() > flags.count) newest.erase(newest.begin());
                           return {};
                         }));
  for (const auto& [id, shown] : newest)
    print_letter(shown, replays.sent.contains(id.second), flags.as_json);
  return {};
}

base::Result<void> replay(const Flags& flags) {
  if (!flags.is_all && flags.offsets.empty()) {
    return base::fail(base::ErrorCode::kInvalidArgument, "which dead letters?", "",
                      "--all, or --offset of each as `ticklake dead-letters show` prints them");
  }
  const Interruption interruption("stopping…");
  const base::SystemClock clock;
  Sources sources;
  TICKLAKE_TRY(open(flags, LakeAccess::kWrite, sources));
  sink::ReplayOptions options;
  options.brokers = sources.reading.brokers;
  options.settings = sources.reading.settings;
  options.topic = flags.topic;
  options.seed = base::entropy_seed();
  options.stop = interruption.token();
  options.is_chosen = [&flags](const DeadLetter& letter) { return is_chosen(flags, letter); };
  TICKLAKE_ASSIGN(const sink::ReplayOutcome outcome,
                  sink::replay_letters(*sources.admin, *sources.store, clock, options));
  for (const std::string& note : outcome.notes)
    fmt::print(stderr, "note: {}\n", note);
  if (flags.as_json) {
    const nlohmann::json json = {
        {"topic", flags.topic}, {"sent", outcome.sent}, {"sent_before", outcome.sent_before}};
    std::puts(json.dump().c_str());
    return {};
  }
  fmt::print("{} dead letters sent to {}", outcome.sent, flags.topic);
  if (outcome.sent_before > 0) fmt::print(", {} were sent before", outcome.sent_before);
  fmt::print("\n");
  return {};
}

using Run = base::Result<void> (*)(const Flags&);

CLI::App& add(CLI::App& parent, const char* name, const char* what,
              const std::shared_ptr<Flags>& flags, Action& action, Run run) {
  CLI::App& command = *parent.add_subcommand(name, what);
  add_kafka_flags(command, flags->kafka);
  command.add_option("--lake", flags->lake, "folder or file:// URL")->capture_default_str();
  command.add_flag("--json", flags->as_json, "an object a line");
  command.callback([flags, run, &action] { action = [flags, run] { return run(*flags); }; });
  return command;
}

void add_choice(CLI::App& command, Flags& flags) {
  command.add_option("topic", flags.topic, "that the records were sent to")
      ->required()
      ->type_name("TOPIC");
  command.add_option("--partition", flags.partition, "only what was in this one")->type_name("N");
  command.add_option("--offset", flags.offsets, "only what had this offset; may be given again")
      ->type_name("N")
      ->allow_extra_args(false);
}

}  // namespace

void add_dead_letters_command(CLI::App& app, Action& action) {
  const auto flags = std::make_shared<Flags>();
  CLI::App& parent = *app.add_subcommand(
      "dead-letters", "Records that could be no rows, in their topic and in the lake");
  parent.require_subcommand(1);
  CLI::App& listing =
      add(parent, "list", "Count them by topic, with the newest reason", flags, action, list);
  listing.add_option("topic", flags->topic, "only of this one")->type_name("TOPIC");
  CLI::App& showing =
      add(parent, "show", "Print the newest of a topic: reason, key, bytes", flags, action, show);
  add_choice(showing, *flags);
  constexpr size_t kCountMax = 1'000;
  constexpr size_t kBytesMax = 1 << 20;
  showing.add_option("--count", flags->count, "how many")
      ->check(CLI::Range(size_t{1}, kCountMax))
      ->capture_default_str();
  showing.add_option("--bytes", flags->bytes_max, "of each value at most")
      ->check(CLI::Range(size_t{0}, kBytesMax))
      ->capture_default_str();
  CLI::App& replaying =
      add(parent, "replay", "Send them to their topic again, each once", flags, action, replay);
  add_choice(replaying, *flags);
  replaying.add_flag("--all", flags->is_all, "all of the topic, or of --partition");
}

}  // namespace ticklake::cli
