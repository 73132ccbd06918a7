#pragma once

#include <algorithm>
#include <set>
#include <type_traits>
#include <vector>

namespace ticklake::broker {

/// Leaves of each item that `key_of` gives the same key only the first: a request that names one
/// thing a million times costs, and is answered, no more than if it had named it once.
template <typename Item, typename KeyOf>
void drop_repeated(std::vector<Item>& items, KeyOf key_of) {
  std::set<std::remove_cvref_t<decltype(key_of(items.front()))>> seen;
  std::erase_if(items, [&](const Item& item) { return !seen.insert(key_of(item)).second; });
}

}  // namespace ticklake::broker
