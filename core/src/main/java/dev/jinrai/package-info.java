/// The way in: open a model, start a session, generate.
///
/// ```java
/// try (Model model = Model.open(Path.of("demo/demo-Q8_0.gguf"));
///         Session session = model.newSession()) {
///     var tokenizer = model.tokenizer();
///     int[] prompt = tokenizer.encode("Once upon a time", true, true);
///     var options = Generation.Options.defaults().withMaxTokens(100);
///     var generation = Generation.start(session, prompt, options, tokenizer);
///     generation.forEachRemaining(piece -> System.out.print(piece.text()));
/// }
/// ```
/// Three lifetimes, never mixed: a [dev.jinrai.Model] is immutable and shared by threads; a
/// [dev.jinrai.Session] is one timeline with one owner; a [dev.jinrai.Generation] is one answer.
@NullMarked
package dev.jinrai;

import org.jspecify.annotations.NullMarked;
