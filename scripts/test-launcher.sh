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

best=9999
for _ in 1 2 3 4 5; do
  start=$(date +%s%N)
  "$home/jinrai" --version >out 2>err
  took=$((($(date +%s%N) - start) / 1000000))
  [ $took -lt $best ] && best=$took
done
[ $best -lt 600 ]
claim "starts in under 600 ms once built (best of five: $best ms)" $?

"$home/jinrai" run -m /no/such -p x >out 2>err
[ $? -eq 1 ] && [ "$(wc -l <err)" -eq 1 ] && [ ! -s out ]
claim "a missing model is one line and exit code 1" $?

"$home/jinrai" run -p x --temperature 9 >out 2>err
[ $? -eq 2 ]
claim "a wrong option is exit code 2" $?

answer=$(echo "What is the capital of France?" | "$home/jinrai" --temperature 0 2>err)
[ "$answer" = "The capital of France is Paris." ]
claim "answers a question from standard input (got: $answer)" $?

set -m # else a shell starts what runs in the background deaf to SIGINT
"$home/jinrai" run -p "Once upon a time" -n 1000 --ignore-eos >out 2>err &
program=$!
for _ in $(seq 100); do [ -s out ] && break; sleep 0.1; done
kill -INT $program
wait $program
[ $? -eq 130 ]
claim "an interrupt reaches the program and its exit code the shell" $?

exit $failed
