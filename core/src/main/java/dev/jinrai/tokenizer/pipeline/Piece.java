package dev.jinrai.tokenizer.pipeline;

/// A part of a text that the model sees alone.
///
/// @param text never empty
/// @param atStart whether it begins where the whole text begins
public record Piece(String text, boolean atStart) {}
