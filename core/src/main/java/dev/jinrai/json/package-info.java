/// JSON (RFC 8259), for the engine's own use: this package is not exported.
///
/// [Json] reads a whole document into Java's values and writes strings. [JsonScanner] follows a
/// document that comes a character at a time, as a model writes it.
@NullMarked
package dev.jinrai.json;

import org.jspecify.annotations.NullMarked;
