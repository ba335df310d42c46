/// GGUF files: the container in which the ggml world ships its models.
///
/// A GGUF file is a list of typed keys (the hyper-parameters, the vocabulary, the chat template),
/// a table of tensors, and the tensors' bytes. [Gguf#open] maps the file and reads the first two;
/// the third stays where it is:
///
/// ```java
/// try (Gguf gguf = Gguf.open(Path.of("model.gguf"))) {
///     int layers = gguf.metadata().int32(gguf.metadata().architecture() + ".block_count");
///     MemorySegment weights = gguf.data(gguf.tensor("output.weight").orElseThrow());
/// }
/// ```
///
/// **The one rule: a file is checked at the door.** Whatever a file holds, opening it either works
/// or throws a [GgufException] that says where and why; what an open file promises (type, shape and
/// place of a tensor) needs no second check. Two things cannot be known at the door: strings inside
/// arrays are decoded, and so checked, when they are read; and a file that another program cuts
/// short or overwrites while it is mapped makes later reads fail, at worst with an `InternalError`.
///
/// Start reading at [Gguf], which draws the file, then `GgufReader`, which reads it.
/// [GgufWriter] is its mirror.
@NullMarked
package dev.jinrai.gguf;

import org.jspecify.annotations.NullMarked;
