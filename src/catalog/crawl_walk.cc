#include "catalog/crawl_walk.h"

#include <algorithm>
#include <map>

#include "catalog/glob.h"
#include "catalog/probe_parquet.h"

namespace ticklake::catalog {
namespace {

constexpr uint64_t kStartBytes = 1 << 20;
constexpr uint64_t kStartBytesMax = 10 << 20;
/// Footers that are read by one statement.
constexpr size_t kParquetFilesAtATime = 256;

uint64_t hash_of(std::string_view key) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : key)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

/// Formats that are known by name only.
std::string unsupported(std::string_view start) {
  constexpr std::pair<std::string_view, const char*> kMarks[] = {
      {std::string_view("Obj\x01", 4), "Avro"},
      {"ORC", "ORC"},
      {std::string_view("PK\x03\x04", 4), "zip"},
      {"\x04\x22\x4d\x18", "lz4"},
      {"\xff\x06\x00\x00sNaPpY", "snappy"},
      {"\x89HDF", "HDF5"},
      {"%PDF", "PDF"},
  };
  for (const auto& [mark, name] : kMarks) {
    if (start.starts_with(mark)) return std::string("it is ") + name + ", which is not read here";
  }
  return {};
}

class Walker {
 public:
  Walker(const CrawlTarget& target, const WalkSeams& seams, CrawlReport& report)
      : target_(target), seams_(seams), report_(report) {
    for (const std::string& pattern : target.exclusions)
      exclusions_.emplace_back(pattern);
  }

  base::Result<CrawlWalk> run() {
    base::Result<void> outcome;
    TICKLAKE_TRY(
        target_.source->list(target_.bucket, target_.prefix, [&](const SourceObject& object) {
          outcome = take(object);
          return outcome.has_value();
        }));
    TICKLAKE_TRY(outcome);
    for (const auto& [folder, sample] : samples_) {
      for (const auto& [hash, object] : sample)
        TICKLAKE_TRY(probe(object.path, object.object));
    }
    TICKLAKE_TRY(probe_parquet());
    return std::move(walk_);
  }

 private:
  struct Found {
    std::string path;  ///< below the target's root
    SourceObject object;
  };

  base::Result<void> take(const SourceObject& object) {
    if (seams_.stop.stop_requested()) {
      return base::fail(base::ErrorCode::kInterrupted, "the crawl was stopped");
    }
    const std::string folder = target_.folder_prefix();
    const bool is_target = !target_.prefix.empty() && object.key == target_.prefix;
    if (!is_target && !object.key.starts_with(folder)) return {};
    const size_t slash = object.key.rfind('/');
    const std::string path = is_target
                                 ? object.key.substr(slash == std::string::npos ? 0 : slash + 1)
                                 : object.key.substr(folder.size());
    // Markers of folders are empty, and so is what has no rows.
    if (object.bytes == 0 || is_hidden(path) || is_excluded(path)) return {};
    if (is_target) walk_.is_object = true;
    if (seams_.wants_folder && !is_target && !wants(path)) return {};
    ++report_.files;
    report_.bytes += object.bytes;
    if (target_.sample_size) {
      sample({path, object});
      return {};
    }
    return probe(path, object);
  }

  /// Names that Hive, Athena and Spark pass over.
  static bool is_hidden(std::string_view path) {
    return path.starts_with('_') || path.starts_with('.') ||
           path.find("/_") != std::string_view::npos || path.find("/.") != std::string_view::npos;
  }
  bool is_excluded(const std::string& path) {
    if (exclusions_.empty()) return false;
    if (std::ranges::none_of(exclusions_, [&](const Glob& glob) { return glob.matches(path); })) {
      return false;
    }
    report_.add("exclude file", target_.location(path));
    return true;
  }
  bool wants(const std::string& path) {
    const size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash + 1);
    if (last_folder_ != folder) {
      last_folder_ = folder;
      wants_last_ = seams_.wants_folder(folder);
    }
    return wants_last_;
  }

  /// Keeps those of a folder whose hash is least: as good as chance, and the same each time.
  void sample(Found found) {
    const size_t slash = found.path.rfind('/');
    auto& kept = samples_[found.path.substr(0, slash == std::string::npos ? 0 : slash + 1)];
    const uint64_t hash = hash_of(found.path);
    kept.emplace(hash, std::move(found));
    if (kept.size() > *target_.sample_size) kept.erase(std::prev(kept.end()));
  }

