package dev.jinrai.testing;

import dev.jinrai.format.GgmlType;
import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.GgufWriter;
import dev.jinrai.gguf.TensorInfo;
import dev.jinrai.quantize.Mix;
import dev.jinrai.quantize.Quantizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/// # The demo model in other formats
///
/// The repository holds `demo/demo-f16.gguf`. Its quantized variants are made from it when somebody
/// first asks, and kept in `core/target/variants`. What llama.cpp's `llama-quantize` makes of the
/// same file is recorded in [#SHA256]: a file with other bytes is never handed out, be it of an
/// encoder that has changed, of another source or of a writer that was interrupted.
///
/// `demo/demo-Q8_0.gguf` is not among them: it was made from the weights before they were rounded to
/// f16, so one code in a hundred differs from [#demo]`("Q8_0")`.
///
/// A script gets the files, one path a line, with
/// `java -cp core/target/classes:core/target/test-classes dev.jinrai.testing.Variants Q4_0 Q6_K`.
public final class Variants {
    /// `sha256sum demo/demo-f16.gguf`; the other sums hold for this source.
    static final String SOURCE_SHA256 =
            "cd72376b54211da0c050278983de12adbf36b132fe8912d6b02405d6b8509610";

    /// `llama-quantize demo-f16.gguf OUT.gguf MIX; sha256sum OUT.gguf` with llama.cpp 0.7.0 (Debian's
    /// package 1:0.7.0+dfsg-2 with ggml 0.27.0, on x86-64).
    static final Map<Mix, String> SHA256 =
            Map.of(
                    Mix.Q8_0, "e06f78a52434479794f532520c02453fa49eb22100d12f78e8773df9d49a547a",
                    Mix.Q6_K, "40b69ccae02d2f66f410c7c71222458127d7b526e8c1abea8a89d8840c3a8875",
                    Mix.Q5_K_M, "6dd7a9fad99aef90ef6c57d2884947a32b8eeae8f95d21045c846df97fec5105",
                    Mix.Q5_K_S, "e6e1d8a663a5bf56da4c4fe2a60b8a1152ab42189bf820ee55c6879182fdc864",
                    Mix.Q4_K_M, "235fac90138643784f1c372b0521464563e357be0a0932e603d25d5e9f062576",
                    Mix.Q4_K_S, "9e78327862ce76399629b1a102b109559c78b20d71aed4741b7f4d242fbe78b0",
                    Mix.Q4_0, "ad6cfe4d6f396417b5ac9bc142d48888c28995908379b66291702fd25da1e8e4");

    private Variants() {}

    /// {@return a file with the demo model as the mix of this name, `Q4_0` for example}
    ///
    /// @throws IllegalStateException if our bytes are not those of llama-quantize
    public static Path demo(String mix) {
        return demo(Mix.valueOf(mix), root().resolve("core/target/variants"));
    }

    /// {@return the repository's root: the system property `jinrai.root`, or the working directory or
    /// one above it}
    public static Path root() {
        Path at = Path.of(System.getProperty("jinrai.root", "")).toAbsolutePath();
        for (Path folder = at; folder != null; folder = folder.getParent()) {
            if (Files.exists(folder.resolve("demo/demo-f16.gguf"))) {
                return folder;
            }
        }
        throw new IllegalStateException(at + ": no demo/demo-f16.gguf here or above");
    }

    /// Prints where the variants of the named mixes are.
    public static void main(String[] mixes) {
        for (String mix : mixes) {
            System.out.println(demo(mix));
        }
    }

    static synchronized Path demo(Mix mix, Path folder) {
        Path source = root().resolve("demo/demo-f16.gguf");
        Path file = folder.resolve("demo-%s.gguf".formatted(mix));
        require(source, SOURCE_SHA256);
        if (!Files.exists(file) || !sha256(file).equals(SHA256.get(mix))) {
            try {
                Files.createDirectories(folder);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            quantize(source, mix, file);
            require(file, SHA256.getOrDefault(mix, "a sum that Variants knows"));
        }
        return file;
    }

    /// Writes the model in `source` as `mix` to `target`, which appears whole or not at all.
    public static void quantize(Path source, Mix mix, Path target) {
        try (Gguf gguf = Gguf.open(source)) {
            Mix.Model model = Mix.Model.of(gguf);
            GgufWriter writer = new GgufWriter().putAll(gguf.metadata());
            writer.uint32("general.file_type", mix.fileType());
            for (TensorInfo tensor : gguf.tensors()) {
                GgmlType type = mix.typeOf(tensor, model);
                writer.tensor(
                        tensor.name(), type, tensor.shape(), () -> encoded(gguf, tensor, type));
            }
            writer.write(target);
        }
    }

    /// {@return the bytes of a tensor of `gguf` as `type`}
    public static MemorySegment encoded(Gguf gguf, TensorInfo tensor, GgmlType type) {
        int size = Math.toIntExact(type.byteSize(tensor.elements()));
        MemorySegment bytes = MemorySegment.ofArray(new byte[size]);
        Quantizer.quantize(tensor, gguf.data(tensor), type, bytes);
        return bytes;
    }

    /// {@return the SHA-256 of a file's bytes, in hexadecimal digits}
    public static String sha256(Path file) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(Files.readAllBytes(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    private static void require(Path file, String sum) {
        String got = sha256(file);
        if (!got.equals(sum)) {
            throw new IllegalStateException(
                    "%s: wanted SHA-256 %s, got %s".formatted(file, sum, got));
        }
    }
}
