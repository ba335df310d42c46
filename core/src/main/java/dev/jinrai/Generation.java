package dev.jinrai;

import dev.jinrai.grammar.Constraint;
import dev.jinrai.grammar.GrammarException;
import dev.jinrai.grammar.Guide;
import dev.jinrai.sampler.NanLogitsException;
import dev.jinrai.sampler.Sampler;
import dev.jinrai.sampler.Sampling;
import dev.jinrai.tokenizer.Detokenizer;
import dev.jinrai.tokenizer.Tokenizer;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/// One answer, token by token: the loop of forward pass, sampling and decoding, with its stop rules.
///
/// Nothing is computed before it is asked for: the first [#hasNext] or [#next] computes the prompt. After
/// the end, [#finish] says why it ended. The
/// session then holds the prompt and the answer, except the answer's last token, which nothing has
/// followed yet.
public final class Generation implements Iterator<Generation.Piece> {

    /// How an answer is generated.
    ///
    /// @param maxTokens the most tokens; 0 generates none
    /// @param stop strings that end the answer; they are not part of it
    /// @param ignoreEnd never choose a token that ends the answer
    /// @param constraint the grammar of the answer, made for the vocabulary that the generation gets
    /// @param printed texts of control tokens that are part of the answer's text; the others print
    ///     nothing
    public record Options(
            int maxTokens,
            Sampling sampling,
            List<String> stop,
            boolean ignoreEnd,
            Optional<Constraint> constraint,
            Set<String> printed) {
        public Options {
            if (maxTokens < 0) {
                throw new IllegalArgumentException(
                        "max-tokens: wanted 0 or more, got " + maxTokens);
            }
            if (stop.contains("")) {
                throw new IllegalArgumentException("stop: the empty text would stop at once");
            }
            stop = List.copyOf(stop);
            printed = Set.copyOf(printed);
        }

        /// Without a grammar, and no control token is printed.
        public Options(int maxTokens, Sampling sampling, List<String> stop, boolean ignoreEnd) {
            this(maxTokens, sampling, stop, ignoreEnd, Optional.empty(), Set.of());
        }

        /// At most 2048 tokens, sampled with a random seed.
        public static Options defaults() {
            return new Options(2048, Sampling.defaults(System.nanoTime()), List.of(), false);
        }

        /// {@return the same with another number of tokens at most; 0 generates none}
        public Options withMaxTokens(int count) {
            return new Options(count, sampling, stop, ignoreEnd, constraint, printed);
        }

        /// {@return the same with tokens chosen otherwise}
        public Options withSampling(Sampling settings) {
            return new Options(maxTokens, settings, stop, ignoreEnd, constraint, printed);
        }

        /// {@return the same with an answer that is a text of a grammar, complete also where the limit of tokens or the context ends
        /// it; a stop string may cut it}
        public Options withConstraint(Constraint grammar) {
            return new Options(maxTokens, sampling, stop, ignoreEnd, Optional.of(grammar), printed);
        }

        /// {@return the same, printing these control tokens}: the marks that whoever reads the text has
        /// to see
        public Options withPrinted(Set<String> texts) {
            return new Options(maxTokens, sampling, stop, ignoreEnd, constraint, texts);
        }
    }

    /// One token of the answer.
    ///
    /// @param text the text that became certain with it: often none, sometimes of several tokens
    public record Piece(int id, String text) {}

    /// Why an answer ended.
    public enum Finish {
        /// The model ended it, or a stop string appeared, or by its grammar nothing can follow.
        STOP,
        /// It has as many tokens as were asked for.
        LENGTH,
        /// The context is full.
        CONTEXT,
        /// [Generation#cancel] was called.
        CANCELLED
    }

    /// How long it took, in nanoseconds.
    ///
    /// @param promptTokens tokens of the prompt that had to be computed
    /// @param firstTokenNanos from the start to the first token
    /// @param generated tokens after the first one, and what they took
    public record Timings(
            int promptTokens,
            long promptNanos,
            long firstTokenNanos,
            int generated,
            long generatedNanos) {}

    private final Session session;
    private final Options options;
    private final Sampler sampler;
    private final Optional<Detokenizer> detokenizer;
    private final Choice choice;
    private final Optional<Guide> guide;
    private final int[] ends;
    private final StopText stops;
    private final int promptTokens;
    private final int[] prompt;
    private final long started;

    private long promptNanos;
    private volatile boolean cancelled;
    private int count;
    private int last;
    private long firstTokenNanos;
    private long lastTokenNanos;
    private @Nullable Piece ahead;
    private @Nullable Finish finish;
    private String tail = "";
    private boolean whole;

    private Generation(
            Session session, int[] prompt, Options options, Optional<Tokenizer> tokenizer) {
        this.session = session;
        this.options = options;
        this.prompt = prompt.clone();
        this.started = System.nanoTime();
        session.check(prompt);
        this.promptTokens = prompt.length - session.shared(prompt);
        int logits = session.vocabularySize();
        this.guide = options.constraint().map(c -> c.guide(room(session, prompt.length, options)));
        this.sampler =
                tokenizer.isPresent()
                        ? new Sampler(options.sampling(), logits, tokenizer.get())
                        : new Sampler(options.sampling(), logits);
        for (int id : prompt) {
            sampler.accept(id);
        }
        this.detokenizer =
                tokenizer.map(t -> Detokenizer.continuing(t, printed(t, options.printed())));
        this.ends = tokenizer.map(t -> t.vocabulary().endOfGeneration()).orElse(new int[0]);
        this.choice =
                new Choice(
                        session,
                        sampler,
                        tokenizer.map(t -> t.vocabulary().size()).orElse(Integer.MAX_VALUE),
                        options.ignoreEnd() ? ends : new int[0],
                        guide);
        this.stops = new StopText(options.stop());
    }

