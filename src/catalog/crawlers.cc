#include "catalog/crawlers.h"

#include <fmt/format.h>

#include "catalog/answers.h"
#include "catalog/cron.h"
#include "catalog/model_json.h"

namespace ticklake::catalog {
namespace {

/// "tkcr" in ASCII.
constexpr base::SqliteSchema kSchema{
    .what = "one of crawlers",
    .application_id = 0x746b6372,
    .version = 1,
    .create =
        "CREATE TABLE crawlers (name TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT,"
        " WITHOUT ROWID;"
        "CREATE TABLE crawls (id TEXT PRIMARY KEY, crawler TEXT, number INTEGER,"
        " document TEXT NOT NULL, report TEXT NOT NULL) STRICT, WITHOUT ROWID;"
        "CREATE UNIQUE INDEX crawls_of ON crawls (crawler, number);"};

/// Crawls that run at once; others wait for their turn.
constexpr size_t kWorkers = 2;
/// Of a crawler; older ones are forgotten.
constexpr int64_t kCrawlsMax = 1'000;
constexpr size_t kReportLinesMax = 2'000;
constexpr size_t kErrorBytesMax = 2'048;
constexpr std::chrono::seconds kScheduleWait{1};
/// A schedule that was missed by more, because nothing ran, is passed over.
constexpr std::chrono::minutes kScheduleLate{5};

std::string summary_of(const CrawlReport& report) {
  const auto counts = [](uint64_t added, uint64_t updated, uint64_t deleted) {
    return nlohmann::json{{"ADD", added}, {"UPDATE", updated}, {"DELETE", deleted}};
  };
  return nlohmann::json{
      {"TABLE", counts(report.tables_created, report.tables_updated, report.tables_deleted)},
      {"PARTITION",
       counts(report.partitions_created, report.partitions_updated, report.partitions_deleted)}}
      .dump();
}

std::string text_of(const CrawlReport& report) {
  std::string text = fmt::format("{} files, {} bytes\n", report.files, report.bytes);
  size_t lines = 0;
  for (const CrawlReport::Line& line : report.lines) {
    if (++lines > kReportLinesMax) break;
    text += line.action + ": " + line.subject + (line.why.empty() ? "" : ": " + line.why) + "\n";
  }
  const uint64_t left_out =
      report.lines_left_out + report.lines.size() - std::min(report.lines.size(), kReportLinesMax);
  if (left_out > 0) text += fmt::format("and {} more\n", left_out);
  return text;
}

}  // namespace

base::Result<std::unique_ptr<Crawlers>> Crawlers::open(const base::Path& path,
                                                       CrawlersSeams seams) {
  TICKLAKE_TRY(seams.files.make_folders(path.parent_path()));
  TICKLAKE_ASSIGN(auto documents, base::SqliteDocuments::open(seams.files, path, kSchema));
  std::unique_ptr<Crawlers> crawlers(new Crawlers(std::move(documents), std::move(seams)));
  TICKLAKE_TRY(crawlers->recover());
  Crawlers& self = *crawlers;
  for (size_t i = 0; i < kWorkers; ++i)
    self.threads_.emplace_back([&self](const std::stop_token& stop) { self.work(stop); });
  self.threads_.emplace_back([&self](const std::stop_token& stop) { self.keep_schedules(stop); });
  return crawlers;
}

Crawlers::Crawlers(base::SqliteDocuments documents, CrawlersSeams seams)
    : seams_(std::move(seams)), documents_(std::move(documents)), random_(seams_.seed) {}

Crawlers::~Crawlers() {
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, job] : running_)
      job->stop.request_stop();
    for (std::jthread& thread : threads_)
      thread.request_stop();
  }
  changed_.notify_all();
  threads_.clear();
}

