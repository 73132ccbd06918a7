#include "cli/glue_stage.h"

#include "aws_api/glue/crawler_access.h"
#include "base/random.h"
#include "cli/catalog_stage.h"

namespace ticklake::cli {

base::Result<std::unique_ptr<GlueStage>> GlueStage::open(const base::Path& data,
                                                         const Parts& parts) {
  std::unique_ptr<GlueStage> stage(new GlueStage(parts));
  catalog::CrawlersSeams seams{.catalog = parts.tables,
                               .source = stage->source_,
                               .files = parts.files,
                               .clock = parts.clock,
                               .log = parts.log,
                               .seed = base::entropy_seed()};
  seams.may_read = [&identities = parts.identities, &access = parts.access](
                       const catalog::Crawler& crawler, std::string_view bucket,
                       std::string_view prefix) {
    return aws_api::glue::may_read(identities, access, crawler, bucket, prefix);
  };
  TICKLAKE_ASSIGN(stage->crawlers_, catalog::Crawlers::open(crawlers_path(data), std::move(seams)));
  stage->service_ = std::make_unique<aws_api::glue::Service>(aws_api::glue::Seams{
      parts.tables, *stage->crawlers_, parts.access, parts.identities, parts.clock});
  return stage;
}

}  // namespace ticklake::cli
