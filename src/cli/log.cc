#include <cstdio>
#include <memory>

#include <fmt/format.h>

#include "base/file_system.h"
#include "broker/log/batch_scanner.h"
#include "cli/command.h"
#include "cli/kafka_flags.h"
#include "cli/listing.h"
#include "cli/record_text.h"

namespace ticklake::cli {
namespace {

constexpr size_t kRecordsBytesMax = size_t{256} << 20;
constexpr size_t kOffsetEntryBytes = 8;
constexpr size_t kTimeEntryBytes = 12;
constexpr uint64_t kIndexBytesMax = uint64_t{64} << 20;

struct Flags {
  KafkaFlags kafka;  ///< for --output only
  std::vector<std::string> files;
  bool with_records = false;
};

const char* codec_name(int bits) {
  static constexpr const char* kNames[] = {"none", "gzip", "snappy", "lz4", "zstd"};
  return bits < 5 ? kNames[bits] : "unknown";
}

/// "T" transactional, "C" control; "bad CRC" is what nobody wants to see.
std::string flags_of(const kafka::BatchHeader& header, base::ByteView bytes) {
  std::string flags;
  if (header.is_transactional()) flags += 'T';
  if (header.is_control()) flags += 'C';
  if (!kafka::batch_crc_matches(bytes, header)) flags += flags.empty() ? "bad CRC" : ", bad CRC";
  return flags;
}

base::Result<void> print_records(const broker::BatchScanner::Batch& batch,
                                 const std::string& file) {
  TICKLAKE_ASSIGN(const auto records, kafka::BatchRecords::read(batch.bytes, kRecordsBytesMax));
  std::string text;
  for (const kafka::Record& record : records.records()) {
    append_record_json(
        file, {-1, record.offset, record.timestamp_ms, record.key, record.value, record.headers},
        text);
  }
  std::fputs(text.c_str(), stdout);
  return {};
}

base::Result<void> dump_segment(base::File& file, const std::string& name, const Flags& flags) {
  TICKLAKE_ASSIGN(const uint64_t size, file.size());
  Listing listing({{"base", true},
                   {"last", true},
                   {"records", true},
                   {"position", true},
                   {"bytes", true},
                   {"max time", true},
                   {"codec"},
                   {"producer", true},
                   {"epoch", true},
                   {"sequence", true},
                   {"flags"}});
  broker::BatchScanner scanner(file, 0, size);
  base::Result<void> outcome;
  while (true) {
    const auto batch = scanner.next();
    if (!batch) {
      outcome =
          base::fail(base::ErrorCode::kCorrupt,
                     fmt::format("no batch at byte {} of {}", scanner.position(), name),
                     batch.error().what, "zeros at the end of an active segment are reserved room");
      break;
    }
    if (!batch->has_value()) break;
    const auto& [header, position, bytes] = **batch;
    if (flags.with_records) {
      TICKLAKE_TRY(print_records(**batch, name));
      continue;
    }
    const bool has_producer = header.producer_id >= 0;
    listing.add(
        {std::to_string(header.base_offset), std::to_string(header.last_offset()),
         std::to_string(header.record_count), std::to_string(position),
         std::to_string(header.size()), std::to_string(header.max_timestamp_ms),
         codec_name(header.codec_bits()), has_producer ? std::to_string(header.producer_id) : "",
         has_producer ? std::to_string(header.producer_epoch) : "",
         has_producer ? std::to_string(header.base_sequence) : "", flags_of(header, bytes)});
  }
  if (!flags.with_records) listing.print(flags.kafka.output);
  return outcome;
}

base::Result<base::Bytes> read_index(base::File& file, const std::string& name) {
  TICKLAKE_ASSIGN(const uint64_t size, file.size());
  if (size > kIndexBytesMax) {
    return base::fail(base::ErrorCode::kInvalidData, name + " is too large for an index");
  }
  base::Bytes bytes(size);
  TICKLAKE_ASSIGN(const size_t got, file.read_at(0, bytes));
  bytes.resize(got);
  return bytes;
}

base::Result<void> dump_index(base::File& file, const std::string& name, const Flags& flags) {
  TICKLAKE_ASSIGN(const base::Bytes bytes, read_index(file, name));
  base::ByteReader reader(bytes);
  const bool is_time = name.ends_with(".timeindex");
  Listing listing({{is_time ? "time" : "relative offset", true},
                   {is_time ? "relative offset" : "position", true}});
  while (reader.remaining() >= (is_time ? kTimeEntryBytes : kOffsetEntryBytes)) {
    const int64_t first =
        is_time ? reader.big_endian<int64_t>() : int64_t{reader.big_endian<int32_t>()};
    listing.add({std::to_string(first), std::to_string(reader.big_endian<int32_t>())});
  }
  listing.print(flags.kafka.output);
  return {};
}

base::Result<void> dump(const Flags& flags) {
  base::PosixFileSystem files;
  for (const std::string& name : flags.files) {
    TICKLAKE_ASSIGN(const auto file, files.open(name, base::OpenMode::kRead));
    if (flags.files.size() > 1) fmt::print("{}\n", name);
    std::fflush(stdout);
    if (name.ends_with(".log")) {
      TICKLAKE_TRY(dump_segment(*file, name, flags));
    } else if (name.ends_with(".index") || name.ends_with(".timeindex")) {
      TICKLAKE_TRY(dump_index(*file, name, flags));
    } else {
      return base::fail(base::ErrorCode::kInvalidArgument, "cannot dump " + name,
                        "its name does not say what it is",
                        "files that end in .log, .index or .timeindex");
    }
  }
  return {};
}

}  // namespace

void add_log_command(CLI::App& app, Action& action) {
  const auto flags = std::make_shared<Flags>();
  CLI::App& log = *app.add_subcommand("log", "Look into the files of a broker");
  log.require_subcommand(1);
  CLI::App& command = *log.add_subcommand("dump", "Print batches, records or index entries");
  command.add_option("files", flags->files, ".log, .index or .timeindex, ours or Kafka's")
      ->required()
      ->type_name("FILE");
  add_output_flag(command, flags->kafka);
  command.add_flag("--records", flags->with_records, "every record, a JSON object a line");
  command.callback([flags, &action] { action = [flags] { return dump(*flags); }; });
}

}  // namespace ticklake::cli
