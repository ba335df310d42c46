package dev.jinrai.quantize;

import dev.jinrai.format.GgmlType;
import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.GgufWriter;
import dev.jinrai.gguf.TensorInfo;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// # An importance matrix: which inputs of each matrix are large on real text
///
/// A quantizer makes errors somewhere; they hurt where the input they are multiplied with is large. So a
/// model reads a text, and for every matrix the squares of each input are summed over the tokens ([ActivationSums]).
/// ```text
/// general.type          "imatrix"
/// imatrix.datasets      strings, the names of the texts
/// imatrix.chunk_count   uint32, pieces of text
/// imatrix.chunk_size    uint32, tokens of each
/// NAME.in_sum2          F32 [columns, matrices], Σ x² for each matrix of the stack that NAME is
/// NAME.counts           F32 [1, matrices], tokens summed
/// ```
/// Other tensors (`in_sum`, `stats`) are not read. Source: the files of llama.cpp's `llama-imatrix` (0.7.0); the older
/// form without GGUF, `.dat`, is read too ([LegacyImatrix]).
///
/// @param chunks pieces of text, 0 where the file does not say
/// @param chunkSize tokens of each, 0 where the file does not say
@SuppressWarnings("NotJavadoc") // said of the comments after the inner record
public record Imatrix(
        List<String> datasets, int chunks, int chunkSize, SortedMap<String, Entry> entries) {
    private static final String TYPE = "imatrix";
    private static final String SUMS = ".in_sum2";
    private static final String COUNTS = ".counts";

    /// The inputs of one tensor.
    ///
    /// @param sums of squares, a row of columns for each matrix
    /// @param counts tokens summed, one for each matrix
    @SuppressWarnings("ArrayRecordComponent") // never compared, never changed
    public record Entry(float[] sums, float[] counts) {
        /// @throws IllegalArgumentException if the sums are not rows of equal length, or something is not a finite number from 0
        public Entry {
            if (counts.length == 0 || sums.length % counts.length != 0 || sums.length == 0) {
                throw new IllegalArgumentException(
                        "%d sums with %d counts".formatted(sums.length, counts.length));
            }
            checkRange(sums);
            checkRange(counts);
        }

        private static void checkRange(float[] values) {
            for (float value : values) {
                if (!(value >= 0 && value <= Float.MAX_VALUE)) {
                    throw new IllegalArgumentException(
                            "wanted finite numbers from 0, got " + value);
                }
            }
        }

        /// {@return the mean square of each input, which is how much its weights matter; 1 in a matrix that saw no token,
        /// such as an expert that was never chosen}
        public float[] means() {
            float[] means = new float[sums.length];
            int columns = sums.length / counts.length;
            for (int i = 0; i < means.length; i++) {
                float count = counts[i / columns];
                means[i] = count > 0 ? sums[i] / count : 1;
            }
            return means;
        }
    }

    public Imatrix {
        datasets = List.copyOf(datasets);
        entries = Collections.unmodifiableSortedMap(new TreeMap<>(entries));
    }

    /// Reads a file, in either form.
    ///
    /// @throws dev.jinrai.gguf.GgufException if it cannot be read or is malformed
    /// @throws QuantizationException if it is something else
    public static Imatrix read(Path file) {
        Optional<Imatrix> legacy = LegacyImatrix.read(file);
        if (legacy.isPresent()) {
            return legacy.get();
        }
        try (Gguf gguf = Gguf.open(file)) {
            var metadata = gguf.metadata();
            String type = metadata.string("general.type", "model");
            if (!type.equals(TYPE)) {
                throw new QuantizationException(
                        "%s: general.type is '%s', wanted 'imatrix'".formatted(file, type));
            }
            List<String> datasets =
                    metadata.contains("imatrix.datasets")
                            ? List.copyOf(metadata.strings("imatrix.datasets"))
                            : List.of();
            return new Imatrix(
                    datasets,
                    metadata.int32("imatrix.chunk_count", 0),
                    metadata.int32("imatrix.chunk_size", 0),
                    entries(gguf));
        }
    }

    private static SortedMap<String, Entry> entries(Gguf gguf) {
        var entries = new TreeMap<String, Entry>();
        for (TensorInfo tensor : gguf.tensors()) {
            if (tensor.name().endsWith(SUMS)) {
                String name = stem(tensor, SUMS);
                TensorInfo counts =
                        gguf.tensor(name + COUNTS)
                                .orElseThrow(() -> malformed(gguf, name, "there are no counts"));
                entries.put(name, entry(gguf, name, tensor, counts));
            } else if (tensor.name().endsWith(COUNTS)
                    && gguf.tensor(stem(tensor, COUNTS) + SUMS).isEmpty()) {
                throw malformed(gguf, stem(tensor, COUNTS), "there are no sums");
            }
        }
        return entries;
    }

    private static Entry entry(Gguf gguf, String name, TensorInfo sums, TensorInfo counts) {
        try {
            return new Entry(floats(gguf, sums), floats(gguf, counts));
        } catch (IllegalArgumentException e) {
            throw malformed(gguf, name, String.valueOf(e.getMessage()));
        }
    }

    private static String stem(TensorInfo tensor, String ending) {
        return tensor.name().substring(0, tensor.name().length() - ending.length());
    }

    private static float[] floats(Gguf gguf, TensorInfo tensor) {
        if (tensor.type() != GgmlType.F32) {
            throw new IllegalArgumentException(
                    "%s is %s, wanted F32".formatted(tensor.name(), tensor.type()));
        }
        return gguf.data(tensor)
                .toArray(ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN));
    }

    private static QuantizationException malformed(Gguf gguf, String name, String problem) {
        return new QuantizationException("%s: '%s': %s".formatted(gguf.file(), name, problem));
    }

    /// {@return how much each input of a tensor matters, a row of columns for each matrix; nothing for a tensor that is not here}
    public Optional<float[]> importance(String tensor) {
        return Optional.ofNullable(entries.get(tensor)).map(Entry::means);
    }

    /// {@return only what is of tensors whose name has one of these texts in it}
    public Imatrix including(List<String> texts) {
        return filtered(texts, true);
    }

    /// {@return what is left without the tensors whose name has one of these texts in it}
    public Imatrix excluding(List<String> texts) {
        return filtered(texts, false);
    }

    private Imatrix filtered(List<String> texts, boolean wanted) {
        var kept = new TreeMap<>(entries);
        kept.keySet().removeIf(name -> texts.stream().anyMatch(name::contains) != wanted);
        return new Imatrix(datasets, chunks, chunkSize, kept);
    }

    /// Writes a file as llama-imatrix does, but without sums and statistics that a quantizer does not need.
    public void write(Path file) {
        var writer =
                new GgufWriter()
                        .string("general.type", TYPE)
                        .strings("imatrix.datasets", new ArrayList<>(datasets))
                        .uint32("imatrix.chunk_count", chunks)
                        .uint32("imatrix.chunk_size", chunkSize);
        for (Map.Entry<String, Entry> named : entries.entrySet()) {
            Entry entry = named.getValue();
            long matrices = entry.counts().length;
            long columns = entry.sums().length / matrices;
            writer.tensor(named.getKey() + SUMS, shape(columns, matrices), entry.sums())
                    .tensor(named.getKey() + COUNTS, shape(1, matrices), entry.counts());
        }
        writer.write(file);
    }

    /// An extent of 1 at the end is left out, as ggml does.
    private static List<Long> shape(long columns, long matrices) {
        return matrices > 1 ? List.of(columns, matrices) : List.of(columns);
    }
}
