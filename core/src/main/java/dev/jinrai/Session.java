package dev.jinrai;

import dev.jinrai.backend.Batch;
import dev.jinrai.backend.KvCache;
import dev.jinrai.backend.KvLayout;
import dev.jinrai.backend.KvType;
import dev.jinrai.model.Transformer;
import dev.jinrai.trace.Trace;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// One timeline of a model: token ids in, logits out.
///
/// Remembers the tokens fed so far (in its KV cache), so each token is computed once. Mutable, with
/// one owner; sessions of one model may live on different threads.
public final class Session implements AutoCloseable {
    /// Tokens of a pass whose logits are all wanted: they are large.
    static final int CHUNK = 64;

    private final Transformer transformer;
    private final KvLayout layout;
    private final KvCache cache;
    private final float[] logits;
    private int[] tokens = new int[64];

    Session(Transformer transformer, KvLayout layout) {
        this.transformer = transformer;
        this.layout = layout;
        this.cache = transformer.newCache(layout);
        this.logits = new float[transformer.config().vocabularySize()];
    }

    /// Sees the logits of one position.
    @FunctionalInterface
    public interface LogitsConsumer {
        /// Called once a position, in order.
        ///
        /// @param position from 0
        /// @param logits `[vocabulary]`, valid during the call
        void accept(int position, float[] logits);
    }

    /// {@return how many tokens were fed}
    public int position() {
        return cache.length();
    }

    /// {@return how many tokens the session can hold}
    public int capacity() {
        return cache.capacity();
    }

    /// {@return how the session stores keys and values}
    KvType kvType() {
        return layout.type();
    }

    /// {@return the number of logits of a position}
    public int vocabularySize() {
        return logits.length;
    }

    /// {@return the tokens fed so far}
    public int[] tokens() {
        return Arrays.copyOf(tokens, position());
    }

    /// Appends tokens.
    ///
    /// @return the logits after the last one, `[vocabulary]`: the session's own array, overwritten by
    /// the next call
    /// @throws ContextOverflowException if they do not all fit; none is fed then
    /// @throws IllegalArgumentException if an id is not in the vocabulary, or there is none
    public float[] feed(int... ids) {
        return feed(ids, () -> false);
    }

    /// The same, unless it is told to stop; what was fed until then stays.
    ///
    /// @throws java.util.concurrent.CancellationException if `stop` said so
    float[] feed(int[] ids, BooleanSupplier stop) {
        checkNext(ids);
        int last = feedAllButTheLastPass(ids, stop);
        pass(range(ids, last, ids.length), Batch.Logits.LAST, logits, Trace.NONE, stop);
        return logits;
    }

    /// The same, but brings only the largest logits after the last token.
    ///
    /// @param candidates receives them, `2 · wanted.count()` values as [dev.jinrai.backend.Backend#largest] gives them
    /// @return whether the first is finite; otherwise [#logits] has all
    boolean feed(int[] ids, BooleanSupplier stop, Batch.Candidates wanted, float[] candidates) {
        checkNext(ids);
        int from = feedAllButTheLastPass(ids, stop);
        int[] last = range(ids, from, ids.length);
        int start = position();
        var batch = Batch.of(cache, last, Batch.Logits.LAST).wanting(wanted);
        boolean finite = transformer.forward(batch, candidates, logits, stop);
        note(last, start);
        return finite;
    }

    /// {@return the logits after the last token, where the last call brought all; its own array}
    float[] logits() {
        return logits;
    }

    /// {@return where the last pass of `ids` begins, before which all is fed}
    private int feedAllButTheLastPass(int[] ids, BooleanSupplier stop) {
        int from = 0;
        int most = transformer.longestPass();
        for (; ids.length - from > most; from += most) {
            int[] some = range(ids, from, from + most);
            pass(some, Batch.Logits.NONE, logits, Trace.NONE, stop);
        }
        return from;
    }

    /// Appends tokens and shows the logits after each, in chunks that bound the memory.
    public void feed(int[] ids, LogitsConsumer each) {
        feed(ids, each, Trace.NONE, CHUNK);
    }

    /// Appends tokens in one pass, shows the logits after each, and every intermediate to `trace`.
    ///
    /// @throws IllegalArgumentException if there are more than a pass takes
    public void feed(int[] ids, LogitsConsumer each, Trace trace) {
        feed(ids, each, trace, transformer.longestPass());
    }

    /// Appends tokens and shows `trace` what happens; logits are computed where `logits` says so, and nobody sees them but it.
    public void feed(int[] ids, boolean logits, Trace trace) {
        checkNext(ids);
        Batch.Logits wanted = logits ? Batch.Logits.ALL : Batch.Logits.NONE;
        int chunk = logits ? CHUNK : transformer.longestPass();
        float[] all = new float[logits ? Math.min(chunk, ids.length) * this.logits.length : 0];
        for (int from = 0; from < ids.length; from += chunk) {
            pass(
                    range(ids, from, Math.min(ids.length, from + chunk)),
                    wanted,
                    all,
                    trace,
                    () -> false);
        }
    }

