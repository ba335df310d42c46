package dev.jinrai.chat.output;

/// A part of an answer, as soon as it is certain.
///
/// A call is [ToolCallBegun], any number of [Arguments], then [ToolCallComplete] or [Malformed]; calls
/// do not overlap.
public sealed interface OutputEvent {

    /// Text for the user, never empty.
    record Content(String text) implements OutputEvent {}

    /// What the model thinks before it answers, never empty.
    record Reasoning(String text) implements OutputEvent {}

    /// A call begins; its arguments follow.
    ///
    /// @param index from 0, by which the following events name the call
    /// @param id what the model calls it, or one made up where it has not said it yet
    record ToolCallBegun(int index, String id, String name) implements OutputEvent {}

    /// More of a call's arguments: a piece of a JSON object, never empty.
    record Arguments(int index, String json) implements OutputEvent {}

    /// The arguments are whole: all pieces together are one JSON object.
    record ToolCallComplete(int index) implements OutputEvent {}

    /// The call that had begun cannot be used: the answer ended inside it, or it is not JSON.
    ///
    /// @param text the call as the model wrote it, marks included
    /// @param reason what is wrong, for a message
    record Malformed(int index, String text, String reason) implements OutputEvent {}
}
