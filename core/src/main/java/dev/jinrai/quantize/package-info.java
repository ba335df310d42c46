/// From one weight format to another: what a smaller copy of a model is made of.
///
/// [dev.jinrai.quantize.Mix] decides which type each tensor of a file gets,
/// [dev.jinrai.quantize.Quantizer] turns one tensor into that type; the arithmetic itself is in the
/// formats ([dev.jinrai.format.EncodableFormat#encode]).
///
/// The one rule: the bytes are those of llama.cpp's `llama-quantize`, with an importance matrix and
/// without, so that a file made here and a file made there are the same file.
@NullMarked
package dev.jinrai.quantize;

import org.jspecify.annotations.NullMarked;
