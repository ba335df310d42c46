# Finds a JDK 25 or newer and sets JAVA_HOME to it; sourced by the scripts at the repository root.
#
# Looks at JAVA_HOME, then at the java on the PATH, then where systems and tools keep JDKs. Reads each
# one's `release` file instead of starting it, so looking costs milliseconds.

# The feature version of the JDK in folder $1 (25 for 25.0.1), or 0 if it is no JDK.
jdk_version() {
  local line version
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || { echo 0; return; }
  while IFS= read -r line; do
    case $line in
      JAVA_VERSION=*)
        version=${line#JAVA_VERSION=}
        version=${version//\"/}
        version=${version%%[!0-9]*}
        echo "${version:-0}"
        return
        ;;
    esac
  done <"$1/release"
  echo 0
}

find_jdk() {
  local candidate java best= newest=0 version
  if [ -n "${JAVA_HOME:-}" ] && [ "$(jdk_version "$JAVA_HOME")" -ge 25 ]; then
    return
  fi
  java=$(command -v java 2>/dev/null) || java=
  if [ -n "$java" ]; then
    java=$(readlink -f "$java" 2>/dev/null || echo "$java")
    java=${java%/bin/java}
  fi
  for candidate in \
    "$java" \
    /usr/lib/jvm/* \
    /usr/java/* \
    /opt/java/* \
    /opt/jdk* \
    "${HOME:-/nonexistent}"/.sdkman/candidates/java/* \
    "${HOME:-/nonexistent}"/.jdks/* \
    "${HOME:-/nonexistent}"/.local/share/mise/installs/java/* \
    "${HOME:-/nonexistent}"/.asdf/installs/java/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home \
    "${HOME:-/nonexistent}"/Library/Java/JavaVirtualMachines/*/Contents/Home \
    /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
    /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
    [ -d "$candidate" ] || continue
    version=$(jdk_version "$candidate")
    # Exactly 25 is what the project is tested with; else the newest.
    if [ "$version" -eq 25 ]; then
      best=$candidate
      break
    elif [ "$version" -gt 25 ] && [ "$version" -gt "$newest" ]; then
      best=$candidate
      newest=$version
    fi
  done
  if [ -z "$best" ]; then
    echo "jinrai: no JDK 25 found; install one (for example Temurin 25) or set JAVA_HOME to it" >&2
    exit 1
  fi
  JAVA_HOME=$best
}

find_jdk
export JAVA_HOME

# Ends the script if there is no Maven.
need_maven() {
  if ! command -v mvn >/dev/null 2>&1; then
    echo "jinrai: Maven is needed to build and was not found; install it so that 'mvn' is on the PATH" >&2
    exit 1
  fi
}

# Runs Maven on that JDK, without the warnings its own libraries cause there.
maven() {
  need_maven
  MAVEN_OPTS="${MAVEN_OPTS:-} --sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED" mvn "$@"
}
