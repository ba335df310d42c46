package dev.jinrai.gguf;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// A GGUF file written byte by byte, well-formed or not. Shares no code with [GgufWriter].
final class Bytes {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /// A file of version 3 up to its first key.
    static Bytes header(long tensors, long keys) {
        return new Bytes().ascii("GGUF").u32(3).u64(tensors).u64(keys);
    }

    Bytes u8(int value) {
        out.write(value);
        return this;
    }

    Bytes u16(int value) {
        return u8(value).u8(value >> 8);
    }

    Bytes u32(long value) {
        return u16((int) value).u16((int) (value >> 16));
    }

    Bytes u64(long value) {
        return u32(value).u32(value >> 32);
    }

    Bytes ascii(String text) {
        return raw(text.getBytes(StandardCharsets.US_ASCII));
    }

    Bytes raw(byte... bytes) {
        out.writeBytes(bytes);
        return this;
    }

    Bytes string(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return u64(utf8.length).raw(utf8);
    }

    /// A key and the type of its value.
    Bytes key(String key, int type) {
        return string(key).u32(type);
    }

    /// A line of the tensor table.
    Bytes tensor(String name, int type, long offset, long... shape) {
        string(name).u32(shape.length);
        for (long extent : shape) {
            u64(extent);
        }
        return u32(type).u64(offset);
    }

    /// Zeros up to a multiple of `alignment`.
    Bytes pad(int alignment) {
        while (out.size() % alignment != 0) {
            u8(0);
        }
        return this;
    }

    Bytes zeros(int count) {
        return raw(new byte[count]);
    }

    int size() {
        return out.size();
    }

    byte[] toArray() {
        return out.toByteArray();
    }

    Path write(Path file) {
        try {
            return Files.write(file, toArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
