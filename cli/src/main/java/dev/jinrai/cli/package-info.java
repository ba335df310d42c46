/// The command line: one command is one class, `RunCommand` is `jinrai run`.
///
/// [Main] turns arguments into an exit code: 0 done, 1 failure, 2 wrong usage, 130 interrupted.
/// [Program] lists the commands. What several commands share is a mixin (`…Arguments`).
/// Everything a command reads and writes is an [Io], which it is given.
///
/// **The one rule: standard output carries what was asked for** (generated text, tables, `--json`)
/// **and nothing else.** Messages, prompts and timings go to standard error, one line each, and no
/// failure shows a stack trace: [Failures] knows them all.
///
/// Start reading at [RunCommand].
@NullMarked
package dev.jinrai.cli;

import org.jspecify.annotations.NullMarked;
