/// Hugging Face's directories: `config.json`, safetensors, a tokenizer, run as they are or [converted][Conversion] to GGUF.
///
/// ```text
///  config.json ──────────► Family: the same keys as a GGUF file ──► Metadata ─┐
///  *.safetensors ────────► Family: the same names ──► Tensor ─────────────────┼─► Checkpoint
///  tokenizer.json, .model ──────────────────────────► Tokenizer ──────────────┘
/// ```
/// From there on a directory is a model like any other. A `Family` is one small file of data; to add one, follow
/// `docs/recipes/hugging-face.md`.
///
/// **The one rule: a setting that changes what a model computes is obeyed or is an error that names it.** What a family does not read is
/// told, unless it is about training or bookkeeping.
///
/// Start reading at [HuggingFaceCheckpoint].
@NullMarked
package dev.jinrai.huggingface;

import org.jspecify.annotations.NullMarked;
