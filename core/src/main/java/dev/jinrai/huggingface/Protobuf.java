package dev.jinrai.huggingface;

import dev.jinrai.tokenizer.TokenizerException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// A message of Protocol Buffers, read field by field.
///
/// ```text
/// field   key varint = number << 3 | wire · value
/// wire    0 varint · 1 eight bytes · 2 length varint, so many bytes · 5 four bytes
/// varint  seven bits a byte, the lowest first; the highest bit says that another byte follows
/// ```
/// Source: the encoding guide of Protocol Buffers.
final class Protobuf {
    private final ByteBuffer bytes;
    private final int start; // in the file, for messages
    private int number;
    private int wire;

    Protobuf(byte[] bytes) {
        this(ByteBuffer.wrap(bytes), 0);
    }

    private Protobuf(ByteBuffer bytes, int start) {
        this.bytes = bytes.order(ByteOrder.LITTLE_ENDIAN);
        this.start = start;
    }

    /// Goes to the next field, whose value is read or skipped before the one after it.
    boolean next() {
        if (!bytes.hasRemaining()) {
            return false;
        }
        long key = varint();
        number = (int) (key >>> 3);
        wire = (int) key & 7;
        if (key < 8 || key >>> 3 > (1 << 29) - 1) {
            throw wrong("no field has the key " + Long.toUnsignedString(key));
        }
        return true;
    }

    int number() {
        return number;
    }

    long whole() {
        expect(0);
        return varint();
    }

    float f32() {
        expect(5);
        need(Float.BYTES);
        return bytes.getFloat();
    }

    boolean flag() {
        return whole() != 0;
    }

    /// A message inside this one.
    Protobuf message() {
        ByteBuffer part = part();
        return new Protobuf(part, start + bytes.position() - part.limit());
    }

    byte[] raw() {
        ByteBuffer part = part();
        byte[] raw = new byte[part.remaining()];
        part.get(raw);
        return raw;
    }

    String text() {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(part()).toString();
        } catch (CharacterCodingException e) {
            throw wrong("a text is not UTF-8");
        }
    }

    void skip() {
        switch (wire) {
            case 0 -> varint();
            case 1 -> skip(Long.BYTES);
            case 2 -> part();
            case 5 -> skip(Integer.BYTES);
            default -> throw wrong("wire type %d is not supported".formatted(wire));
        }
    }

    private void skip(int length) {
        need(length);
        bytes.position(bytes.position() + length);
    }

    private ByteBuffer part() {
        expect(2);
        long length = varint();
        if (length < 0 || length > bytes.remaining()) {
            throw wrong(
                    "field %d of %s bytes runs past the end"
                            .formatted(number, Long.toUnsignedString(length)));
        }
        ByteBuffer part = bytes.slice(bytes.position(), (int) length);
        bytes.position(bytes.position() + (int) length);
        return part;
    }

    private long varint() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            need(1);
            byte b = bytes.get();
            value |= (b & 0x7FL) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw wrong("a number of more than ten bytes");
    }

    private void need(int length) {
        if (bytes.remaining() < length) {
            throw wrong("field %d runs past the end".formatted(number));
        }
    }

    private void expect(int wanted) {
        if (wire != wanted) {
            throw wrong("field %d: wanted wire type %d, got %d".formatted(number, wanted, wire));
        }
    }

    private TokenizerException wrong(String problem) {
        return new TokenizerException(
                "at byte 0x%X: %s".formatted(start + bytes.position(), problem));
    }
}
