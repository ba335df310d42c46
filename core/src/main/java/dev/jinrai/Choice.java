package dev.jinrai;

import dev.jinrai.backend.Backend;
import dev.jinrai.backend.Batch;
import dev.jinrai.backend.KvType;
import dev.jinrai.grammar.GrammarException;
import dev.jinrai.grammar.Guide;
import dev.jinrai.grammar.TokenSet;
import dev.jinrai.sampler.NanLogitsException;
import dev.jinrai.sampler.Sampler;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// Feeds a session and chooses the token that follows, from as few logits as will do: a backend brings the largest, where the
/// sampler cannot tell them from all.
final class Choice {
    /// No token: what comes next can only be an end, and ends are excluded.
    static final int NONE = -1;

    private static final float EXCLUDED = Float.NEGATIVE_INFINITY;

    /// Counts are rounded up to multiples of this, 1 apart: what a sampler needs grows with what penalties look at, and a pass for
    /// each number would be recorded.
    private static final int STEP = 64;

    private final Session session;
    private final Sampler sampler;
    private final int tokens;
    private final int[] excluded;
    private final Optional<Guide> guide;
    private float[] logits = {};
    private float[] candidates = {};
    private int[] ids = {};
    private float[] values = {};

    /// How many candidates the last pass brought; 0 where it brought all logits.
    private int count;

    /// @param tokens how many ids are tokens: embeddings may be padded with rows that are none
    /// @param excluded ids that are not chosen
    /// @param guide says which of the others are
    Choice(Session session, Sampler sampler, int tokens, int[] excluded, Optional<Guide> guide) {
        this.session = session;
        this.sampler = sampler;
        this.tokens = Math.min(tokens, session.vocabularySize());
        this.excluded = excluded;
        this.guide = guide;
    }

    /// Appends tokens to the session.
    ///
    /// @throws java.util.concurrent.CancellationException if `stop` said so
    void feed(int[] ids, BooleanSupplier stop) {
        count = candidates();
        if (count > 0) {
            candidates = candidates.length == 2 * count ? candidates : new float[2 * count];
            var wanted = new Batch.Candidates(count, tokens);
            if (!session.feed(ids, stop, wanted, candidates)) {
                count = 0;
                logits = session.logits();
            }
        } else {
            logits = session.feed(ids, stop);
        }
    }

    /// {@return how many candidates are enough; 0 for all logits}
    private int candidates() {
        if (guide.isPresent()) {
            return 0; // what a grammar permits may be the least likely
        }
        int needed = sampler.needed();
        if (needed == 0 || needed > Backend.MOST_LARGEST) {
            return 0;
        }
        int most = needed + excluded.length; // those that are excluded may be the largest
        int rounded = most == 1 ? 1 : Math.ceilDiv(most, STEP) * STEP;
        return rounded <= Backend.MOST_LARGEST && 2 * rounded < tokens ? rounded : 0;
    }

    /// {@return the token that follows what was fed last; [#NONE] if the grammar's text is complete and could only end, and ends are excluded}
    ///
    /// @throws NanLogitsException if a logit is NaN or `+∞`; the message names where the model first computed such a value, and
    /// whether the type of the KV cache may be the reason
    int next() {
        try {
            return count > 0 ? ofCandidates() : ofAll();
        } catch (NanLogitsException e) {
            Optional<String> first = session.firstNonFinite();
            String where =
                    first.map(name -> "; the first value that is not finite is in " + name)
                            .orElse("");
            throw new NanLogitsException(e.getMessage() + where + hint(first), e);
        }
    }

    private int ofCandidates() {
        ids = ids.length == count ? ids : new int[count];
        values = values.length == count ? values : new float[count];
        System.arraycopy(candidates, count, values, 0, count);
        for (int i = 0; i < count; i++) {
            ids[i] = (int) candidates[i];
            if (isExcluded(ids[i])) {
                values[i] = EXCLUDED;
            }
        }
        return sampler.next(ids, values);
    }

    private boolean isExcluded(int id) {
        for (int other : excluded) {
            if (id == other) {
                return true;
            }
        }
        return false;
    }

    private int ofAll() {
        Arrays.fill(logits, tokens, logits.length, EXCLUDED);
        for (int id : excluded) {
            logits[id] = EXCLUDED;
        }
        if (guide.isPresent() && !exclude(guide.get())) {
            return NONE;
        }
        return sampler.next(logits);
    }

    /// Excludes what a grammar does not permit. What is not finite stays, and is the sampler's error.
    ///
    /// @return whether any is left
    private boolean exclude(Guide grammar) {
        TokenSet permitted = grammar.permitted();
        boolean any = false;
        for (int id = 0; id < tokens; id++) {
            if (!permitted.has(id) && logits[id] < Float.POSITIVE_INFINITY) {
                logits[id] = EXCLUDED;
            }
            any |= logits[id] != EXCLUDED;
        }
        if (!any && !grammar.isComplete()) {
            throw new GrammarException(
                    "no token may follow: every one that the grammar permits is excluded");
        }
        return any;
    }

    /// What goes into the cache is seen as it was computed, what comes out of it as attention's result: if that is
    /// the first to be wrong, the cache may be why.
    private String hint(Optional<String> first) {
        KvType type = session.kvType();
        return type != KvType.F32 && first.map(name -> name.startsWith("kqv_out")).orElse(true)
                ? "; keys or values may be beyond the range of %s: try the KV type f32"
                        .formatted(type.label())
                : "";
    }
}
