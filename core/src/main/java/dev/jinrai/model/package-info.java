/// A transformer as data, and the one loop that runs it.
///
/// [dev.jinrai.model.ModelConfig] says everything about a model that is not a weight,
/// [dev.jinrai.model.Weights] binds it to the tensors of a [dev.jinrai.model.Checkpoint], and
/// [dev.jinrai.model.Transformer] runs it on any backend.
///
/// The one rule: nothing here knows the name of an architecture; `dev.jinrai.arch` turns those into
/// data. Start reading at [dev.jinrai.model.Transformer].
@NullMarked
package dev.jinrai.model;

import org.jspecify.annotations.NullMarked;
