#include "lake/entry_source.h"

#include <algorithm>

namespace ticklake::lake {

std::optional<std::string> end_of_prefix(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xff')
    end.pop_back();
  if (end.empty()) return std::nullopt;
  end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

base::Result<Listing> list_entries(EntrySource& source, const ListRequest& request) {
  Listing listing;
  if (request.entries_max == 0) return listing;
  TICKLAKE_TRY(source.seek(std::max(request.from, request.prefix)));
  while (true) {
    TICKLAKE_ASSIGN(std::optional<ObjectEntry> entry, source.next());
    if (!entry || !entry->key.starts_with(request.prefix)) return listing;
    if (listing.objects.size() + listing.common_prefixes.size() >= request.entries_max) {
      listing.next = std::move(entry->key);
      return listing;
    }
    const size_t found = request.delimiter.empty()
                             ? std::string::npos
                             : entry->key.find(request.delimiter, request.prefix.size());
    if (found == std::string::npos) {
      listing.objects.push_back(std::move(*entry));
      continue;
    }
    listing.common_prefixes.push_back(entry->key.substr(0, found + request.delimiter.size()));
    const auto end = end_of_prefix(listing.common_prefixes.back());
    if (!end) return listing;
    TICKLAKE_TRY(source.seek(*end));
  }
}

base::Result<void> MergedEntries::seek(std::string_view from) {
  TICKLAKE_TRY(first_.seek(from));
  TICKLAKE_TRY(second_.seek(from));
  TICKLAKE_ASSIGN(first_next_, first_.next());
  TICKLAKE_ASSIGN(second_next_, second_.next());
  return {};
}

base::Result<std::optional<ObjectEntry>> MergedEntries::next() {
  const bool takes_first = first_next_ && (!second_next_ || first_next_->key <= second_next_->key);
  const bool takes_second = second_next_ && (!first_next_ || second_next_->key <= first_next_->key);
  std::optional<ObjectEntry> entry = takes_first ? first_next_ : second_next_;
  if (takes_first) {
    TICKLAKE_ASSIGN(first_next_, first_.next());
  }
  if (takes_second) {
    TICKLAKE_ASSIGN(second_next_, second_.next());
  }
  return entry;
}

}  // namespace ticklake::lake
