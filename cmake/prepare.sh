# Sourced by ./run, ./test and .ci/run: installs what is missing on Debian 12 and builds a CMake preset.
# Everything it says goes to stderr; stdout belongs to the program.

packages=(g++ cmake ninja-build pkg-config libsystemc-dev libeigen3-dev libboost-program-options-dev
          nlohmann-json3-dev zlib1g-dev libpng-dev libsqlite3-dev libssl-dev libgtest-dev libgmock-dev libbenchmark-dev node-d3 python3)

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

install_missing() {
  local missing=() package
  if ! command -v dpkg-query >/dev/null; then
    echo "m3sim: not a Debian system; these packages, or their like, are needed: ${packages[*]}" >&2
    return 0
  fi
  for package in "${packages[@]}"; do
    is_installed "$package" || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  local as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  echo "m3sim: installing ${missing[*]}" >&2
  local log
  log=$(mktemp)
  if ! { "${as_root[@]}" apt-get update -qq &&
         "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
           apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}

# build PRESET [TARGET...]: quiet unless it fails; the log stays in the build folder.
build() {
  local preset=$1
  shift
  local folder="build/$preset"
  mkdir -p "$folder"
  local log="$folder/build.log"
  local targets=()
  [ $# -eq 0 ] || targets=(--target "$@")
  [ -f "$folder/build.ninja" ] || echo "m3sim: building in $folder" >&2
  if ! { cmake --preset "$preset" && cmake --build --preset "$preset" "${targets[@]}"; } \
    >"$log" 2>&1; then
    cat "$log" >&2
    return 1
  fi
}
