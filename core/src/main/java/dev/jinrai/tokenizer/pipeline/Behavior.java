package dev.jinrai.tokenizer.pipeline;

import dev.jinrai.json.JsonNode;
import java.util.List;

/// What becomes of the matches when a text is split: with `-` in `a-b--c`,
///
/// ```
/// Removed             a b c
/// Isolated            a - b - - c
/// MergedWithPrevious  a- b- - c
/// MergedWithNext      a -b - -c
/// Contiguous          a - b -- c
/// ```
enum Behavior {
    REMOVED,
    ISOLATED,
    MERGED_WITH_PREVIOUS,
    MERGED_WITH_NEXT,
    CONTIGUOUS;

    static Behavior of(JsonNode node) {
        String name = node.text();
        return switch (name) {
            case "Removed" -> REMOVED;
            case "Isolated" -> ISOLATED;
            case "MergedWithPrevious" -> MERGED_WITH_PREVIOUS;
            case "MergedWithNext" -> MERGED_WITH_NEXT;
            case "Contiguous" -> CONTIGUOUS;
            default ->
                    throw node.wrong(
                            "behavior %s is not supported".formatted(Unsupported.quote(name)));
        };
    }

    /// Adds the pieces of a split text.
    ///
    /// @param invert what lies between the matches counts as match, and the other way round
    void pieces(Piece piece, Spans spans, boolean invert, List<Piece> out) {
        int start = 0;
        for (int i = 0; i < spans.size(); i++) {
            boolean match = spans.isMatch(i) != invert;
            if (i == spans.size() - 1 || !goesOn(spans, i, invert)) {
                if (this != REMOVED || !match) {
                    add(piece, start, spans.end(i), out);
                }
                start = spans.end(i);
            }
        }
    }

    /// Whether the span after this one is of the same piece.
    private boolean goesOn(Spans spans, int i, boolean invert) {
        boolean match = spans.isMatch(i) != invert;
        boolean nextMatches = spans.isMatch(i + 1) != invert;
        return switch (this) {
            case REMOVED, ISOLATED -> false;
            case CONTIGUOUS -> match == nextMatches;
            case MERGED_WITH_PREVIOUS -> !match && nextMatches;
            case MERGED_WITH_NEXT -> match && !nextMatches;
        };
    }

    private static void add(Piece piece, int start, int end, List<Piece> out) {
        if (start < end) {
            String text = piece.text();
            boolean whole = start == 0 && end == text.length();
            out.add(
                    whole
                            ? piece
                            : new Piece(text.substring(start, end), start == 0 && piece.atStart()));
        }
    }
}
