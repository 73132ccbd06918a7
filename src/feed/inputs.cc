#include "feed/inputs.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <span>

#include <fmt/format.h>
#include <fnmatch.h>

#include "feed/json_rows.h"
#include "feed/unpack.h"
#include "feed/zip.h"

namespace ticklake::feed {
namespace {

bool is_pattern(std::string_view text) {
  return text.find_first_of("*?[") != std::string_view::npos;
}

bool is_folder(const base::Path& path, base::FileSystem& files) {
  return files.list(path).has_value();
}

/// Files are added, of a zip its members.
base::Result<void> add_file(const base::Path& path, base::FileSystem& files,
                            std::vector<Input>& inputs) {
  auto file = files.open(path, base::OpenMode::kRead);
  if (!file) {
    base::Error error = std::move(file).error();
    error.what = "cannot read " + path.string();
    return base::fail(std::move(error));
  }
  std::string head(4, '\0');
  TICKLAKE_ASSIGN(const size_t size,
                  (*file)->read_at(0, std::as_writable_bytes(std::span<char>(head))));
  if (packing_of(std::string_view(head).substr(0, size)) != Packing::kZip) {
    inputs.push_back({path, {}});
    return {};
  }
  auto members = read_zip_directory(**file);
  if (!members) {
    base::Error error = std::move(members).error();
    error.what = "cannot read " + path.string() + ": its " + error.what;
    return base::fail(std::move(error));
  }
  if (members->empty()) {
    return base::fail(base::ErrorCode::kInvalidData, path.string() + " is empty",
                      "the zip has no file in it", "give a file with rows in it");
  }
  for (ZipMember& member : *members)
    inputs.push_back({path, members->size() == 1 ? std::string() : std::move(member.name)});
  return {};
}

/// The paths that `pattern` means, part by part, by name.
base::Result<std::vector<base::Path>> matches(const base::Path& pattern, base::FileSystem& files) {
  std::vector<base::Path> found = {base::Path()};
  for (const base::Path& part : pattern) {
    std::vector<base::Path> next;
    for (const base::Path& parent : found) {
      if (!is_pattern(part.string())) {
        base::Path path = parent / part;
        TICKLAKE_ASSIGN(const bool exists, files.exists(path));
        if (exists) next.push_back(std::move(path));
        continue;
      }
      const auto names = files.list(parent.empty() ? base::Path(".") : parent);
      if (!names) continue;  // a file among folders
      for (const std::string& name : *names)
        if (::fnmatch(part.c_str(), name.c_str(), FNM_PERIOD) == 0) next.push_back(parent / name);
    }
    found = std::move(next);
  }
  std::sort(found.begin(), found.end());
  return found;
}

base::Result<void> add_folder(const base::Path& folder, base::FileSystem& files,
                              std::vector<Input>& inputs) {
  TICKLAKE_ASSIGN(const auto names, files.list(folder));
  for (const std::string& name : names) {
    if (name.starts_with('.') || is_folder(folder / name, files)) continue;
    TICKLAKE_TRY(add_file(folder / name, files, inputs));
  }
  return {};
}

/// `FILE.zip/MEMBER`: the file is the longest part that is there, and no folder.
base::Result<std::optional<Input>> find_member(const base::Path& path, base::FileSystem& files) {
  for (base::Path parent = path.parent_path(); !parent.empty() && parent != parent.parent_path();
       parent = parent.parent_path()) {
    const auto exists = files.exists(parent);
    if (!exists || !*exists) continue;
    if (is_folder(parent, files)) return std::nullopt;
    return Input{parent, path.lexically_relative(parent).string()};
  }
  return std::nullopt;
}

base::Result<void> add_argument(const std::string& argument, base::FileSystem& files,
                                std::vector<Input>& inputs) {
  const auto exists = files.exists(argument);
  if (exists && *exists) {
    return is_folder(argument, files) ? add_folder(argument, files, inputs)
                                      : add_file(argument, files, inputs);
  }
  TICKLAKE_ASSIGN(const auto member, find_member(argument, files));
  if (member) {
    inputs.push_back(*member);
    return {};
  }
  if (!is_pattern(argument)) return add_file(argument, files, inputs);
  TICKLAKE_ASSIGN(const auto paths, matches(argument, files));
  for (const base::Path& path : paths)
    if (!is_folder(path, files)) TICKLAKE_TRY(add_file(path, files, inputs));
  return {};
}

/// One of several inputs, with the row that it gave last.
struct Open {
  RowOptions options;
  std::unique_ptr<RowSource> rows;
  Row row;
  bool has_row = false;
  std::optional<base::WallTime> last_time;
};

std::set<std::string> names_of(const Row& row) {
  JsonLineParser parser;
  if (parser.parse(row.json) != nullptr) return {};
  const auto names = parser.names();
  return {names.begin(), names.end()};
}

class SeveralRows final : public RowSource {
 public:
  SeveralRows(std::vector<RowOptions> inputs, Merge merge, base::FileSystem& files)
      : inputs_(std::move(inputs)), merge_(merge), files_(files) {}

