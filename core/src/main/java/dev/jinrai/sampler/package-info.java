/// From logits to the next token.
///
/// A [dev.jinrai.sampler.Sampler] is built from [dev.jinrai.sampler.Sampling], a record of settings: a chain of steps, one a file, which
/// narrow the candidates, then a draw. The one rule: same logits, same history and same seed
/// give the same token, on every machine. Start reading at [dev.jinrai.sampler.Sampler]; `Chain` puts the steps together.
@NullMarked
package dev.jinrai.sampler;

import org.jspecify.annotations.NullMarked;
