#!/usr/bin/env bash
# Installs what ticklake is built and tested with: Debian packages and npm packages; for tests also
# AWS's clients from PyPI.
# The profile `kafka` adds Apache Kafka from Maven, for its command-line tools; `peers` to that the S3
# servers to compare with, from Debian and Go's module proxy; `clients` the clients of
# `make test-clients`, from PyPI, Go's module proxy and Maven.
# usage: scripts/setup.sh build|test|lint|fuzz|bench|kafka|peers|clients
# Idempotent: what is there already is neither installed nor downloaded again.
set -euo pipefail
cd "$(dirname "$0")/.."

usage='scripts/setup.sh build|test|lint|fuzz|bench|kafka|peers|clients'
profile=${1:?usage: $usage}
deps=build/deps

# A word with bars is one package under the names that it has in different releases: the first that
# apt offers is taken. Written for Debian 12 and 13 and, without having been tried, Ubuntu 24.04.
build_packages=(
  g++ make cmake ninja-build pkg-config ca-certificates curl ccache
  'libboost1.83-dev|libboost1.81-dev|libboost-dev'  # Debian 12's libboost-dev is too old for C++20
  librdkafka-dev libcurl4-openssl-dev libssl-dev libsimdjson-dev libfmt-dev
  libspdlog-dev nlohmann-json3-dev libcli11-dev libzstd-dev liblz4-dev libsnappy-dev zlib1g-dev
  libsqlite3-dev libbz2-dev libexpected-dev libedit-dev libre2-dev libexpat1-dev
  libprotobuf-dev libprotoc-dev
  python3 python3-venv  # pip fetches DuckDB's extensions
)
test_packages=(
  libgtest-dev libgmock-dev kcat openssl python3-kafka python3-snappy python3-lz4
  python3-zstandard python3-confluent-kafka awscli clang-format
  python3-avro python3-protobuf protobuf-compiler
)
# A browser of the user's own, named by CHROMIUM, is as good as Debian's (Ubuntu has none in apt).
[[ -n ${CHROMIUM:-} ]] || test_packages+=(chromium)
lint_packages=(clang-tidy git)
fuzz_packages=(clang libclang-rt-dev)
bench_packages=(libbenchmark-dev wrk)
kafka_packages=(maven)
peer_packages=(radosgw ceph-mon ceph-osd ceph-common eatmydata)

packages=("${build_packages[@]}")
case $profile in
  build) ;;
  test) packages+=("${test_packages[@]}") ;;
  lint) packages+=("${test_packages[@]}" "${lint_packages[@]}") ;;
  fuzz) packages+=("${test_packages[@]}" "${fuzz_packages[@]}") ;;
  bench) packages+=("${test_packages[@]}" "${bench_packages[@]}") ;;
  peers) packages+=("${test_packages[@]}" "${bench_packages[@]}" "${kafka_packages[@]}" \
    "${peer_packages[@]}") ;;
  kafka | clients) packages+=("${test_packages[@]}" "${kafka_packages[@]}") ;;
  *) printf "error: unknown profile '%s'\nusage: %s\n" "$profile" "$usage" >&2
    exit 2 ;;
esac

