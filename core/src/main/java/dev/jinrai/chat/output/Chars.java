package dev.jinrai.chat.output;

/// Takes characters, one after another.
@FunctionalInterface
interface Chars {
    void add(char c);

    default void add(CharSequence text) {
        for (int i = 0; i < text.length(); i++) {
            add(text.charAt(i));
        }
    }
}
