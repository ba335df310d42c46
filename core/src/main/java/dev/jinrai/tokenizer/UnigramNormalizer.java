package dev.jinrai.tokenizer;

import dev.jinrai.gguf.Metadata;
import java.util.Arrays;

/// What SentencePiece does to a text before it looks for tokens, as llama.cpp does it. On UTF-8.
///
/// ```
/// "ﬁt  \tme "           a text
/// "fit   me "           stretches in the charsmap are replaced, here ﬁ and the tab
/// "▁fit▁me"             remove_extra_whitespaces: a run of spaces becomes one, in front of each word
/// "▁fit▁▁▁me▁"          or add_space_prefix: each space is kept, and one comes in front of the first word
/// ```
/// Where the text goes on like a user-defined token, these bytes are kept as they are. llama.cpp
/// does not ask whether the token ends there, so the beginning of one is kept too, even half of a
/// character; what is left of that is replaced by U+FFFD.
final class UnigramNormalizer {
    private static final byte[] SPACE = {(byte) 0xE2, (byte) 0x96, (byte) 0x81}; // U+2581
    private static final byte[] REPLACEMENT = {(byte) 0xEF, (byte) 0xBF, (byte) 0xBD}; // U+FFFD

    private final Charsmap charsmap;
    private final TokenTrie userDefined = new TokenTrie();
    private final boolean addSpacePrefix;
    private final boolean mergeSpaces;

    private UnigramNormalizer(Charsmap charsmap, Vocabulary vocabulary, boolean mergeSpaces) {
        this.charsmap = charsmap;
        this.addSpacePrefix = vocabulary.addSpacePrefix();
        this.mergeSpaces = mergeSpaces;
        for (int id = 0; id < vocabulary.size(); id++) {
            if (vocabulary.typeInFile(id) == TokenType.USER_DEFINED) {
                userDefined.insert(vocabulary.text(id), id);
            }
        }
    }

    static UnigramNormalizer from(Metadata metadata, Vocabulary vocabulary) {
        return new UnigramNormalizer(
                Charsmap.from(metadata),
                vocabulary,
                metadata.bool("tokenizer.ggml.remove_extra_whitespaces", false));
    }

    byte[] normalize(byte[] text) {
        Output out = new Output(text.length + text.length / 4 + 16);
        for (int at = 0; at < text.length; ) {
            int kept = keptAsItIs(text, at);
            if (kept > 0) {
                out.append(text, at, at + kept);
                at += kept;
                continue;
            }
            Charsmap.Match match = charsmap.longest(text, at);
            if (match.length() > 0) {
                out.append(charsmap.bytes(), match.start(), match.end());
                at += match.length();
                continue;
            }
            int length = characterLength(text, at);
            if (length > 0) {
                out.append(text, at, at + length);
                at += length;
            } else {
                out.append(REPLACEMENT, 0, REPLACEMENT.length);
                at++;
            }
        }
        return out.bytes();
    }

    /// How many bytes go along with a user-defined token.
    private int keptAsItIs(byte[] text, int from) {
        int at = from;
        for (int node = TokenTrie.ROOT; at < text.length; at++) {
            node = userDefined.child(node, text[at]);
            if (node == TokenTrie.NONE) {
                break;
            }
        }
        return at - from;
    }

    /// The length of the character at `from`, 0 if there is none: half of one was kept.
    private static int characterLength(byte[] text, int from) {
        int first = text[from] & 0xFF;
        int length = first < 0x80 ? 1 : first < 0xC0 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
        if (from + length > text.length) {
            return 0;
        }
        for (int i = from + 1; i < from + length; i++) {
            if ((text[i] & 0xC0) != 0x80) {
                return 0;
            }
        }
        return length;
    }

    /// Puts spaces where they belong.
    private final class Output {
        private byte[] bytes;
        private int size;
        private boolean prefixed;
        private boolean inWord;

        Output(int capacity) {
            bytes = new byte[capacity];
        }

        void append(byte[] from, int start, int end) {
            for (int i = start; i < end; i++) {
                if (from[i] == ' ') {
                    inWord = false;
                    if (!mergeSpaces) {
                        space();
                    }
                    continue;
                }
                if (!inWord) {
                    inWord = true;
                    if ((addSpacePrefix && !prefixed) || mergeSpaces) {
                        space();
                        prefixed = true;
                    }
                }
                room(1);
                bytes[size++] = from[i];
            }
        }

        private void space() {
            room(SPACE.length);
            System.arraycopy(SPACE, 0, bytes, size, SPACE.length);
            size += SPACE.length;
        }

        private void room(int more) {
            if (size > bytes.length - more) {
                bytes = Arrays.copyOf(bytes, Math.multiplyExact(2, bytes.length));
            }
        }

        byte[] bytes() {
            return Arrays.copyOf(bytes, size);
        }
    }
}
