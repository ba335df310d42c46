/// The components of a Hugging Face `tokenizer.json`, one a file: what its keys `normalizer`, `pre_tokenizer`,
/// `post_processor` and `decoder` name. Not exported.
///
/// ```
/// text ─► Normalizer ─► PreTokenizer: Pieces ─► the model, in dev.jinrai.tokenizer ─► PostProcessor: special tokens around
/// ids  ─► tokens ─► Decoder ─► text
/// ```
/// **The one rule: what a component does equals what Hugging Face's `tokenizers` does,** to the quirk; what this build
/// does not do is an error that names it. [Normalizers], [PreTokenizers], [PostProcessor] and [Decoders] find a component by
/// its `type`. Everything is immutable but a [Decoder.Stage], which follows one text.
@NullMarked
package dev.jinrai.tokenizer.pipeline;

import org.jspecify.annotations.NullMarked;
