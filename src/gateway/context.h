#pragma once

#include "base/clock.h"
#include "base/log.h"
#include "gateway/answer_budget.h"
#include "gateway/options.h"
#include "gateway/query_places.h"
#include "gateway/status_text.h"
#include "gateway/tick_stream.h"
#include "query/query_engine.h"

namespace ticklake::gateway {

/// How old the status of one GET may be; so that a loop of curl costs no more than a dashboard.
inline constexpr std::chrono::milliseconds kFreshStatus{50};
inline constexpr std::chrono::milliseconds kStatusInterval{500};

/// What the handlers of one server share.
struct Context {
  Context(Options given, query::QueryEngine& the_engine, const TickStream& the_ticks,
          StatusCallback callback, const base::Clock& the_clock, base::Logger& the_logger)
      : options(std::move(given)),
        engine(the_engine),
        ticks(the_ticks),
        clock(the_clock),
        logger(the_logger),
        status(std::move(callback), the_clock),
        places(options.query_threads),
        looks(options.look_threads) {}

  const Options options;
  query::QueryEngine& engine;
  const TickStream& ticks;
  const base::Clock& clock;
  base::Logger& logger;
  StatusText status;
  QueryPlaces places;
  QueryPlaces looks;  ///< what the rooms show
  AnswerBudget answers;
};

}  // namespace ticklake::gateway
