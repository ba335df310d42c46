package dev.jinrai.chat.output;

import java.util.List;

/// Takes an answer apart while it comes. Mutable; one for each answer.
///
/// The events of a text are the same however it is cut into pieces, but for how texts and arguments
/// are cut. It takes time linear in the text.
public interface OutputParser {
    /// {@return what became certain with this text}
    ///
    /// @param text more of the answer, cut anywhere, with the marks of [OutputFormat#marks] in it
    List<OutputEvent> append(String text);

    /// {@return what was still uncertain, when no more text comes} To be called once.
    ///
    /// @param ended whether the model ended its answer, as [dev.jinrai.Generation#isWhole] says: some
    ///     write nothing behind a call that can be seen, and only the end shows that it is whole
    List<OutputEvent> finish(boolean ended);
}
