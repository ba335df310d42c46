package dev.jinrai.tokenizer;

import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/// The tokens of a model and what its file says about them. Immutable.
///
/// An id is the token's place in the list. Made by [VocabularyBuilder], which holds the rules by
/// which incomplete files are completed.
public final class Vocabulary {
    private final String[] texts;
    private final float[] scores;
    private final TokenType[] types;
    private final TokenType[] typesInFile;
    private final Map<String, Integer> ids;
    private final Map<SpecialToken, Integer> special;
    private final BitSet endOfGeneration;
    private final BitSet stripsLeft;
    private final BitSet stripsRight;
    private final boolean addBos;
    private final boolean addEos;
    private final boolean addSep;
    private final boolean addSpacePrefix;
    private final boolean cleanUpSpaces;
    private final List<String> notices;

    /// Takes over what a build has completed.
    Vocabulary(VocabularyBuilder.Build build) {
        texts = build.texts;
        scores = build.scores;
        types = build.types;
        typesInFile = build.typesInFile;
        ids = build.ids;
        special = build.special;
        endOfGeneration = build.endOfGeneration;
        stripsLeft = build.stripsLeft;
        stripsRight = build.stripsRight;
        addBos = build.addBos();
        addEos = build.addEos();
        addSep = build.addSep();
        addSpacePrefix = build.addSpacePrefix();
        cleanUpSpaces = build.cleanUpSpaces();
        notices = List.copyOf(build.notices);
    }

    /// The number of tokens; ids are below it.
    public int size() {
        return texts.length;
    }

    /// The token as the file writes it: `▁the`, `<0x0A>`, `</s>`. [Tokenizer#piece] is what it
    /// prints.
    public String text(int id) {
        return texts[check(id)];
    }

    /// What a merge is chosen by: the highest first.
    public float score(int id) {
        return scores[check(id)];
    }

    public TokenType type(int id) {
        return types[check(id)];
    }

    /// The type before the rules by which names make control tokens.
    TokenType typeInFile(int id) {
        return typesInFile[check(id)];
    }

    /// The id of the token that the file writes like this.
    public OptionalInt find(String text) {
        Integer id = ids.get(text);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /// The id of the token that plays a part, if one does.
    public OptionalInt special(SpecialToken part) {
        Integer id = special.get(part);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    public OptionalInt bos() {
        return special(SpecialToken.BOS);
    }

    public OptionalInt eos() {
        return special(SpecialToken.EOS);
    }

    /// Whether generation stops at this token: the answer is complete.
    public boolean isEndOfGeneration(int id) {
        return endOfGeneration.get(check(id));
    }

    /// The ids at which generation stops, ascending.
    public int[] endOfGeneration() {
        return endOfGeneration.stream().toArray();
    }

    /// Whether a prompt starts with [#bos]; if so, there is one.
    public boolean addBos() {
        return addBos;
    }

    /// Whether [Tokenizer#encode] ends with [#eos] when special tokens are added; if so, there is
    /// one.
    public boolean addEos() {
        return addEos;
    }

    /// Whether the file, or its family, says that a text ends with [SpecialToken#SEPARATOR]. As in
    /// llama.cpp, no tokenizer acts on it: [WordPiece] always adds one, the others never.
    public boolean addSep() {
        return addSep;
    }

    /// Whether a text gets a space in front: at the start and after a special token.
    public boolean addSpacePrefix() {
        return addSpacePrefix;
    }

    /// Whether a whole text that is detokenized loses spaces before punctuation.
    public boolean cleanUpSpaces() {
        return cleanUpSpaces;
    }

    /// Whether white space before this token belongs to it when it is found in a text.
    boolean stripsLeft(int id) {
        return stripsLeft.get(id);
    }

    /// Whether white space after this token belongs to it when it is found in a text.
    boolean stripsRight(int id) {
        return stripsRight.get(id);
    }

    /// What in the file was overruled, and by what: one sentence each, for whoever asks. They do
    /// not hinder the work.
    public List<String> notices() {
        return notices;
    }

    private int check(int id) {
        if (id < 0 || id >= texts.length) {
            throw new TokenizerException(
                    "token id %d is outside the vocabulary of %d tokens".formatted(id, size()));
        }
        return id;
    }
}
