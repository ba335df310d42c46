package dev.jinrai.tokenizer;

import dev.jinrai.json.JsonNode;
import dev.jinrai.tokenizer.pipeline.Normalizer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The normalizer `Precompiled` of a `tokenizer.json`: SentencePiece's [Charsmap], as Hugging Face's tokenizers apply it.
///
/// A grapheme of at most five bytes is replaced as a whole by what replaces the shortest stretch that begins it; what lies
/// behind that stretch is lost. Of others, and where nothing replaces them, each character is replaced by itself.
record Precompiled(Charsmap charsmap) implements Normalizer {
    private static final Pattern GRAPHEME = Pattern.compile("\\X");
    private static final int LONGEST = 5;

    static Normalizer of(JsonNode node) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(node.text());
        } catch (IllegalArgumentException e) {
            throw node.wrong("is not Base64");
        }
        int[] values = new int[bytes.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = bytes[i];
        }
        return new Precompiled(Charsmap.of(node.path(), values));
    }

    @Override
    public String normalize(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        Matcher graphemes = GRAPHEME.matcher(text);
        while (graphemes.find()) {
            String grapheme = graphemes.group();
            byte[] utf8 = grapheme.getBytes(StandardCharsets.UTF_8);
            if (utf8.length <= LONGEST && replace(utf8, out)) {
                continue;
            }
            grapheme.codePoints()
                    .forEach(c -> {
                        String character = Character.toString(c);
                        if (!replace(character.getBytes(StandardCharsets.UTF_8), out)) {
                            out.append(character);
                        }
                    });
        }
        return out.toString();
    }

    private boolean replace(byte[] utf8, StringBuilder out) {
        Charsmap.Match match = charsmap.shortest(utf8, 0);
        if (match.length() > 0) {
            int length = match.end() - match.start();
            out.append(new String(charsmap.bytes(), match.start(), length, StandardCharsets.UTF_8));
        }
        return match.length() > 0;
    }
}
