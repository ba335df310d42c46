package dev.jinrai.tokenizer.pipeline;

import dev.jinrai.json.JsonNode;
import java.util.List;

/// GPT-2's words, spelled in the [ByteAlphabet]. A space may come in front of the first, so that it
/// is like the others.
///
/// Source: Radford et al. 2019 (GPT-2), section 2.2.
record ByteLevel(boolean addPrefixSpace, boolean useRegex) implements PreTokenizer {
    private static final TextPattern WORDS =
            TextPattern.regex(
                    "'(?:[stmd]|re|ve|ll)| ?\\p{L}+| ?\\p{N}+|"
                            + " ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+");

    static ByteLevel of(JsonNode node) {
        return new ByteLevel(node.get("add_prefix_space").flag(), node.flag("use_regex", true));
    }

    @Override
    public void split(Piece piece, List<Piece> out) {
        boolean prefix = addPrefixSpace && !piece.text().startsWith(" ");
        String text = prefix ? " " + piece.text() : piece.text();
        if (!useRegex) {
            out.add(new Piece(ByteAlphabet.spell(text), piece.atStart()));
            return;
        }
        Spans spans = new Spans();
        WORDS.find(text, spans);
        for (int i = 0; i < spans.size(); i++) {
            String word = text.substring(spans.start(i), spans.end(i));
            out.add(new Piece(ByteAlphabet.spell(word), i == 0 && piece.atStart()));
        }
    }
}
