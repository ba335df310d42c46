package dev.jinrai.tokenizer.pipeline;

import dev.jinrai.json.JsonNode;
import java.text.Normalizer.Form;

/// BERT's normalizer: control characters go, white space becomes spaces, Chinese characters stand alone, accents and capitals go.
///
/// Source: Devlin et al. 2018, arXiv:1810.04805, `tokenization.py`; `BertNormalizer` in Hugging Face's tokenizers.
record BertNormalizer(boolean clean, boolean chinese, boolean stripAccents, boolean lowerCase)
        implements Normalizer {

    /// Accents go where nothing is said, if capitals do.
    static BertNormalizer of(JsonNode node) {
        boolean lowerCase = node.get("lowercase").flag();
        return new BertNormalizer(
                node.get("clean_text").flag(),
                node.get("handle_chinese_chars").flag(),
                node.flag("strip_accents", lowerCase),
                lowerCase);
    }

    @Override
    public String normalize(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        int next;
        for (int at = 0; at < text.length(); at = next) {
            int c = text.codePointAt(at);
            next = at + Character.charCount(c);
            character(c, out);
        }
        String normalized = out.toString();
        if (stripAccents) {
            normalized =
                    Letters.without(
                            Letters.normalForm(normalized, Form.NFD), Letters::isNonSpacingMark);
        }
        return lowerCase ? Letters.lowerCase(normalized) : normalized;
    }

    private void character(int c, StringBuilder out) {
        int cleaned = c;
        if (clean && (c < ' ' || c > '~')) {
            if (c == 0 || c == 0xFFFD || isControl(c)) {
                return;
            }
            cleaned = Letters.isSpace(c) ? ' ' : c;
        }
        if (chinese && isChinese(cleaned)) {
            out.append(' ').appendCodePoint(cleaned).append(' ');
        } else {
            out.appendCodePoint(cleaned);
        }
    }

    private static boolean isControl(int c) {
        boolean control =
                switch (Character.getType(c)) {
                    case Character.CONTROL -> c != '\t' && c != '\n' && c != '\r';
                    case Character.FORMAT, Character.PRIVATE_USE -> true;
                    default -> false;
                };
        return control != OtherUnicode.CONTROLS.get(c);
    }

    /// U+2B920 should be U+2B820; the models learned it like this.
    private static boolean isChinese(int c) {
        return c >= 0x3400
                && (c <= 0x4DBF
                        || (c >= 0x4E00 && c <= 0x9FFF)
                        || (c >= 0xF900 && c <= 0xFAFF)
                        || (c >= 0x20000 && c <= 0x2A6DF)
                        || (c >= 0x2A700 && c <= 0x2B73F)
                        || (c >= 0x2B740 && c <= 0x2B81F)
                        || (c >= 0x2B920 && c <= 0x2CEAF)
                        || (c >= 0x2F800 && c <= 0x2FA1F));
    }
}
