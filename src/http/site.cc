#include "http/site.h"

namespace ticklake::http {

Response answer_in_text(const Failure& failure, const Request*) {
  return Response::of(failure.status, "text/plain; charset=utf-8",
                      base::to_line(failure.error) + "\n");
}

}  // namespace ticklake::http