base::Result<void> Crawlers::recover() {
  const std::lock_guard lock(mutex_);
  const base::WallTime now = seams_.clock.wall_now();
  const std::string why = "The server was stopped while the crawl ran.";
  const auto recovered = in_transaction([&]() -> aws::Answer<void> {
    TICKLAKE_ASSIGN(const auto rows,
                    answered(documents_.rows("SELECT name, document FROM crawlers", {})));
    for (const base::SqliteDocuments::Row& row : rows) {
      TICKLAKE_ASSIGN(Crawler crawler, parse_crawler(row.document));
      if (crawler.state == CrawlerState::kReady) continue;
      TICKLAKE_ASSIGN(const auto crawl,
                      answered(documents_.one("SELECT document FROM crawls WHERE crawler = ?"
                                              " ORDER BY number DESC LIMIT 1",
                                              {crawler.name})));
      if (crawl) {
        TICKLAKE_ASSIGN(CrawlRecord record, parse_crawl(*crawl));
        record.state = CrawlState::kFailed;
        record.error = why;
        record.ended = now;
        TICKLAKE_TRY(put(crawler.name, record));
        crawler.last = LastCrawl{record.state, why, record.id, record.started};
      }
      crawler.state = CrawlerState::kReady;
      crawler.started.reset();
      TICKLAKE_TRY(put(crawler));
    }
    return {};
  });
  if (!recovered) {
    return base::fail(aws::to_base_error(recovered.error(), "cannot read the crawlers"));
  }
  return {};
}

aws::Answer<void> Crawlers::in_transaction(const std::function<aws::Answer<void>()>& change) {
  TICKLAKE_ASSIGN(auto transaction, answered(documents_.begin()));
  TICKLAKE_TRY(change());
  return answered(transaction.commit());
}

aws::Answer<Crawler> Crawlers::find(std::string_view name) {
  TICKLAKE_ASSIGN(const auto document,
                  answered(documents_.one("SELECT document FROM crawlers WHERE name = ?", {name})));
  if (!document) return not_found("Crawler with name " + std::string(name) + " does not exist");
  return parse_crawler(*document);
}

aws::Answer<void> Crawlers::put(const Crawler& crawler) {
  return answered(documents_.run("INSERT OR REPLACE INTO crawlers VALUES (?, ?)",
                                 {crawler.name, kept_text(crawler)}));
}

aws::Answer<void> Crawlers::put(const std::string& crawler, const CrawlRecord& crawl) {
  return answered(
      documents_.run("INSERT INTO crawls VALUES (?1, ?2, (SELECT coalesce(max(number), 0) + 1"
                     " FROM crawls WHERE crawler = ?2), ?3, '')"
                     " ON CONFLICT (id) DO UPDATE SET document = ?3",
                     {crawl.id, crawler, kept_text(crawl)}));
}

std::string Crawlers::new_id() {
  const uint64_t high = random_.next();
  const uint64_t low = random_.next();
  return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xffff,
                     high & 0xfff, 0x8000 | ((low >> 48) & 0x3fff), low & 0xffffffffffff);
}

aws::Answer<void> Crawlers::create(Crawler crawler) {
  crawler.created = crawler.updated = seams_.clock.wall_now();
  crawler.state = CrawlerState::kReady;
  crawler.version = 1;
  const std::lock_guard lock(mutex_);
  return in_transaction([&]() -> aws::Answer<void> {
    if (find(crawler.name)) {
      return already_exists("Crawler with name " + crawler.name + " already exists");
    }
    return put(crawler);
  });
}

aws::Answer<Crawler> Crawlers::get(std::string_view name) {
  const std::lock_guard lock(mutex_);
  return find(name);
}

