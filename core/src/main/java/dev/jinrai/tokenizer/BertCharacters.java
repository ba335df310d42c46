package dev.jinrai.tokenizer;

import static java.lang.Character.COMBINING_SPACING_MARK;
import static java.lang.Character.CONNECTOR_PUNCTUATION;
import static java.lang.Character.CONTROL;
import static java.lang.Character.CURRENCY_SYMBOL;
import static java.lang.Character.DASH_PUNCTUATION;
import static java.lang.Character.ENCLOSING_MARK;
import static java.lang.Character.END_PUNCTUATION;
import static java.lang.Character.FINAL_QUOTE_PUNCTUATION;
import static java.lang.Character.FORMAT;
import static java.lang.Character.INITIAL_QUOTE_PUNCTUATION;
import static java.lang.Character.LINE_SEPARATOR;
import static java.lang.Character.MATH_SYMBOL;
import static java.lang.Character.MODIFIER_SYMBOL;
import static java.lang.Character.NON_SPACING_MARK;
import static java.lang.Character.OTHER_PUNCTUATION;
import static java.lang.Character.OTHER_SYMBOL;
import static java.lang.Character.PARAGRAPH_SEPARATOR;
import static java.lang.Character.PRIVATE_USE;
import static java.lang.Character.SPACE_SEPARATOR;
import static java.lang.Character.START_PUNCTUATION;

import java.text.Normalizer;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// What BERT makes of a character: what it becomes, and whether it ends a word, is a word, belongs
/// to one, or is nothing.
///
/// ```
/// É   e       in a word        its accent is cut off, it is made small
/// ,   ,       a word           punctuation, ASCII symbols, Chinese characters
/// \t          between words    white space
/// U+0301      nothing          accents; also control characters, private ones, U+FFFD
/// ```
/// As in llama.cpp, of a character that falls apart (NFD) only the first part is kept, of 각 for
/// example U+1100, whether or not the others are accents; and [LaterCharacters] belong to words as
/// they are.
///
/// The answers are computed for 256 characters at a time, when one of them is first met. Threads
/// may do that at the same time, with the same result.
///
/// Source: Devlin et al. 2018, arXiv:1810.04805 (`BasicTokenizer` in its code);
/// `llm_tokenizer_wpm` in llama.cpp.
final class BertCharacters {
    static final int SPACE = 0;
    static final int NOTHING = 1;
    static final int WORD = 2;
    static final int IN_WORD = 3;

    private static final int KIND_SHIFT = 24;
    private static final int CODE_POINT = (1 << KIND_SHIFT) - 1;
    private static final int PAGE_BITS = 8;

    /// The blocks of Chinese characters: pairs of first and last. U+2B920 should be U+2B820; the
    /// models learned it like this.
    private static final int[] CHINESE = {
        0x4E00, 0x9FFF, 0x3400, 0x4DBF, 0x20000, 0x2A6DF, 0x2A700, 0x2B73F, 0x2B740, 0x2B81F,
        0x2B920, 0x2CEAF, 0xF900, 0xFAFF, 0x2F800, 0x2FA1F
    };

    private static final int MARKS =
            1 << NON_SPACING_MARK | 1 << ENCLOSING_MARK | 1 << COMBINING_SPACING_MARK;
    private static final int CONTROLS = 1 << CONTROL | 1 << FORMAT | 1 << PRIVATE_USE;
    private static final int SEPARATORS =
            1 << SPACE_SEPARATOR | 1 << LINE_SEPARATOR | 1 << PARAGRAPH_SEPARATOR;
    private static final int SYMBOLS =
            1 << MATH_SYMBOL | 1 << CURRENCY_SYMBOL | 1 << MODIFIER_SYMBOL | 1 << OTHER_SYMBOL;
    private static final int PUNCTUATION =
            1 << CONNECTOR_PUNCTUATION
                    | 1 << DASH_PUNCTUATION
                    | 1 << START_PUNCTUATION
                    | 1 << END_PUNCTUATION
                    | 1 << INITIAL_QUOTE_PUNCTUATION
                    | 1 << FINAL_QUOTE_PUNCTUATION
                    | 1 << OTHER_PUNCTUATION;

    private final boolean lowerCase;
    private final boolean stripAccents;
    private final AtomicReferenceArray<int[]> pages =
            new AtomicReferenceArray<>((Character.MAX_CODE_POINT + 1) >> PAGE_BITS);

    BertCharacters(boolean lowerCase, boolean stripAccents) {
        this.lowerCase = lowerCase;
        this.stripAccents = stripAccents;
    }

    /// {@return what [#kind] and [#becomes] take apart}
    int look(int codePoint) {
        int page = codePoint >> PAGE_BITS;
        int[] answers = pages.getAcquire(page);
        if (answers == null) {
            answers = new int[1 << PAGE_BITS];
            for (int i = 0; i < answers.length; i++) {
                answers[i] = answer(page << PAGE_BITS | i);
            }
            pages.setRelease(page, answers);
        }
        return answers[codePoint & (1 << PAGE_BITS) - 1];
    }

    /// [#SPACE], [#NOTHING], [#WORD] or [#IN_WORD].
    static int kind(int answer) {
        return answer >> KIND_SHIFT;
    }

    /// The code point that stands in the word.
    static int becomes(int answer) {
        return answer & CODE_POINT;
    }

    private int answer(int codePoint) {
        if (LaterCharacters.has(codePoint)) {
            return IN_WORD << KIND_SHIFT | codePoint;
        }
        int c = stripAccents ? firstPart(codePoint) : codePoint;
        int type = 1 << Character.getType(c);
        int kind = IN_WORD;
        if (isWhiteSpace(c, type)) {
            kind = SPACE;
        } else if (c == 0 || c == 0xFFFD || (type & CONTROLS) != 0) {
            kind = NOTHING;
        } else if (stripAccents && (type & MARKS) != 0) {
            kind = NOTHING;
        } else if ((type & PUNCTUATION) != 0
                || (c < 0x7F && (type & SYMBOLS) != 0)
                || isChinese(c)) {
            kind = WORD;
        }
        return kind << KIND_SHIFT | (lowerCase ? Character.toLowerCase(c) : c);
    }

    private static int firstPart(int codePoint) {
        return Normalizer.normalize(Character.toString(codePoint), Normalizer.Form.NFD)
                .codePointAt(0);
    }

    private static boolean isWhiteSpace(int c, int type) {
        return (type & SEPARATORS) != 0 || (c >= '\t' && c <= '\r') || c == 0x85;
    }

    private static boolean isChinese(int c) {
        for (int i = 0; i < CHINESE.length; i += 2) {
            if (c >= CHINESE[i] && c <= CHINESE[i + 1]) {
                return true;
            }
        }
        return false;
    }
}
