package dev.jinrai.testing;

import static java.util.Comparator.comparingInt;
import static java.util.stream.Collectors.toUnmodifiableMap;

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
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// # Models in other formats, made rather than stored
///
/// The repository holds `demo/demo-f16.gguf`, `goldens/models/llama_q.gguf` and `llama.gguf`. Their
/// quantized variants are made when somebody first asks, and kept in `core/target/variants`. They are
/// the files that llama.cpp's `llama-quantize` makes of the same sources, byte for byte: [#SUMS]
/// says so, and a file with another sum is never handed out, be it of an encoder that has changed, of
/// another source or of a writer that was interrupted.
///
/// `demo/demo-Q8_0.gguf` is not the variant `demo-Q8_0`: it was made from the weights before they were
/// rounded to f16, so one code in a hundred differs.
///
/// A script gets the files, one path a line, with
/// `java -cp core/target/classes:core/target/test-classes dev.jinrai.testing.Variants demo-Q4_0 …`.
public final class Variants {
    /// `sha256sum` of the sources, and of what llama-quantize makes of them: `llama-quantize
    /// SOURCE.gguf NAME.gguf MIX` with llama.cpp 0.7.0 (Debian's package 1:0.7.0+dfsg-2, ggml 0.27.0,
    /// x86-64).
    private static final String SUMS =
            """
            cd72376b54211da0c050278983de12adbf36b132fe8912d6b02405d6b8509610  demo-f16
            e06f78a52434479794f532520c02453fa49eb22100d12f78e8773df9d49a547a  demo-Q8_0
            40b69ccae02d2f66f410c7c71222458127d7b526e8c1abea8a89d8840c3a8875  demo-Q6_K
            6dd7a9fad99aef90ef6c57d2884947a32b8eeae8f95d21045c846df97fec5105  demo-Q5_K_M
            e6e1d8a663a5bf56da4c4fe2a60b8a1152ab42189bf820ee55c6879182fdc864  demo-Q5_K_S
            235fac90138643784f1c372b0521464563e357be0a0932e603d25d5e9f062576  demo-Q4_K_M
            9e78327862ce76399629b1a102b109559c78b20d71aed4741b7f4d242fbe78b0  demo-Q4_K_S
            ad6cfe4d6f396417b5ac9bc142d48888c28995908379b66291702fd25da1e8e4  demo-Q4_0
            2ed45d9f832fbc8d01f395b235f13fab492b0bc112289daa76851072a33eaf86  llama_q
            13d68256dec449622d687354051074715d229975a6122ef5998eabee09985775  llama_q-Q8_0
            b18811c3b3f7ed79d1f050cddbdb5ac8fde280918c5ecda5e04789fb7142c300  llama_q-Q6_K
            69421e6365431ce4e4658d8fef727d89d04e2a6243973a40477247cf09be0fb5  llama_q-Q5_K_M
            b09920e660b617f89d4e63c84c348d9cf714b87a0528ab4cb8d984706c265a8f  llama_q-Q4_K_M
            f381dbc6477a6b53852528ca0d0219d7ee9f32b359d9206b6c3b8ab02b9f9e03  llama_q-Q4_0
            4c4661eff083798af407cbdc19b2e50a586f3e780a61f141f9b48e78e200497c  llama_q-Q3_K_M
            1a6aaab09f7e6d4f875c20f4ae68c0a21350a2b4e6577fdfb377fed0b6e37586  llama_q-Q2_K
            5407d3add8c9a3d176fa5ac7f6e1e66dc189b94f56971d9c93ba1ed7bd676230  llama_q-IQ4_XS
            a009282179049f88c6b4fb271a4e6ef25756be878b115d8f64b877181e107f4d  llama_q-Q4_1
            0fe91120c94356b8e688837ff8ceefb72fbd26ca8beea10602867862c67a5398  llama_q-Q5_0
            6f952d91a2ea6ae72476fbe1db49a54ad55c78b25d8dcefe6914ebe2dc8a19cf  llama_q-Q5_1
            ca2bb96ca9770d2f0eba42830c627cae2a659fcbdaa7e5213e213f6b5c73222c  llama_q-Q3_K_L
            ec583e371bd4052000cd1d6a192759f899212ca3dfd83fcc0f63dcd090c2e207  llama_q-IQ4_NL
            9a5daa690f3db3c2dedf99f459f49140c5b9947a52a5f450bfc5d49df32b2223  llama_moe
            e6823817848c24dada3389bcfd629a4e4253e63dc3e47078d4527f3354648156  llama_moe-MXFP4_MOE
            d3003dd5c92c3a39832cf22df9cab286d3039629a649e533a3f5ccf8f38343e0  llama
            4dab3080f08ef427ae2c6031ee200d62e299cce27143933474dc5855ddb88895  llama-F16
            27b84de00fa988ab1e81df2081c94255c3615086f14540e143727e4aa7644c9e  llama-BF16
            """;

