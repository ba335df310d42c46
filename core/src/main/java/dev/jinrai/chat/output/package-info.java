/// What a model says in a chat, taken apart: content, reasoning, tool calls.
///
/// ```java
/// OutputFormat format = OutputFormat.of(template);
/// OutputParser parser = format.parser(prompt, tools);
/// var options = Generation.Options.defaults().withPrinted(format.marks());
/// Generation generation = Generation.start(session, ids, options, tokenizer);
/// for (var piece : (Iterable<Piece>) () -> generation) {
///     parser.append(piece.text()).forEach(this::handle);
/// }
/// parser.append(generation.tail()).forEach(this::handle);
/// parser.finish(generation.isWhole()).forEach(this::handle);
/// ```
///
/// Every family of models writes tool calls with marks of its own, one parser a file: [Hermes],
/// [QwenCoder], [Llama3], [Mistral], [DeepSeek], [GptOss], [GenericJson], [Unmarked]. [OutputFormat]
/// chooses by the marks in the text of the chat template.
///
/// **The one rule: nothing is lost, and how the text was cut cannot matter.** Parsers read one
/// character at a time and keep what is uncertain. White space beside a mark belongs to the mark;
/// everything else comes out as an event. What looks like a mark and is none is content; so is a
/// call that breaks before its name is known. A call that breaks later ends with
/// [OutputEvent.Malformed], which has all its text.
///
/// Start reading at [OutputEvent].
@NullMarked
package dev.jinrai.chat.output;

import org.jspecify.annotations.NullMarked;
