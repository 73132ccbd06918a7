#include "base/secret_random.h"

#include <openssl/rand.h>

#include "base/assert.h"

namespace ticklake::base {

SecretRandom system_secret_random() {
  return [](std::span<std::byte> into) {
    const int status =
        RAND_bytes(reinterpret_cast<unsigned char*>(into.data()), static_cast<int>(into.size()));
    TICKLAKE_ASSERT(status == 1);  // without it nothing that follows would be secret
  };
}

}  // namespace ticklake::base
