#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "lake/object_store.h"
#include "lake/schema.h"

namespace ticklake::lake {

// Which column a key is, and of which type at least, is agreed on in the lake, once for all sinks
// and for ever: `_ticklake/<table>/schema/<version, 20 digits>.json`, each version created if
// absent, each holding all of the one before it. docs/formats/lake.md has the layout.

/// The newest version of the table in `folder`; version 0 without columns if there is none.
base::Result<Schema> read_schema(ObjectStore& store, std::string_view folder);

/// Makes the versions that it takes until the table's schema holds what `wanted` does, on top of
/// what others have agreed on meanwhile, and gives the newest one. `known` is what files of before
/// there were versions say. A declared type is not widened by what is wanted, nor a schema beyond
/// kColumnsMax.
base::Result<Schema> agree_on_schema(ObjectStore& store, std::string_view folder,
                                     const Schema& known, const Schema& wanted);

/// Makes `schema` that of a table without rows; kAlreadyExists if it has columns already.
base::Result<void> create_schema(ObjectStore& store, std::string_view folder, Schema schema);
/// Takes back what create_schema() said of a table without rows: its newest version is empty.
base::Result<void> drop_schema(ObjectStore& store, std::string_view folder);

std::string schema_to_text(const Schema& schema);
/// The reverse; kCorrupt for what that cannot have written.
base::Result<Schema> parse_schema_text(std::string_view text);

}  // namespace ticklake::lake