# The stamp holds this script's own text, so that a change of a version below sets up again.
stamp=build/.setup-$profile
fingerprint=$({ cat "$0" web/package-lock.json tests/*/package-lock.json tests/*/pom.xml \
  tests/{clients,aws}/*/{pom.xml,requirements.txt,go.sum} 2>/dev/null || true; } | sha256sum)
if [[ -f $stamp && $(cat "$stamp") == "$fingerprint" ]]; then exit 0; fi

fail() {
  printf 'error: %s\ncause: %s\ntry: %s\n' "$1" "$2" "$3" >&2
  exit 3
}

as_root() {
  if [[ $(id -u) == 0 ]]; then "$@"
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo -n "$@"
  else fail "cannot install Debian packages: ${missing[*]}" \
    "this is not root, and sudo is missing or asks for a password" \
    "run as root: apt-get update && apt-get install ${missing[*]}"
  fi
}

apt_quiet() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 \
    -o DPkg::Lock::Timeout=120 "$@" >"$deps/apt.log" 2>&1
}

mkdir -p "$deps"
command -v dpkg-query >/dev/null || fail "cannot set up" "this is not a Debian system" \
  "use Debian 12 or 13, or install by hand: ${packages[*]}"

# A node of the user's own (18 or later, with npm) is as good as Debian's.
command -v node >/dev/null || packages+=(nodejs)
command -v npm >/dev/null || packages+=(npm)

# npm's Kafka clients are compiled, against the headers of the very node that runs them: most nodes
# carry theirs along, Debian's has them in a package of its own.
node_prefix() { dirname "$(dirname "$(readlink -f "$(command -v node || echo /usr/bin/node)")")"; }
if [[ $profile != build && ! -f $(node_prefix)/include/node/node.h ]]; then
  packages+=(libnode-dev)
fi

# A Java of the user's own (17 or later) is as good as Debian's; `clients` compiles with it too.
if [[ $profile == peers || $profile == kafka ]] && ! command -v java >/dev/null; then
  packages+=(default-jre-headless)
fi
if [[ $profile == clients ]] && ! command -v javac >/dev/null; then
  packages+=(default-jdk-headless)
fi

is_offered() { [[ $(apt-cache policy "$1" 2>/dev/null) =~ Candidate:\ [^\(] ]]; }

# choose NAME|NAME…: the first that apt offers; the first of all where it offers none.
choose() {
  local names name
  IFS='|' read -ra names <<<"$1"
  for name in "${names[@]}"; do
    if ((${#names[@]} == 1)) || is_offered "$name"; then echo "$name" && return; fi
  done
  echo "${names[0]}"
}

find_missing() {
  local package
  missing=()
  for package in "${packages[@]}"; do
    package=$(choose "$package")
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' ||
      missing+=("$package")
  done
}

find_missing
if ((${#missing[@]})); then
  apt_quiet update || fail "cannot read Debian's package lists" "$(tail -n 1 "$deps/apt.log")" \
    "check the network and /etc/apt/sources.list, then run the command again"
  find_missing  # a fresh machine has no lists before, and so knows no names
  echo "set-up: installing Debian packages: ${missing[*]}" >&2
  apt_quiet install -y --no-install-recommends "${missing[@]}" ||
    fail "cannot install ${missing[*]}" "$(tail -n 1 "$deps/apt.log")" \
      "see $deps/apt.log; the packages are those of Debian 12 and 13"
fi

# fetch_npm NAME VERSION SHA256: unpacks one npm tarball, verified, into build/deps/npm/<NAME>.
fetch_npm() {
  local name=$1 version=$2 sha256=$3 folder="$deps/npm/${1//\//+}"
  if [[ -f $folder/.sha256 && $(cat "$folder/.sha256") == "$sha256" ]]; then return; fi
  echo "set-up: fetching $name@$version from npm" >&2
  rm -rf "$folder" && mkdir -p "$folder"
  npm pack --silent --force --pack-destination "$folder" "$name@$version" >"$deps/npm.log" 2>&1 ||
    fail "cannot fetch $name@$version from npm" "$(tail -n 1 "$deps/npm.log")" \
      "check the network (npm ping), then run the command again"
  local tarball
  tarball=$(ls "$folder"/*.tgz)
  echo "$sha256  $tarball" | sha256sum --check --quiet >/dev/null 2>&1 ||
    fail "$name@$version is not what it should be" "its SHA-256 is not $sha256" \
      "look at what your npm registry serves"
  shift 3
  tar -xzf "$tarball" -C "$folder" --strip-components=1 "$@"
  rm "$tarball"
  echo "$sha256" >"$folder/.sha256"
}

# An extension of DuckDB is signed and made for one exact version: all three are 1.5.5.
case $(uname -m) in
  x86_64) fetch_npm @duckdb/node-bindings-linux-x64 1.5.5-r.5 \
    86d2bda909785550e8a14a57a8a4584827aff0e268d8f1a58c3fd48559f7020e package/libduckdb.so package/LICENSE
    duckdb_library="$deps/npm/@duckdb+node-bindings-linux-x64/libduckdb.so" ;;
  aarch64) fetch_npm @duckdb/node-bindings-linux-arm64 1.5.5-r.5 \
    3b85f3ea438f7dc3691d7b5e6e4222ffe9127fd17885f96ca72e0c99925c348e package/libduckdb.so package/LICENSE
    duckdb_library="$deps/npm/@duckdb+node-bindings-linux-arm64/libduckdb.so" ;;
  *) fail "cannot set up on $(uname -m)" "DuckDB's library is published for x86_64 and aarch64" \
    "use a machine of one of those kinds" ;;
esac
# The header comes from the last npm package that carries DuckDB's sources.
fetch_npm duckdb 1.4.4 5bb967dcbcd517670ba5f169f238fb9d6787e53752c60ebe24386169d76941ed \
  package/src/duckdb/src/include/duckdb.h package/LICENSE
fetch_npm vega-datasets 3.2.1 6f72fda460a9863fae5fcb32f85bcd49e1761fdea6dc6cf9f4962472881cc5a3 \
  package/data/sp500-2000.csv

# place FROM TO: by rename, for servers that run have the old file mapped and would crash if it changed
# under them; and not at all if it is the same, so that nothing is linked anew.
place() {
  if cmp -s "$1" "$2"; then return; fi
  mkdir -p "$(dirname "$2")"
  cp "$1" "$2.new.$$"
  mv -f "$2.new.$$" "$2"
}
place "$deps/npm/duckdb/src/duckdb/src/include/duckdb.h" "$deps/include/duckdb.h"
place "$duckdb_library" "$deps/lib/libduckdb.so"

# fetch_extension NAME SHA256-ON-X86_64 SHA256-ON-AARCH64: one of DuckDB's extensions, from its wheel,
# placed beside the library, where the program looks for it.
fetch_extension() {
  local name=$1 sha256=$2 folder=$deps/duckdb_extensions/$1
  if [[ $(uname -m) == aarch64 ]]; then sha256=$3; fi
  if [[ ! -f $folder/.sha256 || $(cat "$folder/.sha256") != "$sha256" ]]; then
    echo "set-up: fetching DuckDB's extension $name from PyPI" >&2
    rm -rf "$folder" && mkdir -p "$folder"
    echo "duckdb-extension-$name==1.5.5 --hash=sha256:$sha256" >"$folder/requirements.txt"
    [[ -x $deps/duckdb_extensions/python/bin/pip ]] ||
      /usr/bin/python3 -m venv "$deps/duckdb_extensions/python" >"$deps/pip.log" 2>&1 ||
      fail "cannot fetch DuckDB's extension $name" "$(tail -n 1 "$deps/pip.log")" \
        "see $deps/pip.log; python3-venv is needed"
    { "$deps/duckdb_extensions/python/bin/pip" download --quiet --no-deps --require-hashes \
      --only-binary :all: --dest "$folder" -r "$folder/requirements.txt" &&
      /usr/bin/python3 -m zipfile -e "$folder"/*.whl "$folder"; } >"$deps/pip.log" 2>&1 ||
      fail "cannot fetch DuckDB's extension $name" "$(tail -n 1 "$deps/pip.log")" \
        "see $deps/pip.log; check the network, then run the command again"
    rm "$folder"/*.whl
    echo "$sha256" >"$folder/.sha256"
  fi
  place "$folder/duckdb_extension_$name/extensions/v1.5.5/$name.duckdb_extension" \
    "$deps/lib/$name.duckdb_extension"
}
fetch_extension ducklake b631ae4dd4bd649b3db35a789dbcc859476fe231ef449b3f03f4fe4e2ef4a946 \
  cd8280d3a20c744f7e113137a17a053f751b9cc469a9b694c43e1b8539fd30af
fetch_extension httpfs 84913dbe172ccb54368de2c4a020c38ca8b0e76f99df548f7fac37934cc7826f \
  567d17e398fc29f7ea4bc42ea277ea19643bd1ad1815f676cb6dd994b50399bb
place "$deps/npm/vega-datasets/data/sp500-2000.csv" "$deps/data/sp500.csv"

# npm_install FOLDER: the locked packages of one of our own package.json files. Where a package is
# compiled, nothing but npm's registry is asked: headers are those of the node in use, librdkafka is
# built from the package's own copy, and its unbounded "make -j" is held to the cores by the load.
npm_install() {
  [[ -f $1/package-lock.json ]] || return 0
  if [[ -f $1/node_modules/.package-lock.json &&
        $1/node_modules/.package-lock.json -nt $1/package-lock.json ]]; then return; fi
  local note=
  if [[ $1 == tests/clients ]]; then note=' (compiles librdkafka: 2 to 4 minutes)'; fi
  echo "set-up: installing npm packages of $1$note" >&2
  (cd "$1" && env npm_config_nodedir="$(node_prefix)" npm_config_build_from_source=true \
    CKJS_LINKING=dynamic MAKEFLAGS=--load-average=2.5 \
    npm ci --no-audit --no-fund --loglevel=error) >"$deps/npm.log" 2>&1 ||
    fail "cannot install the npm packages of $1" "$(tail -n 1 "$deps/npm.log")" \
      "see $deps/npm.log; node 18 or later is needed"
}
npm_install web
if [[ $profile != build ]]; then
  for folder in tests/*/; do npm_install "${folder%/}"; done
fi

# install_python WHAT FOLDER REQUIREMENTS: a Python of its own with the packages that are pinned there,
# checked by their hashes.
install_python() {
  local what=$1 folder=$2 requirements=$3 sum
  sum=$(sha256sum <"$requirements")
  if [[ -f $folder/.sha256 && $(cat "$folder/.sha256") == "$sum" ]]; then return; fi
  echo "set-up: installing $what from PyPI" >&2
  rm -f "$folder/.sha256"
  { /usr/bin/python3 -m venv "$folder" &&
    "$folder/bin/python" -m pip install --quiet --require-hashes --only-binary :all: \
      -r "$requirements"; } >"$deps/pip.log" 2>&1 ||
    fail "cannot install $what" "$(tail -n 1 "$deps/pip.log")" \
      "see $deps/pip.log; check the network, then run the command again"
  echo "$sum" >"$folder/.sha256"
}
if [[ $profile != build && $profile != fuzz ]]; then
  install_python 'clients of AWS' "$deps/aws/python" tests/aws/python/requirements.txt
  # Apart: beside a current boto3 pip takes an s3fs of 2020.
  install_python s3fs "$deps/aws/s3fs" tests/aws/s3fs/requirements.txt
fi

# fetch_maven WHAT FOLDER SUM MAVEN-ARGUMENT…: the jars that a pom pins, checked by one sum over all.
fetch_maven() {
  local what=$1 folder=$PWD/$2 sum=$3
  shift 3
  if [[ -f $folder/.sha256 && $(cat "$folder/.sha256") == "$sum" ]]; then return; fi
  echo "set-up: fetching $what from Maven" >&2
  rm -rf "$folder"
  mvn -q -B "$@" dependency:copy-dependencies "-DoutputDirectory=$folder" >"$deps/maven.log" 2>&1 ||
    fail "cannot fetch $what from Maven" "$(grep -m 1 ERROR "$deps/maven.log")" \
      "see $deps/maven.log; check the network, then run the command again"
  [[ $(cd "$folder" && sha256sum -- *.jar | sha256sum | cut -d ' ' -f 1) == "$sum" ]] ||
    fail "$what is not what it should be" "the sum over its jars is not $sum" \
      "look at what your Maven repository serves"
  echo "$sum" >"$folder/.sha256"
}
if [[ $profile == kafka || $profile == peers || $profile == clients ]]; then
  fetch_maven 'Apache Kafka' "$deps/kafka" \
    ecce02c218d141741491fe13d6a11dc4598f533d5d9d0918458297552f4adead -f tests/tools/pom.xml
fi

# need_go WHAT: Debian 12's Go (1.19) is too old; any from 1.21 on fetches the one that is asked for.
need_go() {
  local go_version
  go_version=$(go env GOVERSION 2>/dev/null || true)
  [[ $go_version =~ ^go1\.([0-9]+) ]] && ((BASH_REMATCH[1] >= 21)) ||
    fail "cannot build $1" "Go 1.21 or later is needed; here is ${go_version:-none}" \
      "install one from https://go.dev/dl or from bookworm-backports (golang-go), then run it again"
}

# The S3 server to compare with; one sum over all modules that are in it.
fetch_versitygw() {
  local folder=$PWD/$deps/versitygw
  local sum=71fb39c40c74ecc4ecb67f9c74cecd2258f9639e66b8e4505f6fbd71109f7899
  if [[ -f $folder/.sha256 && $(cat "$folder/.sha256") == "$sum" ]]; then return; fi
  need_go versitygw
  echo "set-up: building versitygw 1.8.0 from Go's module proxy (2 to 5 minutes)" >&2
  GOBIN=$folder go install -p=1 github.com/versity/versitygw/cmd/versitygw@v1.8.0 \
    >"$deps/go.log" 2>&1 ||
    fail "cannot build versitygw" "$(tail -n 1 "$deps/go.log")" \
      "see $deps/go.log; check the network, then run the command again"
  [[ $(go version -m "$folder/versitygw" | awk '$1 == "mod" || $1 == "dep"' | sha256sum |
    cut -d ' ' -f 1) == "$sum" ]] ||
    fail "versitygw 1.8.0 is not what it should be" "the sum over its modules is not $sum" \
      "look at what your module proxy serves (go env GOPROXY)"
  echo "$sum" >"$folder/.sha256"
}
if [[ $profile == peers ]]; then fetch_versitygw; fi

# The clients that tests/clients drives and that neither Debian nor npm has.
fetch_clients() {
  local pom=tests/clients/java/pom.xml
  fetch_maven "Kafka's Java client 3.9.2" "$deps/clients/java/3.9.2" \
    cd1a89bd70fb981ed455743c4cdf9984cd1a8da83254a4b6f4617d92a62060b4 -f $pom -Dclient=3.9.2
  fetch_maven "Kafka's Java client 4.4.0" "$deps/clients/java/4.4.0" \
    948ee1f1f8ad0a83408c51b78d56d07d90e99d8f2036c866c783631d9e4d7a98 -f $pom -Dclient=4.4.0

  install_python "Kafka's clients" "$deps/clients/python" tests/clients/python/requirements.txt

  need_go 'the Go clients'
  echo "set-up: fetching Go clients from the module proxy" >&2
  (cd tests/clients/go && go mod download) >"$deps/go.log" 2>&1 ||
    fail "cannot fetch the Go clients" "$(tail -n 1 "$deps/go.log")" \
      "see $deps/go.log; check the network, then run the command again"
}
if [[ $profile == clients ]]; then fetch_clients; fi

echo "$fingerprint" >"$stamp"