    private static final Map<String, String> SUM =
            SUMS.lines()
                    .map(line -> line.split(" +"))
                    .collect(
                            toUnmodifiableMap(
                                    sumAndName -> sumAndName[1], sumAndName -> sumAndName[0]));

    private static final Set<String> SOURCES = Set.of("demo-f16", "llama_q", "llama_moe", "llama");

    // llama-quantize sets these two anew, behind the other keys.
    private static final String VERSION = "general.quantization_version";
    private static final String FILE_TYPE = "general.file_type";

    private static final Pattern LAYER = Pattern.compile("blk\\.(\\d+)\\.");

    private Variants() {}

    /// {@return the demo model as the mix of this name, `Q4_0` for example}
    public static Path demo(String mix) {
        return file("demo-" + mix);
    }

    /// {@return the variant of this name, `llama_q-Q4_K_M` for example}
    ///
    /// @throws IllegalStateException if our bytes are not those of llama-quantize
    public static Path file(String name) {
        return file(name, root().resolve("core/target/variants"));
    }

    /// {@return the names of all variants}
    public static List<String> names() {
        return SUM.keySet().stream().filter(name -> !SOURCES.contains(name)).sorted().toList();
    }

    /// Prints where the variants of these names are.
    public static void main(String[] names) {
        for (String name : names) {
            System.out.println(file(name));
        }
    }

    static synchronized Path file(String name, Path folder) {
        if (!names().contains(name)) {
            throw new IllegalArgumentException(
                    "no variant '%s' (known: %s)".formatted(name, String.join(", ", names())));
        }
        int dash = name.lastIndexOf('-');
        String model = name.substring(0, dash);
        Path source =
                model.equals("demo")
                        ? root().resolve("demo/demo-f16.gguf")
                        : root().resolve("goldens/models/%s.gguf".formatted(model));
        require(source, model.equals("demo") ? "demo-f16" : model);
        Path file = folder.resolve(name + ".gguf");
        if (!Files.exists(file) || !sha256(file).equals(SUM.get(name))) {
            try {
                Files.createDirectories(folder);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            quantize(source, Mix.valueOf(name.substring(dash + 1)), file);
            require(file, name);
        }
        return file;
    }

    /// Writes the file llama-quantize would: keys as they are but for two, tensors by layer, then by
    /// name. It appears whole or not at all.
    static void quantize(Path source, Mix mix, Path target) {
        try (Gguf gguf = Gguf.open(source)) {
            Mix.Model model = Mix.Model.of(gguf);
            GgufWriter writer = new GgufWriter();
            for (String key : gguf.metadata().keys()) {
                if (!key.equals(VERSION) && !key.equals(FILE_TYPE)) {
                    writer.put(key, gguf.metadata().find(key).orElseThrow());
                }
            }
            writer.uint32(VERSION, 2).uint32(FILE_TYPE, mix.fileType());
            Comparator<TensorInfo> order =
                    comparingInt(Variants::layer).thenComparing(TensorInfo::name);
            for (TensorInfo tensor : gguf.tensors().stream().sorted(order).toList()) {
                GgmlType type = mix.typeOf(tensor, model);
                writer.tensor(
                        tensor.name(),
                        type,
                        tensor.shape(),
                        () -> {
                            int size = Math.toIntExact(type.byteSize(tensor.elements()));
                            MemorySegment bytes = MemorySegment.ofArray(new byte[size]);
                            Quantizer.quantize(tensor, gguf.data(tensor), type, bytes);
                            return bytes;
                        });
            }
            writer.write(target);
        }
    }

    private static int layer(TensorInfo tensor) {
        Matcher name = LAYER.matcher(tensor.name());
        return name.lookingAt() ? Integer.parseInt(name.group(1)) : -1;
    }

    /// The repository: `jinrai.root`, or the working directory or one above it.
    private static Path root() {
        Path at = Path.of(System.getProperty("jinrai.root", "")).toAbsolutePath();
        for (Path folder = at; folder != null; folder = folder.getParent()) {
            if (Files.exists(folder.resolve("demo/demo-f16.gguf"))) {
                return folder;
            }
        }
        throw new IllegalStateException(at + ": no demo/demo-f16.gguf here or above");
    }

    /// {@return the SHA-256 of a file's bytes, in hexadecimal digits}
    static String sha256(Path file) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(Files.readAllBytes(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    private static void require(Path file, String name) {
        String sum = sha256(file);
        if (!sum.equals(SUM.get(name))) {
            throw new IllegalStateException(
                    "%s: wanted SHA-256 %s, got %s".formatted(file, SUM.get(name), sum));
        }
    }
}
