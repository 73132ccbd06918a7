#include "catalog/crawl.h"

#include <cstdio>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/random.h"
#include "catalog/model_json.h"
#include "catalog/object_source.h"
#include "cli/catalog_stage.h"
#include "cli/command.h"
#include "cli/crawl_flags.h"
#include "cli/interruption.h"
#include "lake/bucket_store.h"
#include "lake/local_object_store.h"

namespace ticklake::cli {
namespace {

constexpr const char* kCrawler = "ticklake-crawl";

struct Place {
  std::unique_ptr<catalog::ObjectSource> source;
  catalog::CrawlTarget target;
};

/// A bucket of the data folder: its folder is read, so that a server that runs may go on.
base::Result<Place> bucket_place(const CrawlFlags& flags) {
  std::string_view path = std::string_view(flags.location).substr(std::string_view("s3://").size());
  const size_t slash = std::min(path.find('/'), path.size());
  Place place;
  place.target.bucket = path.substr(0, slash);
  place.target.prefix = slash < path.size() ? path.substr(slash + 1) : "";
  place.target.url = "s3://" + place.target.bucket + "/";
  place.target.root_name = place.target.bucket;
  const bool is_name = !place.target.bucket.empty() && place.target.bucket.front() != '.' &&
                       place.target.prefix.find("..") == std::string::npos;
  const base::Path data = flags.data;
  const bool is_lake = place.target.bucket == lake::kLakeBucket;
  const base::Path folder = is_lake ? data / "lake" : data / "buckets" / place.target.bucket;
  std::error_code error;
  if (!is_name || !std::filesystem::is_directory(folder, error)) {
    return base::fail(base::ErrorCode::kNotFound, "cannot crawl " + flags.location,
                      "there is no such bucket in " + data.string(),
                      "--data DIR names the data folder; buckets are in DIR/buckets");
  }
  place.source = std::make_unique<catalog::FolderSource>(folder);
  return place;
}

base::Result<Place> folder_place(const CrawlFlags& flags) {
  TICKLAKE_ASSIGN(const base::Path given, lake::local_lake_path(flags.location));
  std::error_code error;
  base::Path path = std::filesystem::canonical(given, error);
  if (error) return base::fail(base::os_error(error.value(), "cannot crawl " + flags.location));
  Place place;
  if (!std::filesystem::is_directory(path, error)) {
    place.target.prefix = path.filename().string();
    path = path.parent_path();
  }
  place.target.url = "file://" + path.string() + (path == path.root_path() ? "" : "/");
  place.target.root_name = path.filename().string();
  place.source = std::make_unique<catalog::FolderSource>(path);
  return place;
}

base::Result<void> print_tables(const CrawlFlags& flags, catalog::Catalog& catalog,
                                const catalog::CrawlReport& report) {
  std::vector<CrawledTable> tables;
  for (const std::string& name : report.tables) {
    auto table = catalog.get_table(flags.database, name);
    if (!table) return base::fail(aws::to_base_error(table.error(), "cannot read table " + name));
    const auto partitions = catalog.all_partitions(flags.database, name);
    tables.push_back({std::move(*table), partitions ? partitions->size() : 0});
  }
  print_crawled_tables(tables, flags.json);
  return {};
}

void print_report(const catalog::CrawlReport& report, std::chrono::duration<double> elapsed) {
  for (const catalog::CrawlReport::Line& line : report.lines) {
    fmt::print(stderr, "{}: {}{}{}\n", line.action, line.subject, line.why.empty() ? "" : ": ",
               line.why);
  }
  fmt::print(stderr,
             "{} files, {} bytes in {:.2f} s; tables: {} created, {} updated, {} deleted; "
             "partitions: {} created, {} updated, {} deleted\n",
             report.files, report.bytes, elapsed.count(), report.tables_created,
             report.tables_updated, report.tables_deleted, report.partitions_created,
             report.partitions_updated, report.partitions_deleted);
}

base::Result<void> run_crawl(const CrawlFlags& flags) {
  const Interruption interruption;
  base::PosixFileSystem files;
  const base::SystemClock clock;
  TICKLAKE_ASSIGN(Place place,
                  flags.location.starts_with("s3://") ? bucket_place(flags) : folder_place(flags));
  place.target.source = place.source.get();
  place.target.exclusions = flags.exclusions;
  if (flags.sample > 0) place.target.sample_size = flags.sample;
  TICKLAKE_ASSIGN(const auto catalog,
                  catalog::Catalog::open(files, catalog_path(flags.data), clock));
  const std::string database = catalog::folded(flags.database);
  if (!catalog->get_database(database)) {
    const auto made = catalog->create_database({.name = database});
    if (!made) return base::fail(aws::to_base_error(made.error(), "cannot make " + database));
  }
  base::Random random(base::entropy_seed());
  catalog::CrawlOptions options{
      .crawler = kCrawler,
      .run_id = fmt::format("{:016x}", random.next()),
      .database = database,
      .table_prefix = flags.prefix,
      .targets = {place.target},
      .policy = {.merges_new_columns = flags.merges, .combines_compatible = flags.combines},
      .elements = flags.elements};
  if (flags.level > 0) options.policy.table_level = flags.level;
  catalog::CrawlReport report;
  const base::MonotonicTime start = clock.monotonic_now();
  const auto crawled =
      catalog::crawl(options, {*catalog, files, clock, interruption.token()}, report);
  print_report(report, clock.monotonic_now() - start);
  TICKLAKE_TRY(crawled);
  return print_tables(flags, *catalog, report);
}

}  // namespace

void add_crawl_command(CLI::App& app, Action& action) {
  const auto flags = std::make_shared<CrawlFlags>();
  CLI::App* const command = app.add_subcommand(
      "crawl", "Infer the tables that files are, as Glue's crawler does, and register them");
  command
      ->add_option("location", flags->location, "folder, file, s3://BUCKET[/PREFIX]; Glue: a name")
      ->required();
  CLI::Option* const data =
      command->add_option("--data", flags->data, "data folder, whose catalog is written")
          ->capture_default_str();
  command->add_option("--database", flags->database, "of the tables; made if it is not there")
      ->capture_default_str();
  command->add_option("--prefix", flags->prefix, "in front of each table's name");
  command->add_option("--exclude", flags->exclusions, "glob of files to leave out; repeatable");
  command->add_flag("--combine", flags->combines, "one table of all that is compatible");
  command->add_flag("--merge-new-columns", flags->merges, "known tables only get new columns");
  command->add_option("--level", flags->level, "where tables stand; the bucket is level 1")
      ->check(CLI::PositiveNumber);
  command->add_option("--sample", flags->sample, "read so many files of each folder")
      ->check(CLI::Range(1, 249));
  CLI::Option* const elements = command->add_flag(
      "--array-elements", flags->elements, "a JSON array's elements are records (JSON path $[*])");
  command->add_flag("--json", flags->json, "print one JSON object a table");
  CLI::Option* const engine =
      command
          ->add_option("--engine", flags->engine, "glue: AWS Glue's crawler, by AWS's environment")
          ->check(CLI::IsMember({"glue"}))
          ->excludes(data)
          ->excludes(elements);
  command->add_option("--role", flags->role, "Glue: of the crawler that is made for s3://…")
      ->needs(engine);
  command->add_option("--name", flags->crawler, "Glue: what that one is called")->needs(engine);
  command->add_option("--region", flags->region, "Glue: instead of AWS_REGION's")->needs(engine);
  command->callback([flags, &action] {
    action = [flags] {
      return flags->engine == "glue" ? run_glue_crawl(*flags) : run_crawl(*flags);
    };
  });
}

}  // namespace ticklake::cli
