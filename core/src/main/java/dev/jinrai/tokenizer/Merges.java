package dev.jinrai.tokenizer;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The merges of a byte-pair vocabulary: which two neighbours become one, and which pair goes first
/// (`tokenizer.ggml.merges`). Immutable.
///
/// A line `Ġt he` is a merge; its place in the list is its rank, the first of equal lines counts.
/// What is merged is a *symbol*: a token by its id, or, behind the last id, a text that only merges
/// know, for nothing says that it has to be a token.
///
/// Pairs are found in a [PairTable].
final class Merges {
    static final int NONE = -1;
    private static final String KEY = "tokenizer.ggml.merges";

    private final Vocabulary vocabulary;
    private final Map<String, Integer> beyond = new HashMap<>();
    private final PairTable pairs;
    private final int[] letters = new int[1 << 16];

    Merges(Vocabulary vocabulary, List<String> lines) {
        this.vocabulary = vocabulary;
        pairs = new PairTable(lines.size());
        for (int rank = 0; rank < lines.size(); rank++) {
            insert(rank, lines.get(rank));
        }
        for (int c = 0; c < letters.length; c++) {
            letters[c] = symbol(Character.toString(c));
        }
    }

    private void insert(int rank, String line) {
        int space = line.indexOf(' ', 1);
        if (space < 0 || space == line.length() - 1) {
            throw new TokenizerException(
                    "key '%s': merge %d %s is not two texts with a space between them"
                            .formatted(KEY, rank, TokenizerException.quote(line)));
        }
        String left = line.substring(0, space);
        String right = line.substring(space + 1);
        pairs.add(known(left), known(right), rank, known(left.concat(right)));
    }

    private int known(String text) {
        int symbol = symbol(text);
        if (symbol == NONE) {
            symbol = vocabulary.size() + beyond.size();
            beyond.put(text, symbol);
        }
        return symbol;
    }

    private int symbol(String text) {
        var id = vocabulary.find(text);
        return id.isPresent() ? id.getAsInt() : beyond.getOrDefault(text, NONE);
    }

    /// {@return the symbol of one character, `NONE` if neither a token nor a merge knows it}
    int letter(int codePoint) {
        return codePoint < letters.length
                ? letters[codePoint]
                : symbol(Character.toString(codePoint));
    }

    /// {@return the id of a symbol, `NONE` if it is no token}
    int token(int symbol) {
        return symbol < vocabulary.size() ? symbol : NONE;
    }

    /// {@return the pairs and their ranks}
    PairTable pairs() {
        return pairs;
    }
}
