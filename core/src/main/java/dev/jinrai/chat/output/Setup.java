package dev.jinrai.chat.output;

import dev.jinrai.chat.Tools;
import java.util.Optional;
import java.util.function.Supplier;

/// What a parser is made of.
///
/// @param thinking the marks around reasoning, if the model has such
/// @param thinks whether the prompt ends inside the reasoning
/// @param ids for calls that the model gives none
record Setup(Optional<Thinking> thinking, boolean thinks, Tools tools, Supplier<String> ids) {}
