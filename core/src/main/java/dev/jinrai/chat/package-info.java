/// Chat: from a conversation to the text a model was trained to continue.
///
/// ```java
/// ChatTemplate template = ChatTemplate.from(gguf.metadata(), tokenizer.vocabulary());
/// String prompt = template.render(List.of(Message.user("Hi")), true);
/// int[] ids = tokenizer.encode(prompt, true, true);
/// ```
///
/// A [ChatTemplate] is a function from [messages][Message] to text. Three are built in: [Zephyr],
/// which is also TinyLlama's and the demo model's, [Plain], and [Raw], which adds nothing.
///
/// **The one rule: never guess.** A prompt of the wrong form is answered fluently and badly, and
/// nothing shows why. So a model's own template is rendered as it is, as Jinja ([JinjaTemplate]); where
/// that fails, or at a role a built-in template does not have, the answer is an exception.
///
/// A [ChatInput] brings what else templates know: [Tools], variables; a [Message] may hold calls, their
/// results and reasoning. How an answer is read again is the package `output`'s.
///
/// Start reading at [ChatTemplate]. When a generation ends is not said here: the vocabulary knows.
@NullMarked
package dev.jinrai.chat;

import org.jspecify.annotations.NullMarked;
