package dev.jinrai.tokenizer;

/// Text as every tokenizer reads it.
final class WellFormed {
    private WellFormed() {}

    /// {@return the text's UTF-16 units, U+FFFD in place of each surrogate without a partner}
    static char[] units(String text) {
        char[] chars = text.toCharArray();
        for (int i = 0; i < chars.length; i++) {
            if (Character.isSurrogate(chars[i])) {
                if (i + 1 < chars.length && Character.isSurrogatePair(chars[i], chars[i + 1])) {
                    i++;
                } else {
                    chars[i] = '\uFFFD';
                }
            }
        }
        return chars;
    }
}
