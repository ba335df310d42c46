/// Safetensors files: the container in which Hugging Face's hub ships weights.
///
/// A file is a table in JSON and the tensors' bytes. [Safetensors#open] maps the file and reads the first; the second stays where
/// it is. A model in several files has an index beside them, which [Shards] reads:
///
/// ```java
/// try (Shards shards = Shards.open(Path.of("model"))) {
///     MemorySegment weights = shards.data("model.embed_tokens.weight");
/// }
/// ```
///
/// **The one rule: a file is checked at the door**, as in [dev.jinrai.gguf]. Whatever a file holds, opening it either works or throws
/// a [SafetensorsException] that says where and why.
///
/// Start reading at [Safetensors], which draws the file.
@NullMarked
package dev.jinrai.safetensors;

import org.jspecify.annotations.NullMarked;
