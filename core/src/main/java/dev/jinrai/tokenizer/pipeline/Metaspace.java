package dev.jinrai.tokenizer.pipeline;

import dev.jinrai.json.JsonNode;
import java.util.List;

/// SentencePiece's way with spaces: a sign, U+2581 mostly, takes their place and stands in front of
/// each word; with `split` each word is a piece.
///
/// ```
/// "Hi  you"  ─►  ▁Hi · ▁ · ▁you
/// ```
record Metaspace(int replacement, Prepend prepend, boolean split) implements PreTokenizer {

    /// Where a sign is put in front that no space asked for.
    enum Prepend {
        ALWAYS,
        /// Where the whole text begins, not behind a special token.
        FIRST,
        NEVER
    }

    static Metaspace of(JsonNode node) {
        return new Metaspace(
                character(node.get("replacement")), prepend(node), node.flag("split", true));
    }

    /// Older files say `add_prefix_space` instead of a scheme.
    private static Prepend prepend(JsonNode node) {
        boolean never = !node.flag("add_prefix_space", true);
        String name = node.text("prepend_scheme", never ? "never" : "always");
        if (never && !name.equals("never")) {
            throw node.wrong(
                    "prepend_scheme %s contradicts add_prefix_space"
                            .formatted(Unsupported.quote(name)));
        }
        return switch (name) {
            case "always" -> Prepend.ALWAYS;
            case "first" -> Prepend.FIRST;
            case "never" -> Prepend.NEVER;
            default ->
                    throw node.wrong(
                            "prepend_scheme %s is not supported"
                                    .formatted(Unsupported.quote(name)));
        };
    }

    /// {@return the one character of a text}
    static int character(JsonNode node) {
        String text = node.text();
        if (text.codePointCount(0, text.length()) != 1) {
            throw node.wrong("wanted one character, got " + Unsupported.quote(text));
        }
        return text.codePointAt(0);
    }

    @Override
    public void split(Piece piece, List<Piece> out) {
        String sign = Character.toString(replacement);
        String text = piece.text().replace(" ", sign);
        boolean wanted = prepend == Prepend.ALWAYS || (prepend == Prepend.FIRST && piece.atStart());
        if (wanted && !text.startsWith(sign)) {
            text = sign + text;
        }
        int start = 0;
        for (int next = cut(text, sign, 0); next >= 0; next = cut(text, sign, start)) {
            out.add(new Piece(text.substring(start, next), start == 0 && piece.atStart()));
            start = next;
        }
        out.add(new Piece(text.substring(start), start == 0 && piece.atStart()));
    }

    private int cut(String text, String sign, int from) {
        return split ? text.indexOf(sign, from + 1) : -1;
    }
}
