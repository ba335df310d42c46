/// Tokenizers: text to token ids, token ids to text.
///
/// ```java
/// Tokenizer tokenizer = Tokenizer.from(gguf.metadata());
/// int[] prompt = tokenizer.encode("<|user|>\nHi</s>\n<|assistant|>\n", true, true);
/// Detokenizer text = Detokenizer.continuing(tokenizer, false);
/// System.out.print(text.append(id)); // for each generated id
/// ```
///
/// A [Vocabulary] is what the file says: the tokens, their scores and types, which of them are
/// special, which end a generation. A [Tokenizer] is what a family of models does with it;
/// [HuggingFaceTokenizer] reads a `tokenizer.json` instead of a GGUF file, and equals Hugging Face's
/// library; its components are in `pipeline`. Of the families of GGUF files
/// [SentencePiece], [ByteLevelBpe], [WordPiece] and [Unigram] are there. A new family is one file
/// like them and one line in [Families]; a new pre-tokenizer is one line in [PreTokenizers].
///
/// **The one rule: ids and bytes equal llama.cpp's,** also where another result would look better,
/// because a model was tuned on what its tokenizer really does. The places where llama.cpp leaves
/// the result open, or has none, are named in the comments.
///
/// Everything here is immutable and may be shared by threads, except [Detokenizer], which follows
/// one answer. Start reading at [Tokenizer], then [SentencePiece].
@NullMarked
package dev.jinrai.tokenizer;

import org.jspecify.annotations.NullMarked;