aws::Answer<Page<Crawler>> Crawlers::list(const PageRequest& page,
                                          const std::function<bool(const Crawler&)>& accepts) {
  TICKLAKE_ASSIGN(const std::string after, last_key_of(page));
  const std::lock_guard lock(mutex_);
  TICKLAKE_ASSIGN(
      const auto rows,
      answered(documents_.rows("SELECT name, document FROM crawlers WHERE name > ? ORDER BY name",
                               {after})));
  Page<Crawler> result;
  for (const base::SqliteDocuments::Row& row : rows) {
    TICKLAKE_ASSIGN(Crawler crawler, parse_crawler(row.document));
    if (accepts && !accepts(crawler)) continue;
    if (result.items.size() == page.max) {
      result.next_token = page_token(result.items.back().name);
      break;
    }
    result.items.push_back(std::move(crawler));
  }
  return result;
}

aws::Answer<void> Crawlers::update(std::string_view name,
                                   const std::function<aws::Answer<void>(Crawler&)>& change) {
  const std::lock_guard lock(mutex_);
  return in_transaction([&]() -> aws::Answer<void> {
    TICKLAKE_ASSIGN(Crawler crawler, find(name));
    if (crawler.state != CrawlerState::kReady) {
      return aws::refuse_as("CrawlerRunningException",
                            "Crawler with name " + crawler.name + " is running");
    }
    TICKLAKE_TRY(change(crawler));
    crawler.updated = seams_.clock.wall_now();
    ++crawler.version;
    return put(crawler);
  });
}

aws::Answer<void> Crawlers::remove(std::string_view name) {
  const std::lock_guard lock(mutex_);
  return in_transaction([&]() -> aws::Answer<void> {
    TICKLAKE_ASSIGN(const Crawler crawler, find(name));
    if (crawler.state != CrawlerState::kReady) {
      return aws::refuse_as("CrawlerRunningException",
                            "Crawler with name " + crawler.name + " is running");
    }
    TICKLAKE_TRY(answered(documents_.run("DELETE FROM crawls WHERE crawler = ?", {crawler.name})));
    return answered(documents_.run("DELETE FROM crawlers WHERE name = ?", {crawler.name}));
  });
}

aws::Answer<void> Crawlers::start(std::string_view name) {
  {
    const std::lock_guard lock(mutex_);
    auto job = std::make_shared<Job>();
    const auto begun = in_transaction([&]() -> aws::Answer<void> {
      TICKLAKE_ASSIGN(Crawler crawler, find(name));
      if (crawler.state != CrawlerState::kReady) {
        return aws::refuse_as("CrawlerRunningException",
                              "Crawler with name " + crawler.name + " has already started");
      }
      job->crawler = crawler.name;
      job->record = {.id = new_id(), .started = seams_.clock.wall_now()};
      crawler.state = CrawlerState::kRunning;
      crawler.started = job->record.started;
      TICKLAKE_TRY(put(crawler.name, job->record));
      TICKLAKE_TRY(
          answered(documents_.run("DELETE FROM crawls WHERE crawler = ?1 AND number <="
                                  " (SELECT max(number) FROM crawls WHERE crawler = ?1) - ?2",
                                  {crawler.name, kCrawlsMax})));
      return put(crawler);
    });
    TICKLAKE_TRY(begun);
    running_[job->crawler] = job;
    queue_.push_back(std::move(job));
  }
  changed_.notify_all();
  return {};
}

aws::Answer<void> Crawlers::stop(std::string_view name) {
  const std::lock_guard lock(mutex_);
  return in_transaction([&]() -> aws::Answer<void> {
    TICKLAKE_ASSIGN(Crawler crawler, find(name));
    if (crawler.state == CrawlerState::kReady) {
      return aws::refuse_as("CrawlerNotRunningException",
                            "Crawler with name " + crawler.name + " is not running");
    }
    if (crawler.state == CrawlerState::kStopping) {
      return aws::refuse_as("CrawlerStoppingException",
                            "Crawler with name " + crawler.name + " is stopping");
    }
    crawler.state = CrawlerState::kStopping;
    TICKLAKE_TRY(put(crawler));
    const auto found = running_.find(crawler.name);
    if (found != running_.end()) found->second->stop.request_stop();
    return {};
  });
}

