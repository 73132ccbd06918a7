#!/usr/bin/env bash
# Runs every test of a Kafka client against the binary with AddressSanitizer, those of other package
# registries too; ctest's last lines give the count.
# usage: scripts/test-clients.sh [CTEST-ARGUMENT…]   for example: scripts/test-clients.sh -R sarama
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/build.sh asan ticklake librdkafka_driver
(cd tests/clients/go && go build -o "$OLDPWD/build/clients/go/" ./... &&
  go test -c -o "$OLDPWD/build/clients/go/minio_test" ./minio)
for version in 3.9.2 4.4.0; do
  javac --release 17 -nowarn -Xlint:-removal -d "build/clients/java-$version" \
    -cp "build/deps/clients/java/$version/*" tests/clients/java/*.java
done

exec scripts/ctest.sh -L clients "$@"
