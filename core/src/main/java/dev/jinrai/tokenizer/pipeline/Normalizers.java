package dev.jinrai.tokenizer.pipeline;

import dev.jinrai.json.JsonNode;
import java.text.Normalizer.Form;
import java.util.List;
import java.util.function.Function;

/// The normalizers by their `type`. A new one is a line here.
public final class Normalizers {
    private static final String KNOWN =
            "BertNormalizer, ByteLevel, Lowercase, NFC, NFD, NFKC, NFKD, Nmt, Precompiled, Prepend,"
                    + " Replace, Sequence, Strip, StripAccents";

    private Normalizers() {}

    /// The normalizer that an object describes.
    ///
    /// @param precompiled makes one of a table that SentencePiece wrote, which is given in Base64
    /// @throws dev.jinrai.json.JsonException if there is none of its type, or it lacks a setting
    public static Normalizer of(JsonNode node, Function<JsonNode, Normalizer> precompiled) {
        String type = node.get("type").text();
        return switch (type) {
            case "Sequence" ->
                    new Sequence(
                            node.get("normalizers").items().stream()
                                    .map(one -> of(one, precompiled))
                                    .toList());
            case "NFC" -> new UnicodeForm(Form.NFC);
            case "NFD" -> new UnicodeForm(Form.NFD);
            case "NFKC" -> new UnicodeForm(Form.NFKC);
            case "NFKD" -> new UnicodeForm(Form.NFKD);
            case "Lowercase" -> Letters::lowerCase;
            case "StripAccents" -> text -> Letters.without(text, Letters::isMark);
            case "BertNormalizer" -> BertNormalizer.of(node);
            case "Replace" ->
                    new Replace(TextPattern.of(node.get("pattern")), node.get("content").text());
            case "Prepend" -> prepend(node.get("prepend").text());
            case "Strip" ->
                    new Strip(node.get("strip_left").flag(), node.get("strip_right").flag());
            case "Nmt" -> new Nmt();
            case "Precompiled" -> precompiled.apply(node.get("precompiled_charsmap"));
            case "ByteLevel" -> ByteAlphabet::spell;
            default -> throw Unsupported.type(node, "normalizer", type, KNOWN);
        };
    }

    private static Normalizer prepend(String prefix) {
        return text -> {
            Growth.check((long) prefix.length() + text.length(), Growth.most(text.length()));
            return text.isEmpty() ? text : prefix + text;
        };
    }

    /// One after the other.
    record Sequence(List<Normalizer> normalizers) implements Normalizer {
        @Override
        public String normalize(String text) {
            return normalize(text, Growth.most(text.length()));
        }

        @Override
        public String normalize(String text, long most) {
            String normalized = text;
            for (Normalizer normalizer : normalizers) {
                normalized = normalizer.normalize(normalized, most);
            }
            return normalized;
        }

        @Override
        public boolean keepsStart(String text) {
            String normalized = text;
            long most = Growth.most(text.length());
            for (Normalizer normalizer : normalizers) {
                if (!normalizer.keepsStart(normalized)) {
                    return false;
                }
                normalized = normalizer.normalize(normalized, most);
            }
            return true;
        }
    }

    /// Normal form C, D, KC or KD (Unicode Standard Annex 15).
    record UnicodeForm(Form form) implements Normalizer {
        @Override
        public String normalize(String text) {
            return Letters.normalForm(text, form);
        }
    }

    /// White space at the ends goes.
    record Strip(boolean left, boolean right) implements Normalizer {
        @Override
        public String normalize(String text) {
            int from = 0;
            int to = text.length();
            while (left && from < to && Letters.isSpace(text.charAt(from))) {
                from++;
            }
            while (right && to > from && Letters.isSpace(text.charAt(to - 1))) {
                to--;
            }
            return text.substring(from, to);
        }

        @Override
        public boolean keepsStart(String text) {
            return !left || text.isEmpty() || !Letters.isSpace(text.charAt(0));
        }
    }
}