aws::Answer<Page<CrawlRecord>> Crawlers::crawls(
    std::string_view name, const PageRequest& page,
    const std::function<bool(const CrawlRecord&)>& accepts) {
  TICKLAKE_ASSIGN(const std::string last, last_key_of(page));
  const std::lock_guard lock(mutex_);
  TICKLAKE_TRY(find(name));
  TICKLAKE_ASSIGN(const auto rows,
                  answered(documents_.rows("SELECT id, document FROM crawls WHERE crawler = ?1"
                                           " AND (?2 = '' OR number < (SELECT number FROM crawls"
                                           " WHERE id = ?2)) ORDER BY number DESC",
                                           {name, last})));
  Page<CrawlRecord> result;
  for (const base::SqliteDocuments::Row& row : rows) {
    TICKLAKE_ASSIGN(CrawlRecord crawl, parse_crawl(row.document));
    if (accepts && !accepts(crawl)) continue;
    if (result.items.size() == page.max) {
      result.next_token = page_token(result.items.back().id);
      break;
    }
    result.items.push_back(std::move(crawl));
  }
  return result;
}

aws::Answer<std::string> Crawlers::report(std::string_view crawl_id) {
  const std::lock_guard lock(mutex_);
  TICKLAKE_ASSIGN(const auto text,
                  answered(documents_.one("SELECT report FROM crawls WHERE id = ?", {crawl_id})));
  if (!text) return not_found("Crawl " + std::string(crawl_id) + " does not exist");
  return *text;
}

void Crawlers::wait_until_idle() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return running_.empty(); });
}

void Crawlers::work(const std::stop_token& stop) {
  while (true) {
    std::shared_ptr<Job> job;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, stop, [&] { return !queue_.empty(); });
      if (stop.stop_requested()) return;
      job = std::move(queue_.front());
      queue_.pop_front();
    }
    run(job);
    changed_.notify_all();
  }
}

void Crawlers::run(const std::shared_ptr<Job>& job) {
  CrawlReport report;
  base::Result<void> outcome;
  if (const auto crawler = get(job->crawler)) {
    outcome = crawl_now(*crawler, *job, report);
  } else {
    outcome = base::fail(aws::to_base_error(crawler.error(), "cannot read the crawler"));
  }
  finish(*job, outcome, report);
}

base::Result<std::vector<CrawlTarget>> Crawlers::targets_of(const Crawler& crawler) {
  std::vector<CrawlTarget> targets;
  const auto add = [&](const std::string& path) -> base::Result<CrawlTarget*> {
    const auto parts = split_s3_path(path);
    if (!parts) {
      return base::fail(base::ErrorCode::kInvalidArgument, "cannot crawl " + path,
                        "it is not at s3://");
    }
    if (seams_.may_read) {
      const auto allowed = seams_.may_read(crawler, parts->first, parts->second);
      if (!allowed) return base::fail(aws::to_base_error(allowed.error(), "cannot crawl " + path));
    }
    CrawlTarget& target = targets.emplace_back();
    target.source = &seams_.source;
    std::tie(target.bucket, target.prefix) = *parts;
    target.url = "s3://" + target.bucket + "/";
    target.root_name = target.bucket;
    return &target;
  };
  for (const S3Target& wanted : crawler.s3_targets) {
    TICKLAKE_ASSIGN(CrawlTarget* const target, add(wanted.path));
    target->exclusions = wanted.exclusions;
    if (wanted.sample_size) target->sample_size = static_cast<size_t>(*wanted.sample_size);
  }
  for (const CatalogTarget& wanted : crawler.catalog_targets) {
    for (const std::string& name : wanted.tables) {
      const auto table = seams_.catalog.get_table(wanted.database, name);
      if (!table) return base::fail(aws::to_base_error(table.error(), "cannot crawl " + name));
      TICKLAKE_ASSIGN(CrawlTarget* const target,
                      add(table->storage ? table->storage->location : ""));
      target->table = name;
    }
  }
  return targets;
}

