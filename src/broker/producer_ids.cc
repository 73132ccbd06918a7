#include "broker/producer_ids.h"

#include <charconv>

namespace ticklake::broker {
namespace {

constexpr int64_t kBlock = 1000;
constexpr uint64_t kFileBytesMax = 64;

}  // namespace

base::Result<int64_t> ProducerIds::next() {
  if (next_ == reserved_end_) {
    TICKLAKE_ASSIGN(const auto text, base::read_text_if_there(files_, path_, kFileBytesMax));
    int64_t begin = 0;
    if (text) {
      const auto parsed = std::from_chars(text->data(), text->data() + text->size(), begin);
      if (parsed.ec != std::errc{} || begin < 0) {
        return base::fail(base::ErrorCode::kCorrupt, path_.string() + " holds no producer id");
      }
    }
    TICKLAKE_TRY(base::replace_text(files_, path_, std::to_string(begin + kBlock) + "\n"));
    next_ = begin;
    reserved_end_ = begin + kBlock;
  }
  return next_++;
}

}  // namespace ticklake::broker