  base::Result<void> open();
  base::Result<bool> next(Row& row) override {
    return merge_ == Merge::kName ? next_by_name(row) : next_by_time(row);
  }
  base::Result<void> rewind() override;
  const RowCounts& counts() const override {
    counts_ = count();
    return counts_;
  }
  std::string_view time_column() const override { return time_column_; }

 private:
  base::Result<bool> next_by_name(Row& row);
  base::Result<bool> next_by_time(Row& row);
  base::Result<void> read_ahead(Open& input);
  RowCounts count() const;

  std::vector<RowOptions> inputs_;
  Merge merge_;
  base::FileSystem& files_;
  std::string time_column_;
  std::vector<Open> open_;  ///< by time all of them; by name the one that is read
  size_t started_ = 0;      ///< by name: how many were opened
  Open* given_ = nullptr;   ///< by time: whose row was handed out
  RowCounts closed_;        ///< of those that were read to their end and closed
  mutable RowCounts counts_;
};

base::Result<void> SeveralRows::open() {
  std::set<std::string> columns;
  const RowOptions* first = nullptr;
  for (const RowOptions& input : inputs_) {
    TICKLAKE_ASSIGN(const auto rows, open_rows(input, files_));
    Row row;
    TICKLAKE_ASSIGN(const bool found, rows->next(row));
    if (merge_ == Merge::kTime && rows->time_column().empty()) {
      return base::fail(base::ErrorCode::kInvalidArgument,
                        input.name() + " has no column that tells the time of a row",
                        "--merge time goes by the rows' own times",
                        "name the column with --time-column, or leave --merge out");
    }
    if (!found) continue;
    const std::set<std::string> names = names_of(row);
    if (first == nullptr) {
      first = &input;
      columns = names;
      time_column_ = rows->time_column();
    }
    if (names != columns) {
      std::set<std::string> odd;
      std::set_symmetric_difference(names.begin(), names.end(), columns.begin(), columns.end(),
                                    std::inserter(odd, odd.end()));
      return base::fail(base::ErrorCode::kInvalidArgument,
                        fmt::format("{} has other columns than {}", input.name(), first->name()),
                        fmt::format("'{}' is in one of them only", *odd.begin()),
                        "send files with other columns to a topic of their own");
    }
  }
  return rewind();
}

base::Result<void> SeveralRows::rewind() {
  open_.clear();
  given_ = nullptr;
  started_ = 0;
  closed_ = {};
  if (merge_ == Merge::kName) return {};
  for (const RowOptions& input : inputs_) {
    TICKLAKE_ASSIGN(auto rows, open_rows(input, files_));
    open_.push_back({input, std::move(rows), {}, false, {}});
  }
  for (Open& input : open_)
    TICKLAKE_TRY(read_ahead(input));
  return {};
}

/// Over all files; those that are read now as far as they are.
RowCounts SeveralRows::count() const {
  RowCounts all = closed_;
  for (const Open& input : open_) {
    const RowCounts& counts = input.rows->counts();
    all.rows += counts.rows;
    all.blank_rows += counts.blank_rows;
    all.bad.add_all(counts.bad, input.options.name());
    if (merge_ == Merge::kTime && input.has_row && &input != given_) --all.rows;
  }
  return all;
}

base::Result<bool> SeveralRows::next_by_name(Row& row) {
  while (true) {
    if (!open_.empty()) {
      TICKLAKE_ASSIGN(const bool found, open_[0].rows->next(row));
      if (found) return true;
      closed_ = count();
      open_.clear();
    }
    if (started_ == inputs_.size()) return false;
    const RowOptions& input = inputs_[started_++];
    TICKLAKE_ASSIGN(auto rows, open_rows(input, files_));
    open_.push_back({input, std::move(rows), {}, false, {}});
  }
}

base::Result<void> SeveralRows::read_ahead(Open& input) {
  TICKLAKE_ASSIGN(input.has_row, input.rows->next(input.row));
  if (!input.has_row) return {};
  const auto refuse = [&](std::string_view cause) {
    return base::fail(base::ErrorCode::kInvalidData,
                      fmt::format("{} cannot be merged by time", input.options.name()),
                      fmt::format("line {} {}", input.row.line, cause),
                      "sort the file by its time, or leave --merge out");
  };
  if (!input.row.time) return refuse("has no time");
  if (input.last_time && *input.row.time < *input.last_time)
    return refuse("is earlier than the line before");
  input.last_time = input.row.time;
  return {};
}

base::Result<bool> SeveralRows::next_by_time(Row& row) {
  if (given_ != nullptr) TICKLAKE_TRY(read_ahead(*given_));
  given_ = nullptr;
  for (Open& input : open_) {
    if (!input.has_row) continue;
    if (given_ == nullptr || *input.row.time < *given_->row.time) given_ = &input;
  }
  if (given_ == nullptr) return false;
  row = given_->row;
  return true;
}

}  // namespace

base::Result<std::vector<Input>> find_inputs(const std::vector<std::string>& arguments,
                                             base::FileSystem& files) {
  std::vector<Input> inputs;
  for (const std::string& argument : arguments) {
    const size_t before = inputs.size();
    TICKLAKE_TRY(add_argument(argument, files, inputs));
    if (inputs.size() == before) {
      return base::fail(base::ErrorCode::kNotFound, "no file is there for " + argument, {},
                        "give a file, a folder with files, or a pattern in quotes");
    }
  }
  return inputs;
}

base::Result<std::unique_ptr<RowSource>> open_inputs(const RowOptions& options,
                                                     const std::vector<Input>& inputs, Merge merge,
                                                     base::FileSystem& files) {
  std::vector<RowOptions> each;
  for (const Input& input : inputs) {
    each.push_back(options);
    each.back().file = input.file;
    each.back().member = input.member;
  }
  if (each.size() == 1) return open_rows(each[0], files);
  if (merge == Merge::kTime && each.size() > kFilesMergedMax) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      fmt::format("{} files cannot be merged by time", each.size()),
                      fmt::format("all are open at once, and {} may be", kFilesMergedMax),
                      "give fewer, or leave --merge out");
  }
  auto rows = std::make_unique<SeveralRows>(std::move(each), merge, files);
  TICKLAKE_TRY(rows->open());
  return std::unique_ptr<RowSource>(std::move(rows));
}

std::string topic_name_of(std::string_view argument) {
  while (argument.size() > 1 && argument.ends_with('/'))
    argument.remove_suffix(1);
  const base::Path name = base::Path(argument).filename();
  const std::string kind = name.extension().string();
  const bool is_packed = kind == ".gz" || kind == ".bz2" || kind == ".zst" || kind == ".zip";
  return is_packed ? name.stem().stem().string() : name.stem().string();
}

}  // namespace ticklake::feed
