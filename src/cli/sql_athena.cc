#include <algorithm>

#include "base/random.h"
#include "cli/aws_client.h"
#include "cli/sql_source.h"
#include "query/drivers/athena_cost.h"
#include "query/format.h"

namespace ticklake::cli {
namespace {

/// A catalog of thousands of tables is not asked at each completion.
constexpr std::chrono::minutes kTablesFresh{1};
constexpr uint64_t kTableBytesMax = 128 << 20;

/// The first `rows` rows of a block.
query::RowBlock cut(const query::RowBlock& block, uint64_t rows) {
  query::RowBlock part(block.columns());
  for (size_t row = 0; row < std::min<uint64_t>(rows, block.rows()); ++row) {
    for (size_t i = 0; i < block.columns(); ++i)
      part.append(block.cell(row, i));
  }
  return part;
}

class Athena final : public SqlSource {
 public:
  Athena(aws::JsonClient client, query::drivers::AthenaOptions options, const base::Clock& clock)
      : clock_(clock),
        client_(std::move(client), std::move(options), aws::wait_for, clock, base::entropy_seed()) {
  }

  base::Result<SqlAnswer> query(const std::string& sql, uint64_t rows_max,
                                std::stop_token stop) override {
    SqlAnswer answer;
    uint64_t bytes = 0;
    const auto take = [&](query::RowBlock block) -> base::Result<bool> {
      bytes += block.bytes();
      if (bytes > kTableBytesMax) {
        return base::fail(base::ErrorCode::kInvalidData, "the answer is too large for a table",
                          "all of it must be there before its first line is printed; it is more "
                          "than 128 MiB",
                          "--limit N, or --output csv or json, which stream");
      }
      answer.blocks.push_back(std::move(block));
      return true;
    };
    const auto begin = [&](const std::vector<query::Column>& columns) { answer.columns = columns; };
    TICKLAKE_ASSIGN(answer.truncated, run(sql, rows_max, stop, begin, take));
    answer.rows = rows_;
    return answer;
  }

  base::Result<void> stream(const std::string& sql, RowFormat format, RowLimit rows_max,
                            std::stop_token stop, const TextSink& sink) override {
    std::string text;
    std::vector<query::Column> columns;
    const auto begin = [&](const std::vector<query::Column>& given) {
      columns = given;
      if (format == RowFormat::kCsv && !columns.empty()) query::append_csv_header(columns, text);
    };
    const auto take = [&](const query::RowBlock& block) -> base::Result<bool> {
      if (format == RowFormat::kCsv) query::append_csv_rows(block, text);
      if (format == RowFormat::kJsonLines) query::append_json_lines(columns, block, text);
      const bool goes_on = sink(text);
      text.clear();
      return goes_on;
    };
    TICKLAKE_TRY(run(sql, rows_max, stop, begin, take));
    if (!text.empty()) sink(text);
    return {};
  }

  base::Result<std::vector<query::TableColumns>> tables() override {
    const base::MonotonicTime now = clock_.monotonic_now();
    if (tables_time_ == base::MonotonicTime{} || now - tables_time_ > kTablesFresh) {
      TICKLAKE_ASSIGN(tables_, client_.tables({}));
      tables_time_ = now;
    }
    return tables_;
  }

  std::optional<StatementSummary> summary() const override {
    if (!client_.last()) return std::nullopt;
    return StatementSummary{rows_, query::drivers::cost_text(*client_.last())};
  }

 private:
  /// Whether there are more rows than `rows_max`.
  template <typename Begin, typename Take>
  base::Result<bool> run(const std::string& sql, RowLimit rows_max, const std::stop_token& stop,
                         const Begin& begin, const Take& take) {
    rows_ = 0;
    TICKLAKE_ASSIGN(const auto execution, client_.run(sql, stop));
    TICKLAKE_ASSIGN(auto result, client_.open_result(execution, rows_max, stop));
    begin(result.columns());
    while (true) {
      TICKLAKE_ASSIGN(query::RowBlock block, result.next(stop));
      if (block.rows() == 0) return false;
      const uint64_t left = rows_max ? *rows_max - rows_ : UINT64_MAX;
      if (left == 0) return true;
      const bool is_cut = block.rows() > left;
      if (is_cut) block = cut(block, left);
      rows_ += block.rows();
      TICKLAKE_ASSIGN(const bool goes_on, take(std::move(block)));
      if (is_cut || !goes_on) return is_cut;
    }
  }

  const base::Clock& clock_;
  query::drivers::AthenaClient client_;
  uint64_t rows_ = 0;  ///< of the last statement
  std::vector<query::TableColumns> tables_;
  base::MonotonicTime tables_time_{};
};

}  // namespace

base::Result<std::unique_ptr<SqlSource>> connect_athena(const AthenaFlags& flags,
                                                        const base::Clock& clock) {
  const std::string& results = flags.options.output_location;
  if (!results.empty() && !results.starts_with("s3://")) {
    return base::fail(base::ErrorCode::kInvalidArgument, "cannot write results to " + results,
                      "Athena writes them to S3", "--results s3://BUCKET/PREFIX/");
  }
  TICKLAKE_ASSIGN(aws::JsonClient client, aws_client(aws::kAthena, flags.region, clock));
  return std::make_unique<Athena>(std::move(client), flags.options, clock);
}

}  // namespace ticklake::cli
