#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/file_system.h"

namespace ticklake::fuzz {

/// A file system in memory without failures, so that an input costs no disk. What it holds in sum
/// is bounded: past it the disk is full.
class MemoryDisk final : public base::FileSystem {
 public:
  using Content = std::shared_ptr<base::Bytes>;

  explicit MemoryDisk(size_t bytes_max) : bytes_max_(bytes_max) {}

  /// By path; a file that was removed lives on as long as it is open.
  std::map<std::string, Content>& files() { return files_; }

  base::Result<std::unique_ptr<base::File>> open(const base::Path& path,
                                                 base::OpenMode mode) override {
    auto found = files_.find(path.string());
    const bool is_there = found != files_.end();
    const bool may_make = mode != base::OpenMode::kRead && mode != base::OpenMode::kReadWrite;
    if (!is_there && !may_make) return base::fail(missing(path));
    if (is_there && mode == base::OpenMode::kCreateNew) {
      return base::fail(base::ErrorCode::kAlreadyExists, path.string() + " is there");
    }
    if (!is_there) {
      found = files_.emplace(path.string(), std::make_shared<base::Bytes>()).first;
    }
    return std::make_unique<OpenFile>(found->second, *this);
  }
  base::Result<bool> exists(const base::Path& path) override {
    return files_.contains(path.string()) || folders_.contains(path.string());
  }
  base::Result<std::vector<std::string>> list(const base::Path& folder) override {
    std::set<std::string> names;
    const std::string prefix = folder.string() + "/";
    const auto add = [&](const std::string& path) {
      if (!path.starts_with(prefix)) return;
      names.insert(path.substr(prefix.size(), path.find('/', prefix.size()) - prefix.size()));
    };
    for (const auto& [path, content] : files_)
      add(path);
    for (const std::string& path : folders_)
      add(path);
    return std::vector<std::string>(names.begin(), names.end());
  }
  base::Result<void> make_folders(const base::Path& folder) override {
    for (base::Path path = folder; path.has_relative_path(); path = path.parent_path())
      folders_.insert(path.string());
    return {};
  }
  base::Result<void> rename(const base::Path& from, const base::Path& to) override {
    if (const auto file = files_.find(from.string()); file != files_.end()) {
      Content content = std::move(file->second);
      files_.erase(file);
      files_[to.string()] = std::move(content);
      return {};
    }
    if (!folders_.contains(from.string())) return base::fail(missing(from));
    const std::string prefix = from.string() + "/";
    std::map<std::string, Content> files;
    for (auto& [path, content] : files_) {
      const bool is_inside = path.starts_with(prefix);
      files[is_inside ? to.string() + "/" + path.substr(prefix.size()) : path] = content;
    }
    files_ = std::move(files);
    folders_.erase(from.string());
    folders_.insert(to.string());
    return {};
  }
  base::Result<void> link(const base::Path&, const base::Path& to) override {
    return base::fail(base::ErrorCode::kUnsupported, "no link " + to.string());
  }
  base::Result<void> remove(const base::Path& path) override {
    if (files_.erase(path.string()) + folders_.erase(path.string()) > 0) return {};
    return base::fail(missing(path));
  }
  base::Result<void> remove_all(const base::Path& folder) override {
    const std::string prefix = folder.string() + "/";
    std::erase_if(files_, [&](const auto& file) { return file.first.starts_with(prefix); });
    std::erase_if(folders_, [&](const std::string& path) { return path.starts_with(prefix); });
    folders_.erase(folder.string());
    return {};
  }
  base::Result<void> sync_folder(const base::Path&) override { return {}; }
  base::Result<uint64_t> bytes_available(const base::Path&) override { return bytes_max_; }

 private:
  class OpenFile final : public base::File {
   public:
    OpenFile(Content content, MemoryDisk& disk) : content_(std::move(content)), disk_(disk) {}

    base::Result<size_t> read_at(uint64_t position, std::span<std::byte> into) override {
      if (position >= content_->size()) return size_t{0};
      const size_t count = std::min<size_t>(into.size(), content_->size() - position);
      std::copy_n(content_->begin() + static_cast<ptrdiff_t>(position), count, into.begin());
      return count;
    }
    base::Result<void> write_at(uint64_t position, base::ByteView bytes) override {
      if (position + bytes.size() > disk_.bytes_max_) {
        return base::fail(base::ErrorCode::kNoSpace, "the disk is full");
      }
      if (content_->size() < position + bytes.size()) content_->resize(position + bytes.size());
      std::ranges::copy(bytes, content_->begin() + static_cast<ptrdiff_t>(position));
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
    base::Result<uint64_t> size() override { return content_->size(); }
    base::Result<void> truncate(uint64_t size) override {
      content_->resize(std::min<uint64_t>(size, disk_.bytes_max_));
      return {};
    }
    base::Result<void> reserve(uint64_t) override { return {}; }
    base::Result<void> sync_data() override { return {}; }
    int descriptor() const override { return -1; }

   private:
    Content content_;
    MemoryDisk& disk_;
  };

  static base::Error missing(const base::Path& path) {
    return {base::ErrorCode::kNotFound, "no " + path.string(), {}, {}, false};
  }

  size_t bytes_max_;
  std::map<std::string, Content> files_;
  std::set<std::string> folders_;
};

}  // namespace ticklake::fuzz
