/// Architectures: what a file calls itself, turned into a [dev.jinrai.model.ModelConfig].
///
/// One architecture is one short file that states only what is its own. The one rule: every number
/// comes from the file's metadata. Start reading at [dev.jinrai.arch.Llama]; to add one, follow
/// `docs/recipes/add-an-architecture.md`.
@NullMarked
package dev.jinrai.arch;

import org.jspecify.annotations.NullMarked;