    private void feed(int[] ids, LogitsConsumer each, Trace trace, int chunk) {
        checkNext(ids);
        float[] all = new float[Math.min(chunk, ids.length) * logits.length];
        for (int from = 0; from < ids.length; from += chunk) {
            int to = Math.min(ids.length, from + chunk);
            int start = position();
            pass(range(ids, from, to), Batch.Logits.ALL, all, trace, () -> false);
            for (int i = 0; i < to - from; i++) {
                System.arraycopy(all, i * logits.length, logits, 0, logits.length);
                each.accept(start + i, logits);
            }
        }
    }

    /// Makes `ids` the whole timeline: keeps the longest beginning it shares with what was fed, and
    /// feeds the rest. The second turn of a conversation costs only its new tokens.
    ///
    /// @return the logits after the last one
    public float[] resume(int[] ids) {
        return feed(rewindTo(ids));
    }

    /// Keeps the longest beginning that `ids` share with what was fed.
    ///
    /// @return the rest of `ids`, which makes them the whole timeline when it is fed; at least one
    int[] rewindTo(int[] ids) {
        check(ids);
        int shared = shared(ids);
        rewind(shared);
        return Arrays.copyOfRange(ids, shared, ids.length);
    }

    /// {@return how many tokens at the beginning of `ids` [#resume] would not have to compute}
    int shared(int[] ids) {
        // The last token is fed in any case: its logits are wanted.
        int most = Math.min(position(), ids.length - 1);
        int shared = 0;
        while (shared < most && tokens[shared] == ids[shared]) {
            shared++;
        }
        return shared;
    }

    /// Forgets everything from `position` on.
    public void rewind(int position) {
        if (position < 0 || position > position()) {
            throw new IllegalArgumentException(
                    "wanted a position from 0 to %d, got %d".formatted(position(), position));
        }
        cache.truncate(position);
    }

    /// Computes this timeline again with every intermediate in sight, and names the first that holds
    /// something other than finite numbers, such as `ffn_out-3`. For error messages; slow.
    public Optional<String> firstNonFinite() {
        var found = new FirstNonFinite();
        int[] ids = tokens();
        KvCache fresh = transformer.newCache(layout);
        try {
            float[] last = new float[logits.length];
            for (int from = 0; from < ids.length && found.name.isEmpty(); from += CHUNK) {
                int[] chunk = Arrays.copyOfRange(ids, from, Math.min(ids.length, from + CHUNK));
                transformer.forward(Batch.of(fresh, chunk, Batch.Logits.LAST), last, found);
            }
        } finally {
            transformer.free(fresh);
        }
        return found.name;
    }

    private static final class FirstNonFinite implements Trace {
        private Optional<String> name = Optional.empty();

        @Override
        public void tensor(String tensor, int layer, int rows, float[] values) {
            for (int i = 0; i < values.length && name.isEmpty(); i++) {
                if (!Float.isFinite(values[i])) {
                    name = Optional.of(Trace.label(tensor, layer));
                }
            }
        }
    }

    /// {@return `ids[from … to - 1]`; the array itself where that is all of it, as for one token}
    private static int[] range(int[] ids, int from, int to) {
        return to - from == ids.length ? ids : Arrays.copyOfRange(ids, from, to);
    }

    private void pass(
            int[] ids, Batch.Logits wanted, float[] dst, Trace trace, BooleanSupplier stop) {
        int start = position();
        transformer.forward(Batch.of(cache, ids, wanted), dst, trace, stop);
        note(ids, start);
    }

    /// Notes what a pass appended at position `start`.
    private void note(int[] ids, int start) {
        if (start + ids.length > tokens.length) {
            tokens = Arrays.copyOf(tokens, Math.max(2 * tokens.length, start + ids.length));
        }
        System.arraycopy(ids, 0, tokens, start, ids.length);
    }

    /// Fails unless `ids` can be a whole timeline.
    void check(int[] ids) {
        checkIds(ids);
        if (ids.length > capacity()) {
            throw new ContextOverflowException(ids.length, capacity());
        }
    }

    private void checkNext(int[] ids) {
        checkIds(ids);
        if (ids.length > capacity() - position()) {
            throw new ContextOverflowException(position() + ids.length, capacity());
        }
    }

    private void checkIds(int[] ids) {
        if (ids.length == 0) {
            throw new IllegalArgumentException("there is no token to feed");
        }
        for (int id : ids) {
            if (id < 0 || id >= logits.length) {
                throw new IllegalArgumentException(
                        "token %d is not in the vocabulary of %d".formatted(id, logits.length));
            }
        }
    }

    @Override
    public void close() {
        transformer.free(cache);
    }
}
