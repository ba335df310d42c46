package dev.jinrai.grammar;

import dev.jinrai.tokenizer.Tokenizer;
import java.util.concurrent.ConcurrentLinkedQueue;

/// A grammar for the tokens of one vocabulary. Threads may share one; making one looks at every token.
public final class Constraint {
    /// Engines that wait for the next answer; they remember masks.
    private static final int MOST_IDLE = 4;

    private final Program program;
    private final Lexicon lexicon;
    private final long[] costs;
    private final int[] tokenIds;
    private final ConcurrentLinkedQueue<Masks> idle = new ConcurrentLinkedQueue<>();

    private Constraint(Grammar grammar, Tokenizer tokenizer) {
        this.program = grammar.program();
        this.lexicon = new Lexicon(tokenizer);
        this.tokenIds = program.tokens.stream().mapToInt(lexicon::named).toArray();
        this.costs =
                Costs.of(
                        program,
                        lexicon::hasByte,
                        _ -> true,
                        reference -> lexicon.hasOther(tokenIds[reference]));
    }

    /// A grammar for the tokens of a vocabulary.
    ///
    /// @throws GrammarException if the grammar names a token that the vocabulary has not or that ends an answer, or no text of the grammar can be written with
    /// its tokens of single bytes
    public static Constraint of(Grammar grammar, Tokenizer tokenizer) {
        var constraint = new Constraint(grammar, tokenizer);
        constraint.refuseEnds();
        if (constraint.costs[constraint.program.entries[constraint.program.root]]
                == Costs.INFINITE) {
            throw new GrammarException(
                    "the vocabulary cannot spell any text of the grammar: it lacks tokens that all"
                            + " of them need, of single bytes or others than one that is excluded");
        }
        return constraint;
    }

    /// What ends an answer cannot be part of it.
    private void refuseEnds() {
        for (Node node : program.nodes) {
            if (node instanceof Node.Token(int reference, boolean not, int _)
                    && !not
                    && lexicon.isEnd(tokenIds[reference])) {
                throw new GrammarException(
                        "the grammar names token %s, which ends an answer"
                                .formatted(program.tokens.get(reference)));
            }
        }
    }

    /// {@return a guide through one answer}
    ///
    /// @param most tokens that the answer may have
    /// @throws GrammarException if the shortest text takes more
    public Guide guide(int most) {
        Masks masks = idle.poll();
        return new Guide(
                this, masks == null ? new Masks(program, costs, lexicon, tokenIds) : masks, most);
    }

    Lexicon lexicon() {
        return lexicon;
    }

    /// Takes back what a guide needs no more.
    void giveBack(Masks masks) {
        if (idle.size() < MOST_IDLE) {
            idle.add(masks);
        }
    }
}
