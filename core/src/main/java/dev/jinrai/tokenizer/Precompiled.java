package dev.jinrai.tokenizer;

import dev.jinrai.json.JsonNode;
import dev.jinrai.tokenizer.pipeline.Growth;
import dev.jinrai.tokenizer.pipeline.Normalizer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The normalizer `Precompiled` of a `tokenizer.json`: SentencePiece's [Charsmap], as Hugging Face's tokenizers apply it.
///
/// A grapheme of at most five bytes is replaced as a whole by what replaces the shortest stretch that begins it; what lies
/// behind that stretch is lost. Of others, and where nothing replaces them, each character is replaced by itself.
final class Precompiled implements Normalizer {
    private static final Pattern GRAPHEME = Pattern.compile("\\X");
    private static final int LONGEST = 5;

    private final Charsmap charsmap;
    private final String[] ascii = new String[0x80]; // what each becomes

    private Precompiled(Charsmap charsmap) {
        this.charsmap = charsmap;
        for (int c = 0; c < ascii.length; c++) {
            StringBuilder out = new StringBuilder();
            boolean replaced = replace(new byte[] {(byte) c}, out);
            ascii[c] = replaced ? out.toString() : Character.toString(c);
        }
    }

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
        return normalize(text, Growth.most(text.length()));
    }

    @Override
    public String normalize(String text, long most) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        Matcher graphemes = GRAPHEME.matcher(text);
        for (int at = 0; at < text.length(); at = graphemes.end()) {
            while (at < text.length() && standsAlone(text, at)) {
                out.append(ascii[text.charAt(at++)]);
                Growth.check(out.length(), most);
            }
            Growth.check(out.length(), most);
            if (!graphemes.find(at)) {
                break;
            }
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
        Growth.check(out.length(), most);
        return out.toString();
    }

    /// Whether this is a character of ASCII, and none follows that belongs to it: those begin at U+0300, but for the line feed
    /// behind a carriage return.
    private boolean standsAlone(String text, int at) {
        return text.charAt(at) < ascii.length
                && text.charAt(at) != '\r'
                && (at + 1 == text.length() || text.charAt(at + 1) < 0x300);
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
