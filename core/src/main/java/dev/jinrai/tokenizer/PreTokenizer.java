package dev.jinrai.tokenizer;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// How a text falls into words before byte-pair encoding merges letters within them
/// (`tokenizer.ggml.pre`), and what else hangs on that name. Immutable; [PreTokenizers] has them.
///
/// @param cuts each divides the pieces that the one before left; no piece sees its neighbours
record PreTokenizer(List<Cut> cuts, Set<Trait> traits) {

    enum Trait {
        /// A prompt starts with BOS unless the file says otherwise.
        ADD_BOS,
        /// A text ends with SEP unless the file says otherwise: [Vocabulary#addSep].
        ADD_SEP,
        /// There is no BOS token unless the file names one.
        NO_BOS,
        /// A word that is a token is that token, whether or not merges lead to it.
        IGNORE_MERGES,
        /// [SpaceCleanup] mends whole texts.
        CLEAN_UP_SPACES,
        /// Words are spelled in characters with U+2581 for the space, and bytes as `<0x0A>`, as in
        /// SentencePiece; not in the [ByteAlphabet]. BOS is added whatever the file says, and a run
        /// of line feeds that is a token is that token.
        CHARACTERS
    }

    static PreTokenizer of(List<Cut> cuts, Trait... traits) {
        Set<Trait> set = EnumSet.noneOf(Trait.class);
        set.addAll(Arrays.asList(traits));
        return new PreTokenizer(cuts, set);
    }

    boolean has(Trait trait) {
        return traits.contains(trait);
    }

    Words on(String text) {
        return new Words(text, cuts);
    }

    /// The words of one text. Mutable scratch memory of one call.
    static final class Words {
        private final List<Cut.Cutter> cutters;
        private IntList ends = new IntList(64);
        private IntList finer = new IntList(64);

        private Words(String text, List<Cut> cuts) {
            boolean later = LaterCharacters.in(text);
            cutters = cuts.stream().map(cut -> cut.on(text, later)).toList();
        }

        /// {@return the ends of the words of `text[from, to)`, valid until the next call}
        IntList ends(int from, int to) {
            ends.clear();
            ends.add(to);
            for (Cut.Cutter cutter : cutters) {
                finer.clear();
                int start = from;
                for (int i = 0; i < ends.size(); i++) {
                    cutter.cut(start, ends.get(i), finer);
                    start = ends.get(i);
                }
                IntList swap = ends;
                ends = finer;
                finer = swap;
            }
            return ends;
        }
    }
}
