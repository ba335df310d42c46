#!/usr/bin/env bash
# Tests ./jinrai as a user meets it: from another folder, through a link, with wrong arguments, with
# a signal. Prints one line per claim; exits 1 if one is false.
set -u
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

claim() {
  if [ "$2" -eq 0 ]; then echo "launcher: ok: $1"; else echo "launcher: FALSE: $1"; failed=1; fi
}

cd "$work" || exit 1

"$home/jinrai" --version >out 2>err
claim "runs from another folder" $?

ln -s "$home/jinrai" linked
./linked --version >out 2>err
claim "runs through a symbolic link" $?

env -u JAVA_HOME "$home/jinrai" --version >out 2>err
claim "finds a JDK without JAVA_HOME" $?

JAVA_HOME=/nowhere "$home/jinrai" --version >out 2>err
claim "finds a JDK although JAVA_HOME is wrong" $?

env -i PATH="$PATH" "$home/jinrai" --version >out 2>err
claim "needs no variable but PATH, HOME neither" $?

# The best of ten: other work on the machine makes a start slower, nothing makes it faster.
best=99999
TIMEFORMAT=%3R # seconds, with milliseconds behind the point
for _ in 1 2 3 4 5 6 7 8 9 10; do
  took=$({ time "$home/jinrai" --version >out 2>err; } 2>&1)
  took=$((10#${took//[!0-9]/}))
  [ $took -lt $best ] && best=$took
done
[ $best -lt 400 ]
claim "starts in under 400 ms once built (best of ten: $best ms)" $?

startup=$home/cli/target/startup
rm -rf "$startup"
starts=()
for i in 1 2 3 4; do
  "$home/jinrai" --version >"out$i" 2>"err$i" &
  starts+=($!)
done
well=0
for start in "${starts[@]}"; do wait "$start" || well=1; done
[ $well -eq 0 ] && [ "$(cat out? | sort -u | wc -l)" -eq 1 ] && [ "$(cat err? | wc -c)" -eq 0 ]
claim "four starts at once make one startup cache and are undisturbed" $?

[ "$(find "$startup" -type f ! -name .lock | wc -l)" -eq 1 ] && [ -s "$(find "$startup" -name '*.aot')" ]
claim "the startup cache is there, and nothing it was made from" $?

JINRAI_JAVA_OPTS="-Xlog:class+load:file=classes.txt" "$home/jinrai" --version >out 2>err
grep -q 'dev.jinrai.cli.Main source: shared objects file' classes.txt
claim "JINRAI_JAVA_OPTS reaches the JVM, and the JVM uses the cache" $?

cp "$(find "$startup" -name '*.aot')" kept
for cache in "$startup"/*.aot; do
  for content in "head -c 100000 kept" "head -c 5000 /dev/urandom" "true"; do
    $content >"$cache"
    "$home/jinrai" --version >out 2>err && [ -s out ] && [ ! -s err ]
    claim "a startup cache that is '$content' changes nothing but the time" $?
  done
done

rm -rf "$startup" && touch "$startup" # no folder: nobody can write there, root neither
"$home/jinrai" --version >out 2>err && [ -s out ] && [ ! -s err ]
claim "runs where the startup cache cannot be written" $?
rm -f "$startup"

for locale in C C.UTF-8 xx_XX.UTF-8; do # the last is installed nowhere
  printf 'é' | "$home/jinrai" tokenize >given 2>err
  LC_ALL=$locale "$home/jinrai" tokenize 'é' >out 2>/dev/null && cmp -s given out
  claim "reads letters beyond ASCII where LC_ALL is $locale" $?
  LC_ALL=$locale "$home/jinrai" tokenize $'a\xffb' >out 2>err
  [ $? -eq 2 ] && [ ! -s out ] && grep -q 'is not text in UTF-8' err
  claim "refuses an argument that is not UTF-8 where LC_ALL is $locale" $?
done

JINRAI_JAVA_OPTS="-XX:MaxVectorSize=16" "$home/jinrai" backends >out 2>err
grep -q '^ *cpu  *available.*128-bit' out && [ ! -s err ]
claim "JINRAI_JAVA_OPTS sets the width of the vectors" $?

JINRAI_JAVA_OPTS="-XX:+UseG1GC" "$home/jinrai" run -n 1 -p "Once" >out 2>err
claim "another collector may be chosen" $?

# Smaller than the young generation that the launcher asks for, and too small for the cache's objects.
JINRAI_JAVA_OPTS="-Xmx20m" "$home/jinrai" --version >out 2>err && [ -s out ] && [ ! -s err ]
claim "a small heap does without the cache, and nobody hears of it" $?

for options in --bogus -XX:Bogus "-XX:+UseG1GC -XX:+UseParallelGC" "--add-modules no.such" Main "-Xmx1g --bogus" -Xmx1k; do
  JINRAI_JAVA_OPTS=$options "$home/jinrai" --version >out 2>err
  [ $? -eq 2 ] && [ ! -s out ] && [ "$(wc -l <err)" -eq 1 ] && grep -q -F "jinrai: JINRAI_JAVA_OPTS='$options': " err
  claim "JINRAI_JAVA_OPTS='$options' is wrong usage, in one line" $?
done

JINRAI_JAVA_OPTS="-Xlog:class+load:file=once.txt" "$home/jinrai" --version >out 2>err
[ -s once.txt ] && [ "$(find . -name 'once.txt*' | wc -l)" -eq 1 ]
claim "flags that write are not tried before they are used" $?

"$home/jinrai" backends >out 2>err
grep -q '^ *cpu  *available' out && [ ! -s err ]
claim "has vectors, and the JVM says nothing about them" $?

# LWJGL and a driver take longer to load than all the rest of a start.
gpus() { compgen -G '/dev/dri/renderD*' || compgen -G '/dev/nvidia[0-9]*' || [ -e /dev/dxg ]; }
loads_gpu() {
  JINRAI_JAVA_OPTS="-Xlog:class+load:file=loaded.txt" "$home/jinrai" "$@" >out 2>err
  grep -q '^.*org\.lwjgl' loaded.txt
}
! loads_gpu --version && [ -s loaded.txt ]
claim "a start loads nothing of a GPU's" $?
! loads_gpu run -b cpu -p x -n 1
claim "the processor's backend loads nothing of a GPU's" $?
if ! gpus >gpus.txt; then
  ! loads_gpu run -p x -n 1
  claim "where there is no GPU, auto loads nothing to find that out" $?
fi
loads_gpu run -b vulkan -p x -n 1
claim "the vulkan backend does" $?

# A tree that was never built, and a PATH with what the launcher needs and no Maven.
mkdir -p tree/{core,gpu,cli}/src/main tree/gpu/src/build tree/cli/target/lib bin
cp -R "$home/jinrai" "$home/scripts" tree
touch tree/pom.xml tree/{core,gpu,cli}/pom.xml tree/cli/target/lib/old-1.jar
for tool in bash dirname readlink find flock mkdir mktemp mv rm grep tail env; do
  place=$(type -P $tool) && ln -s "$place" bin/$tool
done
(
  # shellcheck source=scripts/jdk.sh
  . "$home/scripts/jdk.sh"
  PATH=$work/bin exec tree/jinrai --version
) >out 2>err
[ $? -eq 1 ] && [ "$(wc -l <err)" -eq 1 ] && grep -q 'Maven is needed' err
claim "says that Maven is needed where there is none" $?

printf '#!/bin/sh\n/bin/cat >"%s/eaten"\nexit 3\n' "$work" >bin/mvn
chmod +x bin/mvn
(
  # shellcheck source=scripts/jdk.sh
  . "$home/scripts/jdk.sh"
  PATH=$work/bin exec tree/jinrai
) <<<"a question" >/dev/null 2>&1
[ -e "$work/eaten" ] && [ ! -s "$work/eaten" ]
claim "a build leaves standard input to the program" $?

printf '#!/bin/sh\necho "out of luck"\nexit 3\n' >bin/mvn
chmod +x bin/mvn
(
  # shellcheck source=scripts/jdk.sh
  . "$home/scripts/jdk.sh"
  PATH=$work/bin exec tree/jinrai --version
) >out 2>err
[ $? -eq 1 ] && grep -q '^out of luck$' err && grep -q 'build.log$' err
claim "shows what a failed build said" $?

[ ! -e tree/cli/target/lib/old-1.jar ]
claim "leaves no jar of an earlier build on the module path" $?

# Where nothing can be written, root neither: a file stands where the folder should.
for place in cli/target core/target gpu/target .build.lock; do
  rm -rf tree/{core,gpu,cli}/target tree/.build.lock
  if [ $place = .build.lock ]; then mkdir tree/$place; else touch tree/$place; fi
  tree/jinrai --version >out 2>err
  [ $? -eq 1 ] && [ ! -s out ] && [ "$(wc -l <err)" -eq 1 ] && grep -q "^jinrai: .*/tree/$place cannot be written" err
  claim "a stale tree whose $place cannot be written is one line" $?
done

"$home/jinrai" run -m /no/such -p x >out 2>err
[ $? -eq 1 ] && [ "$(wc -l <err)" -eq 1 ] && [ ! -s out ]
claim "a missing model is one line and exit code 1" $?

"$home/jinrai" run -p x --temperature 9 >out 2>err
[ $? -eq 2 ]
claim "a wrong option is exit code 2" $?

said=$(sed -n '/^\$ .*run -p "Once upon a time"/{n;p;}' "$home/README.md")
told=$("$home/jinrai" run -p "Once upon a time" --temperature 0 -n 24 2>err)
[ -n "$said" ] && [ "$told" = "$said" ]
claim "tells the story the README tells (got: $told)" $?

answer=$(echo "What is the capital of France?" | "$home/jinrai" --temperature 0 2>err)
[ "$answer" = "The capital of France is Paris." ]
claim "answers a question from standard input (got: $answer)" $?

set -m # else a shell starts what runs in the background deaf to SIGINT
# If this script itself was started so, only env can undo it, where it knows how.
heard=()
if env --default-signal=INT true 2>/dev/null; then heard=(env --default-signal=INT); fi
"${heard[@]+"${heard[@]}"}" "$home/jinrai" run -p "Once upon a time" -n 1000 --ignore-eos >out 2>err &
program=$!
for _ in $(seq 100); do [ -s out ] && break; sleep 0.1; done
kill -INT $program
wait $program
[ $? -eq 130 ]
claim "an interrupt reaches the program and its exit code the shell" $?

exit $failed
