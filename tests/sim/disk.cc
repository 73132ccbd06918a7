#include "disk.h"

#include <algorithm>
#include <utility>

namespace ticklake::sim {
namespace {

base::Error missing(const base::Path& path) {
  return {base::ErrorCode::kNotFound, "no " + path.string(), {}, {}, false};
}

}  // namespace

class Disk::OpenFile final : public base::File {
 public:
  OpenFile(std::shared_ptr<Content> content, Disk& disk)
      : content_(std::move(content)), disk_(disk) {}

  base::Result<size_t> read_at(uint64_t position, std::span<std::byte> into) override {
    TICKLAKE_TRY(disk_.check_alive());
    const base::Bytes& bytes = content_->cached;
    if (position >= bytes.size()) return size_t{0};
    const size_t count = std::min<size_t>(into.size(), bytes.size() - position);
    std::copy_n(bytes.begin() + static_cast<ptrdiff_t>(position), count, into.begin());
    return count;
  }
  base::Result<void> write_at(uint64_t position, base::ByteView bytes) override {
    const auto alive = disk_.begin_change();
    // Whoever dies, or has no room, has written some of it.
    const bool is_cut = !alive || disk_.is_full_;
    if (is_cut) bytes = bytes.first(disk_.random_.below(bytes.size() + 1));
    change({position, base::Bytes(bytes.begin(), bytes.end()), false});
    TICKLAKE_TRY(alive);
    if (disk_.is_full_) return base::fail(base::ErrorCode::kNoSpace, "the disk is full");
    return {};
  }
  base::Result<void> write_parts_at(uint64_t position,
                                    std::span<const base::ByteView> parts) override {
    for (const base::ByteView part : parts) {
      TICKLAKE_TRY(write_at(position, part));
      position += part.size();
    }
    return {};
  }
  base::Result<uint64_t> size() override {
    TICKLAKE_TRY(disk_.check_alive());
    return content_->cached.size();
  }
  base::Result<void> truncate(uint64_t size) override {
    TICKLAKE_TRY(disk_.begin_change());
    change({size, {}, true});
    return {};
  }
  base::Result<void> reserve(uint64_t) override {
    TICKLAKE_TRY(disk_.check_alive());
    if (disk_.is_full_) return base::fail(base::ErrorCode::kNoSpace, "the disk is full");
    return {};
  }
  base::Result<void> sync_data() override {
    TICKLAKE_TRY(disk_.begin_change());
    if (disk_.is_lying_ && disk_.random_.below(20) == 0) return {};
    if (std::exchange(disk_.is_next_sync_failing_, false)) {
      // The pages count as written from now on, though they are not on the disk.
      content_->unsynced.clear();
      disk_.has_failed_sync_ = true;
      return base::fail(base::ErrorCode::kIo, "the sync failed");
    }
    content_->durable = content_->cached;
    content_->unsynced.clear();
    return {};
  }
  int descriptor() const override { return -1; }

 private:
  void change(Change change) {
    apply(change, content_->cached);
    content_->unsynced.push_back(std::move(change));
  }

