#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lake/object_store.h"

namespace ticklake::lake {

// A table is called as its folder is. SQL does not tell names apart that differ in case only, file
// systems and Kafka do: of two such folders, the one that was there first has the plain name, the
// other one gets `_2` behind it (then `_3`, …). Which was first is kept in the lake, an object a
// name, so that it is the same after a restart, and for every sink and reader.

/// Where those objects stand: `_ticklake/.names/<name in lower case>`.
inline constexpr std::string_view kTableNamesFolder = "_ticklake/.names";

/// The SQL name of the table in `folder`, which is that folder's from now on if it was free.
base::Result<std::string> claim_table_name(ObjectStore& store, std::string_view folder);

/// The SQL names of the tables in `folders`, by folder, without claiming any: what nobody has
/// claimed yet is given out in the order of `folders`.
base::Result<std::map<std::string, std::string>> read_table_names(
    ObjectStore& store, const std::vector<std::string>& folders);

/// The folders whose tables have claimed a name, whether or not anything of them is there.
base::Result<std::set<std::string>> claimed_folders(ObjectStore& store);

}  // namespace ticklake::lake
