/// Looking inside a pass: every named intermediate of a model, from any backend.
///
/// The one rule: looking never changes a result. Start reading at [dev.jinrai.trace.Trace].
@NullMarked
package dev.jinrai.trace;

import org.jspecify.annotations.NullMarked;