    /// {@return how many tokens the answer may have: the last one need not fit the context}
    private static int room(Session session, int prompt, Options options) {
        return Math.min(options.maxTokens(), session.capacity() - prompt + 1);
    }

    /// Starts an answer to `prompt`, which becomes the session's timeline as [Session#resume] says.
    ///
    /// @throws ContextOverflowException if the prompt does not fit
    /// @throws GrammarException if the answer has no room for the shortest text of its grammar
    public static Generation start(
            Session session, int[] prompt, Options options, Tokenizer tokenizer) {
        return new Generation(session, prompt, options, Optional.of(tokenizer));
    }

    /// The same without a vocabulary: no text, and no token that ends the answer.
    public static Generation start(Session session, int[] prompt, Options options) {
        return new Generation(session, prompt, options, Optional.empty());
    }

    /// Ends the answer before its next token, or before the next chunk of its prompt. May be called from
    /// another thread.
    public void cancel() {
        cancelled = true;
    }

    /// @throws NanLogitsException if the model computed NaN; the message names where it first did, and
    /// whether the type of the KV cache may be the reason
    @Override
    public boolean hasNext() {
        if (ahead == null && finish == null) {
            advance();
        }
        return ahead != null;
    }

    @Override
    public Piece next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the answer has ended");
        }
        Piece piece = ahead;
        ahead = null;
        return Objects.requireNonNull(piece);
    }

    /// {@return why the answer ended}
    ///
    /// @throws IllegalStateException if it has not
    public Finish finish() {
        if (finish == null) {
            throw new IllegalStateException("the answer has not ended");
        }
        return finish;
    }

    /// {@return whether the model ended the answer with a token, or by its grammar nothing can follow}
    /// A stop string, a limit or a cancellation cuts it. False before it has ended.
    public boolean isWhole() {
        return whole;
    }

    /// {@return the text that was still uncertain when the last token came, and now is certain}
    public String tail() {
        return tail;
    }

    public Timings timings() {
        return new Timings(
                promptTokens,
                promptNanos,
                firstTokenNanos,
                Math.max(0, count - 1),
                count > 1 ? lastTokenNanos - firstTokenNanos : 0);
    }

    /// {@return the tokens of these texts}
    private static BitSet printed(Tokenizer tokenizer, Set<String> texts) {
        BitSet ids = new BitSet();
        texts.forEach(text -> tokenizer.vocabulary().find(text).ifPresent(ids::set));
        return ids;
    }

    private void advance() {
        if (cancelled) {
            end(Finish.CANCELLED);
        } else if (guide.filter(Guide::isFinished).isPresent()) {
            whole = true;
            end(Finish.STOP);
        } else if (count >= options.maxTokens()) {
            end(Finish.LENGTH);
        } else if (count > 0 && session.position() == session.capacity()) {
            end(Finish.CONTEXT);
        } else {
            step();
        }
    }

    /// Computes the prompt, unless it is cancelled: a timeline that was cut short is resumed where it is.
    ///
    /// @return whether it was computed to its end
    private boolean prefill() {
        try {
            choice.feed(session.rewindTo(prompt), () -> cancelled);
        } catch (CancellationException e) {
            return false;
        }
        promptNanos = System.nanoTime() - started;
        return !cancelled;
    }

    private void step() {
        if (count > 0) {
            choice.feed(new int[] {last}, () -> false);
        } else if (!prefill()) {
            end(Finish.CANCELLED);
            return;
        }
        int id = choice.next();
        if (id == Choice.NONE) {
            end(Finish.LENGTH);
            return;
        }
        if (!options.ignoreEnd() && endsAnswer(id)) {
            whole = true;
            end(Finish.STOP);
            return;
        }
        last = id;
        count++;
        sampler.accept(id);
        if (guide.isPresent()) { // a lambda would be allocated for each token
            guide.get().accept(id);
        }
        lastTokenNanos = System.nanoTime() - started;
        if (count == 1) {
            firstTokenNanos = lastTokenNanos;
        }
        String text = detokenizer.map(d -> d.append(id)).orElse("");
        Optional<String> stopped = stops.append(text);
        if (stopped.isPresent()) {
            ahead = new Piece(id, stopped.get());
            finish = Finish.STOP;
            guide.ifPresent(Guide::close);
        } else {
            ahead = new Piece(id, stops.take());
        }
    }

    private void end(Finish reason) {
        finish = reason;
        guide.ifPresent(Guide::close);
        String flushed = detokenizer.map(Detokenizer::flush).orElse("");
        Optional<String> stopped = stops.append(flushed);
        if (stopped.isPresent()) {
            finish = Finish.STOP;
            whole = false;
        }
        tail = stopped.orElseGet(stops::rest);
    }

    private boolean endsAnswer(int id) {
        for (int end : ends) {
            if (id == end) {
                return true;
            }
        }
        return false;
    }
}