base::Result<void> Crawlers::crawl_now(const Crawler& crawler, const Job& job,
                                       CrawlReport& report) {
  const auto policy = policy_of(crawler);
  if (!policy) return base::fail(aws::to_base_error(policy.error(), "cannot crawl"));
  CrawlOptions options{.crawler = crawler.name,
                       .run_id = job.record.id,
                       .database = crawler.database,
                       .table_prefix = crawler.table_prefix,
                       .targets = {},
                       .policy = *policy};
  if (!crawler.catalog_targets.empty()) options.database = crawler.catalog_targets[0].database;
  TICKLAKE_ASSIGN(options.targets, targets_of(crawler));
  if (!seams_.catalog.get_database(options.database)) {
    // Glue makes the database of a crawler that has none yet.
    const auto made = seams_.catalog.create_database({.name = options.database});
    if (!made) return base::fail(aws::to_base_error(made.error(), "cannot make the database"));
  }
  return crawl(options, {seams_.catalog, seams_.files, seams_.clock, job.stop.get_token()}, report);
}

void Crawlers::finish(Job& job, const base::Result<void>& outcome, const CrawlReport& report) {
  CrawlRecord& record = job.record;
  record.ended = seams_.clock.wall_now();
  record.summary = summary_of(report);
  record.tables_created = static_cast<int64_t>(report.tables_created);
  record.tables_updated = static_cast<int64_t>(report.tables_updated);
  record.tables_deleted = static_cast<int64_t>(report.tables_deleted);
  record.state = CrawlState::kCompleted;
  if (!outcome) {
    const bool was_stopped = outcome.error().code == base::ErrorCode::kInterrupted;
    record.state = was_stopped ? CrawlState::kStopped : CrawlState::kFailed;
    if (!was_stopped) record.error = base::to_line(outcome.error()).substr(0, kErrorBytesMax);
  }
  const std::lock_guard lock(mutex_);
  const auto kept = in_transaction([&]() -> aws::Answer<void> {
    TICKLAKE_ASSIGN(Crawler crawler, find(job.crawler));
    crawler.state = CrawlerState::kReady;
    crawler.started.reset();
    crawler.last = LastCrawl{record.state, record.error, record.id, record.started};
    TICKLAKE_TRY(put(job.crawler, record));
    TICKLAKE_TRY(answered(
        documents_.run("UPDATE crawls SET report = ? WHERE id = ?", {text_of(report), record.id})));
    return put(crawler);
  });
  if (!kept) seams_.log.error("cannot keep crawl {}: {}", record.id, kept.error().cause);
  running_.erase(job.crawler);
}

void Crawlers::keep_schedules(const std::stop_token& stop) {
  using Minutes = std::chrono::minutes;
  base::WallTime done = std::chrono::floor<Minutes>(seams_.clock.wall_now());
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    changed_.wait_for(lock, stop, kScheduleWait, [] { return false; });
    const base::WallTime now = std::chrono::floor<Minutes>(seams_.clock.wall_now());
    if (now - done > kScheduleLate) done = now - kScheduleLate;
    for (; done < now && !stop.stop_requested(); done += Minutes(1)) {
      lock.unlock();
      start_due(done + Minutes(1));
      lock.lock();
    }
  }
}

void Crawlers::start_due(base::WallTime minute) {
  const auto scheduled = list({SIZE_MAX, {}}, [&](const Crawler& crawler) {
    if (crawler.schedule.empty() || !crawler.is_scheduled) return false;
    const auto cron = Cron::parse(crawler.schedule);
    return cron && cron->is_due(minute);
  });
  if (!scheduled) return;
  for (const Crawler& crawler : scheduled->items) {
    // One that runs already is passed over.
    static_cast<void>(start(crawler.name));
  }
}

}  // namespace ticklake::catalog
