package dev.jinrai.gguf;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;

/// UTF-8 as the standard has it: no overlong forms, no surrogates, nothing replaced in silence.
final class Utf8 {
    private Utf8() {}

    /// The bytes are not UTF-8; the message names the first offender.
    static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1;

        MalformedException(String message) {
            super(message);
        }
    }

    static String decode(byte[] raw) throws MalformedException {
        String text = new String(raw, UTF_8);
        // The fast decoder replaces what is malformed by U+FFFD; only a text that holds one can be
        // malformed and needs the slow decoder's word.
        if (text.indexOf('\uFFFD') >= 0) {
            ByteBuffer in = ByteBuffer.wrap(raw);
            CharsetDecoder decoder = UTF_8.newDecoder();
            if (decoder.decode(in, CharBuffer.allocate(raw.length), true).isError()) {
                int at = in.position();
                throw new MalformedException(
                        "0x%02X at index %d of its %d bytes".formatted(raw[at], at, raw.length));
            }
        }
        return text;
    }

    /// @throws IllegalArgumentException if `text` holds half a surrogate pair
    static byte[] encode(String text) {
        try {
            ByteBuffer encoded = UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] raw = new byte[encoded.remaining()];
            encoded.get(raw);
            return raw;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("half a surrogate pair in " + Quote.quote(text), e);
        }
    }
}
