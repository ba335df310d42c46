package dev.jinrai.quantize;

import dev.jinrai.trace.Trace;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// Sums the squares of what the matrices of a model are multiplied with, while it reads a text: an [Imatrix] in the making.
///
/// For a stack of experts each token counts in those that it is routed to. Sums are kept in double precision.
///
/// Source: `collect_imatrix` of llama.cpp's llama-imatrix. It looks at the matrices of blocks, and at the output head when
/// asked to; the embedding is looked up, not multiplied with.
public final class ActivationSums implements Trace {
    private final boolean output;
    private final Map<String, Sums> all = new HashMap<>();

    private static final class Sums {
        final double[] squares;
        final long[] counts;

        Sums(int columns, int matrices) {
            squares = new double[Math.multiplyExact(columns, matrices)];
            counts = new long[matrices];
        }

        void add(int matrix, float[] x, int row) {
            int columns = squares.length / counts.length;
            int at = matrix * columns;
            int from = row * columns;
            for (int c = 0; c < columns; c++) {
                double value = x[from + c];
                squares[at + c] += value * value;
            }
            counts[matrix]++;
        }
    }

    /// @param output whether to look at the output head too
    public ActivationSums(boolean output) {
        this.output = output;
    }

    @Override
    public void tensor(String name, int layer, int rows, float[] values) {}

    @Override
    public boolean wantsTensors() {
        return false;
    }

    @Override
    public boolean wantsInput(String weight) {
        return weight.startsWith("blk.") || (output && weight.equals("output.weight"));
    }

    @Override
    public void input(String weight, int rows, float[] x) {
        Sums sums = all.computeIfAbsent(weight, _ -> new Sums(x.length / rows, 1));
        for (int row = 0; row < rows; row++) {
            sums.add(0, x, row);
        }
    }

    @Override
    public void input(String weight, int rows, float[] x, int matrices, int[] ids) {
        Sums sums = all.computeIfAbsent(weight, _ -> new Sums(x.length / rows, matrices));
        int perRow = ids.length / rows;
        for (int i = 0; i < ids.length; i++) {
            sums.add(ids[i], x, i / perRow);
        }
    }

    /// {@return the sums so far}
    ///
    /// @param dataset the name of the text
    /// @param chunks pieces of it that were read
    /// @param chunkSize tokens of each
    /// @throws QuantizationException if there is none, or an input was not a finite number
    public Imatrix imatrix(String dataset, int chunks, int chunkSize) {
        if (all.isEmpty()) {
            throw new QuantizationException("no matrix of a block was multiplied with");
        }
        SortedMap<String, Imatrix.Entry> entries = new TreeMap<>();
        all.forEach((name, sums) -> {
            float[] squares = new float[sums.squares.length];
            for (int i = 0; i < squares.length; i++) {
                squares[i] = (float) sums.squares[i];
                if (!Float.isFinite(squares[i])) {
                    throw new QuantizationException(
                            "%s: the sum of its inputs' squares is %s".formatted(name, squares[i]));
                }
            }
            float[] counts = new float[sums.counts.length];
            for (int i = 0; i < counts.length; i++) {
                counts[i] = sums.counts[i];
            }
            entries.put(name, new Imatrix.Entry(squares, counts));
        });
        return new Imatrix(List.of(dataset), chunks, chunkSize, entries);
    }
}
