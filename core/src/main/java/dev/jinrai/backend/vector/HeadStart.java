package dev.jinrai.backend.vector;

import dev.jinrai.backend.Batch;
import dev.jinrai.backend.KvLayout;
import dev.jinrai.backend.KvType;
import dev.jinrai.backend.Tensor;
import dev.jinrai.backend.Weight;
import dev.jinrai.format.Q8_0;

/// Whether a pass is computed by [PlainKernels]: those of a small model, until the vector kernels are compiled.
///
/// Code on the Vector API is slow until C2 has compiled it: interpreted, each operation is a dozen calls and an object on
/// the heap. A small model's first tokens are there sooner without. Both kinds of kernels give the same bits, so when the
/// change comes changes nothing but the time. From the second pass on a [Rehearsal] gets the vector kernels compiled; a
/// process that wants one token only never loads them.
final class HeadStart implements AutoCloseable {
    /// Most multiplications of a pass: a fraction of a second's. What takes longer gains more by vectors, compiled on the way.
    private static final long MOST_OF_A_PASS = 1L << 29;

    /// Most multiplications of all passes, 150 tokens of the demo model: after that, vectors that are compiled over real work are
    /// sooner warm than a rehearsal beside it.
    private static final long MOST = 1L << 30;

    /// Tokens of a short question, with what a chat puts around it.
    private static final int USUAL_PROMPT = 64;

    /// Most positions of a timeline: those of one part, [GroupedAttention#PART].
    private static final int POSITIONS = GroupedAttention.PART;

    private final Rehearsal rehearsal = new Rehearsal();
    private boolean possible = true;
    private long weights;
    private long work;
    private int passes;

    /// Counts a weight. There are twins for matrices of [Q8_0] only. Whether one row is a norm's or a matrix shows when it
    /// is used: [#serves].
    void add(Tensor tensor) {
        if (tensor.rows() > 1) {
            possible &= tensor.format() instanceof Q8_0 && tensor.slices() == 1;
            weights += (long) tensor.rows() * tensor.columns();
        }
    }

    /// {@return whether plain kernels will take a usual prompt, as far as weights and caches tell}
    boolean possible() {
        return possible && weights * USUAL_PROMPT <= MOST_OF_A_PASS;
    }

    /// {@return whether plain kernels multiply with this weight; if not, this pass is the last that they take}
    boolean serves(Weight weight) {
        boolean served =
                weight instanceof PanelMatrix matrix && matrix.tensor().format() instanceof Q8_0;
        possible &= served;
        return served;
    }

    /// Blocks of [KvType#Q8_0] are decoded by vectors.
    void add(KvLayout layout) {
        possible &= layout.type() != KvType.Q8_0;
    }

    /// {@return whether this pass, which is run next, is one for plain kernels}
    boolean takes(Batch batch) {
        long pass = weights * batch.size();
        work += pass;
        possible &= pass <= MOST_OF_A_PASS && work <= MOST && !rehearsal.over();
        for (var run : batch.runs()) {
            possible &= run.start() + run.count() <= POSITIONS;
        }
        if (!possible) {
            rehearsal.close(); // real work compiles the vector kernels from here on
        } else if (++passes > 1) {
            rehearsal.goOn();
        }
        return possible;
    }

    @Override
    public void close() {
        rehearsal.close();
    }
}