  std::shared_ptr<Content> content_;
  Disk& disk_;
};

void Disk::apply(const Change& change, base::Bytes& to) {
  if (change.is_truncate) return to.resize(change.position);
  const uint64_t end = change.position + change.bytes.size();
  if (to.size() < end) to.resize(end);
  std::ranges::copy(change.bytes, to.begin() + static_cast<ptrdiff_t>(change.position));
}

base::Result<void> Disk::check_alive() const {
  if (is_dead_) return base::fail(base::ErrorCode::kIo, "the machine is off");
  return {};
}

base::Result<void> Disk::begin_change() {
  TICKLAKE_TRY(check_alive());
  if (calls_to_live_ > 0 && --calls_to_live_ == 0) is_dead_ = true;
  return check_alive();
}

void Disk::restart_process() {
  is_dead_ = is_full_ = is_next_sync_failing_ = has_failed_sync_ = false;
  calls_to_live_ = 0;
}

void Disk::tear(Content& content) {
  for (Change& change : content.unsynced) {
    switch (random_.below(3)) {
      case 0: continue;
      case 1:
        if (!change.is_truncate) change.bytes.resize(random_.below(change.bytes.size() + 1));
        break;
      default: break;
    }
    apply(change, content.durable);
  }
  content.unsynced.clear();
  content.cached = content.durable;
}

void Disk::restart_machine() {
  restart_process();
  const size_t kept = random_.below(unsynced_names_.size() + 1);
  if (kept > 0) durable_names_ = unsynced_names_[kept - 1];
  unsynced_names_.clear();
  names_ = durable_names_;
  for (const auto& [path, content] : names_.files)
    tear(*content);
}

base::Result<std::unique_ptr<base::File>> Disk::open(const base::Path& path, base::OpenMode mode) {
  TICKLAKE_TRY(check_alive());
  auto found = names_.files.find(path.string());
  const bool is_there = found != names_.files.end();
  const bool may_make = mode != base::OpenMode::kRead && mode != base::OpenMode::kReadWrite;
  if (!is_there && !may_make) return base::fail(missing(path));
  if (is_there && mode == base::OpenMode::kCreateNew) {
    return base::fail(base::ErrorCode::kAlreadyExists, path.string() + " is there");
  }
  if (!is_there) {
    TICKLAKE_TRY(begin_change());
    found = names_.files.emplace(path.string(), std::make_shared<Content>()).first;
    names_changed();
  }
  return std::make_unique<OpenFile>(found->second, *this);
}

base::Result<bool> Disk::exists(const base::Path& path) {
  TICKLAKE_TRY(check_alive());
  return names_.files.contains(path.string()) || names_.folders.contains(path.string());
}

base::Result<std::vector<std::string>> Disk::list(const base::Path& folder) {
  TICKLAKE_TRY(check_alive());
  std::set<std::string> found;
  const std::string prefix = folder.string() + "/";
  const auto add = [&](const std::string& path) {
    if (!path.starts_with(prefix)) return;
    found.insert(path.substr(prefix.size(), path.find('/', prefix.size()) - prefix.size()));
  };
  for (const auto& [path, content] : names_.files)
    add(path);
  for (const std::string& path : names_.folders)
    add(path);
  return std::vector<std::string>(found.begin(), found.end());
}

base::Result<void> Disk::make_folders(const base::Path& folder) {
  if (names_.folders.contains(folder.string())) return check_alive();
  TICKLAKE_TRY(begin_change());
  for (base::Path path = folder; path.has_relative_path(); path = path.parent_path())
    names_.folders.insert(path.string());
  names_changed();
  return {};
}

base::Result<void> Disk::rename(const base::Path& from, const base::Path& to) {
  TICKLAKE_TRY(begin_change());
  if (const auto file = names_.files.find(from.string()); file != names_.files.end()) {
    auto content = std::move(file->second);
    names_.files.erase(file);
    names_.files[to.string()] = std::move(content);
    names_changed();
    return {};
  }
  if (!names_.folders.contains(from.string())) return base::fail(missing(from));
  const std::string prefix = from.string() + "/";
  std::map<std::string, std::shared_ptr<Content>> files;
  for (auto& [path, content] : names_.files) {
    const bool is_inside = path.starts_with(prefix);
    files[is_inside ? to.string() + "/" + path.substr(prefix.size()) : path] = content;
  }
  names_.files = std::move(files);
  names_.folders.erase(from.string());
  names_.folders.insert(to.string());
  names_changed();
  return {};
}

base::Result<void> Disk::link(const base::Path&, const base::Path& to) {
  return base::fail(base::ErrorCode::kUnsupported, "no link " + to.string());
}

base::Result<void> Disk::remove(const base::Path& path) {
  TICKLAKE_TRY(begin_change());
  const size_t count = names_.files.erase(path.string()) + names_.folders.erase(path.string());
  if (count == 0) return base::fail(missing(path));
  names_changed();
  return {};
}

base::Result<void> Disk::remove_all(const base::Path& folder) {
  TICKLAKE_TRY(begin_change());
  const std::string prefix = folder.string() + "/";
  std::erase_if(names_.files, [&](const auto& file) { return file.first.starts_with(prefix); });
  std::erase_if(names_.folders, [&](const std::string& path) { return path.starts_with(prefix); });
  names_.folders.erase(folder.string());
  names_changed();
  return {};
}

base::Result<void> Disk::sync_folder(const base::Path&) {
  TICKLAKE_TRY(begin_change());
  durable_names_ = names_;
  unsynced_names_.clear();
  return {};
}

base::Result<uint64_t> Disk::bytes_available(const base::Path&) {
  TICKLAKE_TRY(check_alive());
  return is_full_ ? 0 : uint64_t{1} << 30;
}

}  // namespace ticklake::sim
