/// JSON (RFC 8259), read strictly: what files beside a model say.
///
/// ```java
/// JsonNode config = Json.read(Path.of("generation_config.json"));
/// int eos = config.get("eos_token_id").whole(0, Integer.MAX_VALUE);
/// ```
/// [Json] reads a document into [JsonValue]s, a sealed tree; [JsonNode] is a place in it that knows its path, so that
/// a wrong value is named: `model.vocab: wanted an object, got a number`.
///
/// **The one rule: a document is read whole and right, or is one line that says where it is not.** Duplicate keys, lone
/// surrogates and what follows the end are errors; depth and size are bounded. [JsonScanner]
/// follows a value that comes a character at a time, [JsonText] makes Java's own values of one, and writes strings.
@NullMarked
package dev.jinrai.json;

import org.jspecify.annotations.NullMarked;
