#pragma once

#include <functional>
#include <set>
#include <string>

#include "base/result.h"
#include "kafka/admin.h"
#include "kafka/record_reader.h"
#include "lake/object_store.h"
#include "sink/kept_letters.h"

namespace ticklake::sink {

enum class LetterPlace : uint8_t { kTopic, kLake };

using TakeLetter = std::function<base::Result<void>(const DeadLetter&, LetterPlace)>;

/// Topics that have dead letters, in a topic of their own or kept in the lake.
base::Result<std::set<std::string>> topics_with_letters(const kafka::Admin& admin,
                                                        lake::ObjectStore& store);

/// Gives the dead letters of `topic`: those of `<topic>.dead-letter` as it ends now, then those
/// that are kept in the lake. Each may come more than once, as it was delivered; letters of a
/// topic's older generations too. One without `ticklake.topic_id` has no generation, and one that
/// does not say which record it was is passed over. `options` has brokers and settings.
base::Result<void> read_letters(kafka::Admin& admin, kafka::ReaderOptions options,
                                lake::ObjectStore& store, const std::string& topic,
                                const TakeLetter& take);

/// The dead letter that a record of `topic`.dead-letter is, if it is one.
std::optional<DeadLetter> letter_of(const std::string& topic, const kafka::ReadRecord& record);

}  // namespace ticklake::sink