  void add(const std::string& path, uint64_t bytes, FileProbe probe) {
    CrawlFolder* folder = &walk_.root;
    size_t start = 0;
    for (size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', start)) {
      folder = &folder->folder(std::string_view(path).substr(start, slash - start));
      start = slash + 1;
    }
    folder->add(std::string_view(path).substr(start), bytes, std::move(probe));
  }

  base::Result<void> probe(const std::string& path, const SourceObject& object) {
    if (seams_.stop.stop_requested()) {
      return base::fail(base::ErrorCode::kInterrupted, "the crawl was stopped");
    }
    auto file = seams_.files.open(object.path, base::OpenMode::kRead);
    if (!file) {
      // It may have been deleted since it was listed.
      report_.add("skip file", target_.location(path), base::to_line(file.error()));
      return {};
    }
    auto start = read_start(**file, Compression::kNone, kStartBytes);
    if (!start) {
      report_.add("skip file", target_.location(path), base::to_line(start.error()));
      return {};
    }
    if (start->text.starts_with("PAR1")) {
      parquet_.push_back({path, object});
      return parquet_.size() < kParquetFilesAtATime ? base::Result<void>() : probe_parquet();
    }
    add(path, object.bytes, probe_text(**file, std::move(*start), object.bytes));
    return {};
  }

  FileProbe probe_text(base::File& file, FileStart start, uint64_t bytes) const {
    const Compression compression = compression_of(start.text);
    const uint64_t read = start.text.size();
    if (compression != Compression::kNone) {
      auto decompressed = read_start(file, compression, kStartBytes);
      if (!decompressed) return failed(base::to_line(decompressed.error()));
      start = std::move(*decompressed);
    }
    if (std::string why = unsupported(start.text); !why.empty()) return failed(std::move(why));
    FileProbe probe = probe_start(file, compression, start);
    probe.kind.compression = compression;
    // What was read of it says how much the rest has.
    if (!start.is_whole && !start.text.empty() && probe.kind.format == FileFormat::kJson) {
      const uint64_t whole = compression == Compression::kNone ? bytes : bytes * 5;
      probe.records = probe.records * std::max(whole, read) / start.text.size();
    } else if (!start.is_whole && probe.kind.format == FileFormat::kCsv && read > 0) {
      probe.records = probe.records * std::max(bytes, read) / read;
    }
    return probe;
  }

  FileProbe probe_start(base::File& file, Compression compression, FileStart& start) const {
    if (!looks_like_json(start.text)) return probe_csv(start.text, start.is_whole);
    bool needs_more = false;
    uint64_t size = kStartBytes;
    FileProbe probe = probe_json({start.text, start.is_whole, seams_.elements}, needs_more);
    while (needs_more && size < kStartBytesMax) {
      size += kStartBytes;
      auto more = read_start(file, compression, size);
      if (!more) return failed(base::to_line(more.error()));
      start = std::move(*more);
      probe = probe_json({start.text, start.is_whole, seams_.elements}, needs_more);
    }
    return probe;
  }
  static FileProbe failed(std::string why) {
    FileProbe probe;
    probe.problem = std::move(why);
    return probe;
  }

  base::Result<void> probe_parquet() {
    if (parquet_.empty()) return {};
    if (!reader_) {
      TICKLAKE_ASSIGN(reader_, ParquetProbe::open());
    }
    std::vector<base::Path> paths;
    for (const Found& found : parquet_)
      paths.push_back(found.object.path);
    std::vector<FileProbe> probes = reader_->probe(paths);
    for (size_t i = 0; i < probes.size(); ++i)
      add(parquet_[i].path, parquet_[i].object.bytes, std::move(probes[i]));
    parquet_.clear();
    return {};
  }

  const CrawlTarget& target_;
  const WalkSeams& seams_;
  CrawlReport& report_;
  std::vector<Glob> exclusions_;
  CrawlWalk walk_;
  std::map<std::string, std::map<uint64_t, Found>> samples_;  ///< by folder, then by hash
  std::vector<Found> parquet_;
  std::optional<ParquetProbe> reader_;
  std::optional<std::string> last_folder_;
  bool wants_last_ = true;
};

}  // namespace

base::Result<CrawlWalk> walk(const CrawlTarget& target, const WalkSeams& seams,
                             CrawlReport& report) {
  return Walker(target, seams, report).run();
}

}  // namespace ticklake::catalog
